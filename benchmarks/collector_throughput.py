"""Single GET hits, durable before the answer, one collector process, against an empty Starlette app on the same server.

Both run under uvicorn, httptools and uvloop on one core, loaded by wrk from another, in turns; the figures are medians
of the ratios: of page views of a new site and of one that has everything on, and of hits of every kind there.
Usage: python -m benchmarks.collector_throughput [--rounds 3] [--seconds 5] [--directory DIR]
"""

import argparse
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks import everything
from benchmarks.measuring import Load, serving, wrk
from ingest.app import Resources, create_app
from ingest.endpoint import GIF
from ingest.lists.folder import ListsFolder
from ingest.settings import Settings
from sql.registry import NewSite, Registry

# What a browser sends, with a visitor id, page and time that change from hit to hit.
LUA = """
local n = 0
local agents = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
  .. "Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
}
request = function()
  n = n + 1
  local path = string.format(
    "/matomo.php?action_name=Article%%20%d%%20%%E2%%80%%93%%20Example&idsite=1&rec=1&r=%d&h=12&m=34&s=56"
    .. "&url=https%%3A%%2F%%2Fexample.org%%2Farticles%%2F%d&urlref=https%%3A%%2F%%2Fwww.example.net%%2F"
    .. "&_id=%016x&_idn=1&send_image=0&_refts=0&pdf=1&qt=0&realp=0&wma=0&fla=0&java=0&ag=0&cookie=1&res=1920x1080"
    .. "&pv_id=aB%04d&pf_net=12&pf_srv=34&pf_tfr=5&pf_dm1=100&pf_dm2=120&pf_onl=3&uadata=%%7B%%7D",
    n % 500, n % 999983, n % 500, n % 40000, n % 9999)
  return wrk.format("GET", path, {["User-Agent"] = agents[n % 3 + 1], ["Accept-Language"] = "en-GB,en;q=0.8"})
end
"""


def empty_app() -> ASGIApp:
    async def pixel(request: Request) -> Response:
        return Response(GIF, media_type="image/gif")

    return Starlette(routes=[Route("/matomo.php", pixel)])


class Scene(NamedTuple):
    """What is measured: wrk's script, a collector whose data is below a directory, and what it has to reach."""

    name: str
    script: str
    collector: Callable[[Path], ASGIApp]
    wanted: float


def plain_collector(directory: Path) -> ASGIApp:
    registry = Registry(directory / "registry.sqlite")
    if not registry.sites():
        registry.add_site(NewSite(name="Example", urls=("https://example.org",)))
    return create_app(Settings(), Resources(directory / "spool", registry, ListsFolder(None)))


def full_collector(directory: Path) -> ASGIApp:
    return create_app(everything.SETTINGS, everything.resources(directory))


SCENES = (
    Scene("page views", LUA, plain_collector, 0.50),
    Scene("page views, everything on", LUA, full_collector, 0.45),
    Scene("every kind of hit, everything on", everything.LUA, full_collector, 0.45),
)


class Round(NamedTuple):
    """What one round saw: the empty app, the collector, and what the collector kept."""

    baseline: Load
    ours: Load
    kept: Counter[str]

    @property
    def ratio(self) -> float:
        return self.ours.per_second / self.baseline.per_second

    @property
    def ratio_of_cpu(self) -> float:
        """The same by processor time, which other programs on the machine disturb less."""
        return self.baseline.cpu_seconds_per_1000 / self.ours.cpu_seconds_per_1000


def one_round(scene: Scene, directory: Path, seconds: int) -> Round:
    with serving(empty_app, core=0) as (port, pid):
        baseline = wrk(f"http://127.0.0.1:{port}", scene.script, seconds, pid, core=1)
    with serving(lambda: scene.collector(directory), core=0) as (port, pid):
        ours = wrk(f"http://127.0.0.1:{port}", scene.script, seconds, pid, core=1)
    kept = everything.kept(directory / "spool")
    shutil.rmtree(directory / "spool")
    if kept.total() < ours.per_second * seconds:
        raise SystemExit(f"{ours.per_second * seconds:,.0f} requests were answered, {kept.total():,} are in the spool")
    return Round(baseline, ours, kept)


def measured(scene: Scene, rounds: int, seconds: int, place: Path | None) -> str:
    """Print what some rounds saw; return a line with their medians."""
    seen: list[Round] = []
    with tempfile.TemporaryDirectory(dir=place) as directory:
        for number in range(1, rounds + 1):
            one = one_round(scene, Path(directory), seconds)
            seen.append(one)
            print(
                f"{scene.name}, round {number}: empty app {one.baseline.per_second:,.0f}/s, "
                f"collector {one.ours.per_second:,.0f} hits/s, ratio {one.ratio:.2f}; CPU seconds per 1,000: "
                f"{one.baseline.cpu_seconds_per_1000:.3f} and {one.ours.cpu_seconds_per_1000:.3f}; "
                f"refused {one.ours.errors}",
                flush=True,
            )
    print("  in the spool: " + ", ".join(f"{count:,} {what}" for what, count in one.kept.most_common()), flush=True)
    ratio, cpu = (statistics.median(values) for values in zip(*((r.ratio, r.ratio_of_cpu) for r in seen), strict=True))
    return f"{scene.name}: {ratio:.2f} of the empty app (wanted: {scene.wanted:.2f}); by processor time {cpu:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--directory", type=Path, default=None, help="where the spool lies, to measure another disk")
    given = parser.parse_args()
    for line in [measured(scene, given.rounds, given.seconds, given.directory) for scene in SCENES]:
        print(f"collector_throughput, {line}")


if __name__ == "__main__":
    main()
