"""The tracker that websites load, `/matomo.js` and its other names: the built one with what it must know of sites.

Or the operator's own copy of Matomo's, unchanged. Kept in memory, with its compressed form, until one of both changes.
"""

import gzip
import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ingest.consent import tracker_flags
from ingest.settings import BUILT_TRACKERS, Settings
from ingest.snapshots import Snapshots
from sql.registry import Snapshot

BUILT = Path(__file__).parent / "built"
SCRIPT_TYPE = "application/javascript; charset=utf-8"
HEADERS = {
    # Policies of sites are in it: they are to reach visitors within the hour.
    "cache-control": "public, max-age=3600, must-revalidate",
    "vary": "accept-encoding",
    # Pages load it with `crossorigin` and `integrity`, or are isolated from other origins.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
NOT_BUILT = "/* The tracker is not built: run `npm ci && npm run build` where Pegel is installed. */\n"
UNREADABLE = "/* The file that PEGEL_TRACKER names cannot be read. */\n"


class Script(NamedTuple):
    """A script as it is sent, and what its content is called."""

    plain: bytes
    packed: bytes
    name: str

    @classmethod
    def of(cls, text: bytes) -> "Script":
        # Without a time in it, every process compresses to the same bytes.
        return cls(text, gzip.compress(text, 9, mtime=0), hashlib.sha256(text).hexdigest()[:16])


class TrackerScript:
    """Serves the tracker."""

    def __init__(self, settings: Settings, snapshots: Snapshots, folder: Path = BUILT) -> None:
        self.built = settings.tracker in BUILT_TRACKERS
        self.file = folder / BUILT_TRACKERS[settings.tracker] if self.built else Path(settings.tracker)
        self.snapshots = snapshots
        self.made_of: tuple[int, int] | None = None
        self.script = Script.of(b"")

    def current(self) -> Script:
        """Return the script for the newest registry and file. Raises OSError if there is no file."""
        snapshot = self.snapshots.newest()
        made_of = (self.file.stat().st_mtime_ns, snapshot.version if self.built else 0)
        if made_of != self.made_of:
            text = self.file.read_bytes()
            self.script = Script.of(policies(snapshot) + text if self.built else text)
            self.made_of = made_of
        return self.script

    async def serve(self, request: Request) -> Response:
        try:
            script = self.current()
        except OSError:
            return PlainTextResponse(NOT_BUILT if self.built else UNREADABLE, 503, {"retry-after": "60"})
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {**HEADERS, "etag": f'"{script.name}{"-gzip" if packed else ""}"'}
        if headers["etag"] in tags(request.headers.get("if-none-match", "")):
            return Response(None, 304, headers)
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(script.packed if packed else script.plain, headers=headers, media_type=SCRIPT_TYPE)


def tags(header: str) -> Collection[str]:
    """Return the tags of an If-None-Match header; a proxy may have made them weak."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def policies(snapshot: Snapshot) -> bytes:
    """Return the line in front of the script that tells it the policies of sites, where there are any."""
    flags = {str(site.id): letters for site in snapshot.sites.values() if (letters := tracker_flags(site))}
    return b"var pegelSites=" + orjson.dumps(flags) + b";\n" if flags else b""
