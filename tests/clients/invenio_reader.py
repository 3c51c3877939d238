"""A repository that imports its numbers with `invenio-analytics-importer`, all days of its months at once.

Its argument is JSON: {"url", "token", "site", "from", "to"}; it says {kind: {month: {day: rows}}}.
"""

import asyncio
import json
import sys
from typing import Any

import httpx
from invenio_analytics_importer import retrieve

FETCHERS = {"views": retrieve.ViewsFetcher, "downloads": retrieve.DownloadsFetcher}


async def main(given: dict[str, Any]) -> None:
    async with httpx.AsyncClient() as client:
        matomo = retrieve.MatomoAnalytics(client, given["url"], given["site"], given["token"])
        found = {kind: await months(fetcher(matomo), given) for kind, fetcher in FETCHERS.items()}
    json.dump(found, sys.stdout)


async def months(fetcher: Any, given: dict[str, Any]) -> dict[str, Any]:
    period = (given["from"], given["to"])
    return {month: days async for month, days in retrieve.fetch_monthly_analytics(fetcher, period)}


asyncio.run(main(json.loads(sys.argv[1])))
