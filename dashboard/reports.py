"""The questions that can be asked about a site, each answered by one statement: `sql/reports/{name}.sql`.

Of days whose rows are deleted the sums that were kept are added.
"""

from dashboard.question import ALL_ROWS, Question, Row, from_rows
from dashboard.sums import SUMS, together_with
from sql.clickhouse import Database

__all__ = ["ALL_ROWS", "Question", "Row", "answer"]


def answer(database: Database, name: str, question: Question) -> list[Row]:
    """Return the rows of a report.

    Raises DatabaseUnavailable.
    """
    since = question.raw_since
    sums = SUMS.get(name) if since and not question.segment.condition else None
    if since is None or sums is None:
        return from_rows(database, name, question)
    return together_with(sums, database, question, from_rows(database, name, question.from_raw(since)))
