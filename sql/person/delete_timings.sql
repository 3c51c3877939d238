-- Erase what the chosen visits left. ClickHouse keeps the text of this: it tells of nobody, and is found by its mark.
alter table timings delete
where (site, visit) in (select site, visit from chosen where run = {run:String}) and {mark:String} != ''
settings mutations_sync = 0
