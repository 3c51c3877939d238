"""The addresses of the dashboard's pages; the state of a page is in its address and nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from dashboard.period import BadPeriod, Kind, Period, containing, parse

# What somebody sees who names no period: the present, and enough of the past to understand it.
USUAL = {"period": "range", "date": "last30"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Site and period of a page."""

    site: int | None  # None: all of them.
    period: Period

    def url(self, panel: str = "", page: int = 1) -> str:
        number = {"page": page} if page > 1 else {}
        query = urlencode({"period": self.period.kind, "date": self.dates, **number}, safe=",")
        return f"{self.path(panel)}?{query}"

    def path(self, panel: str = "") -> str:
        site = f"/sites/{self.site}" if self.site is not None else ""
        return site + (f"/{panel}" if panel else "")

    @property
    def dates(self) -> str:
        first, last = self.period.first, self.period.last
        return f"{first},{last}" if self.period.kind == "range" else f"{first}"

    def at(self, period: Period) -> "Asked":
        return Asked(self.site, period)

    def as_kind(self, kind: Kind, today: date) -> "Asked":
        """Return the same place looked at by day, week, month or year: that of the last day that has come."""
        return self.at(containing(kind, max(self.period.first, min(self.period.last, today))))


def asked_period(query: Mapping[str, str], today: date) -> Period:
    """Return the period that a page's address names; the form of a range sends its end as `until`.

    Raises BadPeriod.
    """
    kind, text = query.get("period", USUAL["period"]), query.get("date", "")
    if kind == "range" and text and query.get("until"):
        text = ",".join(sorted((text, query["until"])))
    return parse(kind, text or (USUAL["date"] if kind == "range" else "today"), today)


def asked_page(query: Mapping[str, str]) -> int:
    """Return the page of a long table that an address names.

    Raises BadPeriod.
    """
    text = query.get("page", "1")
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise BadPeriod("page", text, "a number from 1, such as 2")
    return int(text)
