"""What could be wrong with an installation, looked at from outside while a server runs or not; nothing is changed."""

import fcntl
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import maxminddb

from ingest.following import Origin
from ingest.geo import BUNDLED
from ingest.installation import Finding, Installation, State, size
from ingest.journal import Problem, problems_in
from ingest.lifetimes import ages
from ingest.lists.folder import BadLists, ListsFolder
from ingest.machine import disk, filesystem, permissions, reachable, zones
from ingest.node import SNAPSHOT, NodeRegistry
from ingest.running import open_files, senders, shift
from ingest.segments import segments, size_of, used_bytes
from sql import SqlError, load, migrate
from sql.clickhouse import Database
from sql.registry import Registry

ANSWER_SECONDS = 3.0
OLD_DAYS = 270  # Networks change hands: a place database older than that is wrong here and there.
DAY = 86_400
CLOCK_SECONDS = 300  # Files may come from the future by so much: clocks are corrected.
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC).timestamp()  # This version did not exist before.


def findings(installation: Installation) -> Iterator[Finding]:
    """Look at everything, one after the other; what cannot be looked at is a finding too."""
    for check in CHECKS:
        try:
            yield from check(installation)
        except Exception as error:  # The edge of the loop: the other checks are wanted all the same.
            says = f"could not be looked at: {type(error).__name__}"
            yield Finding(check.__name__, "fail", says, "run 'pegel doctor' as the user that runs the server")


def problems(installation: Installation, since: int) -> list[Problem]:
    """Return what was not counted since a time in seconds; nothing of a journal that cannot be read."""
    try:
        return problems_in(installation.journal, since)
    except sqlite3.Error:
        return []


def data(place: Installation) -> Iterator[Finding]:
    """Tell whether the data directory and the spool can be written to."""
    if not place.data.exists():
        yield Finding("data", "warn", f"there is no directory {place.data} yet", "pegel serve")
        return
    for folder in filter(Path.exists, (place.data, place.spool)):
        try:
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(4096))
        except OSError as error:
            remedy = "let the server's user write there, or set PEGEL_DATA to another directory"
            yield Finding("data", "fail", f"{folder} cannot be written to: {error.strerror}", remedy)
            return
    yield Finding("data", "ok", f"{place.data} can be written to")


def spool(place: Installation) -> Iterator[Finding]:
    used, limit = used_bytes(place.spool), place.settings.spool_max_bytes
    state: State = "fail" if used >= limit * 0.9 else "warn" if used * 2 > limit else "ok"
    remedy = "" if state == "ok" else "the loader does not keep up or does not run: look at its log"
    yield Finding("spool", state, f"holds {size(used)} of {size(limit)}", remedy)


def loader(place: Installation) -> Iterator[Finding]:
    """Tell how much waits to be loaded, and whether there are records that could not be understood."""
    if not place.journal.exists():
        waiting, count = used_bytes(place.spool), 0
    else:
        try:
            offsets, ((count,),) = rows(place.journal, "offsets"), rows(place.journal, "set_aside_count")
        except sqlite3.Error:
            remedy = "stop the server and bring loader.sqlite back from a backup"
            yield Finding("loader", "fail", f"{place.journal} cannot be read", remedy)
            return
        waiting = unloaded(place.spool, {str(name): int(loaded) for name, loaded in offsets})
    idle = waiting and not is_running(place.data)
    remedy = "pegel serve, or pegel load" if idle else ""
    yield Finding("loader", "warn" if idle else "ok", f"{size(waiting)} wait to be loaded", remedy)
    if count:
        remedy = "'pegel spool list' shows why, 'pegel spool retry' loads them again, perhaps with a newer version"
        yield Finding("set aside", "warn", f"{count} records could not be loaded", remedy)


def unloaded(spool: Path, offsets: Mapping[str, int]) -> int:
    return sum(max(0, size_of(path) - offsets.get(path.name, 0)) for path in segments(spool))


def rows(journal: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{quote(str(journal))}?mode=ro", uri=True)) as connection:
        return connection.execute(load(f"loader/{statement}")).fetchall()


def entries(place: Installation) -> Iterator[Finding]:
    """Tell whether the registry can be read, and whether there is somebody to measure and somebody to look."""
    if place.settings.registry_url:
        yield followed(place)
        return
    try:
        missing = migrate.pending_registry(place.registry)
    except SqlError:
        yield Finding("registry", "fail", f"{place.registry} cannot be read", "bring it back from a backup")
        return
    if not place.registry.exists():
        yield Finding("registry", "warn", f"there is no {place.registry} yet", "pegel site add NAME URL")
        return
    if missing:
        yield Finding("registry", "warn", f"lacks {names_of(missing)}", "pegel migrate")
        return
    with closing(Registry(place.registry)) as registry:
        yield Finding("registry", "ok", "can be read, and its schema is current")
        yield found("sites", len(registry.sites()), "pegel site add NAME URL")
        yield found("users", len(registry.users()), "pegel user add EMAIL")
        for age in ages(registry, datetime.fromtimestamp(place.now, UTC)):
            remedy = "start the server: its loader destroys them" if age.overdue else ""
            yield Finding(age.what, "warn" if age.overdue else "ok", age.says, remedy)


def followed(place: Installation) -> Finding:
    """Tell whether there is a snapshot of a registry that is elsewhere, and whether it is asked for."""
    try:
        snapshot = NodeRegistry(place.data / SNAPSHOT).snapshot()
        Origin(place.settings.registry_url, Path(place.settings.registry_token_file)).fetch("")
    except SqlError as error:
        remedy = "correct PEGEL_REGISTRY_URL and PEGEL_REGISTRY_TOKEN_FILE, or start 'pegel dashboard' there"
        return Finding("registry", "fail", str(error), remedy)
    return Finding("registry", "ok", f"is followed: {len(snapshot.sites)} sites")


def found(what: str, count: int, remedy: str) -> Finding:
    return Finding(what, "ok", str(count)) if count else Finding(what, "warn", "none", remedy)


def lists(place: Installation) -> Iterator[Finding]:
    folder = place.settings.lists
    try:
        ListsFolder(Path(folder) if folder else None)
    except BadLists as error:
        yield Finding("lists", "fail", str(error), "correct PEGEL_LISTS or the files there")
        return
    yield Finding("lists", "ok", f"{folder} can be read" if folder else "our own table")


def places(place: Installation) -> Iterator[Finding]:
    name = place.settings.geo_database
    if name == "none":
        yield Finding("places", "ok", "switched off")
        return
    database = Path(name) if name else BUNDLED
    remedy = "set PEGEL_GEO_DATABASE to an MMDB file" if name else "make setup, or set PEGEL_GEO_DATABASE"
    if not database.exists():
        yield Finding("places", "fail" if name else "warn", f"there is no {database}", remedy)
        return
    try:
        with maxminddb.open_database(database) as reader:
            days = int((place.now - reader.metadata().build_epoch) / DAY)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError):
        yield Finding("places", "fail", f"{database} cannot be read", remedy)
        return
    old = days > OLD_DAYS
    remedy = "rename a newer MMDB file into its place" if old else ""
    yield Finding("places", "warn" if old else "ok", f"{database.name} was made {days} days ago", remedy)


def server(place: Installation) -> Iterator[Finding]:
    if not is_running(place.data):
        yield Finding("server", "warn", "no server runs in the data directory", "pegel serve")
        return
    yield Finding("server", "ok", "runs")
    for name, address in place.addresses.items():
        yield answering(name, address)


def is_running(data: Path) -> bool:
    """Tell whether a server holds the data directory."""
    with held(data) as free:
        return not free


@contextmanager
def held(data: Path) -> Iterator[bool]:
    """Keep servers from starting meanwhile; yield False if one runs already."""
    lock = data / "server.lock"
    if not lock.exists():
        yield True
        return
    with lock.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def answering(name: str, address: str) -> Finding:
    """Ask a listener how it feels; `name` is the setting of its address."""
    try:
        with urlopen(f"http://{reachable(address)}/healthz", timeout=ANSWER_SECONDS) as answer:
            state = json.load(answer)
    except HTTPError as error:
        return Finding(name, "fail", f"is not well: {problem_in(error.read())}", "look at the server's log")
    except (OSError, ValueError):
        return Finding(name, "fail", "does not answer", f"pegel serve, or correct {name}")
    waiting = state.get("oldest_unloaded_seconds")
    return Finding(name, "ok", "answers" if waiting is None else f"answers; the oldest hit has waited {waiting} s")


def problem_in(body: bytes) -> str:
    """Return what kind of problem a listener names; the rest of its sentence may hold addresses."""
    try:
        state = json.loads(body)
        problem, waiting = state.get("problem"), state.get("oldest_unloaded_seconds")
    except (ValueError, AttributeError):
        return "no reason given"
    late = f"the oldest hit has waited {waiting} s" if waiting else "no reason given"
    return str(problem).partition(":")[0] if problem else late


def schema(place: Installation) -> Iterator[Finding]:
    """Tell whether ClickHouse has the tables of this version; the embedded engine belongs to the server that runs."""
    with held(place.data) as free:
        if place.embedded and not free:
            yield Finding("schema", "ok", "the running server keeps it current")
            return
        if migrate.never_started(place.access.dsn):
            yield Finding("schema", "ok", "the first start makes it")
            return
        database = Database(place.access)
        try:
            missing, late = migrate.pending(database), clock_of(database)
        except SqlError as error:
            says = f"ClickHouse cannot be asked: {type(error).__name__}"
            yield Finding("schema", "fail", says, "correct PEGEL_CLICKHOUSE; 'pegel migrate --check' says more")
            return
    if not place.embedded:
        yield same_time(late)
    if missing:
        # `pegel serve` brings its own engine forward; a server is left to whoever runs it.
        yield Finding("schema", "warn" if place.embedded else "fail", f"lacks {names_of(missing)}", "pegel migrate")
        return
    yield Finding("schema", "ok", "current")


def same_time(seconds: float) -> Finding:
    """Tell whether the database's clock, which is so far ahead of ours, can be ours."""
    if abs(seconds) <= CLOCK_SECONDS:
        return Finding("clock of ClickHouse", "ok", "is the same")
    remedy = "set both clocks and keep them right, for example with systemd-timesyncd"
    return Finding("clock of ClickHouse", "fail", f"is {round(seconds / 60)} minutes from the one here", remedy)


def clock_of(database: Database) -> float:
    """Return how many seconds the database's clock is ahead of ours. Raises DatabaseUnavailable."""
    return float(database.query("clock", {})[0]["now"]) - time.time()


def names_of(missing: list[Any]) -> str:
    return ", ".join(migration.name for migration in missing)


def clock(place: Installation) -> Iterator[Finding]:
    """Tell whether the clock can be right: not before this version, nor before what was written already."""
    written = [
        file.stat().st_mtime for file in (place.registry, place.journal, *segments(place.spool)) if file.exists()
    ]
    behind = max([EARLIEST, *written]) - place.now
    if behind > CLOCK_SECONDS:
        remedy = "set the clock and keep it right, for example with systemd-timesyncd"
        yield Finding("clock", "fail", f"is at least {round(behind / 60)} minutes late", remedy)
        return
    yield Finding("clock", "ok", f"{datetime.fromtimestamp(place.now, UTC):%Y-%m-%d %H:%M} UTC")


CHECKS: tuple[Callable[[Installation], Iterator[Finding]], ...] = (
    *(clock, shift, zones, data, permissions, filesystem, disk, open_files, spool, loader, entries, lists, places),
    *(server, senders, schema),
)
