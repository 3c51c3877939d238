"""Which columns of the visitor log are shown, and its lists as columns of their own where it shall be flat."""

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.api_parameters import Parameters
from dashboard.reporting.table import Columns


def shown(row: Columns, parameters: Parameters) -> Columns:
    """Return a row as the call wants it. Columns are hidden inside of others too, unless that is switched off.

    Raises BadParameter.
    """
    wanted, hidden = set(parameters.texts("showColumns")), set(parameters.texts("hideColumns"))
    inside = parameters.flag("hideColumnsRecursively") or not parameters.given("hideColumnsRecursively")
    kept = {name: value for name, value in row.items() if name not in hidden and (not wanted or name in wanted)}
    kept = without(kept, hidden) if inside and hidden else kept
    return dict(flat(kept)) if parameters.flag("flat") else kept


def without(value: Any, hidden: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: without(inner, hidden) for name, inner in value.items() if name not in hidden}
    return [without(inner, hidden) for inner in value] if isinstance(value, list) else value


def flat(row: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield columns that are no lists: what is in one is called after it, such as `url (actionDetails 0)`."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{place} {name}".strip())
        elif isinstance(value, list):
            yield from flat(dict(entries(name, value)), place)
        else:
            yield f"{name} ({place})" if place else name, value


def entries(name: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{name} {number}", value) for number, value in enumerate(values))
