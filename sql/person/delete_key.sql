-- Destroy the key of a run.
alter table passing_key delete where run = {run:String} settings mutations_sync = 1
