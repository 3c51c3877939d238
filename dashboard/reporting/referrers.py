"""What brought visits: search engines and what was looked for there, websites, campaigns, networks, AI assistants.

Visits are counted by what brought them, conversions by what brought them: that may have been an earlier visit.
"""

from dashboard.api_access import somewhere
from dashboard.api_calls import Method
from dashboard.reporting.referrer_trees import (
    assistants,
    campaigns,
    inside,
    keywords,
    paths,
    search_engines,
    socials,
    urls_of_social,
    websites,
    websites_with,
)
from dashboard.reporting.referrer_types import (
    COMING_FROM,
    DIFFERENT,
    NO_KEYWORD,
    SHARES,
    by_type,
    coming_from,
    different,
    everything,
    totals,
)
from dashboard.reporting.report import Report
from dashboard.reporting.visit_tables import report_of

ALL, BY_ENGINES = ("Referrers", "All Channels"), ("Referrers", "Search Engines & Keywords")
BY_WEBSITES, BY_NETWORKS = ("Referrers", "Websites"), ("Referrers", "Social Networks")
BY_CAMPAIGNS, BY_ASSISTANTS = ("Referrers", "Campaigns"), ("Referrers", "AI Assistants")
REPORTS: tuple[Report, ...] = (
    Report(
        name="Referrers.get",
        answer=totals,
        title="Referrers Overview",
        category="Referrers",
        subcategory="Overview",
        metrics=(
            *(coming_from(name) for name in COMING_FROM.values()),
            *(f"Referrers_distinct{name}" for name in DIFFERENT.values()),
        ),
        processed=tuple(f"{coming_from(name)}_percent" for name in SHARES),
        order=1,
    ),
    report_of(
        "Referrers.getReferrerType",
        by_type,
        "Channel Type",
        "Channel Type",
        ALL,
        has_goals=True,
        below="Referrers.getReferrerType",
        order=1,
    ),
    report_of("Referrers.getAll", everything, "All Channels", "Channel", ALL, has_goals=True, order=2),
    report_of(
        "Referrers.getKeywords",
        keywords,
        "Keywords",
        "Keyword",
        BY_ENGINES,
        has_goals=True,
        below="Referrers.getSearchEnginesFromKeywordId",
        order=3,
    ),
    report_of(
        "Referrers.getSearchEngines",
        search_engines,
        "Search Engines",
        "Search Engine",
        BY_ENGINES,
        has_goals=True,
        below="Referrers.getKeywordsFromSearchEngineId",
        order=7,
    ),
    report_of(
        "Referrers.getWebsites",
        websites,
        "Websites",
        "Website",
        BY_WEBSITES,
        has_goals=True,
        below="Referrers.getUrlsFromWebsiteId",
        order=5,
    ),
    report_of(
        "Referrers.getSocials",
        socials,
        "Social Networks",
        "Social network",
        BY_NETWORKS,
        has_goals=True,
        below="Referrers.getUrlsForSocial",
        order=11,
    ),
    report_of(
        "Referrers.getCampaigns",
        campaigns,
        "Campaigns",
        "Campaign",
        BY_CAMPAIGNS,
        has_goals=True,
        below="Referrers.getKeywordsFromCampaignId",
        order=9,
    ),
    report_of(
        "Referrers.getAIAssistants",
        assistants,
        "AI Assistants",
        "AI Assistant",
        BY_ASSISTANTS,
        has_goals=True,
        order=13,
    ),
    Report(name="Referrers.getSearchEnginesFromKeywordId", answer=inside(keywords)),
    Report(name="Referrers.getKeywordsFromSearchEngineId", answer=inside(search_engines)),
    Report(name="Referrers.getKeywordsFromCampaignId", answer=inside(campaigns)),
    Report(name="Referrers.getUrlsFromWebsiteId", answer=inside(lambda part: websites_with(part, paths()))),
    Report(name="Referrers.getUrlsForSocial", answer=urls_of_social),
    *(Report(name=f"Referrers.getNumberOfDistinct{name}", answer=different(of)) for of, name in DIFFERENT.items()),
)
METHODS = (Method("Referrers.getKeywordNotDefinedString", somewhere("view"), lambda _: NO_KEYWORD),)
