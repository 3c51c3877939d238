"""What `/metrics` tells: true numbers in formats that Prometheus reads, and nothing of anybody."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from math import inf
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import orjson
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from dashboard.tracking_reasons import DROPPED as DROPPED_WORDS
from dashboard.tracking_reasons import REFUSED as REFUSED_WORDS
from ingest.exposition import TYPES, Family, Sample, exposed
from ingest.journal import Journal
from ingest.meter import DROPPED, NANO, REFUSED, STARTED, Meters
from ingest.metrics import FAMILIES
from ingest.watched import Watched, shift_of, taken_by
from sql.registry import Registry
from tests.running import HOST, Answer, Server, eventually, free_port, server
from tests.traces import Remains, found_in, trace_of_address, trace_of_id, trace_of_text, trace_of_user
from tests.tracked import FIREFOX

OPENMETRICS = "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
LATER = {"ping-without-visit", "duplicate-order", "site-gone"}  # Known only when a hit is loaded.

Parse = Callable[[str], Iterable[Metric]]
parse_openmetrics: Parse = openmetrics.text_string_to_metric_families

Labels = tuple[tuple[str, str], ...]
Numbers = dict[tuple[str, Labels], float]


def numbers_in(families: Iterable[Metric]) -> Numbers:
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def scraped(pegel: Server, port: int) -> Numbers:
    return numbers_in(parse_text(pegel.get("/metrics", port).body.decode()))


def of(numbers: Numbers, name: str, **labels: str) -> float:
    return numbers[f"pegel_{name}", tuple(sorted(labels.items()))]


class Running(NamedTuple):
    """A server with its sites, and a second address for its metrics."""

    pegel: Server
    site: int
    token: str
    port: int

    def hit(self, agent: str = FIREFOX, **parameters: object) -> Answer:
        query = {"idsite": self.site, "rec": 1, "url": "https://example.org/", **parameters}
        return self.pegel.get(f"/matomo.php?{urlencode(query)}", User_Agent=agent)

    def numbers(self) -> Numbers:
        return scraped(self.pegel, self.pegel.private_port)

    def gained(self, act: Callable[[], object]) -> Numbers:
        """Return what an action adds to the numbers; what stayed as it was is left out."""
        before = self.numbers()
        act()
        return {key: value - before.get(key, 0) for key, value in self.numbers().items() if value != before.get(key)}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port = free_port()
    environ = {"PEGEL_COLLECTORS": "2", "PEGEL_METRICS_LISTEN": f"{HOST}:{port}"}
    with server(tmp_path_factory.mktemp("metrics"), **environ) as pegel:
        site, token = pegel.add_site(), pegel.add_token("superuser")
        yield Running(pegel.start(), site, token, port)


def test_requests_are_counted_by_what_became_of_them(running: Running) -> None:
    def send() -> None:
        for _ in range(20):  # However they spread over two collectors.
            assert running.hit().status == 200
        assert running.hit(GOOGLEBOT).status == 200
        assert running.hit(rec=0).status == 200
        assert running.hit(cip="203.0.113.7").status == 400
        bulk = orjson.dumps({"requests": [f"?idsite={running.site}&rec=1", "?idsite=77&rec=1", "?rec=1", ""]})
        assert running.pegel.request("POST", "/matomo.php", bulk).status == 200
        assert running.pegel.get("/nowhere").status == 404
        running.pegel.flush()

    gained = running.gained(send)
    hits = {labels: value for (name, labels), value in gained.items() if name == "pegel_hits_total"}
    assert hits == {
        (("outcome", "kept"), ("reason", "")): 21,
        (("outcome", "dropped"), ("reason", "bot")): 1,
        (("outcome", "dropped"), ("reason", "no-rec")): 1,
        (("outcome", "refused"), ("reason", "cip")): 1,
        (("outcome", "refused"), ("reason", "idsite")): 2,
    }
    assert of(gained, "http_requests_total", handler="tracking", status="200") == 23
    assert of(gained, "http_requests_total", handler="tracking", status="400") == 1
    assert of(gained, "http_requests_total", handler="page", status="404") == 1
    assert of(gained, "http_request_duration_seconds_count", handler="tracking") == 24
    assert of(gained, "http_request_duration_seconds_bucket", handler="tracking", le="+Inf") == 24
    assert of(gained, "http_request_duration_seconds_sum", handler="tracking") > 0
    assert of(gained, "senders_total", sender="one-private") == 24
    assert of(gained, "loaded_hits_total") == 21
    assert of(gained, "batch_duration_seconds_count") >= 1


def test_who_hangs_up_before_the_request_is_whole_is_counted(running: Running) -> None:
    def hang_up() -> None:
        before = running.numbers()
        with socket.create_connection((HOST, running.pegel.collect_port)) as connection:
            connection.sendall(b"POST /matomo.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nidsite=1")
        eventually(lambda: gone(running.numbers()) > gone(before))

    assert gone(running.gained(hang_up)) == 1


def gone(numbers: Numbers) -> float:
    return numbers.get(("pegel_http_requests_total", (("handler", "tracking"), ("status", "499"))), 0)


def test_what_is_there_now_is_told(running: Running) -> None:
    running.hit()
    running.pegel.flush()
    numbers = running.numbers()
    assert of(numbers, "sites") == 1
    assert of(numbers, "spool_limit_bytes") == 2_147_483_648
    assert of(numbers, "failed_looks") == 0
    assert 0 < of(numbers, "oldest_salt_seconds") < 3 * 86_400
    assert eventually(lambda: ("pegel_retention_last_run_timestamp_seconds", ()) in running.numbers())
    for name in ("set_aside_records", "load_failures_total", "clickhouse_retries_total", "queries_waiting"):
        assert of(numbers, name) == 0, name
    for process in ("collector-1", "collector-2", "core", "metrics"):
        assert of(numbers, "process_open_fds", process=process) < of(numbers, "process_max_fds", process=process)
        assert of(numbers, "process_resident_memory_bytes", process=process) > 1_000_000


def test_both_formats_say_the_same_at_both_addresses(running: Running) -> None:
    texts = [
        running.pegel.get("/metrics", port, Accept=accept)
        for port in (running.pegel.private_port, running.port)
        for accept in ("text/plain", OPENMETRICS)
    ]
    kinds = [answer.headers["content-type"] for answer in texts]
    assert kinds == [TYPES[False], TYPES[True]] * 2
    found = [
        {name for name, _ in numbers_in((parse_text, parse_openmetrics)[number % 2](answer.body.decode()))}
        for number, answer in enumerate(texts)
    ]
    assert found[0] == found[1]
    assert (
        found[2] == found[3] == found[0] - {f"pegel_queries_{end}" for end in ("running", "waiting", "refused_total")}
    )
    families: Iterable[Metric] = parse_openmetrics(texts[1].body.decode())
    assert {family.name.removeprefix("pegel_") for family in families} == {*FAMILIES}


def test_who_comes_through_a_proxy_gets_none(running: Running) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        assert running.pegel.get("/metrics", running.pegel.private_port, **{header: "203.0.113.7"}).status == 404
    assert running.pegel.get("/metrics").status == 404  # The public address has none for anybody.


def test_a_collector_that_is_killed_forgets_nothing(running: Running) -> None:
    running.hit()
    before = running.numbers()
    running.pegel.kill_worker("collector-1")
    running.pegel.kill_worker("collector-2")
    after = running.numbers()
    assert of(after, "hits_total", outcome="kept", reason="") == of(before, "hits_total", outcome="kept", reason="")
    assert of(after, "process_restarts_total", process="collector-1") == 1
    assert of(after, "process_restarts_total", process="core") == 0


def test_nothing_of_anybody_is_told(running: Running) -> None:
    visitor, agent = "1234567890abcdef", "SecretBrowser/7.5"
    told = {
        "token_auth": running.token, "cip": "198.51.100.77", "_id": visitor, "uid": "anna@example.org",
        "url": "https://example.org/secret-page?key=secret-key", "urlref": "https://secret-referrer.example/",
        "action_name": "Secret title", "e_c": "secret-category", "e_a": "secret-action", "search": "secret-word",
    }  # fmt: skip
    running.hit(agent, **told)
    running.hit(agent, **{**told, "token_auth": "0" * 32})
    running.hit(agent, **told | {"idsite": 4711, "secret-parameter": "x", "cdt": "secret-time"})
    running.pegel.get("/secret-page")
    running.pegel.get("/index.php?module=API&method=Secret.method&token_auth=secret-token", running.pegel.private_port)
    running.pegel.flush()
    traces = {
        "address": trace_of_address("198.51.100.77"),
        "visitor": trace_of_id(visitor),
        "user": trace_of_user("anna@example.org"),
        "token": trace_of_text(running.token),
        "anything": trace_of_text("secret"),
        "site": trace_of_text("example"),
        "unknown site": trace_of_text("4711"),
    }
    remains = Remains()
    for accept in ("text/plain", OPENMETRICS):
        remains.add(accept, running.pegel.get("/metrics", running.pegel.private_port, Accept=accept).body)
    assert found_in(remains, traces) == {}
    assert found_in(remains, {"control": trace_of_text("collector-1")}) != {}


def test_collectors_apart_tell_what_they_counted(tmp_path: Path) -> None:
    port = free_port()
    with server(tmp_path, "collect", PEGEL_COLLECTORS="1", PEGEL_METRICS_LISTEN=f"{HOST}:{port}") as pegel:
        site = pegel.add_site()
        pegel.start()
        assert pegel.get(f"/matomo.php?idsite={site}&rec=1").status == 200
        eventually(lambda: pegel.get("/metrics", port).status == 200)
        numbers = scraped(pegel, port)
        assert of(numbers, "hits_total", outcome="kept", reason="") == 1
        assert of(numbers, "spool_bytes") > 0
        assert ("pegel_oldest_unloaded_seconds", ()) not in numbers  # Nobody here knows.
        assert pegel.stop() == 0


def test_every_reason_has_a_number_of_its_own() -> None:
    assert {*DROPPED} == DROPPED_WORDS.keys() - LATER
    assert {*REFUSED} == {*REFUSED_WORDS}


@pytest.mark.parametrize(
    ("reason", "labels"),
    [
        pytest.param("bot", ("dropped", "bot"), id="known"),
        pytest.param("refused:cip,cdt", ("refused", "cip"), id="two-parameters"),
        pytest.param("refused:what-a-visitor-wrote", ("refused", "other"), id="unknown-parameter"),
        pytest.param("what-a-visitor-wrote", ("dropped", "other"), id="unknown-reason"),
    ],
)
def test_labels_are_bounded(tmp_path: Path, reason: str, labels: tuple[str, str]) -> None:
    meters = Meters()
    meters.of("collector-1").decided(2, {reason: 3})
    samples = {sample.values: sample.value for sample in watched(tmp_path, meters).counted() if sample.family == "hits"}
    assert {values: value for values, value in samples.items() if value} == {("kept", ""): 2, labels: 3}


def watched(data: Path, meters: Meters) -> Watched:
    with closing(Registry(data / "registry.sqlite")) as registry:
        return Watched(meters, data / "spool", 1_000_000, data / "loader.sqlite", registry)


def test_an_answer_lies_between_its_bounds(tmp_path: Path) -> None:
    meters = Meters()
    for seconds in (0.0, 0.25, 0.26, 1000.0):
        meters.of("core").loaded(10, seconds)
    family = [sample for sample in watched(tmp_path, meters).counted() if sample.family == "batch_duration_seconds"]
    counts = {sample.values[-1]: sample.value for sample in family if sample.suffix == "_bucket"}
    assert (counts["0.1"], counts["0.25"], counts["0.5"], counts["300.0"], counts["+Inf"]) == (1, 2, 3, 3, 4)
    assert [sample.value for sample in family if sample.suffix in ("_count", "_sum")] == [4, 1000.51]


def test_what_cannot_be_looked_at_is_counted(tmp_path: Path, registry: Registry) -> None:
    with closing(Journal(tmp_path / "loader.sqlite")) as journal:
        journal.connection.execute("insert into set_aside (batch, reason, record) values (1, 'KeyError', x'00')")
    meters = Meters()
    meters.of("core")
    seen = Watched(meters, tmp_path / "spool", 1_000_000, tmp_path / "loader.sqlite", registry)
    assert {s.family: s.value for s in seen.samples()}["set_aside_records"] == 1
    (tmp_path / "loader.sqlite").write_bytes(b"no database " * 1000)
    found = {s.family: s.value for s in seen.samples()}
    assert (found["failed_looks"], found["sites"], "set_aside_records" in found) == (1, 0, False)


def test_a_clock_that_was_set_is_seen() -> None:
    meter = Meters().of("core")
    meter.started(1)
    started, ticks = meter.numbers[STARTED], meter.numbers[STARTED + 1]
    assert abs(shift_of(started, ticks)) < 60
    assert 3540 < shift_of(started - 3600 * NANO, ticks) < 3660


def test_a_process_that_is_gone_takes_nothing() -> None:
    with pytest.raises(OSError, match="No such"):
        taken_by(1 << 30)


def test_values_of_labels_cannot_break_out() -> None:
    families = {"a": Family("gauge", "Help.", ("name",)), "b": Family("gauge", "Help.")}
    samples = [Sample("a", 1.5, ('x"} 1\n\\',)), Sample("b", inf)]
    for accept, parse in (("", parse_text), (OPENMETRICS, parse_openmetrics)):
        found = numbers_in(parse(exposed(families, samples, accept).text))
        assert found == {("pegel_a", (("name", 'x"} 1\n\\'),)): 1.5, ("pegel_b", ()): inf}
