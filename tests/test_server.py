"""A ClickHouse server of which not everything can be expected: who asks it, over what, and what it does on bad days."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sql import migrate
from sql.access import pause
from sql.clickhouse import Access, Database, DatabaseUnavailable, Limits, TookTooMuch
from sql.settings import BadSetting, Settings
from tests.certificates import self_signed
from tests.clickhouse_server import READER, running
from tests.conftest import columns_of, hit_row
from tests.running import Server, rows, server

WRITING, READING = "wr1ting", "re4ding"
BATCH = columns_of([hit_row(), hit_row()])
TOTAL = "select count() as hits from hits"


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "faults"


@pytest.fixture(scope="module")
def shaky(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[Access]:
    """The way to a migrated server that has the faults which a test writes down."""
    with running(tmp_path_factory.mktemp("shaky"), faults=faults) as (dsn, _):
        migrate.apply(Database(dsn))
        yield Access(dsn, connect_seconds=1, answer_seconds=1)


class Patient(Database):
    """A database that notes its pauses instead of making them."""

    def __init__(self, access: Access) -> None:
        self.pauses: list[float] = []
        super().__init__(access, self.pauses.append)
        self.command("truncate table hits")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("status 503", id="no-server-behind-the-proxy"),
        pytest.param("code 202", id="too-many-at-once"),
        pytest.param("code 242", id="replica-only-reads"),
        pytest.param("code 999", id="no-keeper"),
    ],
)
def test_what_passes_is_waited_for(shaky: Access, faults: Path, wrong: str) -> None:
    database = Patient(shaky)
    faults.write_text(f"{wrong}\n{wrong}\n")
    database.insert("hits", BATCH, token=wrong)
    assert len(database.pauses) == 2
    faults.write_text(f"{wrong}\n")
    assert database.rows(TOTAL) == [{"hits": 2}]
    assert len(database.pauses) == 3


def test_what_does_not_pass_is_given_up(shaky: Access, faults: Path) -> None:
    database = Patient(shaky)
    faults.write_text("status 503\n" * 3)
    with pytest.raises(DatabaseUnavailable, match="insert into hits"):
        database.insert("hits", BATCH, token="in vain")
    assert len(database.pauses) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("code 60", id="unknown-table"),
        pytest.param("code 497", id="not-allowed"),
        pytest.param("slow 3", id="no-answer-in-time"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(shaky: Access, faults: Path, wrong: str) -> None:
    database = Patient(shaky)
    faults.write_text(f"{wrong}\n")
    with pytest.raises(DatabaseUnavailable):
        database.insert("hits", BATCH, token=wrong)
    assert database.pauses == []


def test_an_insert_that_was_done_but_not_answered_counts_once(shaky: Access, faults: Path) -> None:
    database = Patient(shaky)
    faults.write_text("late 3\n")
    with pytest.raises(DatabaseUnavailable):
        database.insert("hits", BATCH, token="late")
    database.insert("hits", BATCH, token="late")
    assert database.rows(TOTAL) == [{"hits": 2}]


def test_commands_are_not_repeated(shaky: Access, faults: Path) -> None:
    database = Patient(shaky)
    faults.write_text("status 503\n")
    with pytest.raises(DatabaseUnavailable, match="command"):
        database.command("select 1")
    assert database.pauses == []


def test_pauses_grow_and_differ() -> None:
    first, second = ([pause(attempt) for attempt in range(3)] for _ in range(2))
    assert first != second
    assert first[0] < 0.31 < 0.39 < first[1] < 1.21 < 1.59 < first[2]


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    directory = tmp_path_factory.mktemp("encrypted")
    certificate = self_signed(directory)
    with running(directory / "data", WRITING, certificate=certificate) as (dsn, _):
        yield Access(dsn, ca_file=str(certificate), attempts=1)


class TestTls:
    """A server that is only spoken to in secret."""

    @pytest.mark.parametrize("scheme", ["clickhouses", "https"])
    def test_whom_the_file_names_is_believed(self, encrypted: Access, scheme: str) -> None:
        access = replace(encrypted, dsn=encrypted.dsn.replace("clickhouses", scheme))
        assert Database(access).rows("select 1 as one") == [{"one": 1}]

    @pytest.mark.parametrize(
        "ca_file", [pytest.param("", id="nobody-vouches"), pytest.param("/nowhere/ca.pem", id="no-such-file")]
    )
    def test_nobody_else_is(self, encrypted: Access, ca_file: str) -> None:
        with pytest.raises(DatabaseUnavailable, match="ClickHouse at clickhouses://") as caught:
            Database(replace(encrypted, ca_file=ca_file)).rows("select 1")
        assert WRITING not in str(caught.value)

    def test_it_is_not_spoken_to_in_the_open(self, encrypted: Access) -> None:
        with pytest.raises(DatabaseUnavailable):
            Database(replace(encrypted, dsn=encrypted.dsn.replace("clickhouses", "clickhouse"))).rows("select 1")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("guarded"), WRITING) as (dsn, _):
        yield dsn.partition("@")[2]


class TestPasswordFile:
    """A password that stands in a file."""

    @pytest.mark.parametrize("dsn", ["clickhouse://default@{}", "clickhouse://default:wrong@{}", "clickhouse://{}"])
    def test_it_is_taken_from_there(self, tmp_path: Path, address: str, dsn: str) -> None:
        file = tmp_path / "password"
        file.write_text(f"{WRITING}\nwhat follows is not it\n")
        assert Database(Access(dsn.format(address), password_file=str(file))).rows("select 1 as one") == [{"one": 1}]

    def test_one_that_changes_is_read_again(self, tmp_path: Path, address: str) -> None:
        file = tmp_path / "password"
        database = Database(Access(f"clickhouse://default@{address}", password_file=str(file)))
        file.write_text("the old one")
        with pytest.raises(DatabaseUnavailable, match="516"):
            database.rows("select 1")
        file.write_text(WRITING)
        assert database.rows("select 1 as one") == [{"one": 1}]

    def test_one_that_is_not_there_is_named(self, tmp_path: Path, address: str) -> None:
        with pytest.raises(DatabaseUnavailable, match=f"password file {tmp_path}/none: expected a text"):
            Database(Access(f"clickhouse://default@{address}", password_file=str(tmp_path / "none"))).rows("select 1")


@contextmanager
def read_only(path: Path, readonly: int) -> Iterator[tuple[Database, Database]]:
    """Run a server; yield its database for who writes, and for who reads under a profile of the server's."""
    with running(path, WRITING, reading=READING, readonly=readonly) as (dsn, _):
        database = Database(dsn)
        migrate.apply(database)
        database.insert("hits", BATCH, token="both")
        yield database, Database(dsn.replace(f"default:{WRITING}", f"{READER}:{READING}"))


@pytest.fixture(scope="module", params=[1, 2], ids=["readonly-1", "readonly-2"])
def profile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Database]]:
    with read_only(tmp_path_factory.mktemp("profile"), request.param) as (_, reader):
        yield request.param, reader


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("insert into hits (site) values (1)", id="insert"),
        pytest.param("create table stolen (a UInt8) engine = Memory", id="create"),
        pytest.param("select 1 settings readonly = 0", id="loosen"),
    ],
)
def test_a_reading_user_only_reads(profile: tuple[int, Database], statement: str) -> None:
    _, reader = profile
    with pytest.raises(DatabaseUnavailable, match="READONLY"):
        reader.reading(Limits()).rows(statement)


def test_a_reading_user_gets_answers_of_every_kind(profile: tuple[int, Database]) -> None:
    _, reader = profile
    reading = reader.reading(Limits())
    migrate.require_current(reader)
    assert reading.rows(TOTAL) == [{"hits": 2}]
    assert reading.arrow("ledger/clickhouse_known", {}).to_pylist() == [{"tables": 1}]
    reading.stop()


def test_limits_are_said_to_a_server_that_lets_itself_be_told(profile: tuple[int, Database]) -> None:
    """With readonly = 1 nothing can be said, and the server's own limits hold."""
    readonly, reader = profile
    small = reader.reading(Limits(rows=10))
    if readonly == 2:
        with pytest.raises(TookTooMuch):
            small.rows("select number from numbers(1000)")
    else:
        assert len(small.rows("select number from numbers(1000)")) == 1000


def test_the_dashboard_asks_as_a_user_of_its_own(tmp_path: Path) -> None:
    """Everything runs with passwords in files; whoever writes cannot log in as the reader, and the other way round."""
    files = {name: tmp_path / name for name in (WRITING, READING)}
    for name, file in files.items():
        file.write_text(name)
    with running(tmp_path / "clickhouse", WRITING, reading=READING, readonly=1) as (dsn, _):
        address = dsn.partition("@")[2]
        environ = {
            "PEGEL_CLICKHOUSE": f"clickhouse://default@{address}",
            "PEGEL_CLICKHOUSE_PASSWORD_FILE": str(files[WRITING]),
            "PEGEL_CLICKHOUSE_READ": f"clickhouse://{READER}@{address}",
            "PEGEL_CLICKHOUSE_READ_PASSWORD_FILE": str(files[READING]),
            "PEGEL_COLLECTORS": "1",
        }
        with server(tmp_path / "serve", **environ) as pegel:
            site, token = pegel.add_site(), pegel.add_token("view")
            pegel.start()
            assert pegel.get(f"/matomo.php?idsite={site}&rec=1&url=https://example.org/").status == 200
            pegel.flush()
            assert actions_of(pegel, site, token) == {"nb_visits": 1, "nb_actions": 1}
            assert pegel.stop() == 0
        assert rows(Database(dsn), f"select page from hits where site = {site}") == [{"page": "example.org/"}]


def actions_of(pegel: Server, site: int, token: str) -> Mapping[str, object]:
    asked = f"module=API&method=VisitsSummary.get&idSite={site}&period=day&date=today&format=json&token_auth={token}"
    answer = pegel.get(f"/index.php?{asked}", pegel.private_port).json()
    return {name: answer[name] for name in ("nb_visits", "nb_actions")}


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        pytest.param({"clickhouse_attempts": 0}, "PEGEL_CLICKHOUSE_ATTEMPTS", id="never-tried"),
        pytest.param({"clickhouse_answer_seconds": 0}, "PEGEL_CLICKHOUSE_ANSWER_SECONDS", id="no-time"),
        pytest.param({"clickhouse_read": "clickhouse://reader@host/"}, "PEGEL_CLICKHOUSE_READ", id="embedded"),
    ],
)
def test_settings_that_cannot_be_are_refused(values: Mapping[str, object], setting: str) -> None:
    with pytest.raises(BadSetting, match=setting):
        Settings(**values)  # type: ignore[arg-type]
