-- The newest visits with one fingerprint.
select id, last_at from visit
where site = :site and fingerprint = :key
order by last_at desc limit 256
