"""Reports as plain Python counts them from rows: which function answers which method."""

from tests import action_answers as actions
from tests import dimension_answers as dimensions
from tests import goal_answers as goals
from tests import item_answers as items
from tests import page_answers as pages
from tests import pair_answers as pairs
from tests import referrer_answers as referrers
from tests import site_answers as sites
from tests import visit_answers as visits
from tests.parts import Report, Row

SUMMARY = {
    "getVisits": "nb_visits",
    "getUniqueVisitors": "nb_uniq_visitors",
    "getUsers": "nb_users",
    "getActions": "nb_actions",
    "getMaxActions": "max_actions",
    "getBounceCount": "bounce_count",
    "getVisitsConverted": "nb_visits_converted",
    "getSumVisitsLength": "sum_visit_length",
}
BY_VISIT: dict[str, Report] = {
    name: visits.with_goals(label)
    for name, label in {
        "UserCountry.getCountry": visits.country,
        "UserCountry.getContinent": visits.continent,
        "UserCountry.getRegion": visits.region,
        "UserCountry.getCity": visits.city,
        "DevicesDetection.getBrand": visits.column("device_brand"),
        "DevicesDetection.getModel": visits.model,
        "DevicesDetection.getBrowsers": visits.column("browser"),
    }.items()
} | {
    name: visits.table(visits.By(label))
    for name, label in {
        "UserLanguage.getLanguage": visits.language,
        "UserLanguage.getLanguageCode": visits.language_code,
        "DevicesDetection.getBrowserVersions": visits.versioned("browser"),
        "DevicesDetection.getBrowserFamilies": visits.family,
        "DevicesDetection.getBrowserEngines": visits.engine,
        "DevicesDetection.getOsFamilies": visits.os_family,
        "DevicesDetection.getOsVersions": visits.versioned("os"),
        "Resolution.getResolution": visits.column("resolution"),
        "Resolution.getConfiguration": visits.configuration,
    }.items()
}
ANSWERS: dict[str, Report] = {
    "VisitsSummary.get": visits.summary,
    **{f"VisitsSummary.{method}": visits.single(column) for method, column in SUMMARY.items()},
    "VisitFrequency.get": visits.frequency,
    **BY_VISIT,
    "UserCountry.getNumberOfDistinctCountries": visits.distinct(lambda visit: visit["country"]),
    "UserId.getUsers": visits.users,
    "DevicesDetection.getType": visits.device_kinds,
    "DevicePlugins.getPlugin": visits.plugins,
    "VisitTime.getVisitInformationPerServerTime": visits.by_server_hour,
    "VisitTime.getVisitInformationPerLocalTime": visits.by_local_hour,
    "VisitTime.getByDayOfWeek": visits.by_weekday,
    "VisitorInterest.getNumberOfVisitsPerVisitDuration": visits.histogram(visits.DURATIONS, "duration"),
    "VisitorInterest.getNumberOfVisitsPerPage": visits.histogram(visits.PAGES, "actions"),
    "VisitorInterest.getNumberOfVisitsByVisitCount": visits.by_visit_count,
    "VisitorInterest.getNumberOfVisitsByDaysSinceLast": visits.days_since_last,
    "Referrers.get": referrers.sum_up,
    "Referrers.getReferrerType": referrers.types,
    "Referrers.getAll": referrers.everything,
    "Referrers.getSearchEngines": referrers.tree(referrers.ENGINE, referrers.KEYWORD),
    "Referrers.getKeywords": referrers.tree(referrers.KEYWORD, referrers.ENGINE),
    "Referrers.getWebsites": referrers.tree(referrers.WEBSITE, referrers.WEBSITE_PAGE),
    "Referrers.getCampaigns": referrers.tree(referrers.CAMPAIGN, referrers.CAMPAIGN_KEYWORD),
    "Referrers.getSocials": referrers.tree(referrers.SOCIAL, referrers.SOCIAL_PAGE),
    "Referrers.getAIAssistants": referrers.tree(referrers.ASSISTANT, referrers.ASSISTANT_PAGE),
    "Referrers.getUrlsForSocial": referrers.social_pages,
    **{f"Referrers.getNumberOfDistinct{name}": visits.distinct(label) for name, label in referrers.DISTINCT.items()},
    "Actions.get": actions.summary,
    "Actions.getPageUrls": actions.table(actions.PAGES),
    "Actions.getPageTitles": actions.table(actions.TITLES),
    "Actions.getEntryPageUrls": actions.table(actions.PAGES, "entry_nb_visits"),
    "Actions.getEntryPageTitles": actions.table(actions.TITLES, "entry_nb_visits"),
    "Actions.getExitPageUrls": actions.table(actions.PAGES, "exit_nb_visits"),
    "Actions.getExitPageTitles": actions.table(actions.TITLES, "exit_nb_visits"),
    "Actions.getPageUrlsFollowingSiteSearch": actions.table(actions.PAGES, "nb_hits_following_search"),
    "Actions.getPageTitlesFollowingSiteSearch": actions.table(actions.TITLES, "nb_hits_following_search"),
    "Actions.getPageUrl": actions.one(actions.PAGES, "pageUrl"),
    "Actions.getPageTitle": actions.one(actions.TITLES, "pageName"),
    "Actions.getDownload": actions.one(actions.DOWNLOADS, "downloadUrl"),
    "Actions.getOutlink": actions.one(actions.OUTLINKS, "outlinkUrl"),
    "Actions.getDownloads": actions.table(actions.DOWNLOADS),
    "Actions.getOutlinks": actions.table(actions.OUTLINKS),
    "Actions.getSiteSearchKeywords": actions.table(actions.KEYWORDS),
    "Actions.getSiteSearchNoResultKeywords": actions.fruitless,
    "Actions.getSiteSearchCategories": actions.search_categories,
    "PagePerformance.get": pages.speed,
    **{
        name: pairs.events(name.replace("Events.get", "event"))
        for name in map("Events.get{}".format, ("Category", "Action", "Name"))
    },
    "Contents.getContentNames": pairs.contents("content_name"),
    "Contents.getContentPieces": pairs.contents("content_piece"),
    "CustomDimensions.getCustomDimension": dimensions.dimension,
    "Goals.get": goals.overview,
    "Goals.getMetrics": goals.metrics,
    "Goals.getConversions": goals.single("nb_conversions"),
    "Goals.getNbVisitsConverted": goals.single("nb_visits_converted"),
    "Goals.getRevenue": goals.single("revenue"),
    "Goals.getConversionRate": goals.conversion_rates,
    "Goals.getDaysToConversion": goals.days_to_conversion,
    "Goals.getVisitsUntilConversion": goals.visits_until_conversion,
    "Goals.getItemsSku": items.items(items.sku, "Product SKU not defined"),
    "Goals.getItemsName": items.items(items.name, "Product Name not defined"),
    "Goals.getItemsCategory": items.items(items.categories, "Product Category not defined"),
    "MultiSites.getOne": sites.compared,
    "API.get": sites.everything,
}
# The subtables of reports above, which are compared with all that they consist of.
INNER = {
    "Referrers.getSearchEnginesFromKeywordId": "Referrers.getKeywords",
    "Referrers.getKeywordsFromSearchEngineId": "Referrers.getSearchEngines",
    "Referrers.getKeywordsFromCampaignId": "Referrers.getCampaigns",
    "Referrers.getUrlsFromWebsiteId": "Referrers.getWebsites",
    "Events.getActionFromCategoryId": "Events.getCategory",
    "Events.getNameFromCategoryId": "Events.getCategory",
    "Events.getCategoryFromActionId": "Events.getAction",
    "Events.getNameFromActionId": "Events.getAction",
    "Events.getActionFromNameId": "Events.getName",
    "Events.getCategoryFromNameId": "Events.getName",
}
# How else a report may be asked: the first way, the second …
WAYS: dict[str, tuple[Row, ...]] = {
    "CustomDimensions.getCustomDimension": ({"idDimension": 1}, {"idDimension": 2}),
    **dict.fromkeys(
        ("Goals.get", "Goals.getMetrics", "Goals.getConversions", "Goals.getRevenue", "Goals.getNbVisitsConverted"),
        ({}, {"idGoal": "1"}, {"idGoal": "ecommerceOrder"}, {"idGoal": "2"}, {"idGoal": "ecommerceAbandonedCart"}),
    ),
    **dict.fromkeys(
        ("Goals.getDaysToConversion", "Goals.getVisitsUntilConversion"), ({}, {"idGoal": "2"}, {"idGoal": "0"})
    ),
    **dict.fromkeys(
        ("Goals.getItemsSku", "Goals.getItemsName", "Goals.getItemsCategory"), ({}, {"abandonedCarts": "1"})
    ),
    "Events.getCategory": ({}, {"secondaryDimension": "eventName"}),
    "Events.getAction": ({}, {"secondaryDimension": "eventCategory"}),
    "Events.getName": ({}, {"secondaryDimension": "eventCategory"}),
    **dict.fromkeys(
        ("Actions.getPageUrls", "Actions.getEntryPageUrls", "Actions.getExitPageUrls"),
        ({}, {"flat": "1", "expanded": "0"}),
    ),
    "Actions.getPageUrl": ({"pageUrl": "https://example.org/a"}, {"pageUrl": "https://example.org/a/"}),
    "Actions.getPageTitle": ({"pageName": "Home"}, {"pageName": "News"}),
    "Actions.getDownload": ({"downloadUrl": "https://example.org/f.zip"},),
    "Actions.getOutlink": ({"outlinkUrl": "https://elsewhere.example/x"},),
}
