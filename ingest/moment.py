"""When a hit happened, by our clock or by what a trusted sender says (tracking specification, 2.2)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.sender import Authority
from ingest.tracking import TrackingRequest

DAY = 86_400
OLDEST = 20 * 365 * DAY  # Seconds; a time further back is taken for a mistake.
FREE_WINDOW = DAY  # Seconds into the past that need no token.
LONGEST_TIME = 64  # Characters; a longer text is no time.
# How a browser writes the parts of its time of day, and how many seconds they are.
HOURS = {text: 3600 * hour for hour in range(24) for text in (f"{hour}", f"{hour:02}")}
MINUTES = {text: 60 * minute for minute in range(60) for text in (f"{minute}", f"{minute:02}")}
SECONDS = {text: second for second in range(60) for text in (f"{second}", f"{second:02}")}

UNITS = {
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "day": DAY,
    "week": 7 * DAY,
    "fortnight": 14 * DAY,
}
RELATIVE = re.compile(rf"([+-]?) ?([0-9]{{1,9}}) ?({'|'.join(UNITS)})s?( ago)?\Z")
DAYS = {"today": 0, "midnight": 0, "noon": DAY // 2, "yesterday": -DAY, "tomorrow": DAY}  # From the beginning of today.
# Dates in other orders than ISO's, and where year, month and day stand in them.
DATES = (
    (re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(.*)"), (1, 2, 3)),
    (re.compile(r"([0-9]{1,2})[-.]([0-9]{1,2})[-.]([0-9]{4})(.*)"), (3, 2, 1)),
    (re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(.*)"), (3, 1, 2)),
)
ONE_DIGIT = re.compile(r"(?<=[T ])(?=[0-9]:)")
ZONE = re.compile(r" ?(UTC|GMT|Z)\Z| (?=[+-][0-9:]+\Z)", re.IGNORECASE)


def moment(request: TrackingRequest, now: float, trusted: Authority) -> float:
    """Return when it happened, in seconds since 1970 (specification 2.2).

    Raises BadRequest for a time over a day ago without a token.
    """
    if not request.parameters.get("cdt") and not request.parameters.get("cdo"):
        return now
    given = parse_time(request.text("cdt"), now) - abs(request.integer("cdo", 0))
    if given > now or given < now - OLDEST:
        return now
    if given <= now - FREE_WINDOW:
        trusted.needed_for("cdt", "")
    return float(int(given)) if given != now else now


def parse_time(text: str, now: float) -> float:
    """Return the seconds since 1970 that a text means, in UTC unless it says otherwise; `now` for what means none."""
    if len(text) > LONGEST_TIME:
        return now
    for parse in TIME_FORMATS:
        try:
            return parse(text, now)
        except (ValueError, OverflowError, TypeError, IndexError, KeyError):
            continue
    return now


def unix_time(text: str, _now: float) -> float:
    return float(int(float(text.removeprefix("@"))))


def day_time(text: str, now: float) -> float:
    return int(now) // DAY * DAY + DAYS[text.lower()]


def relative_time(text: str, now: float) -> float:
    """Return the time of `-1 hour` or `3 days ago`; months and years, which are of no fixed length, are not known."""
    match = RELATIVE.match(text.lower())
    if not match:
        raise ValueError(text)
    sign, number, unit, ago = match.groups()
    seconds = int(number) * UNITS[unit]
    return now - seconds if (sign == "-") != bool(ago) else now + seconds


def iso_time(text: str, _now: float) -> float:
    for pattern, order in DATES:
        if match := pattern.match(text):
            year, month, day = (match[place].zfill(2) for place in order)
            text = f"{year}-{month}-{day}{match[4]}"
            break
    text = ONE_DIGIT.sub("0", text)
    moment = datetime.fromisoformat(ZONE.sub(lambda match: "Z" if match[1] else "", text))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def mail_time(text: str, _now: float) -> float:
    moment = parsedate_to_datetime(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


TIME_FORMATS: tuple[Callable[[str, float], float], ...] = (unix_time, day_time, relative_time, iso_time, mail_time)


def local_time(request: TrackingRequest, at: float) -> int:
    """Return the visitor's time of day in seconds; what is missing is the request's in UTC, out of range is 0 (2.2)."""
    sent = request.parameters
    try:
        return HOURS[sent["h"]] + MINUTES[sent["m"]] + SECONDS[sent["s"]]
    except (KeyError, TypeError):  # None were sent, or not as browsers write them.
        return unusual_local_time(request, int(at) % DAY)


def unusual_local_time(request: TrackingRequest, second_of_day: int) -> int:
    hour = request.integer("h", second_of_day // 3600)
    minute = request.integer("m", second_of_day // 60 % 60)
    second = request.integer("s", second_of_day % 60)
    return within(hour, 24) * 3600 + within(minute, 60) * 60 + within(second, 60)


def within(value: int, bound: int) -> int:
    return value if 0 <= value < bound else 0
