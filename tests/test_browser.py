"""A real browser, from page to dashboard: a tracker on a web page sends hits, a person looks at them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page

from tests.browsing import NEEDED, chromium
from tests.running import HOST, eventually, server

pytestmark = NEEDED
EMAIL = "anna@example.org"

# A stand-in for the tracker of a website: the parameters and the beacon that Matomo's own client uses.
PAGE = """<!doctype html><title>{title}</title><h1>{title}</h1>
<a id="next" href="/second">Second</a>
<script>
function hit(more) {{
  const now = new Date();
  const parameters = new URLSearchParams({{
    idsite: "{site}", rec: "1", send_image: "0", url: location.href, urlref: document.referrer,
    h: now.getHours(), m: now.getMinutes(), s: now.getSeconds(), res: screen.width + "x" + screen.height,
    _id: "c0ffee0123456789", ...more,
  }});
  return navigator.sendBeacon("{collector}/matomo.php?" + parameters);
}}
hit({{action_name: document.title}});
document.querySelector("h1").addEventListener("click", () => hit({{e_c: "Heading", e_a: "click", ca: "1"}}));
</script>"""


@contextmanager
def website(collector: str, site: int) -> Iterator[str]:
    """Serve a website of two pages that tracks to a collector of another origin."""

    class Website(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            title = "Second page" if self.path == "/second" else "First page"
            body = PAGE.format(title=title, site=site, collector=collector).encode()
            self.send_response(200 if self.path in ("/", "/second") else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Website) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def walk_through(page: Page, address: str) -> None:
    page.goto(address)
    page.click("h1")
    page.click("#next")
    page.wait_for_url(f"{address}/second")


def sign_in(page: Page, dashboard: str, password: str) -> None:
    page.goto(dashboard)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sites/*")


def shown(page: Page, text: str) -> bool:
    page.reload()
    return text in page.inner_text("body")


def test_from_a_page_to_the_dashboard(tmp_path: Path) -> None:
    """Two pages and a click become one visit with three actions, seen by somebody who signed in."""
    with server(tmp_path) as running, chromium() as browser:
        site = running.add_site()
        password = json.loads(running.say("user", "add", EMAIL, "--json"))["password"]
        running.start()
        page = browser.new_page(locale="en-GB")
        with website(f"http://{HOST}:{running.collect_port}", site) as address:
            walk_through(page, address)
        sign_in(page, f"http://{HOST}:{running.private_port}/", password)
        eventually(lambda: shown(page, "/second"))
        page.reload()  # What came while that page asked one question after the other is in all answers now.
        text = " ".join(page.inner_text("main").split())
        for numbers in (
            "Visits 1 ",
            "Page views 2 ",
            "Actions per visit 3",
            "/second 1 1 50%",
            "United Kingdom 1 100%",
        ):
            assert numbers in text
