-- The plain count that reports of visits are set against.
select count()
from visits
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')}
    and started < {until:DateTime64(3, 'UTC')}
settings optimize_use_implicit_projections = 0
