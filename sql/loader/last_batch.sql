-- The number of the newest batch.
select coalesce(max(number), 0) from batch
