"""Which advertising network a landing page's address names: its click ids say so, and are never stored."""

import re

# The parameter that each network adds to the links of its advertisements.
CLICK_IDS = {
    "gclid": "Google Ads",
    "gbraid": "Google Ads",
    "wbraid": "Google Ads",
    "dclid": "Google Display & Video 360",
    "msclkid": "Microsoft Advertising",
    "fbclid": "Meta",
    "li_fat_id": "LinkedIn Ads",
    "ttclid": "TikTok Ads",
    "twclid": "X Ads",
    "yclid": "Yandex Direct",
    "epik": "Pinterest Ads",
    "rdt_cid": "Reddit Ads",
    "sccid": "Snapchat Ads",
}
CLICK_ID = re.compile(rf"(?i)[?&#;]({'|'.join(CLICK_IDS)})=[^&#;]")


def ad_network_in(url: str) -> str:
    """Return the advertising network whose click id a URL carries, '' if it carries none."""
    if "=" not in url:
        return ""
    match = CLICK_ID.search(url)
    return CLICK_IDS[match[1].lower()] if match else ""
