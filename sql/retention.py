"""How long visits and hits are kept: whole calendar months in UTC, so that nothing is ever older than a site allows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sql.choices import KEEP_FOR_EVER
from sql.entries import Site, SiteFields
from sql.policies import policy_of

# Days that are over get hits for a while: nothing younger is deleted, or it would come again. Where only one month is
# kept its last days follow a few days later, each in time.
UNSETTLED_DAYS = 4
DAY = timedelta(days=1)


def next_deletion(site: Site, now: datetime) -> date | None:
    """Return the day on which the oldest month of a site is deleted next, None if nothing ever is."""
    months = policy_of(site).months
    if months == KEEP_FOR_EVER:
        return None
    oldest = max(first_kept(site, now) or date.min, month_of(site.created.astimezone(UTC).date()))
    return month_of(oldest, months)


def first_kept(site: SiteFields, now: datetime) -> date | None:
    """Return the first day of the oldest month that is kept, None if nothing is ever deleted."""
    months = policy_of(site).months
    return None if months == KEEP_FOR_EVER else month_of(now.astimezone(UTC).date(), 1 - months)


def kept_since(site: Site, now: datetime) -> datetime | None:
    """Return the moment before which nothing of a site is kept, None if there is none; what is deleted stays so."""
    first = first_kept(site, now)
    if first is None:
        return site.raw_since
    due = midnight(min(first, now.astimezone(UTC).date() - UNSETTLED_DAYS * DAY))
    return max(due, site.raw_since) if site.raw_since else due


def too_old(site: Site, at: float) -> bool:
    """Tell whether what happened at a time, in seconds, lies in months of the site that were deleted.

    Older history may still be loaded until then: its days are counted before it goes.
    """
    return site.raw_since is not None and at < site.raw_since.timestamp()


def first_whole_day(site: Site) -> date | None:
    """Return the first day of a site, in its time zone, of which nothing was deleted; None: nothing ever was."""
    if site.raw_since is None:
        return None
    local = site.raw_since.astimezone(ZoneInfo(site.timezone))
    return local.date() if local.time() == time.min else local.date() + DAY


def month_of(day: date, later: int = 0) -> date:
    """Return the first day of a day's month, or of the month that is so many later."""
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(year, month + 1, 1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
