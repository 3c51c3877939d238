"""What the loader remembers of somebody: visits that hits may still change, and records that it could not read."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ingest.journal import Journal, hash_of, to_signed
from ingest.visits import NAMES, Visit
from sql.people import Reach, Who, hex_of

HEXED = ("id", "visitor", "fingerprint")


class Sought(NamedTuple):
    """Somebody, and what was found of them in the tables."""

    who: Who
    reach: Reach
    orders: Collection[tuple[int, str]] = ()  # Sites, and numbers of orders made there.


class Remembered(NamedTuple):
    """What the journal has of somebody, by the numbers of its rows."""

    visits: dict[int, Visit]
    records: dict[int, bytes]


def remembered(journal: Journal, sought: Sought) -> Remembered:
    """Return what is remembered of somebody."""
    visits = dict(visits_of(journal, sought))
    wanted = marks_of(sought, visits.values())
    records = journal.rows("set_aside_records", site=sought.who.site)
    return Remembered(visits, {int(row): record for row, record in records if mentions(record, wanted)})


def visits_of(journal: Journal, sought: Sought) -> Iterator[tuple[int, Visit]]:
    who, reach = sought.who, sought.reach
    visits, visitors = set(reach.visits), set(reach.visitors)
    ids = {who.visitor, *(visitor for _, visitor in visitors)} - {0}
    # A text stands in a state as JSON writes it, whatever is around it.
    text = orjson.dumps(who.value)[1:-1] if who.kind == "user" else b""
    asked = {"visits": listed(visit for _, visit in visits), "visitors": listed(ids), "text": text}
    for number, state in journal.rows("states_of", **asked):
        visit = Visit(*orjson.loads(state))
        named = who.site in (0, visit.site) and (visit.visitor == who.visitor or is_user(visit, who))
        if named or (visit.site, visit.id) in visits or (visit.site, visit.visitor) in visitors:
            yield int(number), visit


def is_user(visit: Visit, who: Who) -> bool:
    return who.kind == "user" and visit.user_id == who.value


def listed(ids: Any) -> str:
    return orjson.dumps([to_signed(id) for id in ids]).decode()


def marks_of(sought: Sought, visits: Collection[Visit]) -> frozenset[object]:
    """Return the values by which a record is theirs."""
    named = {id for _, id in (*sought.reach.visitors, *sought.reach.visits)} | {sought.who.visitor}
    prints = {visit.fingerprint for visit in visits}
    texts = {order for _, order in sought.orders} | ({sought.who.value} if sought.who.kind != "visitor" else set())
    return frozenset((named | prints | texts) - {0, ""})


def mentions(record: bytes, wanted: frozenset[object]) -> bool:
    """Tell whether a record has one of the values in it, or cannot be looked into at all and has it as a text."""
    try:
        # Rows that no database takes are written by Python's own JSON, with what other parsers refuse.
        return any(value in wanted for value in values_in(json.loads(record)))
    except (ValueError, RecursionError):
        return any(str(value).encode() in record for value in wanted)


def values_in(value: Any) -> Iterator[Any]:
    """Yield the texts and numbers in JSON, however deep; names of values, such as slots of variables, are none."""
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list):
        for part in value:
            yield from values_in(part)
    else:
        yield value


def erase_from(journal: Journal, sought: Sought) -> None:
    """Forget somebody: what comes under the same cookie afterwards is a visitor nobody has seen."""
    found = remembered(journal, sought)
    orders = ({"site": site, "number": to_signed(hash_of(order))} for site, order in sought.orders)
    with journal.transaction():
        journal.many("delete_state", ({"number": number} for number in found.visits))
        journal.many("delete_set_aside", ({"rowid": rowid} for rowid in found.records))
        # The number of an order is easily guessed from its hash.
        journal.many("forget_order", orders)


def told(file: Path, who: Who, reach: Reach) -> dict[str, list[Any]]:
    """Return what is remembered of somebody as it is exported; nothing where no loader has been."""
    if not file.exists():
        return {"remembered_visits": [], "unreadable_records": []}
    with closing(Journal(file)) as journal:
        found = remembered(journal, Sought(who, reach))
    return {
        "remembered_visits": [readable(visit) for visit in found.visits.values()],
        "unreadable_records": [record.decode("utf-8", "replace") for record in found.records.values()],
    }


def readable(visit: Visit) -> dict[str, Any]:
    values = {name: getattr(visit, name) for name in NAMES}
    return {**values, **{name: hex_of(values[name]) for name in HEXED}}
