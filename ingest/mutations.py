"""Changes of stored rows: ordered once, carried out by ClickHouse in its own time, and known by the name of a run."""

import logging
from collections.abc import Mapping

from sql import load
from sql.clickhouse import Database

log = logging.getLogger(__name__)

Values = Mapping[str, object]
Statements = Mapping[str, Values]  # Names of statements, such as `person/delete_hits`, and parameters.


def mutated(database: Database, run: str, statements: Statements) -> bool:
    """Order what was not ordered yet. Tell whether everything is done.

    Each statement has the name of its run and its own name as texts, by which ClickHouse's list of orders is searched:
    after a crash nothing is ordered twice. Raises DatabaseUnavailable.
    """
    waiting = False
    for name, parameters in statements.items():
        orders = database.of_servers("person/mutations", {"mark": mark_of(run, name)})
        if not orders:
            database.command(load(name), {**parameters, "run": run, "mark": mark_of(run, name)})
            log.debug("rows are changed run=%s statement=%s", run, name)
        waiting = waiting or not orders or not all(row["is_done"] for row in orders)
    return not waiting


def mark_of(run: str, name: str) -> str:
    return f"{run}:{name}"
