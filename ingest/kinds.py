"""What kind of hit a request is, and the texts that its kind has (tracking specification, sections 2 and 4.1)."""

from typing import Literal

from ingest.site_search import search_in_url
from ingest.tracking import BadRequest, TrackingRequest, scalar_text
from sql.query_names import CAMPAIGN_KEYWORDS, CAMPAIGN_NAMES
from sql.registry import Site

Kind = Literal["page", "event", "outlink", "download", "content", "goal", "order", "cart", "ping"]
LONGEST_NAME = 4096  # Bytes of what events and contents are called, as many as Matomo's columns hold.
LINKS = {"outlink": "link", "download": "download"}
# Beginnings of the parameters of other products' actions: media, crashes, forms, heatmaps (specification 2.11).
FOREIGN = ("ma_", "cra", "fa_", "hsr_")


def kind_of(request: TrackingRequest, site: Site) -> Kind | None:
    """Return what kind of hit it is; a site search is told from a page view when it is loaded (specification 4.1).

    None stands for an action of other products, of which nothing is kept. Raises BadRequest for blank event and content
    names, and for a custom action that nothing here knows.
    """
    if request.ordinary:
        return "page"
    if request.integer("ping", 0) == 1:
        return "ping"
    goal = request.integer("idgoal", -1)
    if goal >= 0:
        return "goal" if goal else "order" if request.text("ec_id") not in ("", "0") else "cart"
    action = action_kind(request)
    if action == "page" and request.integer("ca", 0) and not is_search(request, site):
        if any(name.startswith(FOREIGN) for name in request.parameters):
            return None
        raise BadRequest("ca", "an event, content, link, download or search beside it")
    return action


def is_search(request: TrackingRequest, site: Site) -> bool:
    """Tell whether a request that would be a page view is a site search, named by the tracker or in the URL."""
    if not site.search or request.has("search"):
        return site.search
    keyword, *_ = search_in_url(request.text("url"), site, request.text("cs", 40))
    return keyword != ""


def action_kind(request: TrackingRequest) -> Kind:
    if request.has("download"):
        return "download"
    if request.has("link"):
        return "outlink"
    if scalar_text(request.parameters.get("e_c")) and scalar_text(request.parameters.get("e_a")):
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
    if request.ordinary or sent.keys().isdisjoint(CAMPAIGN_NAMES):
        return "", ""
    name = next((request.text(n, 255) for n in CAMPAIGN_NAMES if n in sent), "")
    return name, next((request.text(n, 255) for n in CAMPAIGN_KEYWORDS if n in sent), "") if name else ""


def link_of(request: TrackingRequest, kind: Kind) -> str:
    return request.text(LINKS[kind]) if kind in LINKS else ""


def search_of(request: TrackingRequest, site: Site) -> tuple[str, str, int | None]:
    """Return keyword, category and result count of a search that the tracker names itself."""
    if request.ordinary or not site.search or not request.has("search") or not (keyword := request.text("search")):
        return "", "", None
    count = request.integer("search_count", -1)
    return keyword, request.text("search_cat", 200), count if 0 <= count < 2**32 else None


def event_of(request: TrackingRequest, kind: Kind) -> tuple[str, str, str, float | None]:
    if kind != "event":
        return "", "", "", None
    category, action, name = (request.text(name, LONGEST_NAME) for name in ("e_c", "e_a", "e_n"))
    return category, action, name, request.number("e_v")
