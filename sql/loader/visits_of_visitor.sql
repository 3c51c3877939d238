-- The newest visits of one visitor.
select id, last_at from visit
where site = :site and visitor = :key
order by last_at desc limit 256
