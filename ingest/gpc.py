"""What a browser may learn about Global Privacy Control: `/.well-known/gpc.json` (w3.org/TR/gpc, section 4)."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingest.snapshots import Snapshots
from sql.policies import policy_of

# When what is honoured changed last.
LAST_UPDATE = "2026-11-25"


def gpc_endpoint(snapshots: Snapshots) -> Callable[[Request], Response]:
    def gpc(_: Request) -> Response:
        """Tell whether every site here does something about the signal; where there is none, nothing ignores it."""
        honoured = all(policy_of(site).gpc != "ignore" for site in snapshots.newest().sites.values())
        return JSONResponse({"gpc": honoured, "lastUpdate": LAST_UPDATE}, headers={"cache-control": "max-age=3600"})

    return gpc
