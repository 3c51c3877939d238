"""How old what must not get old is, salts and raw data: for whoever looks after an installation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sql.registry import Registry
from sql.retention import next_deletion

# A salt of yesterday is destroyed when tomorrow begins somewhere; a look at the clock may come some hours later.
OLDEST_SALT = timedelta(days=3)


class Age(NamedTuple):
    """What is as old as it says; `overdue` if it should be gone."""

    what: str
    says: str
    overdue: bool


def ages(registry: Registry, now: datetime) -> Iterator[Age]:
    """Tell of which days there are salts, and what is deleted when."""
    if salts := sorted({day for _, day in registry.snapshot().salts}):
        overdue = datetime.fromisoformat(salts[0]).replace(tzinfo=UTC) < now - OLDEST_SALT
        yield Age("salts", f"of {salts[0]} to {salts[-1]}", overdue)
    sites = registry.sites()
    coming = sorted((day, site.id) for site in sites if (day := next_deletion(site, now)))
    if coming:
        day, site = coming[0]
        yield Age("retention", f"the next month is deleted on {day}, of site {site}", False)
    elif sites:
        yield Age("retention", "visits and hits of every site are kept for ever", False)
