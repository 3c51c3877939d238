"""Calendar days of a site: which day a moment belongs to in its time zone, asked hit by hit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


class SiteDays:
    """Remembers the bounds of the day it was asked for last, for most hits belong to the same day."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.start = self.end = 0

    def same(self, first: int, second: int) -> bool:
        """Tell whether two moments, in milliseconds UTC, lie on one calendar day of the site."""
        if not self.start <= first < self.end:
            self.start, self.end = bounds_of_day(first, self.zone)
        return self.start <= second < self.end


def bounds_of_day(at: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open bounds of a moment's day, in milliseconds; a day may have 23 or 25 hours."""
    local = datetime.fromtimestamp(at / 1000, zone)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = (start + timedelta(days=1)).replace(fold=0)
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000)
