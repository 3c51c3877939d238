-- Forget what was chosen.
alter table chosen delete where run = {run:String} settings mutations_sync = 1
