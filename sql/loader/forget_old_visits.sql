-- Forget visits of a site whose last hit is older than the site keeps, some at a time: the loader must not wait.
delete from visit where number in (
    select number from visit where site = :site and last_at < :before limit 5000
)
