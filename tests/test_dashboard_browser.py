"""The dashboard in a real browser: strict policy kept, chart drawn, no reloads, and all without JavaScript too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.registry import Registry
from tests.browsing import NEEDED, chromium
from tests.conftest import NOW, a_site, counter_row, emptied, fixed_clock, hit_row, insert_rows, visit_row
from tests.tracked import listening

PASSWORD, EMAIL = "correct horse battery", "boss@example.org"
EVIL = """'"><img src=x onerror=alert(1)><script>alert(1)</script>"""
UNKNOWN = {"outcome": "refused", "reason": "idsite"}
# Everything that a policy refused, and every script that ran though nobody asked it to.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
window.alert = () => window.refused.push("alert");
"""

pytestmark = NEEDED


@pytest.fixture(scope="module")
def address(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that serves a site with two days of visits and hostile names."""
    emptied(database)
    yesterday = NOW - timedelta(days=1)
    insert_rows(database, "visits", [visit_row(started=moment, referrer_name=EVIL) for moment in (NOW, yesterday)])
    insert_rows(database, "hits", [hit_row(at=moment, page=f"example.org/{EVIL}") for moment in (NOW, yesterday)])
    insert_rows(database, "hits", [hit_row(at=yesterday, page=f"example.org/{number}") for number in range(20)])
    refused = counter_row(minute=yesterday, outcome="refused", reason=f"idgoal{EVIL}", hits=3)
    insert_rows(database, "counters", [counter_row(hits=1200), refused, counter_row(site=77, **UNKNOWN)])
    registry = Registry(tmp_path_factory.mktemp("people") / "registry.sqlite", fixed_clock)
    a_site(registry, name=f"Example {EVIL}")
    registry.add_user(EMAIL, PASSWORD, "superuser")
    app = create_app(Settings(), database, registry, fixed_clock, Surroundings(lambda: {"ok": True}))
    with listening(app) as port:
        yield f"http://127.0.0.1:{port}"
    registry.close()
    emptied(database)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that somebody who signed in looks at."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(WATCH)
    enter(page)
    yield page
    context.close()


def enter(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sites/1")


def nothing_refused(page: Page) -> bool:
    return page.evaluate("window.refused") == [] and page.locator("img[src=x]").count() == 0


def test_the_chart_says_what_the_table_says(page: Page) -> None:
    plot = page.locator(".plot")
    expect(plot.locator("svg")).to_be_visible()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + box["height"] / 2)
    tip = page.locator(".tip")
    expect(tip).to_contain_text("Wednesday, 13 May 2026 so far")
    expect(tip).to_contain_text("Visits1")
    page.get_by_text("These numbers as a table").click()
    expect(page.get_by_role("row", name="Wednesday, 13 May 2026 so far 1 1")).to_be_visible()
    assert nothing_refused(page)


def test_another_period_without_a_reload(page: Page) -> None:
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Day", exact=True).click()
    page.wait_for_url("**period=day&date=2026-05-13")
    page.get_by_role("link", name="Earlier").click()
    page.wait_for_url("**date=2026-05-12")
    expect(page.get_by_text("Tuesday, 12 May 2026", exact=True)).to_be_visible()
    expect(page).to_have_title(f"Example {EVIL}, Tuesday, 12 May 2026 · Pegel")
    expect(page.locator(".plot svg")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Wednesday, 13 May 2026", exact=True)).to_be_visible()
    expect(page.locator(".plot svg")).to_be_visible()
    assert page.evaluate("window.same")
    assert nothing_refused(page)


def test_a_click_in_the_chart_opens_the_day(page: Page) -> None:
    box = page.locator(".plot").bounding_box()
    assert box
    expect(page.locator(".plot svg")).to_be_visible()
    page.mouse.click(box["x"] + box["width"] - 14, box["y"] + box["height"] / 2)
    page.wait_for_url("**period=day&date=2026-05-13")


def test_long_tables_and_free_dates(page: Page) -> None:
    page.get_by_role("link", name="Show all 21 of Top pages").click()
    expect(page.get_by_role("heading", name="Top pages")).to_be_visible()
    expect(page.get_by_text("1–21 of 21")).to_be_visible()
    page.get_by_text("Dates").click()
    page.get_by_label("From").fill("2026-05-12")
    page.get_by_label("Until").fill("2026-05-12")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("12 May 2026", exact=True)).to_be_visible()
    assert nothing_refused(page)


def test_a_theme_is_remembered(page: Page) -> None:
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != ground
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert nothing_refused(page)


def test_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the numbers")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.get_by_label("Account").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.locator("#choose-month").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**period=month**")
    expect(page.locator("#choose-month")).to_be_focused()


def test_the_tracking_page(page: Page) -> None:
    page.get_by_role("link", name="Tracking", exact=True).click()
    expect(page.get_by_text("3 requests were refused")).to_be_visible()
    plot = page.locator(".plot")
    expect(plot.locator("svg")).to_be_visible()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 14, box["y"] + box["height"] / 2)
    expect(page.locator(".tip")).to_contain_text("Wednesday, 13 May 2026 so farLeft out on purpose0Refused0")
    page.get_by_text("These numbers as a table").click()
    expect(page.get_by_role("row", name="Tuesday, 12 May 2026 0 0 3")).to_be_visible()
    page.get_by_role("link", name="Tuesday, 12 May 2026").click()
    page.wait_for_url("**/sites/1/tracking?period=day&date=2026-05-12")
    page.get_by_role("link", name="Requests of all sites").click()
    expect(page.get_by_role("heading", name="Tracking of all sites")).to_be_visible()
    page.get_by_role("link", name="Month", exact=True).click()
    page.wait_for_url("**/tracking?period=month**")
    expect(page.get_by_role("row", name="Unknown site 77")).to_be_visible()
    assert nothing_refused(page)


@pytest.mark.parametrize("width", [360, 390, 820, 1280])
def test_nothing_sticks_out(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/sites/1", "/sites/1/pages", "/sites/1/tracking", "/tracking"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    enter(page)
    expect(page.get_by_role("row", name="Wednesday, 13 May 2026 so far 1 1")).to_be_visible()
    page.get_by_role("link", name="Day", exact=True).click()
    page.get_by_role("link", name="Earlier").click()
    page.get_by_role("link", name="Show all 21 of Top pages").click()
    expect(page.get_by_text("1–21 of 21")).to_be_visible()
    page.get_by_role("link", name="Tracking", exact=True).click()
    expect(page.get_by_text("3 requests were refused")).to_be_visible()
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
