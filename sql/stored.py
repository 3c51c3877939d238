"""What is stored, where, what for and how long, as a table for data-protection officers: `python -m sql.stored`.

It is made of `sql/stored.toml`, which a test compares with the schemas: nothing is stored that is not described.
"""

import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from typing import Literal

Place = Literal["spool", "clickhouse", "registry", "journal", "visitor", "logs"]
PLACES: dict[Place, str] = {
    "spool": "Spool: files `spool/*.segment` in the data directory",
    "clickhouse": "ClickHouse: `clickhouse/` in the data directory, or the server that `PEGEL_CLICKHOUSE` names",
    "registry": "Registry: file `registry.sqlite` in the data directory",
    "journal": "Loader's journal: file `loader.sqlite` in the data directory",
    "visitor": "Browsers",
    "logs": "Logs",
}
# Said once, below the table.
TERMS = {
    "retention": "until the site's retention is over",
    "sums": "for ever; deleted a week after their site",
}
HEADING = (
    "| where | columns | what it is | personal data | what for | how long |",
    "| --- | --- | --- | --- | --- | --- |",
)
AFTERWORD = (
    "*Retention*: a calendar month (UTC) is deleted on the day on which its first day is older than the site's",
    "`--retention-months`, or than its preset allows; `pegel site list --json` says when that is next. Older history",
    "may be loaded: its days are counted, and it goes an hour after the last of it came. Hits of months that were",
    "deleted are not taken (`too-old`). A month goes only after its days are counted. Data of a deleted site goes a",
    "week after it; counters stay. *Possibly*: texts of the website, in which somebody may be named although known",
    "patterns are cut out. *Pseudonymous*: tells visitors apart, but not who they are.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Columns of a table that have to be looked at together."""

    place: Place
    table: str
    columns: tuple[str, ...]
    what: str
    personal: Literal["no", "yes", "pseudonymous", "possibly"]
    purpose: str
    until: str

    @property
    def line(self) -> str:
        columns = ", ".join(f"`{column}`" for column in self.columns)
        until = TERMS.get(self.until, self.until)
        return f"| {self.table} | {columns} | {self.what} | {self.personal} | {self.purpose} | {until} |"


def stored() -> list[Stored]:
    """Return everything, in the order of the file."""
    entries = tomllib.loads(files("sql").joinpath("stored.toml").read_text("utf-8"))["stored"]
    return [Stored(**{**entry, "columns": tuple(entry["columns"])}) for entry in entries]


def markdown(entries: Sequence[Stored]) -> str:
    return "\n".join(lines(entries))


def lines(entries: Sequence[Stored]) -> Iterator[str]:
    """Yield a table for each place, and what its words mean."""
    for place, group in groupby(entries, key=lambda entry: entry.place):
        yield from (f"**{PLACES[place]}**", "", *HEADING)
        yield from (entry.line for entry in group)
        yield ""
    yield from AFTERWORD


if __name__ == "__main__":
    sys.stdout.write(markdown(stored()) + "\n")
