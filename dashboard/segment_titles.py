"""How segments are called and sorted where people choose among them."""

from collections.abc import Mapping
from typing import NamedTuple


class Title(NamedTuple):
    """Under which heading a name stands, and what people read there."""

    category: str
    text: str


def under(category: str, titles: Mapping[str, str]) -> dict[str, Title]:
    return {name: Title(category, text) for name, text in titles.items()}


VISITORS, PLACES, ACQUISITION = "Visitors", "Visit Location", "Acquisition"
BEHAVIOUR, EVENTS, CONTENTS, ECOMMERCE, TIMES = "Behaviour", "Events", "Contents", "Ecommerce", "Times"
DIMENSIONS = "Custom Dimensions"
PARTS = {
    "Date": "date",
    "Year": "year",
    "Quarter": "quarter",
    "Month": "month",
    "WeekOfYear": "week of the year",
    "DayOfYear": "day of the year",
    "DayOfMonth": "day of the month",
    "DayOfWeek": "day of the week, 1 is Monday",
    "Hour": "hour (UTC)",
    "Minute": "minute",
    "Second": "second",
}
TITLES: dict[str, Title] = {
    **under(
        VISITORS,
        {
            "visitId": "Visit ID",
            "visitorId": "Visitor ID",
            "userId": "User ID",
            "visitIp": "Visitor IP",
            "visitorType": "Visitor type",
            "visitCount": "Number of visits",
            "visitDuration": "Visit duration in seconds",
            "actions": "Number of actions",
            "interactions": "Number of interactions",
            "searches": "Number of searches",
            "events": "Number of events",
            "profilable": "Visitor is recognised",
            "visitConverted": "Visit converted a goal",
            "visitConvertedGoalId": "Visit converted a goal, by ID",
            "visitConvertedGoalName": "Visit converted a goal, by name",
            "daysSinceFirstVisit": "Days since first visit",
            "daysSinceLastVisit": "Days since last visit",
            "daysSinceLastEcommerceOrder": "Days since last order",
            "secondsSinceFirstVisit": "Seconds since first visit",
            "secondsSinceLastVisit": "Seconds since last visit",
            "secondsSinceLastEcommerceOrder": "Seconds since last order",
            "languageCode": "Browser language",
            "deviceType": "Device type",
            "deviceBrand": "Device brand",
            "deviceModel": "Device model",
            "browserCode": "Browser code",
            "browserName": "Browser",
            "browserVersion": "Browser version",
            "browserEngine": "Browser engine",
            "operatingSystemCode": "Operating system code",
            "operatingSystemName": "Operating system",
            "operatingSystemVersion": "Operating system version",
            "resolution": "Resolution",
        },
    ),
    **under(
        PLACES,
        {
            "countryCode": "Country code",
            "countryName": "Country",
            "continentCode": "Continent code",
            "continentName": "Continent",
            "regionCode": "Region code",
            "city": "City",
            "latitude": "Latitude",
            "longitude": "Longitude",
        },
    ),
    **under(
        ACQUISITION,
        {
            "referrerType": "Channel type",
            "referrerName": "Referrer name",
            "referrerKeyword": "Keyword",
            "referrerUrl": "Referrer URL",
        },
    ),
    **under(
        BEHAVIOUR,
        {
            "pageUrl": "Page URL",
            "pageTitle": "Page title",
            "entryPageUrl": "Entry page URL",
            "entryPageTitle": "Entry page title",
            "exitPageUrl": "Exit page URL",
            "exitPageTitle": "Exit page title",
            "outlinkUrl": "Clicked outlink",
            "downloadUrl": "Download URL",
            "actionUrl": "Action URL",
            "actionType": "Action type",
            "siteSearchKeyword": "Site search keyword",
            "siteSearchCategory": "Site search category",
            "siteSearchCount": "Site search result count",
        },
    ),
    **under(
        EVENTS,
        {
            "eventCategory": "Event category",
            "eventAction": "Event action",
            "eventName": "Event name",
            "eventValue": "Event value",
            "eventUrl": "Event URL",
        },
    ),
    **under(
        CONTENTS,
        {
            "contentName": "Content name",
            "contentPiece": "Content piece",
            "contentTarget": "Content target",
            "contentInteraction": "Content interaction",
        },
    ),
    **under(
        ECOMMERCE,
        {
            "visitEcommerceStatus": "Visit e-commerce status at the end of the visit",
            "productSku": "Product SKU",
            "productName": "Product name",
            "productCategory": "Product category",
            "productPrice": "Product price",
            "productViewSku": "Viewed product SKU",
            "productViewName": "Viewed product name",
            "productViewCategory": "Viewed product category",
            "productViewPrice": "Viewed product price",
            "orderId": "Order ID",
            "revenueOrder": "Order revenue",
            "revenueAbandonedCart": "Abandoned cart revenue",
        },
    ),
    **under(
        TIMES,
        {
            "visitLocalHour": "Local time: hour",
            "visitLocalMinute": "Local time: minute",
            "visitServerHour": "Last action: hour (UTC)",
            "visitServerMinute": "Last action: minute",
            "actionServerHour": "Action: hour (UTC)",
            "actionServerMinute": "Action: minute",
            **{f"visitStartServer{part}": f"Visit start: {text}" for part, text in PARTS.items()},
            **{f"visitEndServer{part}": f"Visit end: {text}" for part, text in PARTS.items()},
        },
    ),
}
