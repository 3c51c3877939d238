"""What hits of the browser's tracker are made of: what a command adds, and then what all of them say, in one order."""

from collections.abc import Mapping, Sequence

from playwright.sync_api import Page

from tests.hosts import Asked, Command, Hosts, page
from tests.visitors import Cookie, Visitor

SHOP = "https://shop.example/"
MONTHS_13 = 33_955_200  # Seconds that `_pk_id` lives.
MONTHS_6 = 15_768_000  # And `_pk_ref`.
HALF_HOUR = 1800
TOLERANCE = 60  # Seconds by which the end of a cookie may differ, however slow a machine is.

FEATURES = ("pdf", "qt", "realp", "wma", "fla", "java", "ag", "cookie", "res")
TIMINGS = ("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl")
ALWAYS = {"idsite", "rec", "r", "h", "m", "s", "url", "_id", "_idn", "send_image", "_refts", "cookie", "res"}
# Where timings stand depends on whether all of them are known, so they are looked at apart.
ORDER = (
    *("idsite", "rec", "r", "h", "m", "s", "url", "urlref", "uid", "_id", "_idn", "cs", "send_image"),
    *("_rcn", "_rck", "_refts", "_ref", "_pkc", "_pkp", "_pks", "_pkn", "data", "cvar", "e_cvar", "_cvar"),
    *("pv_id", "new_visit", "lat", "consent", "uadata", *FEATURES),
)


def visit(hosts: Hosts, visitor: Visitor, *commands: Command, address: str = SHOP, referer: str | None = None) -> Page:
    """Put a page that has these commands at an address, and open it."""
    hosts.put(address.partition("://")[2].partition("?")[0].partition("#")[0], page(*commands))
    return visitor.open(address, referer)


def push(page: Page, *commands: Command) -> None:
    """Give commands to a tracker that runs."""
    page.evaluate("commands => commands.forEach(command => _paq.push(command))", [list(each) for each in commands])


def leading(hit: Asked) -> list[tuple[str, str]]:
    """Return what a command adds: all that stands before the number of the site."""
    names = [name for name, _ in hit.pairs]
    return hit.pairs[: names.index("idsite")]


def common(hit: Asked) -> dict[str, str]:
    """Return what every hit says, after looking at the order in which it is said."""
    pairs = hit.pairs[len(leading(hit)) :]
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"twice: {names}"
    ordered = [name for name in names if not name.startswith(("pf_", "dimension"))]
    assert ordered == sorted(ordered, key=ORDER.index)
    assert set(names) >= ALWAYS
    return dict(pairs)


def the(hits: Sequence[Asked], **parameters: str) -> Asked:
    """Return the one hit that says this: what is sent at once comes in any order, on several connections."""
    (found,) = (hit for hit in hits if parameters.items() <= hit.parameters.items())
    return found


def title(hit: Asked) -> str:
    """Return the title of what has to be a page view."""
    ((name, value),) = leading(hit)
    assert name == "action_name"
    return value


def assert_cookie(cookie: Cookie, lifetime: float, now: float, **attributes: object) -> None:
    """Compare what a browser keeps with what a cookie of the tracker is unless told otherwise."""
    usual: Mapping[str, object] = {
        **{"domain": "shop.example", "path": "/", "secure": False, "same_site": "Lax", "http_only": False},
        **attributes,
    }
    assert {name: getattr(cookie, name) for name in usual} == usual
    assert abs(cookie.expires - now - lifetime) < TOLERANCE, f"lives {cookie.expires - now} seconds"
