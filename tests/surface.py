"""Everything that answers on the two listeners, and for whom; whoever adds a route says so here, too."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

# Who gets an answer: everybody; people who are signed in; those of them who see the site, who administer it, who see
# everything; and programs with a token, whose requests no cookie helps.
Whom = Literal["anybody", "people", "viewers", "administrators", "superusers", "programs"]
DASHBOARD: Mapping[str, Whom] = {
    "GET /healthz": "anybody",
    "GET /metrics": "anybody",
    "GET /login": "anybody",
    "POST /login": "anybody",
    "POST /logout": "anybody",
    "GET /static/{path}": "anybody",
    # What describes the API says nothing of any site.
    "GET /api/v1/docs": "anybody",
    "GET /api/v1/openapi.json": "anybody",
    # Sent on to the first page.
    "GET /index.php": "anybody",
    "GET /": "people",
    "GET /sites": "people",
    "GET /tracking": "superusers",
    "GET /sites/{site}": "viewers",
    "GET /sites/{site}/live": "viewers",
    "GET /sites/{site}/opt-out": "viewers",
    "GET /sites/{site}/opt-out/preview": "viewers",
    "GET /sites/{site}/privacy": "viewers",
    "GET /sites/{site}/privacy/assessment": "viewers",
    "GET /sites/{site}/tracking": "viewers",
    "GET /sites/{site}/{panel}": "viewers",
    "GET /sites/{site}/people": "administrators",
    "POST /sites/{site}/people": "administrators",
    "POST /sites/{site}/people/erase": "administrators",
    "POST /sites/{site}/people/export": "administrators",
    "POST /sites/{site}/privacy": "administrators",
    "POST /": "programs",
    "POST /index.php": "programs",
    "GET /api/v1/dimensions": "programs",
    "GET /api/v1/export": "programs",
    "GET /api/v1/metrics": "programs",
    "GET /api/v1/query": "programs",
    "POST /api/v1/query": "programs",
    "GET /api/v1/raw/hits": "programs",
    "GET /api/v1/raw/visits": "programs",
    "GET /api/v1/realtime": "programs",
    "GET /api/v1/sites": "programs",
    "GET /api/v1/sites/{site}": "programs",
    "POST /api/person/anonymise": "programs",
    "POST /api/person/case": "programs",
    "POST /api/person/cases": "programs",
    "POST /api/person/erase": "programs",
    "POST /api/person/export": "programs",
    "POST /api/person/find": "programs",
    "GET /registry/snapshot": "programs",
}
# Not for the internet: they answer nobody who comes through a proxy.
PRIVATE = ("/metrics", "/registry/snapshot")
# What leave other websites get there: to send and to read an answer as a tracker does, to load a script, or none.
Leave = Literal["track", "load", "none"]
COLLECTOR: Mapping[str, Leave] = {
    "ANY /matomo.php": "track",
    "ANY /piwik.php": "track",
    "GET /matomo.js": "load",
    "GET /piwik.js": "load",
    # These track, too, where something is sent to them.
    "GET /js": "load",
    "GET /js/": "load",
    "GET /js/index.php": "load",
    "GET /js/tracker.php": "load",
    # Embed codes of Matomo's opt-out; what asks for anything else is told that nothing is there.
    "GET /": "none",
    "POST /": "none",
    "GET /index.php": "none",
    "POST /index.php": "none",
    "GET /opt-out": "none",
    "POST /opt-out": "none",
    "GET /opt-out.js": "none",
    "GET /healthz": "none",
    "GET /.well-known/gpc.json": "none",
}
# A site's number, and a panel that every site has.
PARTS = {"panel": "pages", "path": "nothing.js"}


def starlette_in(app: Any) -> Starlette:
    """Return the application that has the routes, of whatever it is wrapped in."""
    while not isinstance(app, Starlette):
        app = app.app
    return app


def routes_of(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Yield every method and path; HEAD comes with GET."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(route.routes, prefix + route.path) if route.routes else [f"GET {route.path}/{{path}}"]
            continue
        assert isinstance(route, Route), f"a route of another kind: {route!r}"
        yield from (f"{method} {prefix}{route.path}" for method in (route.methods or {"ANY"}) - {"HEAD"})


def of(*whom: Whom) -> list[str]:
    """Return the dashboard's routes for some of those who use it."""
    return [route for route, allowed in DASHBOARD.items() if allowed in whom]


def target(route: str, site: int = 1) -> tuple[str, str]:
    """Return the method of a route, and its path for a site."""
    method, _, path = route.partition(" ")
    return method, path.format(site=site, **PARTS)
