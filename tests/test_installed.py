"""Pegel as it is installed: behind each web server of `deploy/` under one host name, and as a container runs it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ingest.settings import Settings
from tests.fronts import PROGRAMS, STATS, Front, running
from tests.running import HOST, PATIENCE, ROOT, Server, eventually, free_port, server
from tests.traces import Remains, assert_no_address
from tests.tracked import FIREFOX

VISITORS = {"nginx": "127.55.166.77", "caddy": "127.56.166.78", "haproxy": "127.57.166.79"}
FORGED = "198.51.100.23"
PASSWORD = "correct horse battery staple"
FORM = "application/x-www-form-urlencoded"
OLD_OPT_OUT = "/index.php?module=CoreAdminHome&action=optOut"


@pytest.fixture(scope="module")
def pegel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind proxies; whoever looks at it may log in as anna@example.org."""
    directory = tmp_path_factory.mktemp("pegel")
    with server(directory / "served", PEGEL_COLLECTORS="1", PEGEL_TRUSTED_PROXIES=HOST) as made:
        file = directory / "password"
        file.write_text(PASSWORD, "utf-8")
        made.say("user", "add", "anna@example.org", "--password-file", str(file), "--role", "admin")
        yield made.start()


@pytest.fixture(scope="module", params=PROGRAMS)
def front(request: pytest.FixtureRequest, pegel: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    directory = tmp_path_factory.mktemp(request.param)
    with running(request.param, directory, (pegel.collect_port,), pegel.private_port) as front:
        yield front


def test_a_hit_has_the_masked_address_of_its_visitor(front: Front, pegel: Server) -> None:
    site, token, visitor = pegel.add_site(), pegel.add_token("view"), VISITORS[front.program]
    hit = f"/matomo.php?{urlencode({'idsite': site, 'rec': 1, 'url': 'https://example.org/'})}"
    claimed = {"User_Agent": FIREFOX, "X_Forwarded_For": FORGED}
    eventually(lambda: front.get(hit, visitor, **claimed).status == 200)
    pegel.flush()
    (visit,) = reported(front, "Live.getLastVisitsDetails", site, token)
    masked = f"{'.'.join(visitor.split('.')[:2])}.0.0"
    assert (visit["visitIp"], str(visit["actions"])) == (masked, "1")
    left = Remains().add_files(pegel.directory).add_files(front.directory)
    assert_no_address(left, [visitor, FORGED])
    assert str(front.logs) in "".join(left.contents)


def reported(front: Front, method: str, site: int, token: str) -> Any:
    """Ask the Reporting API as programs do."""
    asked = {"module": "API", "method": method, "idSite": site, "period": "month", "date": "today", "format": "json"}
    body = urlencode({**asked, "token_auth": token}).encode()
    return front.ask("POST", "/index.php", body, Content_Type=FORM).json()


def test_people_log_in(front: Front, pegel: Server) -> None:
    report = f"/sites/{pegel.add_site()}"
    page = front.get("/login")
    assert (page.status, b'type="password"' in page.body) == (200, True)
    body = urlencode({"email": "anna@example.org", "password": PASSWORD}).encode()
    entered = front.ask("POST", "/login", body, Content_Type=FORM, Origin=f"https://{STATS}")
    cookie = entered.headers["set-cookie"]
    assert (entered.status, "; Secure" in cookie) == (303, True)
    assert [front.get(report, Cookie=each).status for each in ("", cookie.partition(";")[0])] == [303, 200]


@pytest.mark.parametrize("target", ["/opt-out", OLD_OPT_OUT, f"{OLD_OPT_OUT}JS&divId=box", "/matomo.js"])
def test_what_visitors_need_comes_from_the_collector(front: Front, pegel: Server, target: str) -> None:
    answers = front.get(target), pegel.get(target), pegel.get(target, pegel.private_port)
    fronted, collector, dashboard = ((each.status, each.headers.get("content-type")) for each in answers)
    assert fronted == collector == (200, collector[1])
    assert dashboard != collector


def test_a_body_that_nobody_reads_is_refused(front: Front) -> None:
    body = b"x" * (Settings().body_max_bytes + 1)
    assert front.ask("POST", "/matomo.php", body, Expect="100-continue").status == 413


def test_health_of_a_container(pegel: Server) -> None:
    assert health(pegel.collect_port, pegel.private_port) == 0
    assert health(pegel.collect_port, free_port()) == 1


def health(*ports: int) -> int:
    """Return how the container's look at its health ends; a proxy that is set for everything else is not asked."""
    command = [sys.executable, str(ROOT / "deploy/healthy.py"), *map(str, ports)]
    return subprocess.run(command, env={**os.environ, "http_proxy": f"http://{HOST}:1"}, check=False).returncode


# What a container has: it is the first process, may do nothing, and writes to its volume and to /tmp.
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
CONTAINED = """
set -e
mount --make-rprivate /
mount --bind "$1" /mnt
mount -t tmpfs none /tmp
awk '$2 !~ "^/(proc|dev|sys|mnt|tmp)" {print $2}' /proc/mounts | while read -r place; do
    mount -o remount,bind,ro "$place" || [ "$place" != / ]
done
mount -t proc proc /proc
cd /
shift
exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
"""
RIGHTS = re.compile(r"^(?:Cap\w+|NoNewPrivs):\t(\w+)$", re.MULTILINE)


@pytest.fixture
def contained(tmp_path: Path) -> Iterator[Server]:
    """A server that runs as in a container."""
    if subprocess.run([*NAMESPACES, "mount", "--make-rprivate", "/"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces cannot be made here: run this test as root")
    if Path("/tmp") in (*ROOT.resolve().parents, *Path(sys.executable).resolve().parents):
        pytest.skip("a container has a /tmp of its own, and this checkout lies below /tmp: run this test elsewhere")
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_DATA="/mnt", PYTHONDONTWRITEBYTECODE="1") as made:
        made.data.mkdir()
        command = ["sh", "-c", CONTAINED, "sh", str(made.data), sys.executable, str(ROOT / "pegel.py"), "serve"]
        with made.log.open("wb") as log:
            made.process = subprocess.Popen(
                [*NAMESPACES, *command], env={**os.environ, **made.environ}, stdout=log, stderr=log
            )
        for port in made.listening():
            eventually(partial(made.healthy, port))
        yield made


def test_a_container_needs_no_rights_and_no_other_first_process(contained: Server) -> None:
    assert contained.process
    (first,) = children_of(contained.process.pid)
    assert RIGHTS.findall(Path(f"/proc/{first}/status").read_text()) == [*["0" * 16] * 5, "1"]
    inside = ["nsenter", f"--target={first}", "--pid", "--mount"]
    assert subprocess.run([*inside, "touch", "/etc/x"], capture_output=True, check=False).returncode == 1
    workers = children_of(first)
    subprocess.run([*inside, "sh", "-c", "sleep 600 &"], check=True)
    (orphan,) = eventually(lambda: {*children_of(first)} - {*workers})
    os.kill(orphan, signal.SIGKILL)
    eventually(lambda: children_of(first) == workers)
    os.kill(first, signal.SIGTERM)
    assert contained.process.wait(PATIENCE) == 0
    assert contained.said().rstrip().endswith(" stopped")


def children_of(pid: int) -> list[int]:
    """Return the children of a process, ended ones that nobody collected among them."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
