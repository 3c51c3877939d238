"""A real browser for tests: Debian's Chromium through Playwright, kept from calling home."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboard.assets import Assets
from ingest.scripts import BUILT

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
NEEDED = [
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"no browser at {CHROMIUM}: apt-get install chromium"),
    pytest.mark.skipif(not Assets().names, reason="browser files not built: npm ci && npm run build"),
]
TRACKER_NEEDED = [
    *NEEDED,
    pytest.mark.skipif(not (BUILT / "matomo.js").exists(), reason="tracker not built: npm ci && npm run build"),
]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
