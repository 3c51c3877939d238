"""What a call asks: which sites, which periods, which visits; and the answers put together by date and by site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
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
from sql.segments import EVERYTHING

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

    if not asked.has_several_sites:
        return by_date(asked, asked.sites()[0], report)
    return ResultMap("idSite", {str(site.id): by_date(asked, site, report) for site in asked.sites()})


def by_date(asked: Asked, site: Site, report: Report) -> Result:
    periods = asked.periods(site)
    part = asked.part(site, periods[0])
    if not asked.has_several_dates:
        return about(report, part)
    answers = one_by_one(report, [part.at(period) for period in periods])
    return ResultMap("date", {key_of(period): answer for period, answer in zip(periods, answers, strict=True)})


def about(report: Report, part: Part) -> Result:
    """Return what a report says of one site in one period, no more than the site allows. Raises TooFewVisitors."""
    check(part)
    return folded(report.answer(part), part.site.fewest_visitors)


def one_by_one(report: Report, parts: Sequence[Part]) -> list[Result]:
    """Return what a report says of several periods of a site, one after the other."""
    if report.each and not parts[0].site.fewest_visitors:
        return report.each(parts)
    visited = visited_days(parts)
    nothing: dict[timedelta | None, Result] = {}
    found = []
    for part in parts:
        if visited.isdisjoint(part.period.previous().dates()) and visited.isdisjoint(part.period.dates()):
            # Hours have other names where clocks differ; else all periods without visits are the same.
            offset = part.period.bounds(part.zone).since.astimezone(part.zone).utcoffset()
            if offset not in nothing:
                nothing[offset] = about(report, part)
            found.append(nothing[offset])
        else:
            found.append(about(report, part))
    return found


def visited_days(parts: Sequence[Part]) -> set[date]:
    """Return the days with visits, from the period before the first one on: some reports compare with that."""
    whole = Period("range", parts[0].period.previous().first, parts[-1].period.last)
    everybody = parts[0].at(whole).of(EVERYTHING)
    return {row["day"] for row in everybody.rows("visited_days")}
