"""Whatever visitors and administrators make up is text wherever somebody reads it, and never runs.

All of it goes in where it does in life: through a real collector, and through the registry. A real browser then opens
everything there is to see, without the policy that would stop what got through: escaping alone must be enough.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from urllib.parse import unquote, urlencode

import pytest
from playwright.sync_api import BrowserContext

from dashboard.api_reports import REPORTS
from dashboard.app import create_app
from dashboard.panels import PANELS
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.annotations import NewAnnotation
from sql.dimensions import NewDimension
from sql.goals import NewGoal
from sql.registry import Registry, Site
from tests import hostile
from tests.administered import PASSWORD
from tests.browsing import NEEDED, chromium
from tests.running import Answer, ask
from tests.shop import NOON_IN_BERLIN, NOW, track
from tests.surface import of, target
from tests.tracked import FIREFOX, Tracked, listening

Parameters = Mapping[str, object]

BOSS = "boss@example.org"
DAY = {"period": "day", "date": "2026-05-13"}
TEXTS = (
    *("action_name", "uid", "e_c", "e_a", "e_n", "search", "search_cat", "c_n", "c_p", "c_i", "ec_id"),
    *("dimension1", "dimension2", "_pks", "_pkn", "_pkc", "ua", "region", "city"),
)
ADDRESSES = ("url", "link", "download", "c_t", "_ref")
PAGE = {"url": "https://shop.example/"}
# The fields of hits that need no more than their own.
TOGETHER = (
    ("url", "urlref", "action_name", "uid", "dimension1", "dimension2"),
    ("uid", "e_c", "e_a", "e_n"),
    ("uid", "search", "search_cat"),
    ("uid", "c_n", "c_p", "c_t", "c_i"),
    ("uid", "_pks", "_pkn", "_pkc"),
    ("link",),
    ("download",),
)
NUMBERS = count(1)
# What nobody can make up: it becomes a word or a number of ours, has no room for more than three letters, or is kept
# only if it is the address of a page.
NOT_KEPT = {"res text", "lang text", "uadata text", "ua text", "region text", "_ref address"}
NOT_KEPT |= {f"{name} {kind}" for name in (*ADDRESSES, "urlref") for kind in ("code", "data")}
TABLES = ("hits", "visits final", "conversions final", "order_items final", "bots")
ADMINISTERED = ("Goals.getGoals", "CustomDimensions.getConfiguredCustomDimensions", "Annotations.getAll")
LISTS = (
    *ADMINISTERED,
    "SitesManager.getAllSites",
    "UsersManager.getUsers",
    "MultiSites.getAll",
    "API.getReportMetadata",
)
LOGS = ("Live.getLastVisitsDetails", "API.get")


@dataclass
class Sown:
    """A site about which everything was made up: the number of each field's text, by its name."""

    pegel: Tracked
    site: Site
    port: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def text(self, name: str, kind: str = "text") -> str:
        """Return a hostile text for a field, with a number of its own."""
        number = self.numbers[f"{name} {kind}"] = next(NUMBERS)
        made: str = getattr(hostile, kind)(number)
        return made

    def get(self, path: str) -> Answer:
        token = self.pegel.token("superuser")
        return ask(self.port, "GET", path, None, {"Authorization": f"Bearer {token}"})

    def report(self, method: str, **asked: object) -> Answer:
        given = {"module": "API", "method": method, "idSite": self.site.id, **DAY, "filter_limit": -1, **asked}
        return self.get(f"/index.php?{urlencode(given)}")

    @property
    def session(self) -> str:
        (user,) = (user for user in self.pegel.registry.users() if user.email == BOSS)
        return self.pegel.registry.start_session(user, timedelta(days=1))


@pytest.fixture(scope="module")
def sown(pegel: Tracked) -> Iterator[Sown]:
    pegel.now = NOON_IN_BERLIN
    site = pegel.add_site(
        name=hostile.short(next(NUMBERS)),
        urls=("https://shop.example", "https://x-evil.example/'onclick=_x(0)"),
        timezone="Europe/Berlin",
        ecommerce=True,
        keep_bots=True,
        group="<x-evil>",
    )
    sown = Sown(pegel, site)
    administer(sown, pegel.registry)
    pegel.registry.add_user(BOSS, PASSWORD, "superuser")
    visit(sown)
    pegel.load()
    surroundings = Surroundings(lambda: {"ok": True})
    settings = Settings(collector_url=f"http://127.0.0.1:{pegel.port}")
    with listening(create_app(settings, pegel.database, pegel.registry, lambda: NOW, surroundings)) as sown.port:
        yield sown


def administer(sown: Sown, registry: Registry) -> None:
    """Give names to all that administrators name."""
    site = sown.site.id
    registry.add_goal(
        NewGoal(
            site=site,
            name=sown.text("goal", "short"),
            description=sown.text("goal description"),
            match_attribute="url",
            pattern=sown.text("goal pattern"),
        )
    )
    registry.add_dimension(NewDimension(site=site, name=sown.text("visit dimension", "short"), scope="visit"))
    registry.add_dimension(NewDimension(site=site, name=sown.text("action dimension", "short"), scope="action"))
    note = NewAnnotation(site=site, day=date(2026, 5, 13), note=sown.text("note"), author="boss", token=0)
    registry.add_annotation(note)
    registry.add_token(sown.text("token", "short"), "view", site)


def visit(sown: Sown) -> None:
    """Send hits of every kind, whose every field is hostile."""
    at = NOON_IN_BERLIN
    for number, parameters in enumerate(hits(sown)):
        at += timedelta(seconds=1)
        track(sown.pegel, sown.site, at, **{"_id": f"{number + 1:016x}", "new_visit": 1, **parameters})


def hits(sown: Sown) -> Iterator[Parameters]:
    """Yield the parameters of one hit after another: each field hostile, in hits of every kind."""
    texts = {name: sown.text(name) for name in TEXTS} | {name: sown.text(name, "address") for name in ADDRESSES}
    texts["urlref"] = sown.text("urlref", "foreign_address")
    for names in TOGETHER:
        yield {**PAGE, **{name: texts[name] for name in names}}
    yield {**PAGE, "idgoal": 1, "_rcn": sown.text("_rcn"), "_rck": sown.text("_rck"), "_ref": texts["_ref"]}
    yield {**PAGE, "idgoal": 0, "ec_id": texts["ec_id"], "revenue": 5, "ec_items": json.dumps(items(sown))}
    yield {**PAGE, "country": "fr", "region": texts["region"], "city": texts["city"], "token_auth": sown.pegel.token()}
    yield {**PAGE, **{name: sown.text(name) for name in ("lang", "res", "uadata")}, "ua": f"{FIREFOX} {texts['ua']}"}
    yield {**PAGE, "recMode": 1, "ua": "ChatGPT-User/1.0", "source": sown.text("source", "short"), "http_status": 200}
    yield from origins(sown)
    yield from links_that_are_code(sown)


def items(sown: Sown) -> list[list[object]]:
    sku, name, category = (sown.text(f"ec_items {part}") for part in ("sku", "name", "category"))
    return [[sku, name, [category], 5, 1]]


def origins(sown: Sown) -> Iterator[Parameters]:
    """Yield visits from campaigns and search engines, and with variables."""
    campaign = urlencode({"mtm_campaign": sown.text("campaign"), "mtm_kwd": sown.text("keyword")})
    yield {"url": f"https://shop.example/?{campaign}"}
    yield {**PAGE, "urlref": f"https://www.bing.com/search?{urlencode({'q': sown.text('bing')})}"}
    yield {**PAGE, "urlref": f"https://yandex.ru/search?{urlencode({'text': sown.text('yandex')})}"}
    variables = json.dumps({"1": [sown.text("cvar name"), sown.text("cvar value")]})
    yield {**PAGE, "cvar": variables, "_cvar": variables}


def links_that_are_code(sown: Sown) -> Iterator[Parameters]:
    for kind in ("code", "data"):
        for name in (*ADDRESSES, "urlref"):
            yield {**PAGE, name: sown.text(name, kind)}
        yield {**PAGE, "e_c": sown.text("e_c", kind), "e_a": sown.text("e_a", kind)}
        yield {**PAGE, "action_name": sown.text("title", kind)}


def kept_in(sown: Sown) -> set[int]:
    rows = [sown.pegel.rows(f"select * from {table} where site = {sown.site.id}") for table in TABLES]
    return hostile.marks_in(unquote(str(rows)))


def test_everything_was_sown(sown: Sown) -> None:
    """What follows would prove nothing if hostile texts were kept out."""
    administered = hostile.marks_in(
        "".join(sown.report(method, format="json").body.decode() for method in ADMINISTERED)
    )
    found = kept_in(sown) | administered
    assert {name for name, number in sown.numbers.items() if number not in found} == NOT_KEPT | {"token short"}


class Reader:
    """Somebody who reads reports in a browser, and what ran there that should not have."""

    def __init__(self, context: BrowserContext, sown: Sown) -> None:
        self.sown, self.page = sown, context.new_page()
        self.ran: list[object] = []
        self.asked: list[str] = []
        self.shown: set[int] = set()
        context.expose_function("_x", lambda number: self.ran.append(number))
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("dialog", lambda dialog: self.ran.append(dialog.message))

    def look(self, path: str) -> None:
        self.page.goto(f"http://127.0.0.1:{self.sown.port}{path}")
        self.check(path)

    def check(self, where: str) -> None:
        """Whatever is on the page is text: no element, no attribute, no link of it is anybody else's."""
        elements = [
            (tag, [(name, value) for name, value in attributes]) for tag, attributes in self.page.evaluate(ELEMENTS)
        ]
        assert [found for tag, attributes in elements for found in hostile.strange(tag, attributes)] == [], where
        said = self.page.evaluate("document.body ? document.body.innerText : ''")
        assert hostile.CALCULATED not in said, where
        self.shown |= hostile.marks_in(unquote(said))
        assert (self.ran, [url for url in self.asked if not url.startswith(OURS)]) == ([], []), where


ELEMENTS = "[...document.querySelectorAll('*')].map(e => [e.localName, [...e.attributes].map(a => [a.name, a.value])])"
OURS = ("http://127.0.0.1:", "data:image/", "about:blank")


@pytest.fixture(scope="module")
def reader(sown: Sown) -> Iterator[Reader]:
    with chromium() as browser:
        context = browser.new_context(bypass_csp=True)
        address = f"http://127.0.0.1:{sown.port}"
        context.add_cookies([{"name": "pegel_session", "value": sown.session, "url": address}])
        yield Reader(context, sown)


class TestInABrowser:
    """Every page that shows what others made up."""

    pytestmark = NEEDED

    def test_the_hook_works(self, reader: Reader) -> None:
        """It sees each of the ways in which a text runs, and is clean again afterwards."""
        for text in (hostile.text(1), f'<a href="{hostile.code(2)}">x</a>', '<img src="//evil.example/">'):
            reader.page.set_content(f"<title>x</title><body>{text}")
            reader.page.wait_for_load_state()
            with pytest.raises(AssertionError):
                reader.check("here")
        assert 1 in reader.ran
        reader.page.goto("about:blank")
        reader.ran.clear()
        reader.asked.clear()
        reader.shown.clear()

    def test_pages(self, reader: Reader) -> None:
        site, query = reader.sown.site.id, urlencode(DAY)
        routes = of("anybody", "people", "viewers", "administrators", "superusers")
        paths = [target(route, site)[1] for route in routes if route.startswith("GET") and "static" not in route]
        for path in (*paths, *(f"/sites/{site}/{panel}" for panel in PANELS)):
            reader.look(f"{path}?site={site}&{query}" if path == "/sites" else f"{path}?{query}")
        reader.look(f"/sites/{site}?period=range&date=2026-05-01,2026-05-13")
        reader.page.locator("time-chart").first.hover()
        reader.check("the chart's tip")
        assert {reader.sown.numbers[name] for name in ("url address", "campaign text")} <= reader.shown

    def test_people(self, reader: Reader) -> None:
        reader.look(f"/sites/{reader.sown.site.id}/people")
        reader.page.select_option("#kind", "user")
        uid = reader.sown.numbers["uid text"]
        reader.page.fill("#id", hostile.text(uid))
        reader.page.get_by_role("button", name="Find").click()
        reader.page.wait_for_selector("#found")
        reader.check("people who were found")
        assert uid in reader.shown

    def test_the_opt_out(self, reader: Reader) -> None:
        for path in ("/opt-out?language=de&idsite=", "/index.php?module=CoreAdminHome&action=optOut&idsite="):
            reader.page.goto(f"http://127.0.0.1:{reader.sown.pegel.port}{path}{reader.sown.site.id}")
            reader.check(path)

    def test_reports_as_pages(self, reader: Reader) -> None:
        """All reports there are, one below the other; what is kept is shown by one of them, or by a page above."""
        asked = [{"idDimension": number} for number in (1, 2)]
        answers = [reader.sown.report(name, format="html", flat=1, expanded=1) for name in (*REPORTS, *LISTS, *LOGS)]
        answers += [reader.sown.report("CustomDimensions.getCustomDimension", format="html", **more) for more in asked]
        tables = [answer.body.decode() for answer in answers if answer.status == 200]
        assert len(tables) > 0.8 * len(answers)
        for table in tables:
            assert hostile.Markup(table).broken == []
        reader.page.set_content("".join(tables))
        reader.page.wait_for_load_state()
        reader.check("reports")
        unseen = kept_in(reader.sown) - reader.shown
        # What bots are sent by is in no report.
        assert {name for name, number in reader.sown.numbers.items() if number in unseen} == {"source short"}


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv", "rss", "original"])
def test_nothing_else_is_taken_for_a_page(sown: Sown, format: str) -> None:
    for method in ("Actions.getPageTitles", "Live.getLastVisitsDetails", "Goals.getGoals", "No.such"):
        answer = sown.report(method, format=format, date="2026-05-12,2026-05-13", token_auth=sown.pegel.token())
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["query", "export", "raw/visits", "raw/hits", "sites", "dimensions"])
def test_nor_is_anything_of_our_own_interface(sown: Sown, path: str) -> None:
    query = {"metrics": "nb_visits", "dimensions": "entryPageTitle"} if path in ("query", "export") else {}
    site = {} if path == "sites" else {"site": sown.site.id}
    dated = DAY if path not in ("sites", "dimensions") else {}
    answer = sown.get(f"/api/v1/{path}?{urlencode({**query, **site, **dated})}")
    assert answer.status == 200
    assert "html" not in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert hostile.marks_in(answer.body.decode()) or path == "sites"
