"""Hits per second from the spool to queryable, on one core, against inserting the finished rows alone.

The baseline in the same run inserts the same rows, already made, into tables of the same shape: the part of the work
that ClickHouse does. Usage: python -m benchmarks.loader_throughput [--hits 200000]
"""

import argparse
import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.traffic import many_hits
from ingest.collecting import payload
from ingest.exclusions import Exclusions
from ingest.geo import BUNDLED, Places
from ingest.hit import Decider, Hit
from ingest.loader import Loader, Sources
from ingest.privacy import Visitors
from ingest.referrer import ListsFolder
from ingest.sender import Sender
from ingest.spool import Spool
from ingest.tracking import TrackingRequest
from sql import migrate
from sql.clickhouse import Database
from sql.registry import NewSite, Registry


class RecordingDatabase(Database):
    """Remembers what was inserted, to insert it once more without the loader."""

    inserted: list[tuple[str, dict[str, Any]]]

    def insert(self, table: str, columns: Any, token: str) -> None:
        self.inserted.append((table, dict(columns)))
        super().insert(table, columns, token)


async def fill_spool(directory: Path, registry: Registry, hits: int) -> None:
    """Put hits into the spool as a collector does, one record for each."""
    spool = Spool(directory, Hit._fields, 1 << 40)
    running = asyncio.create_task(spool.run())
    token = registry.add_token("benchmark", "write", None)
    snapshot = registry.snapshot()
    exclusions = Exclusions(snapshot.sites.values(), (), ListsFolder(None))
    decider = Decider(snapshot, Visitors(2, Places(Path(BUNDLED))), exclusions)
    sender = Sender("203.0.113.9", "", "", "", "", "", False, token)
    now = datetime.now(UTC).timestamp()
    waiting = []
    for parameters in many_hits(hits):
        hit = decider.decide(TrackingRequest({"idsite": "1", "rec": "1", **parameters}), sender, now)
        assert isinstance(hit, Hit)
        waiting.append(asyncio.ensure_future(spool.append(payload([hit], {}, now))))
        if len(waiting) == 1000:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    spool.stop()
    await running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=200_000)
    hits = parser.parse_args().hits
    with tempfile.TemporaryDirectory() as text:
        data = Path(text)
        registry = Registry(data / "registry.sqlite")
        registry.add_site(NewSite(name="Example", urls=("https://example.org",)))
        print(f"putting {hits:,} hits into the spool …", flush=True)
        asyncio.run(fill_spool(data / "spool", registry, hits))
        os.sched_setaffinity(0, {0})
        database = RecordingDatabase(f"chdb://{data / 'clickhouse'}")
        database.inserted = []
        migrate.apply(database)
        loader = Loader(Sources.below(data), database, registry, ListsFolder(None))
        for hit in many_hits(5_000):  # A running loader knows the usual devices.
            loader.devices.of(hit["ua"], None)
        began, cpu = time.perf_counter(), time.process_time()
        while loaded := loader.load_batch(time.time()):
            print(f"  batch {loaded.batch}: {loaded.hits:,} hits in {loaded.seconds:.2f} s", flush=True)
        ours, cpu = time.perf_counter() - began, time.process_time() - cpu
        (row,) = database.client.query("select count() as hits, uniqExact(visit) as visits from hits").named_results()
        assert row["hits"] == hits, row
        began = time.perf_counter()
        for number, (table, columns) in enumerate(database.inserted):
            Database.insert(database, table, columns, f"again-{number}")
        alone = time.perf_counter() - began
    print(f"{row['visits']:,} visits; inserting the finished rows alone: {hits / alone:,.0f} hits/s")
    print(f"one core was ours for {cpu / ours:.0%} of the time; {hits / cpu:,.0f} hits per second of processor time")
    ratio = f"{alone / ours:.2f} of inserting alone"
    print(f"loader_throughput: {hits / ours:,.0f} hits/s on one core (wanted: 25,000); {ratio}")


if __name__ == "__main__":
    main()
