"""What can be asked: metrics and dimensions, and in which statement's rows each of them is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from sql.dimensions import Dimension as Custom

Subject = Literal["visits", "hits", "conversions"]
STATEMENTS: Mapping[Subject, str] = {
    "visits": "query_visits",
    "hits": "query_hits",
    "conversions": "query_conversions",
}
SUBJECTS: tuple[Subject, ...] = ("visits", "hits", "conversions")
BOTH: tuple[Subject, ...] = ("visits", "hits")  # In the order in which a metric is looked for.
VISITS: tuple[Subject, ...] = ("visits",)
VISITED: tuple[Subject, ...] = ("visits", "conversions")  # What a visit has, its conversions have too.
HITS: tuple[Subject, ...] = ("hits",)
CONVERSIONS: tuple[Subject, ...] = ("conversions",)

MetricKind = Literal["count", "seconds", "number", "ratio", "money"]
DimensionKind = Literal["text", "number", "time"]
Value = str | int
MOST_METRICS = 12
MOST_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class Metric:
    """A number; its name is that of a column in the statements of its subjects, and of the Reporting API's metric."""

    name: str
    kind: MetricKind
    subjects: tuple[Subject, ...]
    meaning: str

    @property
    def is_whole(self) -> bool:
        return self.kind in ("count", "seconds")

    def value(self, number: float) -> int | float:
        return int(number) if self.is_whole else number


def as_text(text: str, _: tzinfo) -> Value:
    return text


def as_number(text: str, _: tzinfo) -> Value:
    return int(text)


def as_month(text: str, _: tzinfo) -> Value:
    return text[:7]


def as_moment(text: str, zone: tzinfo) -> Value:
    """Return an hour with its offset: where clocks are set back, one hour comes twice."""
    return datetime.fromtimestamp(int(text), zone).isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True)
class Dimension:
    """By what rows are told apart; `column` is that of the statements, and '' that of a custom dimension."""

    name: str
    kind: DimensionKind
    subjects: tuple[Subject, ...]
    column: str
    meaning: str
    value: Callable[[str, tzinfo], Value] = as_text
    key: str = ""  # Of a custom dimension: its number.

    @property
    def is_whole(self) -> bool:
        """Tell whether its values are numbers."""
        return self.value is as_number


METRICS = {
    metric.name: metric
    for metric in (
        Metric("nb_visits", "count", BOTH, "Visits; by what was done: visits in which it was."),
        Metric("nb_uniq_visitors", "count", BOTH, "Different visitors, exact for every period, dimension and filter."),
        Metric("nb_users", "count", VISITS, "Different user ids."),
        Metric("nb_visits_new", "count", VISITS, "Visits of visitors who had not been there before."),
        Metric("nb_visits_returning", "count", VISITS, "Visits of visitors who had been there before."),
        Metric("nb_actions", "count", BOTH, "Page views, searches, events, outlinks and downloads."),
        Metric("nb_pageviews", "count", BOTH, "Page views."),
        Metric("nb_searches", "count", BOTH, "Searches on the site."),
        Metric("nb_events", "count", BOTH, "Events."),
        Metric("max_actions", "count", VISITS, "Most actions of one visit."),
        Metric("nb_actions_per_visit", "number", VISITS, "Actions of a visit, on average."),
        Metric("bounce_count", "count", VISITS, "Visits of one action or none."),
        Metric("bounce_rate", "ratio", VISITS, "The part of visits that bounced, from 0 to 1."),
        Metric("sum_visit_length", "seconds", VISITS, "Seconds that visits took."),
        Metric("avg_time_on_site", "number", VISITS, "Seconds that a visit took, on average."),
        Metric("nb_visits_converted", "count", VISITS, "Visits in which a goal was reached or something ordered."),
        Metric("conversion_rate", "ratio", VISITS, "The part of visits that converted, from 0 to 1."),
        Metric("nb_hits", "count", HITS, "Hits of every kind that were kept."),
        Metric("nb_uniq_pageviews", "count", HITS, "Page views, of which those of a visit on one page count once."),
        Metric("nb_downloads", "count", HITS, "Downloads."),
        Metric("nb_uniq_downloads", "count", HITS, "Downloads, of which those of a visit of one file count once."),
        Metric("nb_outlinks", "count", HITS, "Clicks on links to other sites."),
        Metric("nb_uniq_outlinks", "count", HITS, "Outlinks, of which those of a visit to one address count once."),
        Metric("nb_keywords", "count", HITS, "Different keywords that were searched for."),
        Metric("sum_event_value", "number", HITS, "Sum of the values of events."),
        Metric("nb_impressions", "count", HITS, "How often contents were seen."),
        Metric("nb_interactions", "count", HITS, "How often contents were interacted with."),
        Metric("nb_conversions", "count", CONVERSIONS, "Goals that were reached, and orders."),
        Metric("revenue", "money", CONVERSIONS, "What goals and orders were worth."),
        Metric("nb_goals_reached", "count", CONVERSIONS, "Goals that were reached."),
        Metric("nb_orders", "count", CONVERSIONS, "Orders."),
        Metric("revenue_orders", "money", CONVERSIONS, "What was paid for orders."),
        Metric("nb_items", "count", CONVERSIONS, "Pieces that were ordered."),
        Metric("revenue_subtotal", "money", CONVERSIONS, "What the articles of orders cost."),
        Metric("revenue_tax", "money", CONVERSIONS, "Tax of orders."),
        Metric("revenue_shipping", "money", CONVERSIONS, "Shipping of orders."),
        Metric("revenue_discount", "money", CONVERSIONS, "Discount of orders."),
        Metric("nb_abandoned_carts", "count", CONVERSIONS, "Carts that were filled and not ordered."),
        Metric("revenue_abandoned_carts", "money", CONVERSIONS, "What is in these carts."),
    )
}


def text(name: str, subjects: tuple[Subject, ...], column: str, meaning: str) -> Dimension:
    return Dimension(name, "text", subjects, column, meaning)


def number(name: str, subjects: tuple[Subject, ...], column: str, meaning: str) -> Dimension:
    return Dimension(name, "number", subjects, column, meaning, as_number)


def moment(name: str, meaning: str, value: Callable[[str, tzinfo], Value] = as_text) -> Dimension:
    return Dimension(name, "time", SUBJECTS, name, meaning, value)


DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        # Of visits by their last action, of hits by themselves; in the site's time zone.
        moment("year", "Year, such as 2026.", as_number),
        moment("month", "Month, such as 2026-05.", as_month),
        moment("week", "Monday of the week, such as 2026-05-11."),
        moment("day", "Day, such as 2026-05-13."),
        moment("hour", "Hour with its offset to UTC, such as 2026-05-13T08:00+02:00.", as_moment),
        number("hourOfDay", SUBJECTS, "hour_of_day", "Hour of the day, 0 to 23."),
        number("dayOfWeek", SUBJECTS, "day_of_week", "Day of the week, Monday is 1."),
        number("visitLocalHour", VISITED, "local_hour", "Hour of the day by the visitor's clock."),
        text("visitorType", VISITED, "visitor_type", "new, returning or returningCustomer."),
        number("visitCount", VISITED, "visit_count", "How many visits the visitor had made, this one included."),
        text("countryCode", VISITED, "country", "Country, two letters."),
        text("regionCode", VISITED, "region", "Region within the country."),
        text("city", VISITED, "city", "City."),
        text("languageCode", VISITED, "language", "Language of the browser."),
        text("deviceType", VISITED, "device_type", "Kind of device."),
        text("deviceBrand", VISITED, "device_brand", "Maker of the device."),
        text("deviceModel", VISITED, "device_model", "Model of the device."),
        text("operatingSystemName", VISITED, "os", "Operating system."),
        text("operatingSystemVersion", VISITED, "os_version", "Version of the operating system."),
        text("browserName", VISITED, "browser", "Browser."),
        text("browserVersion", VISITED, "browser_version", "Version of the browser."),
        text("browserEngine", VISITED, "browser_engine", "Engine of the browser."),
        text("resolution", VISITED, "resolution", "Size of the screen."),
        text("referrerType", VISITED, "referrer_type", "direct, search, website, campaign, social or assistant."),
        text("referrerName", VISITED, "referrer_name", "Search engine, website, campaign or network."),
        text("referrerKeyword", VISITED, "referrer_keyword", "Keyword of the search engine or campaign."),
        text("referrerUrl", VISITED, "referrer_url", "Page that the visit came from."),
        text("entryPageUrl", VISITED, "entry_url", "First page of the visit, without protocol and www."),
        text("entryPageTitle", VISITED, "entry_name", "Title of the first page."),
        text("exitPageUrl", VISITED, "exit_url", "Last page of the visit."),
        text("exitPageTitle", VISITED, "exit_name", "Title of the last page."),
        number("goalId", CONVERSIONS, "goal", "Number of the goal; 0 is an order, -1 a cart that was not ordered."),
        text("actionType", HITS, "action", "What was done: pageview, search, event, outlink, download and others."),
        text("pageUrl", HITS, "page_url", "Page that was viewed, without protocol and www."),
        text("pageTitle", HITS, "page_title", "Title of the page."),
        text("downloadUrl", HITS, "download_url", "File that was downloaded."),
        text("outlinkUrl", HITS, "outlink_url", "Address of another site that was clicked on."),
        text("siteSearchKeyword", HITS, "search_keyword", "What was searched for on the site."),
        text("siteSearchCategory", HITS, "search_kind", "Where it was searched for."),
        text("eventCategory", HITS, "category_of_event", "Category of the event."),
        text("eventAction", HITS, "action_of_event", "Action of the event."),
        text("eventName", HITS, "name_of_event", "Name of the event."),
        text("contentName", HITS, "name_of_content", "Name of the content."),
        text("contentPiece", HITS, "piece_of_content", "Piece of the content."),
        text("contentTarget", HITS, "target_of_content", "Where the content leads."),
    )
}


def dimensions_of(customs: Iterable[Custom]) -> dict[str, Dimension]:
    """Return the dimensions of a site: those of all, and its own under `dimension1` and so on."""
    own = {f"dimension{custom.id}": custom_dimension(custom) for custom in customs}
    return {**DIMENSIONS, **own}


def custom_dimension(custom: Custom) -> Dimension:
    subjects = VISITED if custom.scope == "visit" else HITS
    return Dimension(f"dimension{custom.id}", "text", subjects, "", custom.name, key=str(custom.id))
