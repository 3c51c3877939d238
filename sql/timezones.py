"""The names of time zones: which there are, and which one was meant."""

import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from sql.refusals import BadSite

OFFSET = re.compile(r"UTC([+-])(\d{1,2})(?:([.:])(\d{1,2}))?", re.ASCII)
# Where clocks are off by a part of an hour, by minutes ahead of UTC; some of them only for half of the year.
PARTS_OF_HOURS = {
    -570: "Pacific/Marquesas",
    -210: "America/St_Johns",
    -150: "America/St_Johns",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    630: "Australia/Adelaide",
    765: "Pacific/Chatham",
    825: "Pacific/Chatham",
}


def checked_timezone(name: str) -> str:
    """Return the name of a zone; for a whole number of hours, as in `UTC+2`, that of the zone which has them always.

    Raises BadSite if there is no such zone.
    """
    name = name.strip()
    if offset := OFFSET.fullmatch(name):
        return zone_of_offset(name, offset)
    if name not in timezones():
        raise BadSite(f"time zone {name[:100]!r}: expected {timezone_hint(name)}")
    return name


def zone_of_offset(name: str, offset: re.Match[str]) -> str:
    sign, hours, mark, rest = offset.groups()
    minutes = int(hours) * 60 + minutes_in(mark, rest or "0")
    minutes = -minutes if sign == "-" else minutes
    if minutes % 60:
        place = PARTS_OF_HOURS.get(minutes, "Asia/Kolkata")
        raise BadSite(f"time zone {name!r}: expected whole hours, or the name of a place, such as {place}")
    # POSIX counts to the west: what is ahead of UTC has a minus in its name.
    zone = f"Etc/GMT{-minutes // 60:+d}" if minutes else "UTC"
    if zone not in timezones():
        raise BadSite(f"time zone {name!r}: expected UTC-12 to UTC+14, or a name such as Europe/Zurich")
    return zone


def minutes_in(mark: str | None, rest: str) -> int:
    """Return the minutes of `5:30`, and of `5.5` too."""
    return int(rest) if mark == ":" else int(rest.ljust(2, "0")) * 60 // 100


@cache
def timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def timezone_hint(name: str) -> str:
    """Return what to write instead: the nearest name, also when only the city was given."""
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(timezones())}
    near = get_close_matches(name.rpartition("/")[2].lower().replace(" ", "_"), cities, n=1)
    return f"a name such as Europe/Zurich; did you mean {cities[near[0]]}?" if near else "a name such as Europe/Zurich"
