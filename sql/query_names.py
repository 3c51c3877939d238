"""Names in the queries of URLs that say nothing of a page: they are the visitor's, the session's or the campaign's."""

from collections.abc import Collection

# In the order of priority (tracking specification, 7.2).
CAMPAIGN_NAMES = (
    *("pk_cpn", "pk_campaign", "piwik_campaign", "mtm_campaign", "matomo_campaign"),
    *("utm_campaign", "utm_source", "utm_medium"),
)
CAMPAIGN_KEYWORDS = ("pk_kwd", "pk_keyword", "piwik_kwd", "mtm_kwd", "mtm_keyword", "matomo_kwd", "utm_term")
# The parameter that each advertising network adds to the links of its advertisements.
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
# What never belongs to a page (tracking specification, 4.4).
NEVER_KEPT = frozenset(
    {
        *("ignore_referrer", "ignore_referer", *CLICK_IDS),
        *("fb_xd_fragment", "fb_comment_id", "phpsessid", "jsessionid", "sessionid", "aspsessionid", "sid", "pk_vid"),
        *("doing_wp_cron", *CAMPAIGN_NAMES, *CAMPAIGN_KEYWORDS),
    }
)


def without_unkept(query: str, excluded: Collection[str] = ()) -> str:
    """Return a query without what is never kept and what a site excludes by name, in small or capital letters."""
    unkept = NEVER_KEPT | {name.lower() for name in excluded}
    kept = (pair for pair in query.split("&") if pair and pair.partition("=")[0].lower() not in unkept)
    return "&".join(kept)
