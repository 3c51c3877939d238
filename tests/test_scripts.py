"""The tracker's script as websites load it: names, headers, compression, policies of sites, and other trackers."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.requests import Request

from ingest import scripts
from ingest.scripts import SCRIPT_TYPE, TrackerScript
from ingest.settings import BUILT_TRACKERS, Settings
from ingest.snapshots import Snapshots
from sql.clickhouse import Database
from sql.registry import Registry
from tests.tracked import Answer, Tracked, tracked

LARGEST = {"all": 8064, "core": 5592}  # Bytes, compressed.
pytestmark = pytest.mark.skipif(
    not (scripts.BUILT / "matomo.js").exists(), reason="tracker not built: npm ci && npm run build"
)


@contextmanager
def serving(directory: Path, database: Database, tracker: str) -> Iterator[Tracked]:
    with tracked(directory, database, Settings(tracker=tracker)) as running:
        yield running


def script(pegel: Tracked, path: str = "/matomo.js", **headers: str) -> Answer:
    return pegel.request("GET", path, None, **headers)


def policies(answer: Answer) -> dict[str, str]:
    """Return what a script says of sites' policies."""
    line, _, _ = answer.body.partition(b"\n")
    found: dict[str, str] = json.loads(line.removeprefix(b"var pegelSites=").rstrip(b";"))
    return found


@pytest.mark.parametrize("path", ["/matomo.js", "/piwik.js", "/js/", "/js", "/js/index.php", "/js/tracker.php"])
def test_every_name_of_the_script(pegel: Tracked, path: str) -> None:
    answer = script(pegel, path)
    assert (answer.status, answer.headers["content-type"]) == (200, SCRIPT_TYPE)
    assert answer.body.endswith((scripts.BUILT / "matomo.js").read_bytes())


def test_pages_of_any_origin_may_load_it(pegel: Tracked) -> None:
    headers = script(pegel, Origin="https://example.org").headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["x-content-type-options"] == "nosniff"


def test_it_is_compressed_for_those_who_ask(pegel: Tracked) -> None:
    plain, packed = script(pegel), script(pegel, Accept_Encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    assert plain.headers["etag"] != packed.headers["etag"]


@pytest.mark.parametrize("weak", ["", "W/"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_it_is_not_sent_twice(pegel: Tracked, encoding: str, weak: str) -> None:
    first = script(pegel, Accept_Encoding=encoding)
    assert first.headers["cache-control"] == "public, max-age=3600, must-revalidate"
    known = f'"other", {weak}{first.headers["etag"]}'
    again = script(pegel, Accept_Encoding=encoding, If_None_Match=known)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_a_head_tells_as_much_as_a_get(pegel: Tracked) -> None:
    head, whole = pegel.request("HEAD", "/matomo.js"), script(pegel)
    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == whole.headers[name]


def test_policies_of_sites_are_known_without_a_restart(tmp_path: Path, database: Database) -> None:
    with serving(tmp_path, database, "all") as pegel:
        pegel.add_site(id=1)
        first = script(pegel)
        assert not first.body.startswith(b"var pegelSites")
        pegel.add_site(id=2, consent="without-identifiers")
        pegel.add_site(id=3, consent="consent-required", gpc="drop")
        second = script(pegel, If_None_Match=first.headers["etag"])
        assert second.status == 200
        assert policies(second) == {"2": "c", "3": "rg"}
        assert second.body.endswith(first.body)


def test_the_small_one(tmp_path: Path, database: Database) -> None:
    with serving(tmp_path, database, "core") as pegel:
        assert script(pegel).body == (scripts.BUILT / "matomo-core.js").read_bytes()


def test_an_operators_own_copy_is_served_unchanged(tmp_path: Path, database: Database) -> None:
    own = tmp_path / "own.js"
    own.write_bytes(b"// mine\n")
    with serving(tmp_path, database, str(own)) as pegel:
        pegel.add_site(id=1, consent="without-identifiers")
        assert script(pegel, "/piwik.js").body == b"// mine\n"
        own.unlink()
        gone = script(pegel)
        assert gone.status == 503
        assert b"PEGEL_TRACKER" in gone.body


def test_an_own_copy_may_be_replaced(tmp_path: Path, database: Database) -> None:
    own = tmp_path / "own.js"
    own.write_bytes(b"1")
    with serving(tmp_path, database, str(own)) as pegel:
        script(pegel)
        newer = tmp_path / "newer.js"
        newer.write_bytes(b"2")
        newer.rename(own)
        assert script(pegel).body == b"2"


def test_a_missing_build_is_named(registry: Registry, tmp_path: Path) -> None:
    served = TrackerScript(Settings(), Snapshots(registry), tmp_path)
    answer = asyncio.run(served.serve(Request({"type": "http", "method": "GET", "headers": []})))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert b"npm ci && npm run build" in answer.body


@pytest.mark.parametrize("name", BUILT_TRACKERS)
def test_size(name: str) -> None:
    """Wanted are 5,120 bytes for all and 3,584 for the core. They are not reached: words alone take 2,300 of all."""
    size = len(gzip.compress((scripts.BUILT / BUILT_TRACKERS[name]).read_bytes(), 9, mtime=0))
    assert size <= LARGEST[name], f"{name}: {size} bytes compressed"
