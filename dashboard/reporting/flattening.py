"""Tables of one level: rows that consist of no others, their labels joined with those of the rows above."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dashboard.reporting.table import LABEL, Columns, Path, Row, Table

SLASH = "/"
INDEX = "/index"  # What the page at the root of a folder is called among the pages of the folder.
IS_FOLDER = "is_aggregate"
SEGMENT = "segment"


def flat(table: Table, with_folders: bool = False) -> Table:
    """Return a table of one level; with `with_folders` also the rows that consist of others, which are marked."""
    rows = list(flat_rows(Level(table, table), with_folders))
    return replace(table, rows=rows)


@dataclass(frozen=True, slots=True)
class Level:
    """A table within the outermost one: the labels above it, and what its rows have from there."""

    outermost: Table
    table: Table
    path: Path = ()
    inherited: Columns = field(default_factory=dict)


def flat_rows(level: Level, with_folders: bool) -> Iterator[Row]:
    for row in level.table:
        path = (*level.path, row.label)
        metadata = {**level.inherited, **row.metadata}
        if not row.table or with_folders:
            yield flat_row(level.outermost, row, path, marked(metadata, bool(row.table)) if with_folders else metadata)
        if row.table:
            kept = {name: metadata[name] for name in level.outermost.inherited if name in metadata}
            yield from flat_rows(Level(level.outermost, row.table, path, kept), with_folders)


def flat_row(outermost: Table, row: Row, path: Path, metadata: Columns) -> Row:
    label = label_of(outermost, path, bool(row.table))
    segment = {name: metadata[name] for name in (SEGMENT,) if name in metadata}  # Which stands last.
    others = {name: value for name, value in metadata.items() if name != SEGMENT}
    told = {**others, **names_of(outermost, path, label), **segment}
    return Row({**row.columns, LABEL: label}, told, is_summary=row.is_summary)


def marked(metadata: Columns, is_folder: bool) -> Columns:
    return {**metadata, IS_FOLDER: int(is_folder)}


def label_of(outermost: Table, path: Path, is_folder: bool) -> str:
    if outermost.flat_label:
        return outermost.flat_label(path, is_folder)
    return joined(path, outermost.separator)


def joined(path: Path, separator: str) -> str:
    first, *others = (part.strip() for part in path)
    if separator == SLASH:  # Leaves of addresses have theirs already.
        others = [part.removeprefix(SLASH) for part in others]
    return separator.join([first, *others])


def names_of(outermost: Table, path: Path, label: str) -> Columns:
    """Return what a row tells of its labels one by one, or of all together if there is one name for them."""
    names = outermost.flat_names
    if len(names) < 2:
        return dict.fromkeys(names, label)
    single, rest = path[: len(names) - 1], path[len(names) - 1 :]
    parts = [*(part.strip() for part in single), *([joined(rest, outermost.separator)] if rest else [])]
    return dict(zip(names, parts, strict=False))


def page_label(path: Path, is_folder: bool) -> str:
    """Return the address of a page within its site: a leading slash, and a folder's own page ends in one."""
    *folders, name = path
    if not is_folder and not name.startswith(SLASH):  # "Page URL not defined".
        return name.strip()
    last = "" if name == INDEX and not is_folder else name.removeprefix(SLASH)
    return SLASH + SLASH.join([*folders, last])
