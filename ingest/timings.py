"""How fast page views were, in milliseconds: what came with a view, and what came later under the view's `pv_id`."""

from collections.abc import Sequence
from typing import Any

from ingest.actions import Action
from ingest.hit import Hit
from ingest.visits import Visit

REMEMBERED = 3  # Page views of a visit whose timings may still come: those of the tabs that are open, mostly.
COLUMNS = (
    *("site", "at", "id", "visit", "page", "prefix", "title"),
    *("network", "server", "transfer", "dom_processing", "dom_completion", "on_load"),
)
NONE_KNOWN = (None,) * 6


class Timings:
    """The rows of `timings` that one batch makes, each whole and once."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[Any, ...]] = {}

    def take(self, visit: Visit, hit: Hit, action: Action, id: int) -> None:
        """Note a page view, or the timings of an earlier one that came with another hit (specification 2.5)."""
        if action.kind == "pageview":
            self.note(visit, hit, [hit.pageview, id, hit.at, *action.page, action.title, *(hit.timings or NONE_KNOWN)])
        elif hit.timings and hit.pageview:
            self.complete(visit, hit.pageview, hit.timings)

    def note(self, visit: Visit, hit: Hit, view: list[Any]) -> None:
        if hit.pageview:
            visit.recent_views = [*visit.recent_views[1 - REMEMBERED :], view]
        if hit.timings:
            self.put(visit, view)

    def complete(self, visit: Visit, pageview: str, timings: Sequence[int | None]) -> None:
        view = next((view for view in reversed(visit.recent_views) if view[0] == pageview), None)
        if view is None:
            return
        view[6:] = [old if new is None else new for old, new in zip(view[6:], timings, strict=True)]
        self.put(visit, view)

    def put(self, visit: Visit, view: Sequence[Any]) -> None:
        _, id, at, *page = view
        self.rows[id] = (visit.site, at, id, visit.id, *page)

    def columns(self, version: int) -> dict[str, tuple[Any, ...]]:
        columns = dict(zip(COLUMNS, zip(*self.rows.values(), strict=True), strict=True))
        return {**columns, "version": (version,) * len(self.rows)}
