"""Which user agents say that they are programs: general facts, cheap enough to ask before a hit is answered.

Programs that only fetch (curl, an HTTP library, a browser without a window) are no bots: sites track their servers
and apps with them, and Matomo counts them. `ingest.device` knows thousands of bots more, by name.
"""

import re

from ahocorasick_rs import AhoCorasick

LONGEST = 1024  # Letters of a user agent that are looked at.

# What only programs of this kind have in their names.
CERTAIN = (
    *("robot", "crawl", "slurp", "scraper", "scrapy", "archiver", "heritrix", "analyzer", "indexer", "transcoder"),
    *("validator", "checklink", "check_http", "healthcheck", "health-check", "health check", "linkcheck", "link check"),
    *("uptime", "pingdom", "pinger", "statuscake", "site24x7", "gtmetrix", "lighthouse", "catchpoint", "gomeza"),
    *("datadog", "appinsights", "monitoring", "ahrefs", "semrush", "screaming frog", "censys", "zgrab", "masscan"),
    *("nikto", "sqlmap", "feedly/", "feedbin", "feedfetcher", "tiny tiny rss", "wordpress/", "embedly", "vkshare"),
    *("externalhit", "externalua", "facebookplatform", "facebookcatalog", "meta-external", "skypeuripreview"),
    *("mediapartners-google", "apis-google", "googleother", "appengine-google", "googleimageproxy", "bingpreview"),
    *("google-extended", "google-inspectiontool", "google-read-aloud", "google-site-verification", "google-safety"),
    *("google-notebooklm", "google-gemininotebook", "gemini-deep-research", "qwantify", "yeti/", "daumoa"),
    *("yandeximages", "yandexmetrika", "yandexdirect", "yandexmedia", "yahoo link preview"),
    *("chatgpt-user", "claude-user", "claude-web", "claude-searchbot", "anthropic-ai", "perplexity-user"),
    *("mistralai-user", "cohere-"),
)
# What phones and libraries have in their names as well, and how to tell: Cubot phones, "M bot 51", node-fetch.
DOUBTFUL = ("bot", "spider", "fetcher", "compatible;", "subscriber")
TELLING = re.compile(
    r"""
      (?<!cu)(?<!hu)(?<!power[ ])(?<!power_)(?<!\b[a-z][ ])(?<!\b[a-z]{2}[ ])bot(?![a-z0-9]|[ _](?:tab|senior|junior))
    | bots?[-/] | spider(?![ ]8) | (?<!node-)(?<!electron-)fetcher
    | compatible;[^()]{0,100}\+https?:// | \d[ ]subscribers?\b
    """,
    re.VERBOSE,
)
WORDS = AhoCorasick([*CERTAIN, *DOUBTFUL])


def looks_like_bot(user_agent: str) -> bool:
    """Tell within microseconds whether a user agent calls itself a bot."""
    text = user_agent[:LONGEST].lower()
    found = WORDS.find_matches_as_indexes(text, overlapping=True)
    if not found:
        return False
    return any(number < len(CERTAIN) for number, _, _ in found) or TELLING.search(text) is not None


# What a bot does with what it fetches, by words in its name. Those that are not here go by device-detector's category.
PURPOSES = (
    ("ai-assistant", re.compile(r"(?i)-user\b|assist|deep-research|notebook|externalfetcher|mistralai-user")),
    ("search", re.compile(r"(?i)searchbot|perplexitybot|mistralai-index")),
    (
        "ai-training",
        re.compile(r"(?i)gptbot|claudebot|anthropic|ccbot|bytespider|-extended|externalagent|cohere|diffbot|ai2bot"),
    ),
)
CATEGORIES = {
    "AI Agent": "ai-assistant",
    "AI Assistant": "ai-assistant",
    "AI Data Scraper": "ai-training",
    "AI Search Crawler": "search",
    "Search bot": "search",
    "Search tools": "search",
    "Site Monitor": "monitoring",
    "Network Monitor": "monitoring",
}


def bot_class(name: str, category: str) -> str:
    """Return what a bot is for: search, ai-training, ai-assistant, monitoring or other."""
    named = (purpose for purpose, pattern in PURPOSES if pattern.search(name))
    return next(named, CATEGORIES.get(category, "other"))


# What answers people's questions with what it reads: software that sends `recMode` tells of these (specification 14).
CHATBOTS = AhoCorasick(
    [
        *("chatgpt-user", "mistralai-user", "gemini-deep-research", "claude-user", "perplexity-user", "duckassistbot"),
        *("google-gemininotebook", "google-notebooklm"),
    ]
)


def is_chatbot(user_agent: str) -> bool:
    """Tell whether a user agent is that of an AI chatbot that fetches a page for somebody who asked."""
    return bool(CHATBOTS.find_matches_as_indexes(user_agent[:LONGEST].lower()))
