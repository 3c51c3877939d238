"""Where search engines, social networks and AI assistants are found, and where a search at an engine leads.

Visits keep the address that a visitor came from: for a name that is not listed here its host is the best guess.
"""

from urllib.parse import quote_plus

# Those that have several hosts, or one for each country.
HOMES = {
    "search": {
        "Ask": "ask.com",
        "Baidu": "www.baidu.com",
        "Bing": "bing.com",
        "Brave": "search.brave.com",
        "DuckDuckGo": "duckduckgo.com",
        "Ecosia": "ecosia.org",
        "Google": "google.com",
        "Google Images": "images.google.com",
        "Google News": "news.google.com",
        "Google Shopping": "google.com",
        "Google Video": "google.com",
        "Naver": "search.naver.com",
        "Qwant": "www.qwant.com",
        "Seznam": "search.seznam.cz",
        "Startpage": "startpage.com",
        "Yahoo!": "search.yahoo.com",
        "Yahoo! Images": "images.search.yahoo.com",
        "Yandex": "yandex.ru",
    },
    "social": {
        "Bluesky": "bsky.app",
        "Facebook": "facebook.com",
        "Instagram": "instagram.com",
        "LinkedIn": "linkedin.com",
        "Pinterest": "pinterest.com",
        "Telegram": "telegram.org",
        "Threads": "threads.net",
        "TikTok": "tiktok.com",
        "Twitter": "twitter.com",
        "V2EX": "v2ex.com",
        "Vkontakte": "vk.com",
        "WhatsApp": "whatsapp.com",
        "YouTube": "youtube.com",
        "reddit": "reddit.com",
    },
    "assistant": {
        "ChatGPT": "chatgpt.com",
        "Claude": "claude.ai",
        "Copilot": "copilot.microsoft.com",
        "Gemini": "gemini.google.com",
        "Perplexity": "perplexity.ai",
    },
}
# What follows an engine's address before the words that are looked for.
SEARCHES = {
    "Baidu": "s?wd=",
    "Bing": "search?q=",
    "Brave": "search?q=",
    "DuckDuckGo": "?q=",
    "Ecosia": "search?q=",
    "Google": "search?q=",
    "Naver": "search.naver?query=",
    "Qwant": "?q=",
    "Seznam": "?q=",
    "Startpage": "do/search?query=",
    "Yahoo!": "search?p=",
    "Yandex": "search/?text=",
}


def host_of(url: str) -> str:
    """Return the host of an address, without `www.`."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].removeprefix("www.")


def home_of(kind: str, name: str, example: str) -> str:
    """Return where an engine, a network or an assistant is found; `example` is an address that a visitor came from."""
    host = HOMES.get(kind, {}).get(name) or host_of(example)
    return f"http://{host}" if host and kind == "search" else host


def search_at(engine: str, keyword: str, example: str) -> str:
    """Return the address of a search, or of the engine if nobody knows how it is asked."""
    home = home_of("search", engine, example)
    path = SEARCHES.get(engine)
    return f"{home}/{path}{quote_plus(keyword)}" if path and keyword and home else home
