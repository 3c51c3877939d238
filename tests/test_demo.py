"""The demo's visitors are believable, the same for the same seed, and reach a collector as real ones would."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from random import Random
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.demo import Collector, DemoError, history, in_order, live_visits, send_history, trickle
from ingest.demo_people import PING_AFTER, Audience, Hit, Moment
from tests.conftest import NOW
from tests.tracked import Tracked

SITE = "https://demo.example"
DAYS = 28
ALWAYS = {"url", "action_name", "_id", "pv_id", "cdt", "cip", "ua", "lang", "res", "h", "m", "s"}
TOKEN = "0123456789abcdef0123456789abcdef"


class Received(NamedTuple):
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, list[str]]
    agent: str
    body: bytes
    client: tuple[str, int]


class Sink(ThreadingHTTPServer):
    """Stands where a collector would be; keeps what comes and gives the answers it was told, then good ones."""

    def __init__(self, answers: list[tuple[int, bytes]], enough: int) -> None:
        super().__init__(("127.0.0.1", 0), SinkHandler)
        self.received: list[Received] = []
        self.answers = answers
        self.enough = enough
        self.full = Event()

    @property
    def collector(self) -> Collector:
        return Collector(f"http://127.0.0.1:{self.server_port}", site=3, token=TOKEN)

    def take(self, request: Received) -> tuple[int, bytes]:
        self.received.append(request)
        if len(self.received) >= self.enough:
            self.full.set()
        return self.answers.pop(0) if self.answers else (200, b'{"status":"success","tracked":1,"invalid":0}')


class SinkHandler(BaseHTTPRequestHandler):
    """Reads one request after another from a connection that stays open."""

    protocol_version = "HTTP/1.1"
    server: Sink

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = parse_qs(parts.query)
        agent = self.headers.get("User-Agent", "")
        status, answer = self.server.take(Received(self.command, parts.path, query, agent, body, self.client_address))
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def a_sink(*answers: tuple[int, bytes], enough: int = 1) -> Iterator[Sink]:
    with Sink(list(answers), enough) as sink:
        thread = Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def hits() -> list[Hit]:
    return list(history(1, SITE, DAYS, NOW))


def times(hits: list[Hit]) -> list[datetime]:
    return [datetime.fromtimestamp(int(hit["cdt"]), UTC) for hit in hits]


def share(counts: Counter[str], name: str) -> float:
    return counts[name] / counts.total()


def test_history_is_the_same_for_the_same_seed(hits: list[Hit]) -> None:
    assert list(islice(history(1, SITE, DAYS, NOW), 500)) == hits[:500]
    assert list(islice(history(2, SITE, DAYS, NOW), 500)) != hits[:500]


def test_every_hit_has_what_a_report_needs(hits: list[Hit]) -> None:
    assert [hit for hit in hits if ALWAYS - hit.keys()] == []
    assert [value for hit in hits for value in hit.values() if not value] == []
    assert {urlsplit(hit["url"])[:2] for hit in hits} == {("https", "demo.example")}


def test_history_is_in_order_and_within_its_days(hits: list[Hit]) -> None:
    moments = times(hits)
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert moments[0] >= NOW - timedelta(days=DAYS)
    assert moments[-1] < NOW
    assert moments[-1] > NOW - timedelta(hours=1), "somebody was here just now"


@pytest.mark.parametrize(
    ("parameter", "least", "most_common_below"),
    [
        pytest.param("url", 40, 0.25, id="pages"),
        pytest.param("action_name", 40, 0.25, id="titles"),
        pytest.param("urlref", 40, 0.35, id="referrers"),
        pytest.param("ua", 20, 0.25, id="browsers"),
        pytest.param("lang", 20, 0.40, id="languages"),
        pytest.param("res", 15, 0.25, id="screens"),
        pytest.param("search", 8, 0.35, id="searches"),
        pytest.param("e_c", 4, 0.80, id="events"),
        pytest.param("link", 3, 0.80, id="outlinks"),
        pytest.param("download", 4, 0.50, id="downloads"),
    ],
)
def test_history_is_varied(hits: list[Hit], parameter: str, least: int, most_common_below: float) -> None:
    counts = Counter(hit[parameter] for hit in hits if parameter in hit)
    assert len(counts) >= least
    assert counts.most_common(1)[0][1] / counts.total() < most_common_below


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("google.com", id="search-engine"),
        pytest.param("instagram.com", id="social-network"),
        pytest.param("chatgpt.com", id="assistant"),
        pytest.param("outdoor-blog.example", id="website"),
    ],
)
def test_people_come_from_everywhere(hits: list[Hit], wanted: str) -> None:
    assert [hit for hit in hits if wanted in hit.get("urlref", "")]


@pytest.mark.parametrize("wanted", ["mtm_campaign=newsletter", "utm_campaign=canoes"])
def test_campaigns_are_in_landing_pages(hits: list[Hit], wanted: str) -> None:
    assert [hit for hit in hits if wanted in hit["url"]]


def test_days_have_the_shape_of_a_week_that_grows(hits: list[Hit]) -> None:
    moments = times(hits)
    hours = Counter(f"{moment.hour}" for moment in moments)
    weekdays = Counter(f"{moment:%a}" for moment in moments)
    weeks = Counter((NOW - moment).days // 7 for moment in moments)
    assert share(hours, "19") > 4 * share(hours, "3")
    assert share(weekdays, "Sun") > share(weekdays, "Tue")
    assert weeks[0] > weeks[3] * 1.15


def test_people_stay_and_come_back_as_people_do() -> None:
    audience = Audience(Random(1), SITE)
    visits = [audience.visit(NOW) for _ in range(3000)]
    bounces = sum(len(visit) == 1 for visit in visits) / len(visits)
    people = {visit[0].hit["_id"] for visit in visits}
    assert 0.4 < bounces < 0.5
    assert 0.6 < len(people) / len(visits) < 0.85
    assert max(len(visit) for visit in visits) > 8


def test_within_a_visit_each_page_refers_to_the_one_before() -> None:
    audience = Audience(Random(4), SITE)
    visit = next(visit for visit in iter(lambda: audience.visit(NOW), None) if len(visit) > 3)
    views = [moment.hit for moment in visit if "ca" not in moment.hit]
    assert [after["urlref"] for after in views[1:]] == [before["url"] for before in views[:-1]]
    assert len({moment.hit["_id"] for moment in visit}) == 1


def test_overlapping_visits_come_in_order() -> None:
    def moment(minute: int) -> Moment:
        return Moment(NOW + timedelta(minutes=minute), {"minute": str(minute)})

    visits = [[moment(0), moment(3), moment(9)], [moment(1), moment(2)], [moment(3), moment(4)]]
    assert [found.hit["minute"] for found in in_order(visits)] == ["0", "1", "2", "3", "3", "4", "9"]


def test_history_is_sent_in_bulk_over_one_connection(hits: list[Hit]) -> None:
    told: list[int] = []
    with a_sink() as sink:
        assert send_history(sink.collector, hits[:250], told.append) == 250
    bodies = [json.loads(request.body) for request in sink.received]
    assert told == [100, 200, 250]
    assert [len(body["requests"]) for body in bodies] == [100, 100, 50]
    assert {body["token_auth"] for body in bodies} == {TOKEN}
    assert {(request.method, request.path) for request in sink.received} == {("POST", "/matomo.php")}
    assert len({request.client for request in sink.received}) == 1
    sent = [decoded(entry) for body in bodies for entry in body["requests"]]
    assert sent == [hit | {"idsite": "3", "rec": "1"} for hit in hits[:250]]


def decoded(entry: str) -> Hit:
    return {name: values[0] for name, values in parse_qs(entry.removeprefix("?"), strict_parsing=True).items()}


def test_a_full_collector_is_asked_again(hits: list[Hit]) -> None:
    with a_sink((503, b""), (503, b"")) as sink:
        assert send_history(sink.collector, hits[:10], lambda _: None) == 10
    assert len({request.body for request in sink.received}) == 1
    assert len(sink.received) == 3


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((400, b"{}"), id="refused"),
        pytest.param((200, b'{"status":"success","tracked":9,"invalid":1}'), id="one-hit-invalid"),
    ],
)
def test_a_collector_that_refuses_is_an_error_without_the_token(hits: list[Hit], answer: tuple[int, bytes]) -> None:
    with a_sink(answer) as sink, pytest.raises(DemoError, match="expected 200") as caught:
        send_history(sink.collector, hits[:10], lambda _: None)
    assert TOKEN not in str(caught.value)


def test_a_collector_that_is_away_is_an_error(hits: list[Hit]) -> None:
    with a_sink() as sink:
        collector = sink.collector
    with pytest.raises(DemoError, match="does not answer after 0 hits"):
        send_history(collector, hits[:10], lambda _: None)


def test_a_trickle_looks_like_browsers() -> None:
    stop = Event()
    with a_sink(enough=20) as sink:
        thread = Thread(target=trickle, args=(sink.collector, Audience(Random(1), SITE), 2000.0, stop))
        thread.start()
        sink.full.wait(timeout=30)
        stop.set()
        thread.join()
    assert len(sink.received) >= 20
    for request in sink.received:
        assert (request.method, request.path, request.body) == ("GET", "/matomo.php", b"")
        assert request.agent.startswith("Mozilla/5.0 (")
        assert request.query.keys() >= {"idsite", "rec", "url", "_id", "h", "m", "s", "rand", "cip"}
        assert request.query["send_image"] == ["0"]
        assert not request.query.keys() & {"ua", "lang", "cdt"}


def test_a_trickle_outlives_its_collector(caplog: pytest.LogCaptureFixture) -> None:
    with a_sink() as sink:
        collector = sink.collector
    stop = Event()
    thread = Thread(target=trickle, args=(collector, Audience(Random(1), SITE), 2000.0, stop))
    thread.start()
    while len(caplog.records) < 3:
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert TOKEN not in caplog.text


def test_whoever_stays_longer_sends_pings() -> None:
    visits = list(islice(live_visits(Audience(Random(1), SITE), NOW, rate=4.0), 500))
    pings = [(before, ping) for visit in visits for before, ping in pairwise(visit) if "ping" in ping.hit]
    assert len(pings) > 100
    for before, ping in pings:
        assert ping.at - before.at == PING_AFTER
        assert ping.hit["url"] == before.hit["url"]
        assert not ping.hit.keys() & {"search", "e_c", "link", "download"}
    assert 2.0 < len([moment for visit in visits for moment in visit]) / (visits[-1][0].at - NOW).total_seconds() < 6.0


def test_a_real_collector_keeps_every_hit(pegel: Tracked) -> None:
    site, token = pegel.add_site(urls=(SITE,)), pegel.token()
    pegel.now = NOW
    hits = list(history(1, SITE, 2, NOW))
    send_history(Collector(f"http://127.0.0.1:{pegel.port}", site.id, token), hits, lambda _: None)
    visits = pegel.visits(site)
    assert len(pegel.hits(site)) == len(hits)
    assert {visit["referrer_type"] for visit in visits} == {
        "direct",
        "search",
        "social",
        "assistant",
        "website",
        "campaign",
    }
    assert len({visit["browser"] for visit in visits}) > 5
    assert {"desktop", "smartphone", "tablet"} <= {visit["device_type"] for visit in visits}
