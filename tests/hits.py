"""Builders of what the loader works on: hits, their actions, and visits."""

from typing import Any

from ingest.actions import NO_PAGE, Action, Page
from ingest.hit import Hit
from ingest.visits import NAMES, Visit
from tests.tracked import NOON

NOON_MS = int(NOON.timestamp() * 1000)
HOME = Page("example.org/", 2)


def a_hit(**changes: Any) -> Hit:
    """Return a view of https://example.org/ at noon."""
    usual: dict[str, Any] = {**dict.fromkeys(Hit._fields, ""), **Hit._field_defaults}
    usual |= {"site": 1, "at": NOON_MS, "kind": "page", "url": "https://example.org/", "event_value": None}
    return Hit(**usual | changes)


def an_action(kind: str = "pageview", title: str = "", page: Page | None = None) -> Action:
    """Return an action on https://example.org/; a search is on no page."""
    return Action(kind, page or (NO_PAGE if kind == "search" else HOME), title, "", "", None)


def a_visit(**changes: Any) -> Visit:
    """Return a visit that began at noon with one page view and came directly."""
    usual: dict[str, Any] = dict.fromkeys(NAMES, 0) | {
        "id": 100,
        "site": 1,
        "visitor": 7,
        "started": NOON_MS,
        "last_at": NOON_MS,
    }
    usual |= {
        "pageviews": 1,
        "referrer_type": "direct",
        "referrer_name": "",
        "referrer_keyword": "",
        "referrer_url": "",
    }
    return Visit(
        **usual | {"goals": [], "dimensions": {}, "variables": {}, "cart_items": [], "recent_views": []} | changes
    )
