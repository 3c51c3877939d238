"""Our answers to the questions of recorded cases: which report, for which sites and periods."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.countries import country_name
from dashboard.period import Period, parse
from tests import action_answers as actions
from tests import goal_answers as goals
from tests import visit_answers as visits
from tests.cases import Expectation, Stage
from tests.log_answers import log
from tests.parts import Part, Report, Row, Table, key_of, periods

SUMMARY = {
    "getVisits": "nb_visits",
    "getUniqueVisitors": "nb_uniq_visitors",
    "getUsers": "nb_users",
    "getActions": "nb_actions",
    "getMaxActions": "max_actions",
    "getBounceCount": "bounce_count",
    "getSumVisitsLength": "sum_visit_length",
}
ANSWERS: dict[str, Report] = {
    "VisitsSummary.get": visits.summary,
    **{f"VisitsSummary.{method}": visits.single(column) for method, column in SUMMARY.items()},
    "VisitFrequency.get": visits.frequency,
    "Referrers.get": visits.referrer_totals,
    "Referrers.getReferrerType": visits.referrer_types,
    "Referrers.getAll": visits.all_referrers,
    "Referrers.getSearchEngines": visits.table(visits.ENGINE, visits.KEYWORD),
    "Referrers.getKeywords": visits.table(visits.KEYWORD, visits.ENGINE),
    "Referrers.getWebsites": visits.table(visits.WEBSITE, visits.WEBSITE_PAGE),
    "Referrers.getCampaigns": visits.table(visits.CAMPAIGN),
    "Referrers.getSocials": visits.socials,
    **{f"Referrers.getNumberOfDistinct{name}": visits.distinct(label) for name, label in visits.DISTINCT.items()},
    "UserCountry.getCountry": visits.table(lambda visit: country_name(visit["country"])),
    "UserCountry.getNumberOfDistinctCountries": visits.distinct(lambda visit: str(visit["country"])),
    "UserId.getUsers": visits.users,
    "DevicesDetection.getBrowsers": visits.table(lambda visit: str(visit["browser"])),
    "DevicesDetection.getBrowserVersions": visits.table(lambda visit: f"{visit['browser']} {visit['browser_version']}"),
    "DevicesDetection.getOsFamilies": visits.table(lambda visit: str(visit["os"])),
    "DevicesDetection.getOsVersions": visits.table(lambda visit: f"{visit['os']} {visit['os_version']}"),
    "Resolution.getResolution": visits.table(lambda visit: str(visit["resolution"])),
    "Resolution.getConfiguration": visits.table(
        lambda visit: f"{visit['os']} / {visit['browser']} / {visit['resolution']}"
    ),
    "VisitTime.getVisitInformationPerServerTime": visits.by_server_hour,
    "VisitTime.getVisitInformationPerLocalTime": visits.by_local_hour,
    "VisitTime.getByDayOfWeek": visits.by_weekday,
    "VisitorInterest.getNumberOfVisitsPerVisitDuration": visits.histogram(visits.DURATIONS, "duration"),
    "VisitorInterest.getNumberOfVisitsPerPage": visits.histogram(visits.PAGES, "actions"),
    "VisitorInterest.getNumberOfVisitsByVisitCount": visits.histogram(visits.VISIT_COUNTS, "visit_count"),
    "VisitorInterest.getNumberOfVisitsByDaysSinceLast": visits.days_since_last,
    "Live.getLastVisitsDetails": log,
    "VisitsSummary.getVisitsConverted": goals.visits_converted,
    "Goals.get": goals.summary,
    "Goals.getItemsSku": goals.items("sku"),
    "Goals.getItemsName": goals.items("name"),
    "Contents.getContentNames": goals.contents("content_name"),
    "Contents.getContentPieces": goals.contents("content_piece"),
    "CustomDimensions.getCustomDimension": goals.dimension,
    "PagePerformance.get": goals.speed,
    "Actions.get": actions.summary,
    "Actions.getPageUrls": actions.pages,
    "Actions.getPageTitles": actions.table(actions.TITLES),
    "Actions.getEntryPageUrls": actions.table(actions.PAGES, "entry_nb_visits"),
    "Actions.getEntryPageTitles": actions.table(actions.TITLES, "entry_nb_visits"),
    "Actions.getExitPageUrls": actions.table(actions.PAGES, "exit_nb_visits"),
    "Actions.getExitPageTitles": actions.table(actions.TITLES, "exit_nb_visits"),
    "Actions.getDownloads": actions.table(actions.DOWNLOADS),
    "Actions.getOutlinks": actions.table(actions.OUTLINKS),
    "Actions.getSiteSearchKeywords": actions.table(actions.KEYWORDS),
    "Actions.getSiteSearchNoResultKeywords": actions.fruitless,
    "Actions.getSiteSearchCategories": actions.search_categories,
    **{f"Events.get{name}": actions.events(name) for name in actions.DIMENSIONS},
}


class Answers:
    """Answers questions with what is loaded at one moment."""

    def __init__(self, here: Stage) -> None:
        self.here = here
        self.zones = {site.id: ZoneInfo(site.timezone) for site in here.case.sites if site.id}
        self.visits = in_utc(here.pegel.rows("select * from visits final order by last_at, started"))
        self.hits = in_utc(here.pegel.rows("select * from hits order by at, position, id"))
        self.conversions = in_utc(here.pegel.rows("select * from conversions final order by at, id"))
        self.items = in_utc(here.pegel.rows("select * from order_items final where not deleted order by at, id"))
        self.timings = in_utc(here.pegel.rows("select * from timings final order by at, id"))

    def to(self, asked: Expectation) -> Any:
        wanted = asked.parameters["idSite"]
        if wanted == "all":
            return {str(site): self.of_site(asked, site, several=True) for site in self.zones}
        return self.of_site(asked, int(wanted), several=False)

    def of_site(self, asked: Expectation, site: int, several: bool) -> Any:
        kind, text = asked.parameters["period"], asked.parameters["date"]
        if kind == "range" or "," not in text:
            return self.of_period(asked, site, parse(kind, text, self.here.case.now.date()), several)
        return {key_of(period): self.of_period(asked, site, period, True) for period in periods(kind, text)}

    def of_period(self, asked: Expectation, site: int, period: Period, several: bool) -> Any:
        """Return one report; a simple one about nothing is an empty list where it stands among others."""
        part = self.part(site, period)
        found = ANSWERS[asked.method](part, dict(asked.parameters))
        return [] if several and isinstance(found, dict) and not part.visits else found

    def part(self, site: int, period: Period) -> Part:
        zone = self.zones[site]
        bounds = period.bounds(zone)
        visits = [row for row in self.visits if row["site"] == site and row["last_at"] in bounds]
        tables = (self.hits, self.conversions, self.items, self.timings)
        others = ([row for row in table if row["site"] == site and row["at"] in bounds] for table in tables)
        hits, conversions, items, timings = others
        ecommerce = any(known.ecommerce for known in self.here.case.sites if known.id == site)
        return Part(self.here.pegel.database, site, zone, period, visits, hits, conversions, items, timings, ecommerce)


def in_utc(rows: Table) -> Table:
    """Return rows whose times say that they are UTC."""
    return [aware(row) for row in rows]


def aware(row: Row) -> Row:
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
