"""Who visited, as far as sites tell: a row for each user id."""

from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Table
from dashboard.reporting.visit_tables import By, encoded, report_of, rows_of
from dashboard.reporting.visits import visits_by
from sql.policies import policy_of


def users(part: Part) -> Table:
    """Return users, each with the visitor id of the first visit; nobody where the site's policy keeps them back."""
    if not policy_of(part.site).user_ids:
        return Table()
    visitors = {row["user_id"]: row["visitor"] for row in part.rows("users")}

    def of_user(name: str) -> Columns:
        return {"idvisitor": f"{visitors[name]:016x}", "segment": f"userId=={encoded(name)}"}

    visits = {key: columns for key, columns in visits_by(part, "user_id").items() if key[0] in visitors}
    return Table(rows_of(part, By(dimensions=("user_id",), label=str, metadata=of_user), visits))


REPORTS: tuple[Report, ...] = (
    report_of("UserId.getUsers", users, "User IDs", "User ID", ("Visitors", "User IDs"), order=4),
)
