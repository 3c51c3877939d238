"""`pegel spool`: what waits and what was set aside is shown, loaded again, or dropped, whatever the loader does."""

import asyncio
import json
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

import pegel
from ingest import journal, loader, records, waiting
from ingest.hit import Hit, Ignored
from ingest.memory import Sought, erase_from
from ingest.segments import FORMAT, framed
from ingest.spool import Spool
from sql.clickhouse import Database
from sql.people import Reach, Who
from sql.registry import Registry
from tests.conftest import a_site
from tests.dying import Watch, watching
from tests.loading import GOOD, NOON, Crash, Crashing, Run, a_hit, a_record, record_of

BAD = record_of(list(a_hit("wrong", at="noon")), list(a_hit("fine")))
SECRET = "anna-4711"

Pegel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, clean_database: Database, registry: Registry) -> Run:
    a_site(registry, id=1)
    return Run(tmp_path / "data", clean_database, registry)


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Pegel:
    """Run `pegel spool …` on the same data."""

    def say(*argv: str) -> tuple[int, str, str]:
        code = pegel.main(["spool", *argv], {"PEGEL_DATA": str(tmp_path / "data")}, tmp_path / "pegel.toml")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return say


def aside(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = waiting.show(run.sources, NOON)["set_aside"]
    return found


def everything(**more: Any) -> Namespace:
    return Namespace(numbers=[], all=True, **more)


def test_segments_are_shown_with_what_waits_in_them(run: Run, say: Pegel) -> None:
    run.add([GOOD, a_record([a_hit("1"), a_hit("2")]), a_record([], [Ignored(1, "bot")])], name=f"{NOON:011d}{0:09d}-7")
    newer = framed(orjson.dumps({"format": FORMAT + 1, "fields": []}))
    run.add([b"?"], newer, name=f"{NOON:011d}{1:09d}-8")
    first, second = waiting.show(run.sources, NOON + 90)["segments"]
    assert (first["hits_waiting"], first["loaded"], first["state"]) == (3, 0, "finished")
    assert first["age_seconds"] == 90
    assert (second["hits_waiting"], second["state"]) == (None, "of a newer version")
    code, out, _ = say("list")
    assert code == 0
    assert out.count("\n") == 7


def test_what_is_loaded_waits_no_more(run: Run) -> None:
    """Also while the collector still writes."""

    async def collect() -> None:
        spool = Spool(run.sources.spool, Hit._fields, 1_000_000)
        writing = asyncio.create_task(spool.run())
        await spool.append(GOOD)
        await asyncio.to_thread(run.load)
        await spool.append(a_record([a_hit("next")]))
        (row,) = waiting.show(run.sources, NOON)["segments"]
        assert (row["hits_waiting"], row["state"]) == (1, "being written")
        assert 0 < row["loaded"] < row["bytes"]
        spool.stop()
        await writing

    asyncio.run(collect())


def test_what_was_set_aside_is_shown_without_what_is_in_it(run: Run, say: Pegel) -> None:
    run.add([record_of(list(a_hit("x", at="noon", user_id=SECRET))), f"no record of {SECRET}".encode()])
    run.load()
    assert [(row["what"], row["reason"], row["site"]) for row in aside(run)] == [
        ("hit", "TypeError", 1),
        ("record", "JSONDecodeError", 0),
    ]
    code, out, _ = say("list", "--json")
    assert (code, SECRET in out, len(json.loads(out)["set_aside"])) == (0, False, 2)
    assert "2026-05-13T12:00:00+00:00" in out
    assert SECRET not in say("list")[1]


def test_what_an_older_version_did_not_understand_is_loaded_again(run: Run, say: Pegel) -> None:
    """A hit of another version, too, whose fields stand in another order."""
    fields = [*reversed(Hit._fields)]
    mended = [getattr(a_hit("mended"), name) for name in fields]
    broken = [*mended]
    broken[fields.index("at")] = "noon"
    run.add([record_of(broken)], framed(orjson.dumps({"format": FORMAT, "fields": fields})))
    run.load()
    with closing(journal.Journal(run.sources.journal)) as here:  # As if this version understood it.
        here.connection.execute("update set_aside set record = ?", [orjson.dumps(mended)])
    assert say("retry", "--all")[1] == "the loader takes 1 record once more; what fails again is set aside again\n"
    assert [row["state"] for row in aside(run)] == ["waits to be loaded"]
    run.load()
    assert (run.pages(), aside(run)) == (["mended"], [])


def test_what_fails_again_is_set_aside_again(run: Run) -> None:
    run.add([BAD, b"no record"])
    run.load()
    before = [(row["what"], row["reason"], row["site"], row["at"]) for row in aside(run)]
    waiting.retry(run.sources, everything())
    run.load()
    assert [(row["what"], row["reason"], row["site"], row["at"]) for row in aside(run)][1:] == before[1:]
    assert run.pages() == ["fine"]


def test_only_what_is_named_is_loaded_again(run: Run, say: Pegel) -> None:
    run.add([b"one", b"two", b"three"])
    run.load()
    assert say("retry", "1", "3")[0] == 0
    assert [row["state"] for row in aside(run)] == ["waits to be loaded", "set aside", "waits to be loaded"]
    code, _, err = say("retry", "9")
    assert (code, err) == (2, "pegel: there is no record 9: 'pegel spool list' shows those there are\n")
    assert say("retry")[0] == 2
    assert say("retry", "1", "--all")[0] == 2


def test_a_retry_that_is_killed_anywhere_counts_once(run: Run) -> None:
    """One loader after another dies, each a line later."""
    good = [list(a_hit(str(number), visitor=number)) for number in range(3)]
    run.add([b"[0]", b"[1]", b"[2]"])
    run.load()
    with closing(journal.Journal(run.sources.journal)) as here:
        for number, values in enumerate(good, 1):
            here.connection.execute("update set_aside set record = ? where rowid = ?", [record_of(values), number])
    waiting.retry(run.sources, everything())
    calm = Watch((loader, journal, records))
    with watching(calm):
        run.load()
    lines = [*calm.seen]
    assert run.pages() == ["0", "1", "2"]
    again = Run(run.sources.spool.parent.parent / "again", run.database, run.registry)
    again.add([b"[0]"])
    again.load()
    with closing(journal.Journal(again.sources.journal)) as here:
        here.connection.execute("update set_aside set record = ?", [record_of(list(a_hit("again")))])
    waiting.retry(again.sources, everything())
    for line in lines:
        with again.loader() as dying, watching(Watch((loader, journal, records), line)):
            while dying.load_batch(NOON):
                continue
    again.load()
    assert again.pages() == ["0", "1", "2", "again"]
    assert aside(again) == []


def test_what_is_dropped_is_gone(run: Run, say: Pegel) -> None:
    run.add([b"one", SECRET.encode()])
    run.load()
    code, _, err = say("drop", "2")
    assert (code, err) == (2, "pegel: nobody is there to be asked: expected --yes\n")
    assert say("drop", "2", "--yes")[1] == "1 record dropped\n"
    assert [row["number"] for row in aside(run)] == [1]
    assert not any(SECRET.encode() in path.read_bytes() for path in run.sources.journal.parent.glob("loader.sqlite*"))


def test_what_is_just_being_loaded_is_not_dropped(run: Run) -> None:
    run.add([b"[0]"])
    run.load()
    with closing(journal.Journal(run.sources.journal)) as here:
        here.connection.execute("update set_aside set record = ?", [record_of(list(a_hit("again")))])
    waiting.retry(run.sources, everything())
    with run.loader(Crashing(run.database.dsn, Crash(1, True))) as dying:
        assert dying.load_or_log(NOON) is None
    assert waiting.drop(run.sources, everything(yes=True)) == {"dropped": 0, "being_loaded": 1}
    run.load()
    assert (run.pages(), aside(run)) == (["again"], [])


def test_rows_of_somebody_who_is_erased_are_not_kept(run: Run) -> None:
    rows = [{"site": 1, "id": 5, "visit": 77, "page": "a"}, {"site": 1, "visitor": 6}, {"site": 1, "visit": 78}]
    rejected = [journal.Rejected("x", json.dumps(row).encode(), "timings") for row in rows]
    with closing(journal.Journal(run.sources.journal)) as here:
        here.finish(journal.Batch(1, ()), journal.Done([], [], rejected, []), NOON)
        reach = Reach(visits=((1, 77),), visitors=((1, 6),))
        erase_from(here, Sought(Who("visitor", "6", 1), reach))
        assert [orjson.loads(record) for _, record in here.rows("set_aside_records", site=0)] == rows[2:]
