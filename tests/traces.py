"""What somebody leaves behind, in every form in which texts and programs hold it, and every place where it is found."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import quote, quote_plus

from sql.clickhouse import Database

# Rows as people read them, and as bytes: parts of a table are compressed, so the bytes on disk alone prove little.
FORMATS = ("JSONEachRow", "RowBinary")
TABLES = """
select database || '.' || name from system.tables
where engine not like '%View' and lower(database) != 'information_schema'
    and (database != 'system' or name like '%_log')
order by all format TSV
"""


@dataclass(frozen=True)
class Trace:
    """Something that must not be found: as text, whatever its case, and as the bytes of a number."""

    texts: frozenset[bytes]
    packed: frozenset[bytes] = frozenset()


def trace_of_text(value: str) -> Trace:
    """Return a text as it is and as it stands in an address, encoded once or twice."""
    forms = {value, quote(value, safe=""), quote_plus(value), quote(quote(value, safe=""), safe="")}
    return Trace(lower(forms))


def trace_of_id(digits: str) -> Trace:
    """Return a visitor's id: 16 hex digits, a decimal number with or without sign, or 8 bytes in either order."""
    packed = bytes.fromhex(digits)
    decimals = {str(int.from_bytes(packed, signed=signed)) for signed in (False, True)}
    return Trace(lower({digits, *decimals}), frozenset({packed, packed[::-1]}))


def trace_of_user(user_id: str) -> Trace:
    """Return what a website calls somebody, and the visitor id that Matomo's clients make of it."""
    text = trace_of_text(user_id)
    made = trace_of_id(sha1(user_id.encode(), usedforsecurity=False).hexdigest()[:16])
    return Trace(text.texts | made.texts, made.packed)


def trace_of_address(text: str) -> Trace:
    """Return an IP address: as text in short and long, as hex digits, as a number, or as bytes in either order."""
    address = ip_address(text)
    forms = {str(address), address.exploded, address.packed.hex(), str(int(address))}
    if isinstance(address, IPv4Address):
        mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
        groups = mapped.exploded.split(":")[-2:]
        forms |= {":".join(groups), ":".join(group.lstrip("0") or "0" for group in groups)}
    return Trace(lower(forms), frozenset({address.packed, address.packed[::-1]}))


def lower(texts: Iterable[str]) -> frozenset[bytes]:
    return frozenset(text.lower().encode() for text in texts)


class Remains:
    """Every byte that is left somewhere, by place: files with their names, tables with theirs."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.lowered: dict[str, bytes] = {}

    def add(self, place: str, content: bytes) -> None:
        self.contents[place] = content
        self.lowered[place] = content.lower()

    def add_files(self, directory: Path) -> "Remains":
        """Add every file below a directory with its name: that may give something away, too."""
        for path in directory.rglob("*"):
            if path.is_file():
                self.add(str(path), str(path.relative_to(directory)).encode() + b"\n" + path.read_bytes())
        return self

    def add_tables(self, database: Database) -> "Remains":
        """Add every row of every table."""
        for table in database.client.raw_query(TABLES).decode().split():
            for form in FORMATS:
                self.add(f"{table} {form}", database.client.raw_query(f"select * from {table} format {form}"))
        return self

    def places(self, trace: Trace) -> list[str]:
        """Return where something is found, in any of its forms."""
        texts = {place for place, content in self.lowered.items() if holds(content, trace.texts)}
        packed = {place for place, content in self.contents.items() if holds(content, trace.packed)}
        return sorted(texts | packed)


def holds(content: bytes, needles: Collection[bytes]) -> bool:
    return any(needle in content for needle in needles)


def assert_no_address(remains: Remains, addresses: Iterable[str]) -> None:
    """Search the forms in which texts and programs hold addresses."""
    traces = {text: trace_of_address(text) for text in addresses}
    assert found_in(remains, {text: Trace(trace.texts) for text, trace in traces.items()}) == {}
    packed = found_in(remains, {text: Trace(frozenset(), trace.packed) for text, trace in traces.items()})
    assert {text: places for text, places in packed.items() if ":" in text} == {}
    # Four bytes may stand anywhere by chance; those of two different addresses do not.
    assert len(packed) <= 1, packed


def found_in(remains: Remains, traces: Mapping[str, Trace]) -> dict[str, list[str]]:
    return {name: places for name, trace in traces.items() if (places := remains.places(trace))}
