"""Contents that visitors saw and used, such as teasers: `Contents.getContentNames`, `Contents.getContentPieces`."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from dashboard.reporting.actions import daily
from dashboard.reporting.page_paths import encoded
from dashboard.reporting.pairs import Pairs
from dashboard.reporting.part import Part
from dashboard.reporting.rates import RATE_DIGITS, quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import Table

NAME, PIECE = "contentName", "contentPiece"
COLUMNS = {NAME: "content_name", PIECE: "content_piece"}
NOT_DEFINED = "Content Piece not defined"


def interaction_rate(row: Mapping[str, Any]) -> float:
    return quotient(row.get("nb_interactions", 0), row.get("nb_impressions", 0), RATE_DIGITS)


def contents(part: Part, outer: str, inner: str) -> Table:
    """Raises DatabaseUnavailable."""
    found = part.rows("contents", outer_part=COLUMNS[outer], inner_part=COLUMNS[inner], daily=daily(part))
    segments = {row["outer"]: f"{outer}=={encoded(row['outer'])}" for row in found if row["outer"]}
    names = (f"Contents_{outer[:1].upper()}{outer[1:]}",)
    return Pairs(NOT_DEFINED, {"interaction_rate": interaction_rate}, names).table(part, found, segments)


METRICS = ("nb_impressions", "nb_interactions")

REPORTS: tuple[Report, ...] = (
    Report(
        name="Contents.getContentNames",
        answer=partial(contents, outer=NAME, inner=PIECE),
        title="Content Names",
        category="Actions",
        subcategory="Contents",
        dimension="Content Name",
        metrics=METRICS,
        processed=("interaction_rate",),
        below="Contents.getContentNames",
        order=35,
    ),
    Report(
        name="Contents.getContentPieces",
        answer=partial(contents, outer=PIECE, inner=NAME),
        title="Content Pieces",
        category="Actions",
        subcategory="Contents",
        dimension="Content Piece",
        metrics=METRICS,
        processed=("interaction_rate",),
        below="Contents.getContentPieces",
        order=36,
    ),
)
