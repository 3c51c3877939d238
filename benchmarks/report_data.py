"""A year and a month of three sites' traffic for `benchmarks.reports`, made inside the engine and the same each time.

Every visit follows from hashes of its number: pages by Zipf's law, weekdays and times of day, returning visitors,
sources, devices, countries, searches, events, downloads, goals, orders and timings; the tables agree with each other.
"""

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from sql import migrate
from sql.clickhouse import Database

STATEMENTS = Path(__file__).parent / "report_data"
MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"
ZONE = "Europe/Berlin"
FIRST, DAYS, MONTHS = date(2025, 1, 1), 396, 13
PAGES = 20_000
TABLES = ("hits", "visits", "conversions", "order_items", "timings")
MADE = "made.json"  # Beside the engine's directory: of which parameters the data is.
# Larger blocks make fewer parts, which are merged sooner.
IN_LARGE_BLOCKS = """
settings max_insert_threads = 2, min_insert_block_size_rows = 2000000, min_insert_block_size_bytes = 1000000000
"""
LEAST_FREE = 1_500  # Bytes for each visit while its rows are made and merged; half of that stays.


class Traffic(NamedTuple):
    """What the data set is made of."""

    visits: int
    seed: int

    @property
    def parameters(self) -> dict[str, object]:
        made_of = {"first": FIRST, "days": DAYS, "months": MONTHS, "pages": PAGES}
        return {**self._asdict(), **made_of}

    @property
    def fingerprint(self) -> dict[str, object]:
        """What a finished data set must be of to be used again: these numbers, this generator, this schema."""
        files = sorted((*STATEMENTS.glob("*.sql"), *MIGRATIONS.glob("*.sql")))
        content = sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
        return {**self._asdict(), "content": content}


def prepared(directory: Path, traffic: Traffic) -> Database:
    """Return the database with the traffic, made now unless a finished one is there."""
    made = directory / MADE
    finished = made.exists() and json.loads(made.read_text()) == traffic.fingerprint
    if not finished:
        start_over(directory, traffic)
    database = Database(f"chdb://{directory / 'clickhouse'}")
    if not finished:
        make(database, traffic)
        made.write_text(json.dumps(traffic.fingerprint))
    return database


def start_over(directory: Path, traffic: Traffic) -> None:
    """Make room for another data set; a directory that holds something else is left alone."""
    if directory.exists() and {path.name for path in directory.iterdir()} - {"clickhouse", MADE}:
        sys.exit(f"{directory} holds other things than a data set of this benchmark: name another directory")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MADE).unlink(missing_ok=True)
    shutil.rmtree(directory / "clickhouse", ignore_errors=True)
    free, needed = shutil.disk_usage(directory).free, traffic.visits * LEAST_FREE
    if free < needed:
        sys.exit(f"{directory} has {free / 1e9:.1f} GB left and {traffic.visits:,} visits need {needed / 1e9:.1f}")


def make(database: Database, traffic: Traffic) -> None:
    migrate.apply(database)
    began, steps = time.monotonic(), list(work(traffic))
    for done, (what, statement, parameters) in enumerate(steps):
        show(f"{what:<22}", done, len(steps))
        database.command(statement, parameters)
    show(f"{traffic.visits:,} visits", len(steps), len(steps))
    print(f"\nmade in {time.monotonic() - began:.0f} s", flush=True)


Step = tuple[str, str, dict[str, object]]


def work(traffic: Traffic) -> Iterator[Step]:
    """Yield the statements that make the data, with what they do and their parameters."""
    for name in ("pages", "drawn", "create_journeys"):
        yield step(name, traffic)
    for month in range(MONTHS):
        yield step("journeys", traffic, month)
        for table in TABLES:
            yield step(table, traffic, month)
        yield "next month", "truncate table journeys", {}
    for table in ("journeys", "drawn", "pages"):
        yield "tidying up", f"drop table {table}", {}
    for table in TABLES:
        yield f"merging {table}", f"optimize table {table} final", {}


def step(name: str, traffic: Traffic, month: int = 0) -> Step:
    statement = (STATEMENTS / f"{name}.sql").read_text()
    known = {**traffic.parameters, "month": month}
    # A statement that has no parameters must get none: else its percent signs would count as placeholders.
    parameters = {key: known[key] for key in re.findall(r"\{(\w+):", statement)}
    what = f"month {month + 1}: {name}" if name in ("journeys", *TABLES) else name
    return what, statement + IN_LARGE_BLOCKS if name in TABLES else statement, parameters


def show(what: str, done: int, steps: int, width: int = 30) -> None:
    """Draw a progress bar on a terminal; elsewhere a line now and then."""
    filled = width * done // steps
    line = f"{'█' * filled}{'░' * (width - filled)} {100 * done // steps:3} % {what}"
    if sys.stdout.isatty():
        sys.stdout.write(f"\r{line}\x1b[K")
    elif done == steps or done % 10 == 0:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
