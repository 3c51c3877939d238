"""What a row of the table of reports says: who answers a method of the Reporting API, and how it is described."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.reporting.part import Part
from dashboard.reporting.table import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One method that answers about sites and periods, such as `UserCountry.getCountry`.

    The fields after `answer` are for `API.getReportMetadata` and `API.getProcessedReport`; a method without a title is
    not listed there.
    """

    name: str
    answer: Callable[[Part], Result]
    title: str = ""  # As people read it, such as "Country".
    category: str = ""  # Such as "Visitors".
    subcategory: str = ""  # Such as "Locations".
    dimension: str = ""  # What its labels are, such as "Country"; '': it is one row without label.
    metrics: tuple[str, ...] = ()
    processed: tuple[str, ...] = ()  # Metrics that follow from others, such as "bounce_rate".
    names: Mapping[str, str] = field(default_factory=dict)  # Of metrics that are called otherwise here than elsewhere.
    has_goals: bool = False  # Its rows tell conversions.
    below: str = ""  # The method that answers for `idSubtable`, such as "Referrers.getKeywordsFromCampaignId".
    parameters: Mapping[str, str] = field(default_factory=dict)  # Fixed ones, such as idDimension.
    order: int = 50  # Within its category.
    # Answers for several periods of a site at once, in their order, where that is quicker than one by one.
    each: Callable[[Sequence[Part]], list[Result]] | None = None
    single_period: bool = False  # Refuses several dates and several sites.

    @property
    def module(self) -> str:
        return self.name.partition(".")[0]

    @property
    def action(self) -> str:
        return self.name.partition(".")[2]

    @property
    def columns(self) -> tuple[str, ...]:
        """The metrics that people see, those that follow from others last."""
        return (*self.metrics, *(name for name in self.processed if name not in self.metrics))
