"""What a call asks: which sites, which periods, which visits; and the answers put together by date and by site."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from functools import partial
from zoneinfo import ZoneInfo

from dashboard.api_calls import Call
from dashboard.api_parameters import ApiError
from dashboard.period import Period
from dashboard.reporting.floor import check, folded
from dashboard.reporting.part import Part
from dashboard.reporting.periods import are_several, key_of, kind_of, periods_of
from dashboard.reporting.report import Report
from dashboard.reporting.table import Result, ResultMap
from dashboard.segment import Context, parse
from sql.entries import Site
from sql.globals import effective

EVERY = "all"


class OnePeriodOnly(ApiError):
    """Raised if a report that has no answer for several dates or sites is asked for them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} answers for one website and one period at a time.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's question about sites and periods."""

    call: Call

    @property
    def text(self) -> str:
        return self.call.parameters.text("idSite") or self.call.parameters.text("idSites")

    @property
    def has_several_sites(self) -> bool:
        return self.text.strip() == EVERY or "," in self.text

    @property
    def has_several_dates(self) -> bool:
        return are_several(kind_of(self.call.parameters.required("period")), self.dates)

    @property
    def dates(self) -> str:
        return self.call.parameters.required("date").strip()

    def sites(self) -> list[Site]:
        """Return the sites; of `all` those that the caller may see."""
        if self.call.sites:
            return [self.call.registry.site(id) for id in self.call.sites]
        return self.call.caller.sites("view", self.call.registry.sites())

    def today(self, site: Site) -> date:
        """Return the day that words such as `today` mean: the site's, or that of UTC where several sites share it."""
        zone = UTC if self.has_several_sites else ZoneInfo(site.timezone)
        return self.call.now.astimezone(zone).date()

    def periods(self, site: Site) -> list[Period]:
        """Raises MissingParameter, UnknownPeriod, BadDate."""
        kind = kind_of(self.call.parameters.required("period"))
        return periods_of(kind, self.dates, self.today(site))

    def part(self, site: Site, period: Period) -> Part:
        """Raises ApiError for a segment that cannot be understood."""
        registry = self.call.registry
        site = effective(site, registry.global_settings())
        dimensions = {dimension.id: dimension for dimension in registry.dimensions(site.id)}
        goals = {goal.id: goal for goal in registry.goals(site.id)}
        scopes = {id: dimension.scope for id, dimension in dimensions.items()}
        context = Context.of(site, scopes, {id: goal.name for id, goal in goals.items()})
        return Part(
            database=self.call.database,
            site=site,
            goals=goals,
            dimensions=dimensions,
            period=period,
            parameters=self.call.parameters,
            now=self.call.now,
            segment=parse(self.call.parameters.text("segment"), context),
            title_delimiter=self.call.surroundings.title_delimiter,
        )

    def parts(self) -> Iterator[Part]:
        """Yield a part for each site of the first period that was asked for."""
        return (self.part(site, self.periods(site)[0]) for site in self.sites())


def answered(report: Report, call: Call) -> Result:
    """Return what a report says: of several dates and sites a map, sites outside.

    Raises ApiError, DatabaseUnavailable.
    """
    asked = Asked(call)
    if report.single_period and (asked.has_several_sites or asked.has_several_dates):
        raise OnePeriodOnly(report.name)

    def of_site(site: Site) -> Result:
        return by_date(asked, site, partial(about, report))

    if not asked.has_several_sites:
        return of_site(asked.sites()[0])
    return ResultMap("idSite", {str(site.id): of_site(site) for site in asked.sites()})


def about(report: Report, part: Part) -> Result:
    """Return what a report says of one site in one period, no more than the site allows. Raises TooFewVisitors."""
    check(part)
    return folded(report.answer(part), part.site.fewest_visitors)


def by_date(asked: Asked, site: Site, answer: Callable[[Part], Result]) -> Result:
    parts = [asked.part(site, period) for period in asked.periods(site)]
    if not asked.has_several_dates:
        return answer(parts[0])
    return ResultMap("date", {key_of(part.period): answer(part) for part in parts})
