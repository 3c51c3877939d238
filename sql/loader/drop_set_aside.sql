-- Delete records for good, but for those that a batch is just loading.
delete from set_aside
where rowid in (select value from json_each(:numbers))
    and not exists (
        select 1 from batch, json_each(batch.again) as taken where batch.done = 0 and taken.value = set_aside.rowid
    )
