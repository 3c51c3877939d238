"""What a visit does again: hits that count no further visit for their page, file, link or keyword."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sql.clickhouse import Database
from sql.schema import numbered
from tests.conftest import hit_row, insert_rows
from tests.tracked import VISITOR, Tracked, tracked

A, B = "https://example.org/a", "https://example.org/b"
FILE = "https://example.org/a.pdf"


@pytest.fixture
def pegel(tmp_path: Path, clean_database: Database) -> Iterator[Tracked]:
    with tracked(tmp_path, clean_database) as pegel:
        yield pegel


def test_a_hit_says_whether_its_visit_did_this_before(pegel: Tracked) -> None:
    site = pegel.add_site()
    sent: tuple[tuple[dict[str, object], int], ...] = (
        ({"url": A}, 1),
        ({"url": B}, 1),
        ({"url": "http://www.example.org/a"}, 0),  # The same page.
        ({"url": A, "e_c": "Video", "e_a": "play"}, 1),
        ({"url": A, "e_c": "Video", "e_a": "stop"}, 0),
        ({"url": A, "download": FILE}, 1),
        ({"url": B, "download": FILE}, 0),
        ({"url": A, "link": FILE}, 1),
        ({"url": A, "search": "shoes"}, 1),
        ({"url": B, "search": "shoes"}, 0),
        ({"url": B, "search": "Shoes"}, 1),
        ({"url": "no address"}, 1),
        ({"url": "", "action_name": "Nowhere"}, 0),
        ({"url": A, "new_visit": 1}, 1),
    )
    for number, (parameters, _) in enumerate(sent):
        pegel.get(site, number, _id=VISITOR, **parameters)
        if number % 2:  # What a visit did is remembered from batch to batch.
            pegel.load()
    assert [hit["new_in_visit"] for hit in pegel.hits(site)] == [expected for _, expected in sent]


def test_hits_that_were_loaded_before_hits_said_so(clean_database: Database) -> None:
    """Those alike are told apart by the migration; it may run again."""
    (migration,) = (migration for migration in numbered("migrations") if migration.name == "0008_reading")
    (statement,) = (statement for statement in migration.statements if "update" in statement)
    rows = [
        ({"visit": 1, "page": "a"}, 1),
        ({"visit": 1, "page": "a"}, 0),
        ({"visit": 1, "page": "b"}, 1),
        ({"visit": 1, "page": "a"}, 0),
        ({"visit": 2, "page": "a"}, 1),
        ({"visit": 2, "page": "a", "action": "event"}, 1),
        ({"visit": 2, "page": "", "action": "search", "keyword": "x"}, 1),
        ({"visit": 2, "page": "", "action": "search", "keyword": "y"}, 1),
        ({"visit": 2, "page": "", "action": "search", "keyword": "y"}, 0),
    ]
    insert_rows(clean_database, "hits", [hit_row(**values) for values, _ in rows])
    for _ in range(2):
        clean_database.command(statement)
        told = clean_database.client.query("select new_in_visit from hits order by sequence").result_columns[0]
        assert list(told) == [expected for _, expected in rows]
