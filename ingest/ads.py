"""Which advertising network a landing page's address names: its click ids say so, and are never stored."""

import re

from sql.query_names import CLICK_IDS

CLICK_ID = re.compile(rf"(?i)[?&#;]({'|'.join(CLICK_IDS)})=[^&#;]")


def ad_network_in(url: str) -> str:
    """Return the advertising network whose click id a URL carries, '' if it carries none."""
    if "=" not in url:
        return ""
    match = CLICK_ID.search(url)
    return CLICK_IDS[match[1].lower()] if match else ""
