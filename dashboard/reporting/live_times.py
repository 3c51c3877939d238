"""Moments of the visitor log: in UTC, as programs count them, and in the site's time, as people read them."""

from datetime import UTC, datetime, tzinfo

DAY = 86_400


def utc(at: datetime) -> datetime:
    """Return a moment of the database, which has no time zone, as what it is."""
    return at.replace(tzinfo=UTC)


def timestamp(at: datetime) -> int:
    return int(utc(at).timestamp())


def local_timestamp(at: datetime, zone: tzinfo) -> int:
    """Return the clock of the site as if it were UTC's: Matomo's clients know the `timestamp` of an action as that."""
    return int(utc(at).astimezone(zone).replace(tzinfo=UTC).timestamp())


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def day(at: datetime, zone: tzinfo) -> str:
    local = utc(at).astimezone(zone)
    return f"{local:%A}, {local:%B} {local.day}, {local.year}"


def date(at: datetime, zone: tzinfo) -> str:
    return f"{utc(at).astimezone(zone):%Y-%m-%d}"


def clock(at: datetime, zone: tzinfo) -> str:
    return f"{utc(at).astimezone(zone):%H:%M:%S}"


def moment(at: datetime, zone: tzinfo) -> str:
    """Return day and clock, such as Mar 6, 2010 11:22:33."""
    local = utc(at).astimezone(zone)
    return f"{local:%b} {local.day}, {local.year} {local:%H:%M:%S}"


def days(seconds: int | None) -> int:
    return (seconds or 0) // DAY
