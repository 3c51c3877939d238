"""Everything a database is told: the only rooms with SQL.

`load` reads a statement, `clickhouse` runs it, `registry` keeps sites and people, `migrate` moves schemas forward.
"""

from functools import cache
from importlib.resources import files


class SqlError(Exception):
    """Root of what this package raises."""


@cache
def load(name: str) -> str:
    """Return the text of `sql/{name}.sql`, for example `reports/visits_summary`.

    Raises FileNotFoundError if there is no such file.
    """
    return files("sql").joinpath(f"{name}.sql").read_text("utf-8")
