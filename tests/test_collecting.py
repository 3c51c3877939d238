"""From requests to the spool and out of it: what is bounded, and what must not get in the way of anything else."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from ingest.hit import Hit
from ingest.segments import FORMAT, framed
from ingest.settings import Settings
from sql.clickhouse import Database
from tests.running import eventually
from tests.tracked import VISITOR, Tracked, tracked

DEEP = b"[" * 1000 + b"]" * 1000  # As deep as the parser goes; Python itself does not go that far.
HEAD = framed(orjson.dumps({"format": FORMAT, "fields": Hit._fields}))


def bulk(pegel: Tracked, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = pegel.request("POST", "/matomo.php", body, **headers)
    return answer.status, orjson.loads(answer.body) if answer.status == 200 else {}


@pytest.mark.parametrize(
    "name", ["fla", "url", "cdt", "cip", "e_c", "uid", "uadata", "country", "search", "send_image"]
)
def test_a_value_that_makes_no_sense_costs_no_neighbour(pegel: Tracked, name: str) -> None:
    site = pegel.add_site()
    body = b'{"requests":[{"idsite":%d,"rec":1,"%b":%b},"?idsite=%d&rec=1"],"%b":%b}'
    status, answer = bulk(pegel, body % (site.id, name.encode(), DEEP, site.id, name.encode(), DEEP))
    assert status == 200
    assert answer["tracked"] >= 1
    assert pegel.counters(site)[""] == answer["tracked"]


def test_a_large_bulk_is_kept_whole(pegel: Tracked) -> None:
    site = pegel.add_site()
    requests = [f"?idsite={site.id}&rec=1&url=https://example.org/{number}" for number in range(350)]
    assert bulk(pegel, orjson.dumps({"requests": requests}))[1]["tracked"] == 350
    assert len({hit["page"] for hit in pegel.hits(site)}) == 350


def test_a_small_body_that_makes_too_much_is_refused_whole(pegel: Tracked) -> None:
    site = pegel.add_site()
    body = orjson.dumps({"requests": [f"?idsite={site.id}&rec=1"] * 10_000})
    headers = {"Referer": "https://example.org/" + "x" * 1000, "Sec_CH_UA": "x" * 2000}
    answer = pegel.request("POST", "/matomo.php", body, User_Agent="x" * 1000, **headers)
    assert answer.status == 413
    assert answer.headers["x-pegel"].startswith("refused: ")
    assert orjson.loads(answer.body) == {"status": "error", "tracked": 0, "invalid": 0}
    assert pegel.counters(site) == {}


def test_more_requests_than_a_bulk_may_hold_are_refused_whole(tmp_path: Path, clean_database: Database) -> None:
    with tracked(tmp_path, clean_database, Settings(bulk_max_requests=3)) as pegel:
        site = pegel.add_site()
        entries = [f"?idsite={site.id}&rec=1"] * 3
        assert bulk(pegel, orjson.dumps({"requests": entries}))[1]["tracked"] == 3
        answer = pegel.request("POST", "/matomo.php", orjson.dumps({"requests": [*entries, None]}))
        assert answer.status == 413
        assert answer.headers["x-pegel"] == "refused: 4 requests in one body, at most 3"
        assert pegel.counters(site) == {"": 3}


@pytest.mark.parametrize(
    ("body", "tracked"),
    [
        pytest.param(b'{"requests":["?%b&action_name=\xff\xfe","?%b"]}', 2, id="no-utf-8"),
        pytest.param(b'{"requests":["?%b&action_name=a\x00b\tc","?%b"]}', 2, id="control-characters"),
        pytest.param(b'{"requests":["?%b"],"x":[NaN,-Infinity],"y":["?%b"]}', 1, id="no-numbers"),
        pytest.param(b'{"requests":[[],{},[1],"?%b",true,1.5,null,"%b"]}', 4, id="no-objects"),
        pytest.param(b'{"requests":["?%b"],"requests":["?%b","?%b"]}', 2, id="the-last-of-one-name"),
        pytest.param(b'{"requests":["?%b"],"x":' + b"[" * 5000 + b"]" * 5000 + b"}", 0, id="too-deep"),
    ],
)
def test_what_is_wrong_with_a_body_costs_no_neighbour(pegel: Tracked, body: bytes, tracked: int) -> None:
    site = pegel.add_site()
    status, answer = bulk(pegel, body.replace(b"%b", b"idsite=%d&rec=1" % site.id))
    assert (status, answer) == (200, {"status": "success", "tracked": tracked, "invalid": 0})
    pegel.load()


def test_a_visit_that_is_full_is_followed_by_one(pegel: Tracked) -> None:
    """Also when all of its hits came in the same moment."""
    site = pegel.add_site()
    for number in (10_000, 100):
        assert bulk(pegel, orjson.dumps({"requests": [f"?idsite={site.id}&rec=1"] * number}))[1]["tracked"] == number
    assert sorted(visit["actions"] for visit in pegel.visits(site)) == [100, 10_000]


def test_thousands_of_visits_of_one_visitor_do_not_hold_up_the_loader(pegel: Tracked) -> None:
    site = pegel.add_site()
    requests = [f"?idsite={site.id}&rec=1&new_visit=1&_id={VISITOR}"] * 10_000
    for _ in range(2):
        assert bulk(pegel, orjson.dumps({"requests": requests}))[1]["tracked"] == 10_000
    assert len(pegel.visits(site)) == 20_000


@pytest.mark.parametrize("name", ["User_Agent", "Accept_Language", "Referer", "Sec_CH_UA", "X_Forwarded_For"])
def test_what_a_header_makes_is_bounded(pegel: Tracked, name: str) -> None:
    site = pegel.add_site()
    path = f"/matomo.php?idsite={site.id}&rec=1"
    assert pegel.request("GET", path, None, **{name: "x" * 60_000}).status == 200
    (spooled,) = (pegel.directory / "spool").glob("*.segment")
    assert b"x" * 5000 not in spooled.read_bytes()
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(b"1", id="a-number"),
        pytest.param(b"[1,2,[]]", id="no-hits"),
        pytest.param(b"[1,[],[1]]", id="no-counters"),
        pytest.param(b'["now",[],[]]', id="no-time"),
        pytest.param(b'[1,[],[["?","bot",1]]]', id="no-site"),
    ],
)
def test_a_record_of_another_shape_blocks_nothing(pegel: Tracked, record: bytes) -> None:
    site = pegel.add_site()
    (pegel.directory / "spool" / "0.segment").write_bytes(HEAD + framed(record))
    pegel.get(site)
    assert len(pegel.hits(site)) == 1
    assert not (pegel.directory / "spool" / "0.segment").exists()


def test_invented_sites_do_not_fill_the_counters(pegel: Tracked) -> None:
    body = orjson.dumps({"requests": [f"?idsite={number}&rec=1" for number in range(5_000_000, 5_001_200)]})
    assert pegel.request("POST", "/matomo.php", body).status == 200
    pegel.load()
    refused = pegel.rows("select site, sum(hits) as n from counters where site = 0 or site >= 5000000 group by site")
    assert len(refused) <= 1001
    assert sum(row["n"] for row in refused) >= 1200


def test_a_collector_whose_spool_dies_answers_all_the_same(tmp_path: Path, clean_database: Database) -> None:
    with tracked(tmp_path, clean_database) as pegel:
        site = pegel.add_site()
        spool = pegel.app.endpoint.tracker.spool
        assert pegel.get(site).status == 200
        assert pegel.request("GET", "/healthz").status == 200
        eventually(lambda: spool.looked)
        spool.looked = None  # type: ignore[assignment]  # It dies of this after each group.
        for after in range(3):
            assert pegel.get(site, after).status == 200
        health = pegel.request("GET", "/healthz")
        assert (health.status, orjson.loads(health.body)["problem"]) == (503, "spool died: TypeError")
        spool.looked = 0.0
        assert pegel.get(site, 3).status == 200
        assert len(pegel.hits(site)) == 5
