"""The questions that can be asked about a site, each answered by one statement."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from dashboard.period import Bounds
from sql.clickhouse import Database

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """One question: the statement that answers it, and the columns of the answer."""

    name: str
    columns: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"reports/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of what a report speaks; statements take from it what they need."""

    site: int
    bounds: Bounds
    timezone: str = "UTC"
    bucket: Literal["day", "month"] = "day"
    limit: int = 10
    offset: int = 0


COUNTS = ("nb_visits", "nb_uniq_visitors", "nb_pageviews")
OUTCOMES = ("nb_kept", "nb_dropped", "nb_refused")
OVER_ALL = ("all_rows", "all_values", "highest_value")
VISITS = ("nb_visits", "nb_uniq_visitors", "bounce_count", *OVER_ALL)

REPORTS = {
    report.name: report
    for report in (
        Report(
            "visits_summary",
            (
                "nb_visits",
                "nb_uniq_visitors",
                "nb_users",
                "nb_actions",
                "nb_visits_converted",
                "bounce_count",
                "sum_visit_length",
                "max_actions",
            ),
        ),
        Report(
            "actions_summary",
            (
                "nb_pageviews",
                "nb_uniq_pageviews",
                "nb_downloads",
                "nb_uniq_downloads",
                "nb_outlinks",
                "nb_uniq_outlinks",
                "nb_searches",
                "nb_keywords",
            ),
        ),
        Report("visits_over_time", ("bucket", *COUNTS)),
        Report("visits_by_hour", ("hour", *COUNTS)),
        Report("pages", ("page", "prefix", "nb_hits", "nb_visits", *OVER_ALL)),
        Report("entry_pages", ("page", "prefix", "entry_nb_visits", "entry_bounce_count", *OVER_ALL)),
        Report("referrers", ("referrer_type", "referrer_name", *VISITS)),
        Report("countries", ("country", *VISITS)),
        Report("browsers", ("browser", *VISITS)),
        Report("live_visitors", ("nb_visitors", "nb_hits")),
        Report("first_hit", ("at",)),
        Report("tracking_outcomes", ("outcome", "reason", "nb_requests", "last")),
        Report("last_refused", ("minute", "reason", "nb_requests")),
        Report("requests_by_hour", ("hour", *OUTCOMES)),
        Report("requests_over_time", ("bucket", *OUTCOMES)),
        Report("requests_by_site", ("site", *OUTCOMES, "parameter", "last", "all_rows")),
        Report("bots", ("class", "name", "nb_requests", "nb_pages", "last")),
    )
}


def answer(database: Database, name: str, question: Question) -> list[Row]:
    """Return the rows of a report.

    Raises DatabaseUnavailable.
    """
    parameters = asdict(question) | asdict(question.bounds)
    del parameters["bounds"]
    return database.query(REPORTS[name].file, parameters)
