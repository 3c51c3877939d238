"""The privacy floor of a site: rows of fewer visitors than it says are folded into one, and tell nobody apart."""

from dataclasses import replace

from dashboard.api_parameters import ApiError
from dashboard.reporting.part import Part
from dashboard.reporting.table import LABEL, Result, Row, Table, added

# How many people a row is about: the first of these that it has. There are no more visitors than visits.
PEOPLE = ("nb_uniq_visitors", "nb_visits", "nb_conversions", "orders")


class TooFewVisitors(ApiError):
    """Raised if a segment selects fewer visitors than the site's floor."""

    def __init__(self, fewest: int) -> None:
        super().__init__(f"Fewer than {fewest} visitors match this segment: this website's reports do not tell so few.")


def check(part: Part) -> None:
    """Refuse a segment of too few visitors; none at all is no secret. Raises TooFewVisitors, DatabaseUnavailable."""
    fewest = part.site.fewest_visitors
    if not fewest or not part.segment.condition:
        return
    visitors = part.rows("visits_summary")[0]["nb_uniq_visitors"]
    if 0 < visitors < fewest:
        raise TooFewVisitors(fewest)


def folded(result: Result, fewest: int) -> Result:
    """Return a report without rows of fewer people, and at its end one row that adds them up."""
    return folded_table(result, fewest) if fewest and isinstance(result, Table) else result


def folded_table(table: Table, fewest: int) -> Table:
    shown = [with_inner(row, fewest) for row in table if not is_small(row, fewest)]
    small = [row.columns for row in table if is_small(row, fewest)]
    if small:
        shown.append(Row({LABEL: f"Fewer than {fewest} visitors", **added(small)}, is_summary=True))
    return replace(table, rows=shown)


def with_inner(row: Row, fewest: int) -> Row:
    return row if row.table is None else replace(row, table=folded_table(row.table, fewest))


def is_small(row: Row, fewest: int) -> bool:
    """Tell whether a row is about somebody, and about too few. A folder is as large as what it adds up."""
    people = next((row.columns[name] for name in PEOPLE if row.columns.get(name) is not None), 0)
    return 0 < people < fewest
