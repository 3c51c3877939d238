"""The table of endpoints: from it the routes are made, and the document that describes them."""

from datetime import timedelta
from functools import partial

import anyio.to_thread
from starlette.responses import JSONResponse, Response

from dashboard.period import Bounds
from dashboard.reports import Question, answer
from dashboard.v1 import exports, raw, schemas
from dashboard.v1.asked import asked
from dashboard.v1.endpoints import Endpoint, Use
from dashboard.v1.inputs import QUERY, SITE
from dashboard.v1.query import answer as answer_query
from dashboard.v1.vocabulary import METRICS, Dimension, dimensions_of
from dashboard.v1.writing import FORMS
from sql.clickhouse import Database
from sql.registry import Site

WINDOWS = (5, 30)  # Minutes.


async def query(use: Use) -> Response:
    question = asked(use.given, use.site, use.now)
    return JSONResponse(await use.ask(partial(answer_query, asked=question)))


async def sites(use: Use) -> Response:
    everything = await anyio.to_thread.run_sync(use.registry.sites)
    return JSONResponse({"sites": [site_row(site) for site in everything if use.token.is_for(site.id)]})


async def site(use: Use) -> Response:
    return JSONResponse(site_row(use.site.site))


def site_row(site: Site) -> dict[str, object]:
    shown = ("id", "name", "timezone", "currency", "type", "ecommerce", "group")
    return {
        **{name: getattr(site, name) for name in shown},
        "urls": list(site.urls),
        "created": f"{site.created:%Y-%m-%dT%H:%M:%SZ}",
    }


async def metrics(use: Use) -> Response:
    rows = [
        {"name": metric.name, "kind": metric.kind, "of": list(metric.subjects), "meaning": metric.meaning}
        for metric in METRICS.values()
    ]
    return JSONResponse({"metrics": rows})


async def dimensions(use: Use) -> Response:
    return JSONResponse({"dimensions": [dimension_row(found) for found in dimensions_of(use.site.customs).values()]})


def dimension_row(found: Dimension) -> dict[str, object]:
    return {"name": found.name, "kind": found.kind, "of": list(found.subjects), "meaning": found.meaning}


async def realtime(use: Use) -> Response:
    return JSONResponse(await use.ask(partial(now_there, use=use)))


def now_there(database: Database, use: Use) -> dict[str, object]:
    windows = []
    for minutes in WINDOWS:
        # Half-open, and a hit may carry this very moment.
        bounds = Bounds(use.now - timedelta(minutes=minutes), use.now + timedelta(seconds=1))
        (found,) = answer(database, "live_visitors", Question(site=use.site.site.id, bounds=bounds))
        windows.append({"minutes": minutes, "nb_uniq_visitors": found["nb_visitors"], "nb_hits": found["nb_hits"]})
    return {"site": use.site.site.id, "at": f"{use.now:%Y-%m-%dT%H:%M:%SZ}", "windows": windows}


def media_types(*forms: str) -> tuple[str, ...]:
    return tuple(FORMS[form].media_type for form in forms)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="query",
        path="/query",
        scope="stats:read",
        answer=query,
        title="Ask for numbers",
        meaning="Metrics of one site in a range, by up to three dimensions, one page of all rows at a time.",
        inputs=QUERY,
        also_post=True,
        schema=schemas.QUERY_ANSWER,
    ),
    Endpoint(
        name="export",
        path="/export",
        scope="stats:read",
        answer=exports.export,
        title="Take numbers away",
        meaning="The answer to any question with all of its rows, as a file.",
        inputs=exports.INPUTS,
        media_types=media_types("csv", "arrow"),
        headers=exports.HEADERS,
    ),
    Endpoint(
        name="rawVisits",
        path="/raw/visits",
        scope="export:raw",
        answer=raw.visits,
        title="Take visits away",
        meaning="Every visit of a range, one by one, as far as the site's privacy policy lets it be seen.",
        inputs=raw.INPUTS,
        media_types=media_types("ndjson", "csv", "arrow"),
        headers=raw.HEADERS,
    ),
    Endpoint(
        name="rawHits",
        path="/raw/hits",
        scope="export:raw",
        answer=raw.hits,
        title="Take hits away",
        meaning="Every hit of a range, one by one, as far as the site's privacy policy lets it be seen.",
        inputs=raw.INPUTS,
        media_types=media_types("ndjson", "csv", "arrow"),
        headers=raw.HEADERS,
    ),
    Endpoint(
        name="realtime",
        path="/realtime",
        scope="stats:read",
        answer=realtime,
        title="Who is there now",
        meaning="Visitors who did something in the last 5 and 30 minutes.",
        inputs=(SITE,),
        schema=schemas.REALTIME,
    ),
    Endpoint(
        name="metrics",
        path="/metrics",
        scope="stats:read",
        answer=metrics,
        title="Metrics there are",
        meaning="What can be asked for, and whether it is counted from visits or from hits.",
        schema=schemas.METRIC_LIST,
    ),
    Endpoint(
        name="dimensions",
        path="/dimensions",
        scope="stats:read",
        answer=dimensions,
        title="Dimensions there are",
        meaning="By what can be asked on a site, its custom dimensions included.",
        inputs=(SITE,),
        schema=schemas.DIMENSION_LIST,
    ),
    Endpoint(
        name="sites",
        path="/sites",
        scope="sites:read",
        answer=sites,
        title="Sites",
        meaning="The sites that the token may see.",
        schema=schemas.SITE_LIST,
    ),
    Endpoint(
        name="site",
        path="/sites/{site}",
        scope="sites:read",
        answer=site,
        title="A site",
        meaning="One site.",
        inputs=(SITE,),
        in_path=("site",),
        schema=schemas.SITE,
    ),
)
