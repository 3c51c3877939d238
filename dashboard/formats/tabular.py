"""Answers as one table with a line of names above: for formats that know nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboard.formats.shapes import VALUE, Answer, is_table, plain, plain_value
from dashboard.reporting.metric_names import raw_title_of
from dashboard.reporting.table import ResultMap, Row, Table

METADATA = "metadata_"
NOT_SHOWN = frozenset({"idsubdatatable"})  # A number for the next call of a program.

Line = dict[str, object]


@dataclass(frozen=True, slots=True)
class Grid:
    """Names of columns, and lines that have a value for each of them."""

    names: list[str]
    lines: list[list[object]]


def grid_of(answer: Answer, translated: bool = False) -> Grid:
    """Return an answer as a grid: what is nested stands side by side; `translated` names columns as people do."""
    lines = list(lines_of(answer))
    names = list(dict.fromkeys(name for line in lines for name in line))
    titles = [title_of(name) for name in names] if translated else names
    return Grid(titles, [[line.get(name) for name in names] for line in lines])


def lines_of(answer: object) -> Iterator[Line]:
    if answer is None:
        yield {"message": "ok"}
    elif isinstance(answer, ResultMap):
        for key, entry in answer.entries.items():
            for line in entry_lines(entry):
                yield {answer.key: key, **line}
    elif isinstance(answer, Table):
        yield from map(line_of_row, answer)
    else:
        yield from plain_lines(plain(answer))


def entry_lines(entry: Answer) -> Iterator[Line]:
    """Yield the lines of one of several answers; one about nothing has none."""
    if isinstance(entry, ResultMap | Table):
        yield from lines_of(entry)
    else:
        yield from plain_lines(plain(entry, among_others=True))


def plain_lines(found: object) -> Iterator[Line]:
    if isinstance(found, Mapping):
        yield from [flattened(found)] if found else []
    elif is_table(found) and isinstance(found, Sequence):
        for entry in found:
            yield flattened(entry) if isinstance(entry, Mapping) else {VALUE: entry}
    else:
        yield {VALUE: found}


def line_of_row(row: Row) -> Line:
    metadata = {f"{METADATA}{name}": value for name, value in row.metadata.items() if name not in NOT_SHOWN}
    return flattened({name: plain_value(value) for name, value in {**row.columns, **metadata}.items()})


def flattened(row: Mapping[str, object]) -> Line:
    """Return a row whose nested values have columns of their own: `goals_idgoal=1_revenue`."""
    found: Line = {}
    for name, value in row.items():
        if is_table(value):
            inner = (
                value if isinstance(value, Mapping) else dict(enumerate(value if isinstance(value, Sequence) else ()))
            )
            found |= flattened({f"{name}_{key}": nested for key, nested in inner.items()})
        else:
            found[name] = value
    return found


def title_of(name: str) -> str:
    """Return what people call a column, its goal or origin told beside it."""
    if name.startswith(METADATA):
        return f"Metadata: {name.removeprefix(METADATA)}"
    if name.startswith("goals_idgoal="):
        goal, _, column = name.removeprefix("goals_idgoal=").partition("_")
        return f"{raw_title_of(column)} (Goal {goal})"
    return raw_title_of(name)
