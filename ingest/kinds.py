"""What kind of hit a request is, and the texts that its kind has (tracking specification, sections 2 and 4.1)."""

from typing import Literal

from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Site

Kind = Literal["page", "event", "outlink", "download", "content", "goal", "order", "cart", "ping"]
# In the order of priority (specification 7.2).
CAMPAIGN_NAMES = (
    *("pk_cpn", "pk_campaign", "piwik_campaign", "mtm_campaign", "matomo_campaign"),
    *("utm_campaign", "utm_source", "utm_medium"),
)
CAMPAIGN_KEYWORDS = ("pk_kwd", "pk_keyword", "piwik_kwd", "mtm_kwd", "mtm_keyword", "matomo_kwd", "utm_term")


def kind_of(request: TrackingRequest) -> Kind:
    """Return what kind of hit it is; a site search is told from a page view when it is loaded (specification 4.1).

    Raises BadRequest for blank event and content names, and for a custom action that nothing here knows.
    """
    if request.ordinary:
        return "page"
    if request.integer("ping", 0) == 1:
        return "ping"
    goal = request.integer("idgoal", -1)
    if goal >= 0:
        return "goal" if goal else "order" if request.has("ec_id") else "cart"
    action = action_kind(request)
    if action == "page" and request.integer("ca", 0) and not request.has("search"):
        raise BadRequest("ca", "an event, content, link, download or search beside it")
    return action


def action_kind(request: TrackingRequest) -> Kind:
    if request.has("download"):
        return "download"
    if request.has("link"):
        return "outlink"
    if request.parameters.get("e_c") and request.parameters.get("e_a"):
        for name in ("e_c", "e_a"):
            not_blank(request, name)
        return "event"
    if request.has("c_n"):
        not_blank(request, "c_n")
        return "content"
    return "page"


def not_blank(request: TrackingRequest, name: str) -> None:
    if not request.text(name):
        raise BadRequest(name, "a text that is not blank")


def campaign_of(request: TrackingRequest) -> tuple[str, str]:
    """Return campaign name and keyword sent as tracking parameters of their own (specification 7.3)."""
    sent = request.parameters
    if request.ordinary:
        return "", ""
    name = next((request.text(n, 255) for n in CAMPAIGN_NAMES if n in sent), "")
    return name, next((request.text(n, 255) for n in CAMPAIGN_KEYWORDS if n in sent), "") if name else ""


def link_of(request: TrackingRequest, kind: Kind) -> str:
    name = {"outlink": "link", "download": "download"}.get(kind)
    return request.text(name) if name else ""


def search_of(request: TrackingRequest, site: Site) -> tuple[str, str, int | None]:
    """Return keyword, category and result count of a search that the tracker names itself."""
    if not site.search or not request.has("search") or not (keyword := request.text("search")):
        return "", "", None
    count = request.integer("search_count", -1)
    return keyword, request.text("search_cat", 200), count if 0 <= count < 2**32 else None


def event_of(request: TrackingRequest, kind: Kind) -> tuple[str, str, str, float | None]:
    if kind != "event":
        return "", "", "", None
    return request.text("e_c"), request.text("e_a"), request.text("e_n"), request.number("e_v")
