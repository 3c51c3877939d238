"""What is known of one visitor: all that their last visits tell, added up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from dashboard.reporting.metrics import in_words
from dashboard.reporting.part import Part
from dashboard.reporting.table import Columns

MOST_VISITS = 100  # That are added up.
SHOWN_VISITS = 10

Visits = Sequence[Columns]


def profile(part: Part, visits: Visits, most: int) -> Columns:
    """Return a visitor's profile from visits, the newest first; one more than `most` tells that there are others."""
    known = visits[:most]
    newest = known[0]
    actions = [action for visit in known for action in visit["actionDetails"]]
    return {
        "visitorId": newest["visitorId"],
        "userId": newest["userId"],
        "hasMoreVisits": int(len(visits) > most),
        **totals(known, actions),
        **conversions(known, actions),
        "hasLatLong": int(any(visit["latitude"] is not None for visit in known)),
        **places(known),
        "devices": devices(known),
        "firstVisit": visit_summary(part, known[-1]),
        "lastVisit": visit_summary(part, newest),
        "visitsAggregated": len(known),
        "lastVisits": known[:SHOWN_VISITS],
    }


def totals(visits: Visits, actions: Visits) -> Columns:
    kinds = Counter(action["type"] for action in actions)
    pages = Counter(action["url"] for action in actions if action["type"] == "action")
    searches = Counter(action["siteSearchKeyword"] for action in actions if action["type"] == "search")
    seconds = sum(visit["visitDuration"] for visit in visits)
    return {
        "totalVisits": len(visits),
        "totalVisitDuration": seconds,
        "totalVisitDurationPretty": in_words(seconds),
        "totalActions": sum(visit["actions"] for visit in visits),
        "totalPageViews": kinds["action"],
        "totalUniquePageViews": len(pages),
        "totalRevisitedPages": sum(count > 1 for count in pages.values()),
        "totalSearches": kinds["search"],
        "totalEvents": kinds["event"],
        "totalOutlinks": kinds["outlink"],
        "totalDownloads": kinds["download"],
        "searches": [{"keyword": keyword, "searches": count} for keyword, count in searches.most_common()],
    }


def conversions(visits: Visits, actions: Visits) -> Columns:
    goals = Counter(action["goalId"] for action in actions if action["type"] == "goal")
    purchases = {name: value for name, value in visits[0].items() if name.startswith(("totalEcommerce", "totalAband"))}
    return {
        "totalGoalConversions": sum(goals.values()),
        "totalConversionsByGoal": {f"idgoal={id}": count for id, count in sorted(goals.items())},
        **purchases,
    }


def places(visits: Visits) -> Columns:
    countries = [
        {"country": code, "nb_visits": count, "prettyName": name, "cities": cities(visits, code)}
        for (code, name), count in counted(visits, "countryCode", "country")
    ]
    continents = [
        {"continent": code, "nb_visits": count, "prettyName": name}
        for (code, name), count in counted(visits, "continentCode", "continent")
    ]
    return {"continents": continents, "countries": countries}


def counted(visits: Visits, *columns: str) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield values of columns and how many visits have them, the most first."""
    yield from Counter(tuple(visit[column] for column in columns) for visit in visits).most_common()


def cities(visits: Visits, country: str) -> list[str]:
    return list(dict.fromkeys(visit["city"] for visit in visits if visit["countryCode"] == country and visit["city"]))


def devices(visits: Visits) -> list[Columns]:
    """Return kinds of devices, and which models of each."""
    models = list(counted(visits, "deviceType", "deviceBrand", "deviceModel"))
    return [
        {
            "type": kind,
            "count": count,
            "devices": [
                {"name": f"{brand} {model}", "count": of} for (of_kind, brand, model), of in models if of_kind == kind
            ],
        }
        for (kind,), count in counted(visits, "deviceType")
    ]


def visit_summary(part: Part, visit: Columns) -> Columns:
    """Return when a visit was and where it came from."""
    ago = int(part.now.timestamp()) - visit["firstActionTimestamp"]
    names = (visit["referrerTypeName"], visit["referrerName"], visit["referrerKeyword"])
    return {
        "date": visit["serverDate"],
        "prettyDate": visit["serverDatePrettyFirstAction"],
        "daysAgo": max(ago, 0) // 86_400,
        "referrerType": visit["referrerType"],
        "referrerUrl": visit["referrerUrl"],
        "referralSummary": " - ".join(dict.fromkeys(name for name in names if name)),
    }
