-- The plain count that reports of hits are set against: every row is looked at, though the index alone could answer.
select count()
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
settings optimize_use_implicit_projections = 0
