"""Parts for reports about conversions: a site in Berlin that sells, its goals and dimensions, and a day in May 2026."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from dashboard.api_parameters import Parameters
from dashboard.period import parse
from dashboard.reporting.part import Part
from sql.clickhouse import Database
from sql.dimensions import Dimension
from sql.entries import Site
from sql.goals import Goal
from tests.conftest import NOW, Values, conversion_row, insert_rows, visit_row

BERLIN = "Europe/Berlin"
DAY = "2026-05-13"
SITE = Site(
    id=1, name="Shop", urls=("https://example.org",), timezone=BERLIN, ecommerce=True, currency="USD", created=NOW
)
GOALS = {1: Goal(site=1, id=1, name="Newsletter"), 2: Goal(site=1, id=2, name="Download")}
DIMENSIONS = {
    1: Dimension(site=1, id=1, index=1, name="Plan", scope="visit"),
    2: Dimension(site=1, id=2, index=1, name="Author", scope="action"),
    3: Dimension(site=1, id=3, index=2, name="Old", scope="visit", active=False),
}


def at(text: str) -> datetime:
    """Return a moment of May 2026, such as 13T08:00, in Berlin's time."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def part_of(database: Database, asked: str = "", kind: str = "day", day: str = DAY, **changes: Any) -> Part:
    """Return a part; `asked` are the call's parameters, such as "idGoal=1"."""
    given: dict[str, Any] = {
        "database": database,
        "site": SITE,
        "goals": GOALS,
        "dimensions": DIMENSIONS,
        "period": parse(kind, day, NOW.date()),
        "parameters": Parameters(parse_qsl(asked, keep_blank_values=True)),
        "now": NOW,
    }
    return Part(**{**given, **changes})


def visit(number: int, started: str, duration: int = 0, **changes: object) -> Values:
    return visit_row(id=number, started=at(started), duration=duration, **{"visitor": 100 + number, **changes})


def conversion(visit: Values, goal: int, when: str, revenue: float = 0.0, **changes: object) -> Values:
    """Return a conversion in a visit."""
    of_visit = {"visit": visit["id"], "visitor": visit["visitor"], "started": visit["started"]}
    own = {"goal": goal, "at": at(when), "revenue": revenue, "items": 0, "order_id": "A" if goal == 0 else ""}
    return conversion_row(**{**of_visit, **own, **changes})


def filled_with(database: Database, **tables: Sequence[Values]) -> Database:
    for table, rows in tables.items():
        insert_rows(database, table, rows)
    return database
