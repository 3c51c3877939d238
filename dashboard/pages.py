"""The pages that people see: a site's overview, its long tables, and the way to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.addresses import Asked, asked_page, asked_period
from dashboard.auth import Gate
from dashboard.chooser import chooser
from dashboard.overview import live_visitors, overview, question, sums_until, was_seen
from dashboard.panels import PANELS, ROWS_ALONE, Panel, numbered, table
from dashboard.period import today
from dashboard.query_guard import QueryGuard, TooBusy
from dashboard.rendering import Renderer
from dashboard.reports import Question
from dashboard.tracking import MOST, everywhere, health
from dashboard.tracking_code import tracking_code
from sql.clickhouse import Database, DatabaseUnavailable
from sql.registry import Site, User


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looking at a site: who, at what, and when."""

    user: User
    site: Site
    sites: list[Site]
    asked: Asked
    now: datetime

    def frame(self, panel: str = "") -> dict[str, object]:
        """Return what every page of a site needs."""
        return {
            "user": self.user,
            "site": self.site,
            "sites": self.sites,
            "asked": self.asked,
            "here": panel,
            "chooser": chooser(self.asked, panel, today(self.now, ZoneInfo(self.site.timezone))),
        }


class Pages:
    """The pages of a site, for whoever may view it."""

    def __init__(
        self, gate: Gate, queries: QueryGuard, renderer: Renderer, clock: Callable[[], datetime], collector_url: str
    ) -> None:
        self.gate, self.queries, self.renderer, self.clock = gate, queries, renderer, clock
        self.collector_url = collector_url

    async def home(self, request: Request) -> Response:
        user = await self.gate.user(request)
        sites = await self.gate.sites(user)
        if not sites:
            return self.renderer.page(request, "nothing.html", {"user": user})
        return RedirectResponse(f"/sites/{sites[0].id}", 303)

    async def choose(self, request: Request) -> Response:
        """Answer the form of the site chooser: its site, in the same period."""
        await self.gate.user(request)
        site = request.query_params.get("site", "")
        if not (site.isascii() and site.isdigit()):
            raise HTTPException(404)
        query = urlencode([(name, value) for name, value in request.query_params.items() if name != "site"])
        return RedirectResponse(f"/sites/{site}?{query}", 303)

    async def site(self, request: Request) -> Response:
        visit = await self.visit(request)
        context = await self.queries.ask(request, partial(self._answers, visit))
        return self.renderer.page(request, str(context["template"]), visit.frame() | context)

    def _answers(self, visit: Visit, database: Database) -> dict[str, object]:
        if not was_seen(database, visit.site, visit.now):
            collector = self.collector_url.rstrip("/")
            code = tracking_code(collector, visit.site.id)
            return {"template": "setup.html", "collector_url": collector, "code": code, "live": 0}
        return {
            "template": "site.html",
            "summed_until": sums_until(visit.site, visit.asked.period),
            "overview": overview(database, visit.site, visit.asked.period, visit.now),
            "live": live_visitors(database, visit.site, visit.now),
        }

    async def panel(self, request: Request) -> Response:
        """Answer with one table alone, a hundred rows at a time, all the way to its end."""
        visit = await self.visit(request)
        panel = PANELS.get(request.path_params["panel"])
        if panel is None:
            raise HTTPException(404)
        context = await self.queries.ask(request, partial(self._rows, visit, panel, asked_page(request.query_params)))
        return self.renderer.page(request, "panel.html", visit.frame(panel.name) | context)

    def _rows(self, visit: Visit, panel: Panel, page: int, database: Database) -> dict[str, object]:
        asked = numbered(question(visit.site, visit.asked.period), page, ROWS_ALONE)
        return {
            "table": table(database, panel, visit.site, asked),
            "page": page,
            "summed_until": sums_until(visit.site, visit.asked.period),
            "live": live_visitors(database, visit.site, visit.now),
        }

    async def tracking(self, request: Request) -> Response:
        """Answer with what became of the site's requests."""
        visit = await self.visit(request)
        context = await self.queries.ask(request, partial(self._health, visit))
        return self.renderer.page(request, "tracking.html", visit.frame("tracking") | context)

    def _health(self, visit: Visit, database: Database) -> dict[str, object]:
        return {
            "health": health(database, visit.site, visit.asked.period, visit.now),
            "live": live_visitors(database, visit.site, visit.now),
        }

    async def everywhere(self, request: Request) -> Response:
        """Answer a superuser with what became of all requests, also of those for sites that are not here."""
        user = await self.gate.user(request)
        if user.role != "superuser":
            raise HTTPException(404)
        sites = await self.gate.sites(user)
        day = today(self.clock(), UTC)
        period, page = asked_period(request.query_params, day), asked_page(request.query_params)
        asked = Question(site=0, bounds=period.bounds(UTC), limit=MOST, offset=(page - 1) * MOST)
        context = {
            "user": user,
            "asked": Asked(None, period),
            "chooser": chooser(Asked(None, period), "tracking", day),
            "rows": await self.queries.ask(request, partial(everywhere, asked=asked, sites=sites)),
            "page": page,
        }
        return self.renderer.page(request, "everywhere.html", context)

    async def live(self, request: Request) -> Response:
        """Answer with the counter alone, which asks again and again; a database that is away only empties it."""
        site, _, _ = await self.gate.site(request)
        return self.renderer.page(request, "live.html", {"site": site, "live": await self._live(request, site)})

    async def frame(self, request: Request, visit: Visit, panel: str) -> dict[str, object]:
        """Return what every page of a site needs, also while the database is away. A form has to be read before."""
        return {**visit.frame(panel), "live": await self._live(request, visit.site)}

    async def _live(self, request: Request, site: Site) -> int | None:
        try:
            return await self.queries.ask(request, partial(live_visitors, site=site, now=self.clock()))
        except (DatabaseUnavailable, TooBusy):
            return None

    async def visit(self, request: Request) -> Visit:
        """Return who looks at which site. Raises LoginNeeded, HTTPException 404, BadPeriod."""
        site, sites, user = await self.gate.site(request)
        now = self.clock()
        period = asked_period(request.query_params, today(now, ZoneInfo(site.timezone)))
        return Visit(user, site, sites, Asked(site.id, period), now)
