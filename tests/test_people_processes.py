"""Somebody is erased by a real server that is killed meanwhile: afterwards no byte on disk tells of them."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sql.clickhouse import Database
from sql.daily import aggregate
from sql.people import visitor_of_user
from sql.registry import Registry
from tests.running import HOST, Server, ask, eventually, rows, server
from tests.tracked import FIREFOX, OTHER_VISITOR

COOKIE = "7d3f5a9177c2e481"
USER = "anna-4711-q8zk"
ORDER = "R-2026-0815-x7w"
PAGE = "secret-corner-k3v9"
AGENT = f"{FIREFOX} Probe-j5m2/3.1"
DAYS_AGO = 5


def packed(number: int) -> dict[str, bytes]:
    """Return the forms in which files hold an id of 64 bits."""
    signed = number - 2**64 if number >= 2**63 else number
    return {
        **{f"{number:x} in hex": f"{number:x}".encode(), f"{number:x} in decimal": str(number).encode()},
        **{f"{number:x} signed": str(signed).encode()},
        **{
            f"{number:x} packed": number.to_bytes(8, "little"),
            f"{number:x} packed for SQLite": number.to_bytes(8, "big"),
        },
    }


WORDS = {word: word.encode() for word in (USER, ORDER, PAGE, "Probe-j5m2")}
NEEDLES = {**WORDS, **packed(int(COOKIE, 16)), **packed(visitor_of_user(USER))}


def traces(pegel: Server) -> dict[str, list[str]]:
    """Return which of them stands in which files, of all under the data directory and all logs."""
    files = [path for path in pegel.directory.rglob("*") if path.is_file() and path.name != "export.json"]
    contents = {path.relative_to(pegel.directory).as_posix(): read(path) for path in files}
    found = {
        name: [path for path, content in contents.items() if needle in content] for name, needle in NEEDLES.items()
    }
    return {name: paths for name, paths in found.items() if paths}


def read(path: Path) -> bytes:
    try:
        return path.read_bytes().replace(COOKIE.upper().encode(), COOKIE.encode())
    except FileNotFoundError:  # ClickHouse has just merged it.
        return b""


def visit(pegel: Server, site: int, token: str) -> None:
    """Let Anna visit some days ago, sign in and order; and somebody else, too."""
    began = datetime.now(UTC).replace(hour=9, minute=0) - timedelta(days=DAYS_AGO)
    hits: list[dict[str, Any]] = [
        {"_id": COOKIE, "url": f"https://example.org/{PAGE}", "pv_id": "aaaaaa", "pf_srv": 20},
        {"_id": COOKIE, "uid": USER, "url": "https://example.org/account"},
        {"_id": COOKIE, "uid": USER, "idgoal": 0, "ec_id": ORDER, "revenue": 10},
        {"_id": COOKIE, "url": f"https://example.org/{PAGE}", "later": 7200},
        {"_id": OTHER_VISITOR, "url": "https://example.org/other", "later": 20000, "agent": FIREFOX},
    ]
    for hit in hits:
        agent, at = hit.pop("agent", AGENT), began + timedelta(seconds=hit.pop("later", 0))
        query = {"idsite": site, "rec": 1, "send_image": 0, "token_auth": token, "cdt": int(at.timestamp()), **hit}
        assert pegel.get(f"/matomo.php?{urlencode(query)}", User_Agent=agent).status == 204


def sums(pegel: Server, site: int, count: bool = False) -> list[dict[str, Any]]:
    """Stop the server and return the sums of the days; with `count`, after they were counted."""
    assert pegel.stop() == 0
    with pegel.tables() as database:
        if count:
            day = (datetime.now(UTC) - timedelta(days=DAYS_AGO)).date()
            aggregate(database, site_of(pegel, site), [day])
        found = rows(
            database,
            f"""
            select report, day, sum(arraySum(lines.visits)) as visits, sum(arraySum(lines.visitors)) as visitors,
                sum(arraySum(lines.hits)) as hits, sum(arraySum(lines.revenue)) as revenue
            from daily final
            where site = {site} and report in ('totals', 'actions', 'goals')
            group by report, day order by report, day
        """,
        )
        assert_counts(database, site, 3 if count else 1)
    pegel.start()
    return found


def site_of(pegel: Server, site: int) -> Any:
    registry = Registry(pegel.data / "registry.sqlite")
    try:
        return registry.site(site)
    finally:
        registry.close()


def assert_counts(database: Database, site: int, visits: int) -> None:
    (row,) = rows(database, f"select count() as n from visits final where site = {site}")
    assert row["n"] == visits


def call(pegel: Server, token: str, what: str, **body: Any) -> Any:
    content = json.dumps(body).encode()
    answer = ask(pegel.private_port, "POST", f"/api/person/{what}", content, {"Authorization": f"Bearer {token}"})
    assert answer.status in (200, 202), answer
    return answer.json()


def finished(pegel: Server) -> Any:
    """Return the newest record if it is finished."""
    cases = json.loads(pegel.say("person", "audit", "--json"))
    return cases[0] if cases[0]["finished"] else None


def test_nothing_is_left_of_whom_a_killed_server_erased(tmp_path: Path) -> None:
    with server(tmp_path, PEGEL_COLLECTORS="2", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site, token = pegel.add_site(), pegel.add_token("superuser")
        pegel.start()
        visit(pegel, site, token)
        pegel.flush()
        before = traces(pegel)
        assert before.keys() >= {*WORDS, f"{COOKIE} in decimal", f"{COOKIE} packed", f"{COOKIE} packed for SQLite"}
        summed = sums(pegel, site, count=True)
        call(pegel, token, "erase", kind="user", id=USER)
        for _ in range(4):
            time.sleep(random.uniform(0, 0.8))
            pegel.kill_worker("core")
            eventually(partial(pegel.healthy, pegel.private_port))
        case = eventually(partial(finished, pegel))
        assert (case["action"], case["stage"], case["visits"], case["hits"]) == ("erase", "done", 2, 4)
        assert traces(pegel) == {}
        assert sums(pegel, site) == summed
        assert [row["report"] for row in summed] == ["actions", "goals", "totals"]
        assert traces(pegel) == {}


def test_the_command_finds_exports_and_erases(tmp_path: Path) -> None:
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site, token = pegel.add_site(), pegel.add_token("superuser")
        away = pegel.run("person", "find", "--user", USER)
        assert (away.returncode, away.stdout) == (1, "")
        assert "is 'pegel serve' or 'pegel dashboard' running?" in away.stderr
        pegel.start()
        visit(pegel, site, token)
        pegel.flush()
        found = json.loads(pegel.say("person", "find", "--order", ORDER, "--json"))
        assert (found["counts"]["visits"], found["users"]) == (2, [USER])
        file = pegel.directory / "export.json"
        pegel.say("person", "export", str(file), "--visitor", COOKIE, "--site", str(site))
        assert len(json.loads(file.read_text())["visits"]) == 2
        assert pegel.run("person", "export", str(file), "--visitor", COOKIE).returncode == 1, "it is there already"
        assert pegel.run("person", "erase", "--user", USER).returncode == 2, "nobody said yes"
        day = f"{datetime.now(UTC) - timedelta(days=DAYS_AGO):%Y-%m-%d}"
        masked = pegel.say("anonymise", "--site", str(site), "--from", day, "--to", day, "--addresses", "3", "--orders")
        assert masked.strip().endswith("addresses, orders masked in 3 visits and 5 hits")
        assert ORDER not in traces(pegel)
        erased = pegel.say("person", "erase", "--user", USER, "--yes")
        assert erased.strip().endswith("2 visits and 4 hits erased; no file holds them any more")
        assert traces(pegel) == {}
        assert pegel.say("person", "find", "--user", USER).strip() == "nothing is kept under this id"
        assert [row["action"] for row in json.loads(pegel.say("person", "audit", "--json"))] == [
            *("erase", "anonymise"),
            *("export",),
        ]
        assert len(json.loads(pegel.say("token", "list", "--json"))) == 1, "its own tokens are gone"
