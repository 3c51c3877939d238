-- Forget visits that no hit can change any more; the newest visit of a visitor with a name of its own stays as long
-- as the visitor may return.
delete from visit where id in (
    select old.id from visit as old
    where old.touched < :settled
    and (
        not old.known
        or old.last_at < :expired
        or exists (
            select 1 from visit as newer
            where newer.site = old.site and newer.visitor = old.visitor and newer.last_at > old.last_at
        )
    )
    limit 20000
)
