"""One installation as `pegel doctor` looks at it, and what a look finds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.settings import Settings
from sql.clickhouse import Access

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """What one look found, free of addresses and personal data; `remedy` says what to do if it is not well."""

    check: str
    state: State
    says: str
    remedy: str = ""


class Installation(NamedTuple):
    """What is looked at."""

    settings: Settings
    data: Path
    access: Access  # To ClickHouse.
    registry: Path
    addresses: Mapping[str, str]  # Of the listeners, by the names of their settings.
    now: float

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def journal(self) -> Path:
        return self.data / "loader.sqlite"

    @property
    def embedded(self) -> bool:
        return self.access.embedded


def size(count: int) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} TB"
