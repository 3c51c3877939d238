"""Reports as plain Python counts them from rows: which function answers which method."""

from datetime import UTC, datetime

from dashboard.countries import country_name
from tests import action_answers as actions
from tests import goal_answers as goals
from tests import visit_answers as visits
from tests.log_answers import log
from tests.parts import Report, Row, Table

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
    "Referrers.getSocials": visits.table(visits.SOCIAL, visits.SOCIAL_PAGE),
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
    "Actions.getPageUrls": actions.table(actions.PAGES),
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


def in_utc(rows: Table) -> Table:
    """Return rows whose times say that they are UTC."""
    return [aware(row) for row in rows]


def aware(row: Row) -> Row:
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
