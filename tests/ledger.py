"""What clients know of their hits, and whether the tables agree: no answered hit is missing, none is there twice."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address
from itertools import count, islice
from typing import NamedTuple
from urllib.parse import urlencode

from sql.clickhouse import Database
from tests.running import HOST, PATIENCE, Answer, Server, eventually, rows
from tests.tracked import FIREFOX

CLIENTS = 8
NUMBERS = count(5000)  # Of clients, and of sites where several tests share a ClickHouse.
# Nobody's: networks for documentation. Every second client has an IPv6 address.
IPV4 = [IPv4Address("198.51.177.201") + number for number in range(4)]
IPV6 = [IPv6Address("2001:db8:7a3c:9d15:be46:20f7:c58e:6b91") + number for number in range(4)]
ADDRESSES = [str(address) for pair in zip(IPV4, IPV6, strict=True) for address in pair]


class Ledger:
    """What clients know: which pages were answered, and which may or may not have been counted."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.answered: set[str] = set()

    def __len__(self) -> int:
        return len(self.answered)

    def reaches(self, number: int) -> None:
        """Wait until so many hits have been answered."""
        deadline = time.monotonic() + PATIENCE
        while len(self) < number:
            assert time.monotonic() < deadline, f"{len(self)} of {number} hits were answered"
            time.sleep(0.002)


class Client:
    """A visitor's browser, or a program, behind a trusted proxy; a hit whose connection breaks is not sent again."""

    def __init__(self, running: Server, site: int, ledger: Ledger, number: int) -> None:
        self.port = running.collect_port
        self.site = site
        self.ledger = ledger
        self.name = f"example.org/client-{next(NUMBERS)}"
        self.headers = {"User-Agent": FIREFOX, "X-Forwarded-For": ADDRESSES[number % len(ADDRESSES)]}
        self.numbers = count()
        self.connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)

    def pages(self, number: int) -> list[str]:
        """Return page names that nobody else uses."""
        return [f"{self.name}/{page}" for page in islice(self.numbers, number)]

    def send_pages(self, number: int) -> None:
        for page in self.pages(number):
            query = urlencode({"idsite": self.site, "rec": 1, "url": f"https://{page}", "send_image": 0})
            self.send([page], "GET", f"/matomo.php?{query}")

    def send_until(self, stop: threading.Event) -> None:
        """Send one view after another until told to stop."""
        while not stop.wait(0.005):
            self.send_pages(1)

    def send_bulks(self, token: str, stop: threading.Event) -> None:
        """Send bulk requests until told to stop; their hits lie in many months, and so in many parts of a table."""
        address = self.headers["X-Forwarded-For"]
        now = datetime.now(UTC)
        while not stop.wait(0.02):
            pages = self.pages(20)
            given = [
                {
                    "idsite": self.site,
                    "rec": 1,
                    "url": f"https://{page}",
                    "cip": address,
                    "cdt": days_before(now, index),
                }
                for index, page in enumerate(pages)
            ]
            requests = [f"?{urlencode(each)}" for each in given]
            body = json.dumps({"requests": requests, "token_auth": token}).encode()
            self.send(pages, "POST", "/matomo.php", body)

    def send(self, pages: list[str], method: str, target: str, body: bytes | None = None) -> None:
        """Send one request and note what became of it."""
        self.connect()
        self.ledger.sent.update(pages)
        try:
            self.connection.request(method, target, body, self.headers)
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            self.connection.close()
            return
        assert response.status < 300, response.status
        assert not answer or json.loads(answer)["invalid"] == 0
        self.ledger.answered.update(pages)

    def connect(self) -> None:
        if self.connection.sock is None:
            eventually(self.connected)

    def connected(self) -> bool:
        try:
            self.connection.connect()
        except OSError:
            return False
        return True


def days_before(now: datetime, index: int) -> str:
    return str(int((now - timedelta(days=17 * index)).timestamp()))


@contextmanager
def clients(running: Server, site: int, ledger: Ledger, number: int = CLIENTS) -> Iterator[list[Client]]:
    made = [Client(running, site, ledger, n) for n in range(number)]
    try:
        yield made
    finally:
        for client in made:
            client.connection.close()


@contextmanager
def bulk_load(running: Server, site: int, token: str, ledger: Ledger) -> Iterator[None]:
    """Keep clients sending bulk requests."""
    stop = threading.Event()
    with clients(running, site, ledger, 4) as made, ThreadPoolExecutor(len(made)) as pool:
        done = [pool.submit(client.send_bulks, token, stop) for client in made]
        try:
            yield
        finally:
            stop.set()
        for each in done:
            each.result()


def send_bulk(pegel: Server, site: int, token: str, ledger: Ledger) -> Answer:
    pages = [f"example.org/{len(ledger.sent) + number}" for number in range(100)]
    ledger.sent.update(pages)
    requests = [f"?{urlencode({'idsite': site, 'rec': 1, 'url': f'https://{page}'})}" for page in pages]
    body = json.dumps({"requests": requests, "token_auth": token}).encode()
    answer = pegel.request("POST", "/matomo.php", body)
    if answer.status == 200:
        ledger.answered.update(pages)
    return answer


class Balance(NamedTuple):
    """How the tables compare with what clients know."""

    sent: int
    answered: int
    missing: int  # Answered and not counted.
    repeated: int  # Counted more than once.
    invented: int  # Counted and never sent.
    unanswered: int  # Counted though the answer did not arrive: whoever sent them could not know.
    consistent: bool  # Hits, visits and counters tell the same.

    @property
    def extra(self) -> int:
        return self.repeated + self.invented


def balance_of(database: Database, site: int, ledger: Ledger) -> Balance:
    """Compare all three tables with what the clients know, and with each other."""
    pages = [row["page"] for row in rows(database, f"select page from hits where site = {site}")]
    counted = set(pages)
    (visits,) = rows(database, f"select sum(actions) as actions, count() as n from visits final where site = {site}")
    (hits,) = rows(database, f"select count() as n, uniqExact(visit) as visits from hits where site = {site}")
    (kept,) = rows(database, f"select sum(hits) as n from counters where site = {site} and outcome = 'kept'")
    return Balance(
        sent=len(ledger.sent),
        answered=len(ledger),
        missing=len(ledger.answered - counted),
        repeated=len(pages) - len(counted),
        invented=len(counted - ledger.sent),
        unanswered=len((counted & ledger.sent) - ledger.answered),
        consistent=(visits["actions"], visits["n"], kept["n"]) == (hits["n"], hits["visits"], hits["n"]),
    )


def assert_counted_once(database: Database, site: int, ledger: Ledger) -> None:
    """Let no answered hit be missing, and none be there twice."""
    balance = balance_of(database, site, ledger)
    assert (balance.missing, balance.extra, balance.consistent) == (0, 0, True), balance
