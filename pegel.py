"""The command `pegel`: one table of subcommands, each a function that returns what is to be shown."""

import argparse
import fcntl
import gc
import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any, NoReturn, TypeVar

from dashboard import DashboardError, person_client
from dashboard.app import create_app as create_dashboard
from dashboard.download import Progress, Wanted, bar, download
from dashboard.person_client import connected
from dashboard.settings import Settings as DashboardSettings
from dashboard.surroundings import Surroundings, Told, nothing_waits
from dashboard.tracking_reasons import reason_of
from ingest import IngestError, demo_site, doctor, memory, retention, waiting
from ingest.app import Resources
from ingest.app import create_app as create_collector
from ingest.caretaking import caring
from ingest.demo import Collector
from ingest.following import Follower, Origin
from ingest.installation import Installation
from ingest.journal import Journal, Problem
from ingest.loader import Loader, Sources, wait_until_loaded
from ingest.log_lines import log_to_standard_error
from ingest.meter import Meter, Meters, counted_pause
from ingest.metrics_server import create_app as create_metrics
from ingest.node import SNAPSHOT, AnyRegistry, NodeRegistry
from ingest.precision import precision_of
from ingest.processes import Supervisor, Worker
from ingest.referrer import ListsFolder
from ingest.retention import Retention
from ingest.serving import listen, serve
from ingest.sessions import Rules
from ingest.settings import BUILT_TRACKERS
from ingest.settings import Settings as IngestSettings
from ingest.timed import Timed
from ingest.watched import Watched
from sql import SqlError, migrate
from sql.account_commands import ACCOUNT_COMMANDS
from sql.clickhouse import Access, Database
from sql.command import Command, Row, argument, shown, table
from sql.masks import MASKS
from sql.refusals import BadEntry
from sql.registry import Registry, utc_now
from sql.settings import CONFIG_FILE, BadSetting, Setting, Settings, read, settings_of, without_secrets
from sql.stored import markdown, stored
from sql.website_commands import ONE_SITE, SITE, WEBSITE_COMMANDS

# The settings of every package; each class says its own.
SETTINGS: tuple[type[object], ...] = (Settings, IngestSettings, DashboardSettings)

# What we expect to go wrong ends in one sentence: exit code 2 if the command was used wrongly, 1 if it failed.
WRONG_USE = (BadEntry, BadSetting)
FAILURES = (SqlError, IngestError, DashboardError, OSError)
SETTLE_SECONDS = 10.0
WEEK_SECONDS = 7 * 86_400
MOST_PROBLEMS = 100  # Lines; whoever sends any number of sites must not fill a screen.
STATES = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
INTERRUPTED = 130  # What a shell expects after Ctrl-C.
PRIVATE = 0o077  # What is written is about visitors, or secret: it is for whoever runs the command, and nobody else.
# They log what they raise as well, and every broken request; who catches it decides what is said.
QUIET = {
    "uvicorn": logging.ERROR,
    "urllib3": logging.ERROR,
    "python_multipart": logging.ERROR,
    "clickhouse_connect": logging.CRITICAL,
}

MANUAL = """\
Pegel: self-hosted, privacy-friendly web analytics that takes the place of a Matomo server.

{commands}

'pegel COMMAND --help' explains one command.

Examples:
  pegel serve
  pegel site add "My shop" https://shop.example.org --timezone Europe/Zurich --currency CHF
  pegel site change 1 --exclude-address 203.0.113.0/24 --keep-bots
  pegel goal add --site 1 "Order" --match url --pattern /thanks
  pegel user add anna@example.org --role admin
  pegel token add --name importer --role write --site 1
  pegel site list --json
  PEGEL_DATA=/srv/pegel pegel settings
"""

AFTERWORD = """\
Settings:
  Each has a default, so none is needed. They are read once at start, from two places:
  1. the file pegel.toml in the current directory, with lines such as  data = "/srv/pegel"
  2. the environment, with names such as  PEGEL_DATA=/srv/pegel ; it wins over the file.
  'pegel settings' shows all of them with their values, 'pegel settings --help' what they mean.

Exit codes:
  0 done, 1 failed, 2 used wrongly; what went wrong is one sentence on standard error.
"""

log = logging.getLogger("pegel")

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command: its arguments, and the settings it runs under."""

    arguments: argparse.Namespace
    settings: Mapping[type[object], object]
    meters: Meters = field(default_factory=Meters)  # Of the processes that it starts.

    def of(self, cls: type[S]) -> S:
        """Return the settings of one package, such as `call.of(Settings)`."""
        settings = self.settings[cls]
        assert isinstance(settings, cls)
        return settings

    @property
    def sources(self) -> Sources:
        return Sources.below(self.of(Settings).data)

    def registry(self) -> closing[Registry]:
        """Return the registry of this machine. Raises BadSetting if another one has it."""
        if url := self.of(IngestSettings).registry_url:
            expected = "nothing, where the registry is; this machine follows another one's, so run this command there"
            raise BadSetting("PEGEL_REGISTRY_URL", url, expected)
        return closing(Registry(self.of(Settings).registry_file))

    @property
    def snapshot_file(self) -> Path:
        return self.of(Settings).data / SNAPSHOT

    def known(self) -> closing[Registry] | closing[NodeRegistry]:
        """Return what is known here of the registry, wherever it is."""
        return closing(NodeRegistry(self.snapshot_file)) if self.of(IngestSettings).registry_url else self.registry()


def serve_all(call: Call) -> None:
    """Run everything on this machine: collectors on the public address, loader and dashboard on the private one."""
    with one_server(call):
        supervise(call, [])


def supervise(call: Call, more: Sequence[Worker]) -> None:
    lists = lists_of(call)
    collectors = collecting(call, lists)
    (private,) = listen("PEGEL_DASHBOARD_LISTEN", call.of(DashboardSettings).dashboard_listen)
    with call.registry() as registry:  # Made and migrated before anybody needs it.
        sites = registry.sites()
    print(f"Tracking:   http://{call.of(IngestSettings).collect_listen}/matomo.php")
    print(f"Dashboard:  http://{call.of(DashboardSettings).dashboard_listen}/", flush=True)
    if not sites:
        print("There is no site yet: pegel site add NAME URL, and pegel user add EMAIL to look at it.", flush=True)
    run_workers(call, more, collectors, [Worker("core", partial(core, call, private, lists))], watching(call))


def collect(call: Call) -> None:
    """Run collectors alone; their spool is loaded by `pegel load` on the same machine."""
    lists, followers = lists_of(call), following(call)
    with call.known():  # Made and migrated before anybody needs it.
        collectors = collecting(call, lists)
    run_workers(call, collectors, followers, watching(call))


def load(call: Call) -> None:
    """Run the loader alone, for a ClickHouse server."""
    access, lists = needs_server(call).writing, lists_of(call)
    with one_server(call):
        loaders, followers = [Worker("loader", partial(load_hits, call, access, lists))], following(call)
        run_workers(call, loaders, followers, watching(call))


def show_dashboard(call: Call) -> None:
    """Run the dashboard alone, for a ClickHouse server."""
    access = needs_server(call).reading
    (private,) = listen("PEGEL_DASHBOARD_LISTEN", call.of(DashboardSettings).dashboard_listen)
    run_workers(call, [Worker("dashboard", partial(dashboard, call, private, access))])


def needs_server(call: Call) -> Settings:
    """Return the settings of a server. Raises BadSetting for the embedded engine, which one process owns."""
    settings = call.of(Settings)
    if settings.embedded:
        expected = "the DSN of a ClickHouse server; with the embedded engine, 'pegel serve' runs all roles"
        raise BadSetting("PEGEL_CLICKHOUSE", settings.clickhouse, expected)
    return settings


def following(call: Call) -> list[Worker]:
    """Return who keeps the snapshot of a registry that is elsewhere. Raises RegistryUnavailable if there is none."""
    settings = call.of(IngestSettings)
    if not settings.registry_url:
        return []
    origin = Origin(settings.registry_url, Path(settings.registry_token_file))
    follower = Follower(origin, call.snapshot_file)
    follower.begin()
    return [Worker("follower", follower.run)]


def asking(call: Call, database: Database) -> Database:
    """Return what the dashboard asks: the same database, as a user of its own if there is one."""
    settings = call.of(Settings)
    return Database(settings.reading) if settings.clickhouse_read else database


def lists_of(call: Call) -> ListsFolder:
    """Return the lists that the settings name. Raises BadLists, once and before anything is started."""
    folder = call.of(IngestSettings).lists
    return ListsFolder(Path(folder) if folder else None)


def watching(call: Call) -> list[Worker]:
    """Return who tells the metrics on an address of their own, if there is one."""
    if not (address := call.of(IngestSettings).metrics_listen):
        return []
    (listener,) = listen("PEGEL_METRICS_LISTEN", address)
    return [Worker("metrics", partial(tell_metrics, call, listener))]


def tell_metrics(call: Call, listener: socket) -> None:
    with call.known() as registry:
        serve(create_metrics(watched(call, registry)), listener)


def watched(call: Call, registry: AnyRegistry) -> Watched:
    sources = call.sources
    return Watched(call.meters, sources.spool, call.of(IngestSettings).spool_max_bytes, sources.journal, registry)


def run_workers(call: Call, *stages: Sequence[Worker]) -> None:
    """Run workers until we are told to stop; then they are stopped stage by stage."""
    log_to_standard_error(call.of(Settings).log_format, QUIET)
    gc.freeze()  # What is imported by now stays shared between the processes.
    Supervisor(stages, call.meters).run()


def collecting(call: Call, lists: ListsFolder) -> list[Worker]:
    settings = call.of(IngestSettings)
    listeners = listen("PEGEL_COLLECT_LISTEN", settings.collect_listen, settings.collector_count)
    named = {f"collector-{n}": listener for n, listener in enumerate(listeners, 1)}
    return [Worker(name, partial(collector, call, each, lists, call.meters.of(name))) for name, each in named.items()]


def collector(call: Call, listener: socket, lists: ListsFolder, meter: Meter) -> None:
    with call.known() as registry:
        resources = Resources(call.sources.spool, registry, lists, meter)
        serve(create_collector(call.of(IngestSettings), resources), listener)


def core(call: Call, listener: socket, lists: ListsFolder) -> None:
    """Load hits and show reports: the one process that owns the embedded engine."""
    meter = call.meters.of("core")
    database = Database(call.of(Settings).writing, counted_pause(meter))
    migrate.apply(database)
    with (
        call.registry() as registry,
        retaining(call, database, registry, meter),
        loading(loader_of(call, database, registry, lists), meter) as loader,
    ):
        settled = partial(settle, call)
        serve(
            Timed(dashboard_app(call, asking(call, database), registry, loader.health, settled), meter, "dashboard"),
            listener,
            call.of(IngestSettings).trusted_proxies,
        )


def load_hits(call: Call, access: Access, lists: ListsFolder) -> None:
    meter = call.meters.of("loader")
    database = Database(access, counted_pause(meter))
    migrate.require_current(database)
    with (
        call.known() as registry,
        retaining(call, database, registry, meter),
        loading(loader_of(call, database, registry, lists), meter),
    ):
        threading.Event().wait()


def retaining(call: Call, database: Database, registry: AnyRegistry, meter: Meter) -> AbstractContextManager[None]:
    kept = Retention(Journal(call.sources.journal), database, registry)
    kept.meter = meter
    return retention.running(kept)


def loader_of(call: Call, database: Database, registry: AnyRegistry, lists: ListsFolder) -> Loader:
    return Loader(call.sources, database, registry, lists, Rules.of(call.of(IngestSettings)))


def dashboard(call: Call, listener: socket, access: Access) -> None:
    meter = call.meters.of("dashboard")
    database = Database(access, counted_pause(meter))
    migrate.require_current(database)
    with call.registry() as registry, caring(registry, database):
        app = dashboard_app(call, database, registry, lambda: {"ok": True}, nothing_waits)
        serve(
            Timed(app, meter, "dashboard"),
            listener,
            call.of(IngestSettings).trusted_proxies,
        )


def dashboard_app(
    call: Call,
    database: Database,
    registry: Registry,
    health: Callable[[], dict[str, object]],
    settled: Callable[[], None],
) -> Any:
    ingest, seen = call.of(IngestSettings), watched(call, registry)
    surroundings = Surroundings(
        health,
        settled,
        preset=call.of(Settings).preset,
        title_delimiter=ingest.title_delimiter,
        masked_bytes=ingest.mask_bytes,
        precision=precision_of(ingest.geo_database),
        own_tracker=ingest.tracker in BUILT_TRACKERS,
        remembered=partial(memory.told, call.sources.journal),
        measured=lambda accepted, own: Told(*seen.exposition(accepted, own)),
    )
    return create_dashboard(call.of(DashboardSettings), database, registry, utc_now, surroundings)


def settle(call: Call) -> None:
    """Wait until what was answered so far is loaded; whoever changes a site need not wait for long."""
    try:
        wait_until_loaded(call.sources, time.monotonic() + SETTLE_SECONDS)
    except (IngestError, OSError, sqlite3.Error) as error:
        log.warning("hits wait, and will be read with what is changed now error=%s", error)


@contextmanager
def loading(loader: Loader, meter: Meter) -> Iterator[Loader]:
    """Load in a thread of its own, and count; at the end, what the collectors left is loaded too."""
    loader.meter = meter
    thread = threading.Thread(target=loader.live, name="loader")
    thread.start()
    try:
        yield loader
    finally:
        loader.stop()
        thread.join()


@contextmanager
def one_server(call: Call) -> Iterator[None]:
    """Hold the data directory. Raises ServerRunning if another server does."""
    data = call.of(Settings).data
    data.mkdir(parents=True, exist_ok=True)
    with (data / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServerRunning(data) from error
        yield


class ServerRunning(IngestError):
    """Raised if another server uses the data directory."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"another server uses {data.resolve()}; stop it, or set PEGEL_DATA to another directory")


def run_demo(call: Call) -> None:
    """Run everything with a demo site, somebody to log in, and visitors."""
    address = call.of(DashboardSettings).dashboard_listen
    with one_server(call):
        with call.registry() as registry:
            prepared = demo_site.prepare(call.of(Settings).data, registry, call.of(Settings).preset)
        if prepared.password:
            print(
                f"Demo administrator: {demo_site.ADMINISTRATOR}  password, shown only now: {prepared.password}",
                flush=True,
            )
        target = Collector(f"http://{call.of(IngestSettings).collect_listen}", prepared.site, prepared.token)
        visitors = partial(demo_site.live, call.of(Settings).data, target, f"http://{address}/", utc_now)
        supervise(call, [Worker("demo", visitors, again=False)])


def flush(call: Call) -> Row:
    began = time.monotonic()
    wait_until_loaded(call.sources, began + call.arguments.timeout)
    return {"loaded": True, "seconds": round(time.monotonic() - began, 2)}


def flush_text(done: Row) -> str:
    return f"everything answered before is in the reports (after {done['seconds']} s)"


def export(call: Call) -> Row:
    """Take every visit or hit of a range from the running dashboard into a file."""
    given, began = call.arguments, time.monotonic()
    query = {name: getattr(given, name) for name in ("site", "from", "to", "filters") if getattr(given, name)}
    address = given.address or f"http://{call.of(DashboardSettings).dashboard_listen}"
    token = first_line(given.token_file)
    wanted = Wanted(address.rstrip("/"), given.what, {name: str(value) for name, value in query.items()}, token)
    seen = sys.stderr.isatty()

    def told(progress: Progress) -> None:
        if seen:
            print(f"\r{bar(progress, time.monotonic() - began)}", end="", file=sys.stderr, flush=True)

    try:
        done = download(wanted, given.file, told, given.resume)
    finally:
        if seen:
            print(file=sys.stderr)
    return {"file": str(given.file), "rows": done.rows, "seconds": round(time.monotonic() - began, 1)}


def at_dashboard(act: Callable[[person_client.Client, argparse.Namespace], Any]) -> Callable[[Call], Any]:
    """Return a command that is carried out by the dashboard, which owns the data while it runs."""

    def run(call: Call) -> Any:
        address = f"http://{call.of(DashboardSettings).dashboard_listen}"
        with connected(call.arguments, address, call.of(Settings).registry_file) as client:
            return act(client, call.arguments)

    return run


def export_text(done: Row) -> str:
    return f"{done['rows']} rows written to {done['file']} in {done['seconds']} s"


def first_line(file: Path) -> str:
    return file.read_text("utf-8", "replace").partition("\n")[0].strip()


def show_settings(call: Call) -> list[Row]:
    return [setting_row(setting, getattr(call.settings[cls], setting.name)) for cls, setting in every_setting()]


def every_setting() -> Iterator[tuple[type[object], Setting]]:
    return ((cls, setting) for cls in SETTINGS for setting in settings_of(cls))


def setting_row(setting: Setting, value: object) -> Row:
    return {
        "name": setting.env_name,
        "type": setting.type_name,
        "default": setting.default,
        "value": without_secrets(value),
        "help": setting.help,
    }


def examine(call: Call) -> Row:
    """Look at everything that could be wrong, and at the requests that were not counted in the last week."""
    own = call.of(Settings)
    addresses = {
        "PEGEL_COLLECT_LISTEN": call.of(IngestSettings).collect_listen,
        "PEGEL_DASHBOARD_LISTEN": call.of(DashboardSettings).dashboard_listen,
    }
    now = time.time()
    if told := call.of(IngestSettings).metrics_listen:
        addresses["PEGEL_METRICS_LISTEN"] = told
    installation = Installation(call.of(IngestSettings), own.data, own.writing, own.registry_file, addresses, now)
    checks = [finding._asdict() for finding in doctor.findings(installation)]
    problems = doctor.problems(installation, int(now) - WEEK_SECONDS)
    return {
        "ok": all(check["state"] != "fail" for check in checks),
        "checks": checks,
        "problems": [problem_row(problem) for problem in problems],
    }


def problem_row(problem: Problem) -> Row:
    reason = reason_of(problem.outcome, problem.reason)
    first, last = (datetime.fromtimestamp(at, UTC) for at in (problem.first, problem.last))
    said = {"title": reason.title, "meaning": reason.meaning, "remedy": reason.remedy}
    # What is left out on purpose is as it should be; what is refused is a mistake of somebody.
    state = "warn" if problem.outcome == "refused" else "ok"
    return {**problem._asdict(), "first": first, "last": last, "state": state, **said}


def examination_text(found: Row) -> str:
    checks = [f"{STATES[row['state']]}  {row['check']}: {with_remedy(row['says'], row)}" for row in found["checks"]]
    problems = sorted(found["problems"], key=lambda row: (row["site"], row["state"] == "ok"))
    more = f"…  and {len(problems) - MOST_PROBLEMS} more; --json shows all" if len(problems) > MOST_PROBLEMS else ""
    heading = "Requests of the last 7 days that were not counted (times in UTC):"
    lines = [*map(problem_text, problems[:MOST_PROBLEMS]), more] if problems else ["none"]
    return "\n".join([*checks, "", heading, *lines]).rstrip()


def problem_text(row: Row) -> str:
    site = f"site {row['site']}" if row["site"] else "no site"
    hits = f"{row['hits']} request{'s' if row['hits'] != 1 else ''}"
    what = f"{row['outcome']} {row['reason']}, {hits}, last {row['last']:%Y-%m-%d %H:%M}"
    return f"{STATES[row['state']]}  {site}: {what}; {with_remedy(row['title'], row)}"


def with_remedy(says: str, row: Row) -> str:
    return f"{says}; remedy: {row['remedy']}" if row["remedy"] and row["state"] != "ok" else says


def run_migrations(call: Call) -> Row:
    step = migrate.check if call.arguments.check else migrate.migrate
    settings, cluster = call.of(Settings), call.arguments.cluster
    return step(replace(settings, clickhouse_cluster=cluster) if cluster else settings)


def setting_lines(rows: list[Row]) -> str:
    return "\n".join(
        f"{row['name']} = {shown(row['value'])}\n    {row['type']}; default: {shown(row['default'])}\n    {row['help']}"
        for row in rows
    )


def migration_lines(done: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(migrate.lines(done))


def settings_manual() -> str:
    return "Settings:\n" + "\n".join(f"  {setting.env_name}\n      {setting.help}" for _, setting in every_setting())


ADDRESS = argument("--address", metavar="URL", help="of the dashboard; default: the one that runs here")
ADMINISTRATORS_TOKEN = argument(
    "--token-file",
    type=Path,
    metavar="F",
    help="file with a token of an administrator on its first line; not needed where the dashboard runs",
)
PERSON = (
    argument("--visitor", metavar="ID", help="visitor id, 16 hex digits; -: first line of standard input"),
    argument("--user", metavar="ID", help="user id, or -"),
    argument("--order", metavar="ID", help="number of an order, or -"),
    ONE_SITE,
    ADMINISTRATORS_TOKEN,
    ADDRESS,
)

TIMEOUT = argument("--timeout", type=float, default=60.0, metavar="S", help="seconds to wait at most; default: 60")


PERSON_COMMANDS = (
    Command(
        name="person find",
        help="show what is kept of somebody",
        run=at_dashboard(person_client.find),
        text=person_client.found_text,
        arguments=PERSON,
    ),
    Command(
        name="person export",
        help="write everything that is kept of somebody into a file of JSON",
        run=at_dashboard(person_client.export),
        text=person_client.export_text,
        arguments=(argument("file", type=Path, metavar="FILE", help="where to write it"), *PERSON),
    ),
    Command(
        name="person erase",
        help="erase somebody from tables, loader and spool; sums of days stay",
        run=at_dashboard(person_client.erase),
        text=person_client.erase_text,
        arguments=(*PERSON, argument("--yes", action="store_true", help="do not ask again")),
    ),
    Command(
        name="person audit",
        help="show what was exported, erased and made anonymous, when and by whom",
        run=at_dashboard(person_client.audit),
        arguments=(ONE_SITE, ADMINISTRATORS_TOKEN, ADDRESS),
    ),
    Command(
        name="anonymise",
        help="take out of rows that are kept what would not be stored any more",
        run=at_dashboard(person_client.anonymise),
        text=person_client.anonymise_text,
        arguments=(
            SITE,
            argument("--from", required=True, metavar="DAY", help="first day of visits, such as 2026-05-01"),
            argument("--to", required=True, metavar="DAY", help="last day, which belongs to it and is over"),
            argument("--addresses", type=int, default=0, metavar="B", help="set B bytes of addresses to zero, 1 to 4"),
            *(
                argument(f"--{mask.name}", action="store_true", help=mask.meaning)
                for mask in MASKS.values()
                if mask.name != "addresses"
            ),
            ADMINISTRATORS_TOKEN,
            ADDRESS,
        ),
    ),
)

NUMBERS = (
    argument("numbers", type=int, nargs="*", metavar="N", help="numbers of records, as 'pegel spool list' shows them"),
    argument("--all", action="store_true", help="every record"),
)

SPOOL_COMMANDS = (
    Command(
        name="spool list",
        help="show what waits to be loaded, and what could not be loaded",
        run=lambda call: waiting.show(call.sources, time.time()),
        text=lambda found: f"Waiting:\n{table(found['segments'])}\n\nSet aside:\n{table(found['set_aside'])}",
    ),
    Command(
        name="spool retry",
        help="load again what was set aside",
        run=lambda call: waiting.retry(call.sources, call.arguments),
        text=waiting.retry_text,
        arguments=NUMBERS,
    ),
    Command(
        name="spool drop",
        help="delete what was set aside, for good",
        run=lambda call: waiting.drop(call.sources, call.arguments),
        text=waiting.drop_text,
        arguments=(*NUMBERS, argument("--yes", action="store_true", help="do not ask again")),
    ),
)

COMMANDS: Mapping[str, tuple[Command, ...]] = {
    "Running": (
        Command(name="serve", help="run everything on this machine", run=serve_all),
        Command(name="demo", help="run everything with a demo site and demo visitors", run=run_demo),
        Command(name="collect", help="run the collectors alone", run=collect),
        Command(name="load", help="run the loader alone, for a ClickHouse server", run=load),
        Command(name="dashboard", help="run the dashboard alone, for a ClickHouse server", run=show_dashboard),
        Command(
            name="flush",
            help="return when every hit answered so far is in the reports",
            run=flush,
            text=flush_text,
            arguments=(TIMEOUT,),
        ),
    ),
    "Websites": WEBSITE_COMMANDS,
    "Data of people": PERSON_COMMANDS,
    "People and programs": (
        *ACCOUNT_COMMANDS,
        Command(
            name="export",
            help="take every visit or hit of a website from the running dashboard into a file of JSON lines",
            run=export,
            text=export_text,
            arguments=(
                argument("what", choices=("visits", "hits"), help="what to take"),
                argument("file", type=Path, metavar="FILE", help="where to write it"),
                SITE,
                argument("--from", required=True, metavar="DAY", help="first day, such as 2026-05-01"),
                argument("--to", required=True, metavar="DAY", help="last day, which belongs to it"),
                argument("--filters", metavar="SEGMENT", help="only these visits, such as countryCode==ch"),
                argument(
                    "--token-file",
                    type=Path,
                    required=True,
                    metavar="F",
                    help="file with a token on its first line: of an administrator, or with the scope export:raw",
                ),
                argument("--address", metavar="URL", help="of the dashboard; default: the one that runs here"),
                argument("--resume", action="store_true", help="go on after the last row that is in the file"),
            ),
        ),
    ),
    "Care": (
        *SPOOL_COMMANDS,
        Command(
            name="doctor",
            help="look for what is wrong, and for requests that were not counted",
            run=examine,
            text=examination_text,
            failed=lambda found: not found["ok"],
        ),
        Command(
            name="stored",
            help="show what is stored, where, what for and how long",
            run=lambda _: [asdict(entry) for entry in stored()],
            text=lambda _: markdown(stored()),
        ),
        Command(
            name="settings",
            help="show every setting: type, default, value, meaning",
            run=show_settings,
            text=setting_lines,
            epilog=settings_manual,
        ),
        Command(
            name="migrate",
            help="bring the databases' schemas forward",
            run=run_migrations,
            text=migration_lines,
            arguments=(
                argument("--check", action="store_true", help="only say what is missing; change nothing"),
                argument("--cluster", metavar="NAME", help="spread the tables over it, as PEGEL_CLICKHOUSE_CLUSTER"),
            ),
        ),
    ),
}


def plain(value: object) -> str:
    """Return what JSON has no form for."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"pegel: {message}; '{self.prog} --help' explains it\n")


def parser() -> Parser:
    shared = argparse.ArgumentParser(add_help=False)
    # Suppressed default: the one that was not given must not overwrite the one that was.
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with JSON, for programs")
    options: Any = {
        "parents": [shared],
        "allow_abbrev": False,
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }
    top = Parser(
        prog="pegel",
        usage="pegel [--json] COMMAND …",
        description=MANUAL.format(commands=overview()),
        epilog=AFTERWORD,
        **options,
    )
    verbs = {"": top.add_subparsers(prog="pegel", metavar="COMMAND", required=True, help=argparse.SUPPRESS)}
    for command in (command for group in COMMANDS.values() for command in group):
        add_command(verbs, command, options)
    return top


def add_command(verbs: dict[str, Any], command: Command, options: Mapping[str, Any]) -> None:
    """Add a command to the parser of its noun, which the noun's first command makes."""
    noun, _, verb = command.name.rpartition(" ")
    if noun not in verbs:
        of_noun = verbs[""].add_parser(noun, **options)
        verbs[noun] = of_noun.add_subparsers(metavar="COMMAND", required=True, title="commands")
    sub = verbs[noun].add_parser(
        verb, help=command.help, description=sentence(command.help), epilog=command.epilog(), **options
    )
    for each in command.arguments:
        sub.add_argument(*each.flags, **each.options)
    sub.set_defaults(command=command)


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def overview() -> str:
    """Return the commands under their headings."""
    width = max(len(command.name) for group in COMMANDS.values() for command in group)
    return "\n\n".join(
        "\n".join([f"{heading}:", *(f"  {command.name.ljust(width)}  {command.help}" for command in group)])
        for heading, group in COMMANDS.items()
    )


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ, config: Path = CONFIG_FILE) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    before = os.umask(PRIVATE)
    try:
        settings = dict(zip(SETTINGS, read(*SETTINGS, environ=environ, config=config), strict=True))
        answer = arguments.command.run(Call(arguments, settings))
        show(arguments, answer)
    except WRONG_USE as error:
        return complain(error, 2)
    except FAILURES as error:
        return complain(error, 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        os.umask(before)
    return int(arguments.command.failed(answer))


def show(arguments: argparse.Namespace, answer: object) -> None:
    if answer is None:
        return
    as_json = "json" in arguments
    text = (
        json.dumps(answer, default=plain, ensure_ascii=False, indent=2) if as_json else arguments.command.text(answer)
    )
    try:
        print(text, flush=True)
    except (
        BrokenPipeError
    ):  # Whoever reads has read enough, as `head` does; the interpreter must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: Exception, exit_code: int) -> int:
    if isinstance(error, OSError) and error.filename:
        what = f"{error.filename}: {error.strerror}; expected a file or directory that is there and may be used"
    else:
        what = str(error)
    print(f"pegel: {what}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
