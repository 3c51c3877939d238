"""Our answers about visits one by one, in the shape of Matomo's log of visits: all but what happened in them."""

from dashboard.countries import country_name
from tests.parts import Part, Row, Table
from tests.referrer_answers import KEYWORD, TYPES

RETURNING = ("new", "returning", "returningCustomer")
SAME_NAME = ("actions", "interactions", "searches", "events", "resolution", "country")


def log(part: Part, parameters: Row) -> Table:
    """Return visits, the newest first."""
    upwards = parameters.get("filter_sort_order") == "asc"
    visits = part.visits if upwards else part.visits[::-1]
    return [details(part, visit) for visit in visits[: int(parameters.get("filter_limit", 10))]]


def details(part: Part, visit: Row) -> Row:
    seconds = visit["local_time"]
    name, _ = TYPES[visit["referrer_type"]]
    return {
        **{column: visit[column] for column in SAME_NAME},
        "idSite": part.site,
        "visitIp": visit["ip"],
        "visitorId": f"{visit['visitor']:016x}",
        "userId": visit["user_id"],
        "visitorType": RETURNING[visit["returning"]],
        "visitCount": visit["visit_count"],
        "visitDuration": visit["duration"],
        "lastActionTimestamp": int(visit["last_at"].timestamp()),
        "serverTimestamp": int(visit["last_at"].timestamp()),
        "firstActionTimestamp": int(visit["started"].timestamp()),
        "visitServerHour": visit["last_at"].hour,
        "visitLocalTime": f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}",
        "visitLocalHour": seconds // 3600,
        "secondsSinceFirstVisit": visit["seconds_since_first"],
        "secondsSinceLastVisit": visit["seconds_since_last"],
        "daysSinceFirstVisit": (visit["seconds_since_first"] or 0) // 86400,
        "daysSinceLastVisit": (visit["seconds_since_last"] or 0) // 86400,
        "referrerType": visit["referrer_type"],
        "referrerTypeName": name,
        "referrerName": visit["referrer_name"],
        "referrerKeyword": KEYWORD(visit) or visit["referrer_keyword"],
        "referrerUrl": visit["referrer_url"],
        "languageCode": visit["language"],
        "country": country_name(visit["country"]),
        "countryCode": visit["country"],
        "deviceType": visit["device_type"].capitalize(),
        "deviceBrand": visit["device_brand"] or "Unknown",
        "operatingSystem": f"{visit['os']} {visit['os_version']}".strip(),
        "operatingSystemName": visit["os"],
        "operatingSystemVersion": visit["os_version"],
        "browserName": visit["browser"],
        "browserVersion": visit["browser_version"],
    }
