"""What people call the columns of reports."""

import re
from collections.abc import Mapping

from dashboard.reporting.table import LABEL

NAMES: Mapping[str, str] = {
    # Visits
    "nb_visits": "Visits",
    "nb_uniq_visitors": "Unique visitors",
    "sum_daily_nb_uniq_visitors": "Unique visitors (sum of daily)",
    "nb_users": "Users",
    "sum_daily_nb_users": "Users (sum of daily)",
    "nb_actions": "Actions",
    "max_actions": "Maximum actions in one visit",
    "nb_actions_per_visit": "Actions per Visit",
    "sum_visit_length": "Total time spent by visitors (in seconds)",
    "avg_time_on_site": "Avg. Time on Website",
    "bounce_count": "Bounces",
    "bounce_rate": "Bounce Rate",
    "nb_visits_percentage": "% Visits",
    "day_of_week": "Day of the week",
    # Pages, titles, links, searches
    "nb_hits": "Pageviews",
    "nb_pageviews": "Pageviews",
    "nb_uniq_pageviews": "Unique Pageviews",
    "nb_downloads": "Downloads",
    "nb_uniq_downloads": "Unique Downloads",
    "nb_outlinks": "Outlinks",
    "nb_uniq_outlinks": "Unique Outlinks",
    "nb_searches": "Searches",
    "nb_keywords": "Unique Keywords",
    "nb_pages_per_search": "Search Results pages",
    "nb_hits_following_search": "Clicked in search results",
    "sum_time_spent": "Total time on page (in seconds)",
    "avg_time_on_page": "Avg. time on page",
    "avg_time_on_dimension": "Avg. time on dimension",
    "exit_rate": "Exit rate",
    "entry_nb_visits": "Entrances",
    "entry_nb_actions": "Actions after entering here",
    "entry_sum_visit_length": "Time of visits that entered here (in seconds)",
    "entry_bounce_count": "Bounces of visits that entered here",
    "entry_nb_uniq_visitors": "Unique entrances",
    "sum_daily_entry_nb_uniq_visitors": "Unique entrances (sum of daily)",
    "exit_nb_visits": "Exits",
    "exit_nb_uniq_visitors": "Unique exits",
    "sum_daily_exit_nb_uniq_visitors": "Unique exits (sum of daily)",
    # Events and contents
    "nb_events": "Events",
    "nb_events_with_value": "Events with a value",
    "sum_event_value": "Event value",
    "min_event_value": "Minimum Event value",
    "max_event_value": "Maximum Event value",
    "avg_event_value": "The average of all values for this event",
    "nb_impressions": "Impressions",
    "nb_interactions": "Content Interactions",
    "interaction_rate": "Interaction Rate",
    # Goals and purchases
    "goals": "Goals",
    "nb_conversions": "Conversions",
    "nb_visits_converted": "Visits with Conversions",
    "conversion_rate": "Conversion Rate",
    "revenue": "Revenue",
    "revenue_per_visit": "Revenue per Visit",
    "revenue_subtotal": "Subtotal",
    "revenue_tax": "Tax",
    "revenue_shipping": "Shipping",
    "revenue_discount": "Discount",
    "revenue_attrib": "Revenue attributed",
    "revenue_entry": "Revenue of visits that entered here",
    "revenue_per_entry": "Revenue per entrance",
    "nb_conversions_attrib": "Conversions attributed",
    "nb_conversions_entry": "Conversions of visits that entered here",
    "nb_conversions_entry_rate": "Conversion rate of visits that entered here",
    "nb_conversions_page_rate": "Share of conversions that saw the page",
    "nb_conversions_page_uniq": "Conversions that saw the page",
    "nb_conv_pages_before": "Pages before conversions",
    "avg_order_revenue": "Average Order Value",
    "items": "Purchased Products",
    "quantity": "Quantity",
    "orders": "Unique Purchases",
    "abandoned_carts": "Abandoned Carts",
    "avg_price": "Average Price",
    "avg_quantity": "Average Quantity",
    # Speed
    "avg_page_load_time": "Avg. page load time",
    # Referrers
    "Referrers_visitorsFromDirectEntry": "Visitors from Direct Entry",
    "Referrers_visitorsFromSearchEngines": "Visitors from Search Engines",
    "Referrers_visitorsFromSocialNetworks": "Visitors from Social Networks",
    "Referrers_visitorsFromWebsites": "Visitors from Websites",
    "Referrers_visitorsFromCampaigns": "Visitors from Campaigns",
    "Referrers_distinctSearchEngines": "Distinct search engines",
    "Referrers_distinctSocialNetworks": "Distinct social networks",
    "Referrers_distinctKeywords": "Distinct keywords",
    "Referrers_distinctWebsites": "Distinct websites",
    "Referrers_distinctWebsitesUrls": "Distinct website URLs",
    "Referrers_distinctCampaigns": "Distinct campaigns",
    # Sites side by side
    "visits_evolution": "Visits Evolution",
    "actions_evolution": "Actions Evolution",
    "pageviews_evolution": "Pageviews Evolution",
    "revenue_evolution": "Revenue Evolution",
    "visits": "Visits",
    "actions": "Actions",
    "visitors": "Visitors",
    "visitsConverted": "Conversions",
    LABEL: "Label",
    "value": "Value",
    "date": "Date",
    "idSite": "Website ID",
}
# What is otherwise called where numbers stand as they are: there a duration is a number of seconds.
RAW_NAMES: Mapping[str, str] = {
    "avg_time_on_site": "Avg. Visit Duration (in seconds)",
    "avg_time_on_page": "Avg. time on page (in seconds)",
    "avg_time_on_dimension": "Avg. time on dimension (in seconds)",
}
TIMED = {
    "network": "network time",
    "server": "server time",
    "transfer": "transfer time",
    "dom_processing": "DOM processing time",
    "dom_completion": "DOM completion time",
    "on_load": "on load time",
}
TIMES = {
    "avg_time": "Avg. {}",
    "sum_time": "Total {}",
    "min_time": "Minimum {}",
    "max_time": "Maximum {}",
    "nb_hits_with_time": "Pageviews with {}",
}
PARTS = {
    "_new_visit": "new visits",
    "_returning_visit": "returning visits",
    "_new": "new visitors",
    "_returning": "returning visitors",
}
OF_GOAL = re.compile(r"goal_(\w+?)_((?:nb_|avg_|conversion_|revenue|items).*)")
OF_TIME = re.compile(r"(nb_hits_with_time|[a-z]+_time)_(\w+)")


def title_of(column: str) -> str:
    """Return what people call a column; one that nobody knows keeps its name."""
    return titled(column, NAMES)


def raw_title_of(column: str) -> str:
    """Return what people call a column whose numbers are as they are."""
    return titled(column, {**NAMES, **RAW_NAMES})


def titled(column: str, names: Mapping[str, str]) -> str:
    if column in names:
        return names[column]
    if found := OF_GOAL.fullmatch(column):
        return f"{titled(found[2], names)} (Goal {found[1]})"
    if (found := OF_TIME.fullmatch(column)) and found[1] in TIMES and found[2] in TIMED:
        return TIMES[found[1]].format(TIMED[found[2]])
    if column.endswith("_percent"):
        return f"{titled(column.removesuffix('_percent'), names)} (%)"
    part = next((part for part in PARTS if column.endswith(part)), "")
    return f"{titled(column.removesuffix(part), names)} ({PARTS[part]})" if part else column
