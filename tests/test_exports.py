"""Files: all rows of a question, and visits and hits one by one, whole, in order, and to be taken up again."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from httpx2 import Response

from dashboard.settings import Settings
from dashboard.v1.writing import BrokenOff
from sql.clickhouse import Database, Limits, Reading
from tests.administered import Api, World, administered
from tests.conftest import Values, emptied, hit_row, insert_rows, visit_row

NOON = datetime(2026, 5, 13, 10, tzinfo=UTC)  # In Berlin.
DAY: dict[str, Any] = {"site": 1, "period": "day", "date": "2026-05-13"}
MONTH: dict[str, Any] = {"site": 1, "period": "month", "date": "2026-05-13"}
LONE = {"user_id": "anna", "visitor": 0xABC, "variables": {"1": ("Plan", "gold")}, "dimensions": {"1": "blue"}}

Row = dict[str, Any]


def visit(number: int, started: datetime, **changes: object) -> Values:
    return visit_row(id=number, started=started, **{"visitor": number, **changes})


def hit(number: int, at: datetime, **changes: object) -> Values:
    return hit_row(id=number, visit=1, at=at, **{"sequence": number, **changes})


VISITS = [
    visit(3, NOON, country="=1+1", goals=[1, 2]),
    visit(2, NOON, country="de", city='Zürich, "Stadt"\n'),  # At the same moment: its id decides.
    visit(1, NOON - timedelta(hours=1), **LONE),
    visit(4, NOON + timedelta(hours=1), country="-5", region="-cmd"),
    visit(5, datetime(2026, 5, 12, 21, 59, 30, tzinfo=UTC), duration=60),  # Ends on the 13th.
    visit(6, datetime(2026, 5, 2, tzinfo=UTC)),
    visit(7, NOON, site=2),
]
HITS = [
    hit(2, NOON, title="=HYPERLINK(1)", search_count=3),
    hit(1, NOON, page="example.org/ä", prefix=0),
    hit(3, NOON, sequence=1, page="", prefix=255),  # Came together with the one before.
    hit(4, NOON + timedelta(milliseconds=1), event_value=-1.5, visitor=0xABC),
    hit(5, datetime(2026, 5, 2, tzinfo=UTC)),
    hit(6, NOON, site=2),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "visits", VISITS)
    insert_rows(database, "hits", HITS)
    yield database
    emptied(database)


@dataclass(frozen=True, slots=True)
class Getter:
    """Asks as one of the holders of tokens."""

    api: Api

    def __call__(self, path: str, token: str = "admin", **query: object) -> Response:
        headers = {"Authorization": f"Bearer {self.api.tokens[token]}"}
        return self.api.client.get(f"/api/v1/{path}", params={k: str(v) for k, v in query.items()}, headers=headers)


@pytest.fixture
def get(
    request: pytest.FixtureRequest, filled: Database, administered_world: World, tmp_path: Path
) -> Iterator[Getter]:
    """A dashboard in which a question may have so many rows as its answer: files are written in batches of that."""
    settings = Settings(query_rows=getattr(request, "param", 1_000_000))
    with administered(administered_world, tmp_path, filled, settings) as api:
        yield Getter(api)


def in_batches_of(*rows: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("get", rows, indirect=True)


def lines(answer: Response) -> list[Row]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def table(answer: Response) -> pa.Table:
    assert answer.status_code == 200, answer.text
    return pa.ipc.open_stream(answer.content).read_all()


@in_batches_of(2)
def test_all_rows_as_csv(get: Getter) -> None:
    answer = get("export", metrics="nb_visits,bounce_rate", dimensions="countryCode", order="countryCode", **DAY)
    assert answer.headers["X-Total-Rows"] == "4"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="pegel-numbers-1-2026-05-13-2026-05-13.csv"' in answer.headers["Content-Disposition"]
    assert answer.text.splitlines() == [
        "countryCode,nb_visits,bounce_rate",
        "-5,1,1.0",
        "'=1+1,1,1.0",
        "ch,2,1.0",
        "de,1,1.0",
    ]


@in_batches_of(2)
def test_all_rows_as_arrow(get: Getter) -> None:
    asked = {"metrics": "nb_visits,bounce_rate", "dimensions": "countryCode,hourOfDay", "format": "arrow", **DAY}
    found = table(get("export", order="countryCode,hourOfDay", **asked))
    assert [(field.name, str(field.type)) for field in found.schema] == [
        ("countryCode", "string"),
        ("hourOfDay", "int64"),
        ("nb_visits", "int64"),
        ("bounce_rate", "double"),
    ]
    assert found.column("countryCode").to_pylist() == ["-5", "=1+1", "ch", "ch", "de"]
    assert found.column("hourOfDay").to_pylist() == [13, 12, 0, 11, 12]


def test_a_file_of_nothing(get: Getter) -> None:
    nothing: Row = {"site": 1, "period": "day", "date": "2026-01-01", "format": "csv"}
    assert get("export", metrics="nb_visits", dimensions="city", **nothing).text == "city,nb_visits\r\n"
    assert get("raw/hits", **nothing).text.startswith("hit,of_visit,visitor_id,at,action,url,title,")
    arrow = table(get("raw/visits", **{**nothing, "format": "arrow"}))
    assert (arrow.num_rows, arrow.column_names[:3]) == (0, ["visit", "visitor_id", "user"])
    assert get("raw/visits", **{**nothing, "format": "ndjson"}).content == b""


def test_few_visitors_are_one_row_of_a_file(get: Getter) -> None:
    site = get.api.registry.site(1)
    get.api.registry.update_site(replace(site, fewest_visitors=2))
    answer = get("export", metrics="nb_visits", dimensions="countryCode", **DAY)
    assert answer.text.splitlines() == ["countryCode,nb_visits,folded", "ch,2,0", ",3,1"]
    refused = get("raw/hits", **DAY)
    assert (refused.status_code, refused.json()["error"]["parameter"]) == (403, "site")
    assert "2 visitors" in refused.json()["error"]["message"]


@in_batches_of(1, 2, 3, 10_000)
def test_every_visit_in_order(get: Getter) -> None:
    answer = get("raw/visits", **DAY)
    found = lines(answer)
    assert [int(row["visit"], 16) for row in found] == [5, 1, 2, 3, 4]
    assert answer.headers["X-Total-Rows"] == "5"
    assert [int(row["visit"], 16) for row in lines(get("raw/visits", **MONTH))] == [6, 5, 1, 2, 3, 4]
    one = found[1]
    assert (one["user"], one["visitor_id"], one["address"]) == ("anna", "0000000000000abc", "203.0.0.0")
    assert (one["started"], one["entry_url"]) == ("2026-05-13T09:00:00.000Z", "https://example.org/")
    assert (one["dimensions"], one["custom_variables"], one["goals"]) == ({"1": "blue"}, {"1": "Plan=gold"}, [])


@in_batches_of(1, 2, 3, 10_000)
def test_every_hit_in_order(get: Getter) -> None:
    answer = get("raw/hits", **DAY)
    found = lines(answer)
    assert [int(row["hit"], 16) for row in found] == [1, 3, 2, 4]
    assert answer.headers["X-Total-Rows"] == "4"
    assert [row["url"] for row in found] == ["http://example.org/ä", "", "https://example.org/", "https://example.org/"]
    assert (found[3]["at"], found[3]["event_value"]) == ("2026-05-13T10:00:00.001Z", -1.5)


@pytest.mark.parametrize("what", ["visits", "hits"])
def test_a_file_is_taken_up_after_any_row(get: Getter, what: str) -> None:
    whole = lines(get(f"raw/{what}", **MONTH))
    for number, row in enumerate(whole, 1):
        rest = get(f"raw/{what}", cursor=row["cursor"], **MONTH)
        assert lines(rest) == whole[number:]
        assert rest.headers["X-Total-Rows"] == str(len(whole) - number)


@in_batches_of(2)
def test_how_far_it_is(get: Getter) -> None:
    found = lines(get("raw/visits", progress="true", **DAY))
    told = [line["progress"] for line in found if "progress" in line]
    assert [(line["rows"], line["total"]) for line in told][-1] == (5, 5)
    assert [line["rows"] for line in told] == sorted(line["rows"] for line in told)
    assert told[-1]["cursor"] is None
    after_first = lines(get("raw/visits", cursor=told[0]["cursor"], **DAY))
    assert after_first == [line for line in found if "progress" not in line][told[0]["rows"] :]


@in_batches_of(2)
def test_raw_rows_as_csv_and_arrow(get: Getter) -> None:
    rows = list(csv.DictReader(io.StringIO(get("raw/visits", format="csv", **DAY).text, newline="")))
    assert [row["country"] for row in rows] == ["ch", "ch", "de", "'=1+1", "-5"]
    assert rows[4]["region"] == "'-cmd"
    assert rows[2]["city"] == 'Zürich, "Stadt"\n'
    assert rows[1]["dimensions"] == '{"1": "blue"}'
    assert rows[3]["goals"] == "[1, 2]"
    arrow = table(get("raw/hits", format="arrow", **DAY))
    assert arrow.column("title").to_pylist() == ["Home", "Home", "=HYPERLINK(1)", "Home"]
    assert str(arrow.schema.field("at").type) == "timestamp[ms, tz=UTC]"


def test_a_part_of_the_visits(get: Getter) -> None:
    assert [row["country"] for row in lines(get("raw/visits", filters="countryCode==de", **DAY))] == ["de"]
    assert len(lines(get("raw/hits", filters="userId==anna", **DAY))) == 4  # All are of that visit.
    assert lines(get("raw/hits", filters="countryCode==de", **DAY)) == []


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        pytest.param({"cursor": "5"}, "cursor", id="cursor-of-one-number"),
        pytest.param({"cursor": f"1-1-{2**64}"}, "cursor", id="cursor-too-large"),
        pytest.param({"cursor": "1-1-1 or 1"}, "cursor", id="cursor-with-more"),
        pytest.param({"format": "parquet"}, "format", id="unknown-format"),
        pytest.param({"format": "csv", "progress": "1"}, "progress", id="progress-in-csv"),
        pytest.param({"limit": "5"}, "limit", id="unknown-parameter"),
    ],
)
def test_a_bad_wish_is_refused(get: Getter, given: Row, parameter: str) -> None:
    answer = get("raw/visits", **DAY, **given)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, parameter)


class Failing(Database):
    """A database that goes away after so many batches."""

    def __init__(self, database: Database, batches: int) -> None:
        super().__init__(database.access)
        self._clients, self.left = database._clients, batches

    def reading(self, limits: Limits) -> Reading:
        self.left -= 1
        return Reading(self, replace(limits, seconds=limits.seconds if self.left >= 0 else 0))


@pytest.mark.parametrize("path", ["raw/visits", "raw/hits", "export"])
def test_a_part_never_seems_whole(administered_world: World, tmp_path: Path, filled: Database, path: str) -> None:
    """What breaks on the way breaks the connection, in a real server too: see `pegel export`."""
    dimensions = {"metrics": "nb_visits", "dimensions": "countryCode"} if path == "export" else {}
    for batches in (2, 3):
        failing = Failing(filled, batches)
        with administered(administered_world, tmp_path, failing, Settings(query_rows=1)) as api:
            headers = {"Authorization": f"Bearer {api.tokens['admin']}"}
            with pytest.raises(BrokenOff):
                api.client.get(f"/api/v1/{path}", params={**DAY, **dimensions}, headers=headers)


def test_many_rows_take_little_memory(get: Getter, filled: Database) -> None:
    """A hundred thousand hits pass through, of which only some are held at any time."""
    many = [hit(1000 + number, NOON + timedelta(days=300, seconds=number % 50_000)) for number in range(100_000)]
    insert_rows(filled, "hits", many)
    headers = {"Authorization": f"Bearer {get.api.tokens['admin']}"}
    query = {"site": "1", "from": "2027-03-01", "to": "2027-03-31"}
    tracemalloc.start()
    try:
        with get.api.client.stream("GET", "/api/v1/raw/hits", params=query, headers=headers) as answer:
            seen = sum(len(piece) for piece in answer.iter_raw())
            assert answer.headers["X-Total-Rows"] == "100000"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen > 1_000_000
    assert peak < 60_000_000
