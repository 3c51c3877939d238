-- Forget visits that no hit can change any more, looking at those that settled since the last time. The newest visit of
-- a visitor with a name of its own stays as long as the visitor may return.
delete from visit where number in (
    select number from visit
    where touched >= :since and touched < :settled and not known
    union
    select old.number from visit as seen
    join visit as old on old.site = seen.site and old.visitor = seen.visitor and old.last_at < seen.last_at
    where seen.touched >= :since and seen.touched < :settled and old.touched < :settled
    union
    select number from visit
    where touched < :expired
)
