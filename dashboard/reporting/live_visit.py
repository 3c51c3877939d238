"""One visit as a row of the visitor log: when it was, where it came from, with what device, and what it was worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.continents import continent_name, continent_of
from dashboard.countries import UNKNOWN, country_name
from dashboard.referrer_addresses import home_of
from dashboard.reporting import live_times as times
from dashboard.reporting.live_actions import Happened, Row, Teller, variables
from dashboard.reporting.live_names import (
    browser_code,
    device_model,
    device_name,
    engine_name,
    language_of,
    os_code,
    referrer_type_name,
)
from dashboard.reporting.metrics import SYMBOLS, in_words
from dashboard.reporting.referrer_types import keyword_label
from dashboard.reporting.table import Columns
from sql.policies import Policy

VISITOR_TYPES = ("new", "returning", "returningCustomer")
ECOMMERCE = ("none", "ordered", "abandonedCart", "orderedThenAbandonedCart")
NEVER_BOUGHT: Mapping[str, Any] = {
    **dict.fromkeys(("orders", "order_revenue", "order_items", "carts", "cart_revenue", "cart_items"), 0)
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one visit beside its row: what happened in it, and what its visitor ever bought."""

    happened: Happened = field(default_factory=Happened)
    bought: Mapping[str, Any] = field(default_factory=lambda: NEVER_BOUGHT)


def visit_row(visit: Row, facts: Facts, teller: Teller, policy: Policy) -> Columns:
    """Return a visit with its actions; who it was only as far as the site's policy lets it be shown."""
    goals = [row for row in facts.happened.conversions if row["goal"] in teller.goals]
    return {
        **identity(visit, teller, policy),
        "actionDetails": teller.actions(visit, facts.happened),
        "goalConversions": len(goals),
        **site_of(teller),
        **moments(visit, teller),
        **past(visit),
        **counts(visit),
        **referrer(visit),
        **device(visit),
        **(purchases(facts.bought) if teller.site.ecommerce else {}),
        **place(visit),
        **local_time(visit),
        **extras(visit, teller),
    }


def identity(visit: Row, teller: Teller, policy: Policy) -> Columns:
    return {
        "idSite": teller.site.id,
        "idVisit": str(visit["id"]),  # Too long for what JavaScript calls a number.
        "visitIp": visit["ip"] if policy.addresses else None,
        "visitorId": visitor_id(visit["visitor"]) if policy.visitor_ids else None,
        "userId": (visit["user_id"] or None) if policy.user_ids else None,
    }


def visitor_id(number: int) -> str:
    return f"{number:016x}"


def site_of(teller: Teller) -> Columns:
    site = teller.site
    return {
        "siteName": site.name,
        "siteCurrency": site.currency,
        "siteCurrencySymbol": SYMBOLS.get(site.currency, site.currency),
    }


def moments(visit: Row, teller: Teller) -> Columns:
    first, last, zone = visit["started"], visit["last_at"], teller.zone
    return {
        "serverDate": times.date(last, zone),
        "visitServerHour": str(last.hour),  # Of UTC, as everywhere in Matomo.
        "lastActionTimestamp": times.timestamp(last),
        "lastActionDateTime": times.written(last),
        "serverTimestamp": times.timestamp(last),
        "firstActionTimestamp": times.timestamp(first),
        "serverTimePretty": times.clock(last, zone),
        "serverDatePretty": times.day(last, zone),
        "serverDatePrettyFirstAction": times.day(first, zone),
        "serverTimePrettyFirstAction": times.clock(first, zone),
        "visitDuration": visit["duration"],
        "visitDurationPretty": in_words(visit["duration"]),
    }


def past(visit: Row) -> Columns:
    return {
        "visitorType": VISITOR_TYPES[visit["returning"]],
        "visitConverted": visit["converted"],
        "visitCount": visit["visit_count"],
        "visitEcommerceStatus": ECOMMERCE[visit["buyer"]],
        "daysSinceFirstVisit": times.days(visit["seconds_since_first"]),
        "secondsSinceFirstVisit": visit["seconds_since_first"],
        "daysSinceLastVisit": times.days(visit["seconds_since_last"]),
        "secondsSinceLastVisit": visit["seconds_since_last"],
        "daysSinceLastEcommerceOrder": times.days(visit["seconds_since_order"]),
        "secondsSinceLastEcommerceOrder": visit["seconds_since_order"],
    }


def counts(visit: Row) -> Columns:
    return {name: visit[name] for name in ("searches", "actions", "interactions", "events")}


def referrer(visit: Row) -> Columns:
    kind, name, url = visit["referrer_type"], visit["referrer_name"], visit["referrer_url"]
    home = home_of(kind, name, url) or None
    return {
        "referrerType": kind,
        "referrerTypeName": referrer_type_name(kind),
        "referrerName": name,
        "referrerKeyword": keyword_label(visit["referrer_keyword"]) if kind == "search" else visit["referrer_keyword"],
        "referrerKeywordPosition": None,
        "referrerUrl": url or None,
        "referrerSearchEngineUrl": home if kind == "search" else None,
        "referrerSocialNetworkUrl": home if kind == "social" else None,
    }


def device(visit: Row) -> Columns:
    kind, system, browser = visit["device_type"], visit["os"], visit["browser"]
    return {
        "deviceType": device_name(kind),
        "deviceBrand": visit["device_brand"] or UNKNOWN,
        "deviceModel": device_model(visit["device_model"], kind),
        "operatingSystem": f"{system} {visit['os_version']}".strip() or UNKNOWN,
        "operatingSystemName": system or UNKNOWN,
        "operatingSystemCode": os_code(system, kind),
        "operatingSystemVersion": visit["os_version"],
        "browserFamily": visit["browser_engine"],
        "browserFamilyDescription": engine_name(visit["browser_engine"]),
        "browser": f"{browser} {visit['browser_version']}".strip() or UNKNOWN,
        "browserName": browser or UNKNOWN,
        "browserCode": browser_code(browser),
        "browserVersion": visit["browser_version"],
        "resolution": visit["resolution"],
        "plugins": visit["plugins"].replace(",", ", "),
        "languageCode": visit["language"],
        "language": language_of(visit["language"]),
    }


def purchases(bought: Mapping[str, Any]) -> Columns:
    """Return what the visitor ever bought, not only in this visit."""
    return {
        "totalEcommerceRevenue": round(bought["order_revenue"], 2),
        "totalEcommerceConversions": bought["orders"],
        "totalEcommerceItems": bought["order_items"],
        "totalAbandonedCartsRevenue": round(bought["cart_revenue"], 2),
        "totalAbandonedCarts": bought["carts"],
        "totalAbandonedCartsItems": bought["cart_items"],
    }


def place(visit: Row) -> Columns:
    continent = continent_of(visit["country"])
    country, region, city = country_name(visit["country"]), visit["region"] or None, visit["city"] or None
    return {
        "continent": continent_name(continent),
        "continentCode": continent,
        "country": country,
        "countryCode": visit["country"],
        "region": region,
        "regionCode": region,
        "city": city,
        "location": ", ".join(part for part in (city, region, country) if part),
        "latitude": visit["latitude"],
        "longitude": visit["longitude"],
    }


def local_time(visit: Row) -> Columns:
    """Return the time on the visitor's own clock when the visit began."""
    minutes, seconds = divmod(visit["local_time"], 60)
    hours, minutes = divmod(minutes, 60)
    return {"visitLocalTime": f"{hours:02}:{minutes:02}:{seconds:02}", "visitLocalHour": str(hours)}


def extras(visit: Row, teller: Teller) -> Columns:
    """Return what the site keeps of visits beyond the usual."""
    own = [id for id, known in teller.dimensions.items() if known.active and known.scope == "visit"]
    return {
        "customVariables": variables(visit),
        **{f"dimension{id}": visit["dimensions"].get(str(id)) for id in own},
    }
