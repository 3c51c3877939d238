"""What the machine gives to an installation: room on a disk of its own, files that nobody else reads, time zones."""

import shutil
import sqlite3
import zoneinfo
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ingest.installation import Finding, Installation, State, size
from ingest.node import SNAPSHOT
from ingest.segments import segments, size_of, used_bytes
from sql import load

LEAST_FREE = 100_000_000  # Bytes; below, the databases stop soon.
FEW_DAYS = 30
DAY = 86_400
OTHERS = 0o007  # What others on the machine may do with a file.
# Locks and logs of databases are not to be trusted there: two machines may write at once, and a sync may not be one.
SHARED = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.gluster", "virtiofs")
MOUNTS = Path("/proc/self/mountinfo")
OLD_YEARS = 2  # Of a time zone database; somewhere the rules have changed since then.


def disk(place: Installation) -> Iterator[Finding]:
    """Tell whether hits have room to wait for as long as the spool allows, and for how many days there is room."""
    there = next(folder for folder in (place.data, *place.data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    missing = place.settings.spool_max_bytes - used_bytes(place.spool)
    days = days_left(place, free)
    few = days is not None and days < FEW_DAYS
    state: State = "fail" if free < LEAST_FREE else "warn" if free < missing or few else "ok"
    remedy = "make room, or keep hits for a shorter time: pegel site change N --retention-months M" if few else ""
    if state != "ok":
        remedy = remedy or "make room, or set PEGEL_SPOOL_MAX_BYTES to less"
    says = f"{size(free)} free" if days is None else f"{size(free)} free, enough for {days} days at the pace so far"
    yield Finding("disk", state, says, remedy)


def days_left(place: Installation, free: int) -> int | None:
    """Return for how many days there is room if all goes on as since the beginning; None on the first day."""
    began = next(iter(told_by_registry(place, "installed")), None)
    if began is None:
        return None
    days = (place.now - datetime.fromisoformat(began).timestamp()) / DAY
    used = sum(map(size_of, place.data.rglob("*")))
    return int(free / (used / days)) if days >= 1 and used else None


def told_by_registry(place: Installation, statement: str) -> list[str]:
    """Return the answers of a statement, without changing anything; none of a registry that cannot be read."""
    if not place.registry.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{quote(str(place.registry))}?mode=ro", uri=True)) as connection:
            return [answer for (answer,) in connection.execute(load(f"registry/{statement}")) if answer]
    except sqlite3.Error:  # There is a look at the registry that tells it.
        return []


def permissions(place: Installation) -> Iterator[Finding]:
    """Tell whether others on the machine can read what is kept of visitors and users."""
    if not place.data.exists():
        return
    files = [*place.data.glob("registry.sqlite*"), *place.data.glob("loader.sqlite*"), place.data / SNAPSHOT]
    files += [place.registry, *segments(place.spool), place.data / "clickhouse"]
    reachable = place.data.stat().st_mode & OTHERS
    open = sorted({path.name for path in files if path.exists() and path.stat().st_mode & OTHERS}) if reachable else []
    if not open:
        yield Finding("permissions", "ok", "others on this machine can read nothing")
        return
    more = f" and {len(open) - 1} more" if len(open) > 1 else ""
    yield Finding("permissions", "warn", f"others on this machine can read {open[0]}{more}", f"chmod 700 {place.data}")


def filesystem(place: Installation) -> Iterator[Finding]:
    """Tell whether the data directory lies on a disk of this machine."""
    yield judged(kind_of(place.data.resolve(), MOUNTS.read_text()), place.embedded)


def judged(kind: str, embedded: bool) -> Finding:
    if not kind.startswith(SHARED):
        return Finding("file system", "ok", kind)
    what = "the embedded engine, the registry and the spool" if embedded else "the registry and the spool"
    remedy = f"move it to a disk of this machine: {what} need locks and syncs that can be trusted"
    return Finding("file system", "fail", f"the data directory lies on {kind}, which other machines share", remedy)


def kind_of(directory: Path, mounts: str) -> str:
    """Return the kind of file system at a place, from the lines that Linux tells (proc(5), mountinfo)."""
    kinds = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kinds[before.split()[4].encode("latin-1", "replace").decode("unicode_escape")] = after.split()[0]
    return next((kinds[str(each)] for each in (directory, *directory.parents) if str(each) in kinds), "unknown")


def zones(place: Installation) -> Iterator[Finding]:
    """Tell whether the time zones of all sites are known, and how old the rules of time zones are."""
    missing = [zone for zone in told_by_registry(place, "zones") if not is_known(zone)]
    if missing:
        remedy = "install the time zones of the system (Debian: apt install tzdata)"
        yield Finding("time zones", "fail", f"{', '.join(missing)} unknown here", remedy)
        return
    release = release_of(zoneinfo.TZPATH)
    old = bool(release) and int(release[:4]) + OLD_YEARS < datetime.fromtimestamp(place.now, UTC).year
    remedy = "upgrade the time zones of the system (Debian: apt install tzdata)" if old else ""
    yield Finding("time zones", "warn" if old else "ok", f"release {release}" if release else "known", remedy)


def is_known(zone: str) -> bool:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return False
    return True


def release_of(folders: tuple[str, ...]) -> str:
    """Return which release of the time zone database the system has, such as 2026f; '' if it does not say."""
    for file in (Path(folder, "tzdata.zi") for folder in folders):
        if file.exists():
            with file.open("rb") as lines:
                head, _, release = lines.readline().decode("ascii", "replace").strip().partition("# version ")
            return release if not head and release[:4].isdigit() else ""
    return ""


def reachable(address: str) -> str:
    """Return where a listener on every address can be reached from here."""
    host, _, port = address.rpartition(":")
    return f"127.0.0.1:{port}" if host in ("", "0.0.0.0", "[::]", "*") else address
