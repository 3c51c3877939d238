"""When a hit happened, by our clock or by what a trusted sender says (tracking specification, 2.2)."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.sender import Authority
from ingest.tracking import TrackingRequest

DAY = 86_400
OLDEST = 20 * 365 * DAY  # Seconds; a time further back is taken for a mistake.
FREE_WINDOW = DAY  # Seconds into the past that need no token.


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
    """Return seconds since 1970 of a number, an ISO or a mail date; `now` for anything else."""
    for parse in TIME_FORMATS:
        try:
            return parse(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return now


def iso_time(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def mail_time(text: str) -> float:
    return parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp()


TIME_FORMATS: tuple[Callable[[str], float], ...] = (lambda text: float(int(float(text))), iso_time, mail_time)


def local_time(request: TrackingRequest, at: float) -> int:
    """Return the visitor's time of day in seconds; what is missing is the request's in UTC, out of range is 0 (2.2)."""
    day = int(at) % DAY
    hour = request.integer("h", day // 3600)
    minute = request.integer("m", day // 60 % 60)
    second = request.integer("s", day % 60)
    return within(hour, 24) * 3600 + within(minute, 60) * 60 + within(second, 60)


def within(value: int, bound: int) -> int:
    return value if 0 <= value < bound else 0
