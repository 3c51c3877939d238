"""People with a real browser: each has a fresh profile, and may refuse third-party cookies or send a privacy signal."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.browsing import ARGUMENTS, CHROMIUM
from tests.hosts import Hosts

# How a browser shows a signal to scripts; the header comes beside it.
SIGNALS = {
    "dnt": ({"DNT": "1"}, "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => '1'})"),
    "gpc": ({"Sec-GPC": "1"}, "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"),
}


class Cookie(NamedTuple):
    """A cookie as a browser keeps it."""

    value: str
    domain: str  # Begins with a dot if sub-domains see it, too.
    path: str
    expires: float  # Unix seconds; -1: with the browser.
    secure: bool
    same_site: str
    http_only: bool
    partition: str


class Visitor:
    """Somebody with a browser profile; all that goes wrong in scripts or is logged as an error is kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.heard: list[str] = []
        context.on("console", self.hear)
        context.on("weberror", lambda event: self.heard.append(str(event.error)))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(message.text)

    @property
    def errors(self) -> list[str]:
        for page in self.context.pages:
            page.evaluate("0")  # Whatever the page has said before comes before the answer.
        return self.heard

    def open(self, address: str, referer: str | None = None) -> Page:
        """Open an address in a new tab, as if it had been linked from `referer`."""
        page = self.context.new_page()
        page.goto(address, referer=referer)
        return page

    def cookies(self, *addresses: str) -> dict[str, Cookie]:
        """Return all cookies, or those that these addresses get, by name."""
        return {found["name"]: cookie(found) for found in self.context.cookies(list(addresses) or None)}


def cookie(found: Mapping[str, object]) -> Cookie:
    names = ("value", "domain", "path", "expires", "secure", "sameSite", "httpOnly", "partitionKey")
    return Cookie(*(found.get(name, "") for name in names))  # type: ignore[arg-type]


class Browsers:
    """Browsers of one test module; each is started when somebody first wants it."""

    def __init__(self, playwright: Playwright, hosts: Hosts, directory: Path) -> None:
        self.playwright = playwright
        self.hosts = hosts
        self.directory = directory
        self.running: dict[bool, BrowserContext] = {}

    def browser(self, third_party_cookies: bool) -> Browser:
        if third_party_cookies not in self.running:
            self.running[third_party_cookies] = self.started(third_party_cookies)
        browser = self.running[third_party_cookies].browser
        assert browser is not None
        return browser

    def started(self, third_party_cookies: bool) -> BrowserContext:
        """Start a browser whose preferences say what profiles do about third-party cookies; no flag can allow them."""
        home = self.directory / f"third-party-{third_party_cookies}"
        (home / "Default").mkdir(parents=True)
        controls = {"profile": {"cookie_controls_mode": 0 if third_party_cookies else 1}}
        (home / "Default/Preferences").write_text(json.dumps(controls))
        names = f"--host-resolver-rules={self.hosts.rules()}"
        return self.playwright.chromium.launch_persistent_context(
            home, executable_path=CHROMIUM, args=[*ARGUMENTS, names]
        )

    @contextmanager
    def visitor(
        self, *signals: str, third_party_cookies: bool = True, language: str = "en-US", user_agent: str | None = None
    ) -> Iterator[Visitor]:
        """Give somebody a fresh profile; signals are "dnt" and "gpc"."""
        headers = {name: value for signal in signals for name, value in SIGNALS[signal][0].items()}
        context = self.browser(third_party_cookies).new_context(
            ignore_https_errors=True, locale=language, extra_http_headers=headers, user_agent=user_agent
        )
        for signal in signals:
            context.add_init_script(SIGNALS[signal][1])
        yield Visitor(context)
        context.close()


@contextmanager
def browsing(hosts: Hosts, directory: Path) -> Iterator[Browsers]:
    with sync_playwright() as playwright:
        browsers = Browsers(playwright, hosts, directory)
        yield browsers
        for context in browsers.running.values():
            context.close()
