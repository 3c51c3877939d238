"""The world of the demo traffic: a small paddling shop with a magazine, and the people who find it. Tables only."""

from typing import NamedTuple


class Page(NamedTuple):
    """A page, and how often visits begin on it; only the proportions between pages matter."""

    path: str
    title: str
    section: str
    entries: int
    euros: int = 0


class Place(NamedTuple):
    """A country's browser languages, its distance from UTC in hours, and addresses of one large provider there."""

    weight: int
    languages: tuple[str, ...]
    hours: int
    network: str


class Device(NamedTuple):
    """A browser that many people use, and the screens it runs on."""

    weight: int
    agent: str
    screens: tuple[str, ...]


class Source(NamedTuple):
    """A way in: the referrer, and what the link adds to the address of the landing page."""

    weight: int
    referrer: str = ""
    query: str = ""


class Extra(NamedTuple):
    """Something people do on a page of a section: tracking parameters, and how many of a hundred page views have it."""

    section: str
    percent: int
    parameters: dict[str, str]


PAGES = (
    Page("/", "Uferlos: boats, paddles and stories", "home", 170),
    Page("/shop/", "Shop", "shop", 48),
    Page("/shop/canoes/", "Canoes", "shop", 34),
    Page("/shop/kayaks/", "Kayaks", "shop", 38),
    Page("/shop/paddles/", "Paddles", "shop", 22),
    Page("/shop/clothing/", "Clothing", "shop", 14),
    Page("/shop/sale/", "Sale", "shop", 26),
    Page("/shop/canoes/prospector-16", "Prospector 16, cedar and canvas", "product", 16, 2890),
    Page("/shop/canoes/family-17", "Family 17, three seats", "product", 22, 1490),
    Page("/shop/canoes/folding-15", "Folding canoe 15", "product", 34, 1190),
    Page("/shop/kayaks/fjord-520", "Fjord 520 sea kayak", "product", 20, 2190),
    Page("/shop/kayaks/brook-260", "Brook 260 whitewater kayak", "product", 12, 1090),
    Page("/shop/kayaks/inflatable-duo", "Inflatable Duo", "product", 36, 449),
    Page("/shop/paddles/beavertail-ash", "Beavertail paddle, ash", "product", 10, 119),
    Page("/shop/paddles/carbon-210", "Carbon touring paddle 210", "product", 14, 259),
    Page("/shop/clothing/dry-suit-nordic", "Dry suit Nordic", "product", 11, 790),
    Page("/shop/clothing/life-vest-kids", "Life vest for children", "product", 21, 69),
    Page("/shop/clothing/neoprene-boots", "Neoprene boots", "product", 9, 45),
    Page("/shop/dry-bags-set", "Dry bags, set of three", "product", 18, 39),
    Page("/magazine/", "Magazine", "magazine", 30),
    Page("/magazine/danube-in-seven-days", "The Danube in seven days", "magazine", 52),
    Page("/magazine/first-canoe-what-to-buy", "Your first canoe: what to buy", "magazine", 61),
    Page("/magazine/rivers-for-beginners", "Ten calm rivers for beginners", "magazine", 57),
    Page("/magazine/reading-a-gauge", "How to read a river gauge", "magazine", 29),
    Page("/magazine/packing-list-weekend", "Packing list for a weekend on the water", "magazine", 38),
    Page("/magazine/j-stroke", "The J-stroke, step by step", "magazine", 33),
    Page("/magazine/paddling-with-children", "Paddling with children", "magazine", 24),
    Page("/magazine/swedish-lakes", "Wild camping on Swedish lakes", "magazine", 27),
    Page("/magazine/cold-water", "Cold water: the first three minutes", "magazine", 19),
    Page("/magazine/repair-a-canvas-canoe", "Repairing a canvas canoe", "magazine", 13),
    Page("/magazine/night-on-the-rhine", "A night on the Rhine", "magazine", 9),
    Page("/guides/", "River guides and maps", "guides", 18),
    Page("/guides/altmuehl", "Altmühl: map and landing places", "guides", 23),
    Page("/guides/soca", "Soča: map and rapids", "guides", 21),
    Page("/guides/dordogne", "Dordogne: map and landing places", "guides", 17),
    Page("/courses/", "Courses on the lake", "service", 19),
    Page("/about/", "About us", "service", 7),
    Page("/shipping/", "Shipping and returns", "service", 6),
    Page("/contact/", "Contact", "service", 9),
    Page("/newsletter/", "Newsletter", "service", 5),
    Page("/cart/", "Your cart", "cart", 2),
)

EXTRAS = (
    Extra("product", 14, {"e_c": "Cart", "e_a": "Add", "e_n": "{title}", "e_v": "{euros}"}),
    Extra("product", 9, {"e_c": "Gallery", "e_a": "Zoom", "e_n": "{title}"}),
    Extra("magazine", 7, {"e_c": "Video", "e_a": "Play", "e_n": "{title}"}),
    Extra("magazine", 5, {"link": "https://www.pegelonline.wsv.de/gast/start"}),
    Extra("magazine", 3, {"link": "https://www.openstreetmap.org/"}),
    Extra("guides", 22, {"download": "{site}{path}.gpx"}),
    Extra("guides", 12, {"download": "{site}{path}.pdf"}),
    Extra("service", 6, {"e_c": "Newsletter", "e_a": "Subscribe"}),
    Extra("service", 5, {"link": "https://www.dhl.de/"}),
)

# What people look for, in how many of a hundred searches, and how many results there are.
SEARCHES = (
    ("folding canoe", 16, 4),
    ("life vest", 15, 6),
    ("paddle", 13, 11),
    ("dry bag", 12, 5),
    ("danube", 9, 7),
    ("kayak", 9, 14),
    ("map", 8, 9),
    ("spray deck", 8, 0),
    ("rental", 6, 0),
    ("cart wheels", 4, 1),
)

SOURCES = (
    Source(270),
    Source(235, "https://www.google.com/"),
    Source(32, "https://www.bing.com/"),
    Source(26, "https://duckduckgo.com/"),
    Source(18, "https://www.ecosia.org/search?q=folding+canoe"),
    Source(8, "https://search.brave.com/"),
    Source(7, "https://www.qwant.com/?q=river+gauge"),
    Source(6, "https://search.yahoo.com/search?p=canoe+for+beginners"),
    Source(34, "https://www.instagram.com/"),
    Source(24, "https://l.facebook.com/"),
    Source(17, "https://www.reddit.com/r/canoeing/"),
    Source(15, "https://www.youtube.com/"),
    Source(9, "https://mastodon.social/"),
    Source(7, "https://www.pinterest.com/"),
    Source(30, "https://chatgpt.com/"),
    Source(13, "https://www.perplexity.ai/"),
    Source(8, "https://gemini.google.com/"),
    Source(6, "https://copilot.microsoft.com/"),
    Source(5, "https://claude.ai/"),
    Source(28, "https://www.kanu-forum.example/topic/4711-first-boat"),
    Source(21, "https://outdoor-blog.example/2026/best-folding-canoes"),
    Source(16, "https://www.songofthepaddle.example/links"),
    Source(12, "https://fluss-und-see.example/touren/altmuehl"),
    Source(9, "https://www.familienzeit.example/ausfluege"),
    Source(41, "", "mtm_campaign=newsletter&mtm_kwd=spring"),
    Source(19, "", "mtm_campaign=newsletter&mtm_kwd=sale"),
    Source(33, "https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=canoes&utm_term=buy+canoe"),
    Source(17, "https://l.instagram.com/", "utm_source=instagram&utm_medium=social&utm_campaign=summer-on-water"),
    Source(12, "https://www.kanu-forum.example/", "mtm_campaign=forum-banner"),
)

PLACES = (
    Place(330, ("de-DE", "de", "en-DE"), 1, "84.128.0.0/11"),
    Place(90, ("de-DE",), 1, "2003:c0::/28"),
    Place(80, ("de-AT", "de"), 1, "80.108.0.0/16"),
    Place(70, ("de-CH", "fr-CH", "de"), 1, "85.0.0.0/14"),
    Place(60, ("fr-FR",), 1, "90.0.0.0/11"),
    Place(55, ("en-GB",), 0, "86.128.0.0/12"),
    Place(50, ("nl-NL", "en-NL"), 1, "84.80.0.0/15"),
    Place(70, ("en-US", "es-US"), -6, "73.0.0.0/10"),
    Place(18, ("en-US",), -5, "2601:40::/28"),
    Place(28, ("sv-SE",), 1, "78.64.0.0/13"),
    Place(22, ("en-CA", "fr-CA"), -5, "99.224.0.0/12"),
    Place(20, ("it-IT",), 1, "79.16.0.0/13"),
    Place(18, ("es-ES",), 1, "83.36.0.0/14"),
    Place(17, ("pl-PL",), 1, "83.0.0.0/12"),
    Place(14, ("cs-CZ",), 1, "90.176.0.0/15"),
    Place(13, ("da-DK",), 1, "87.48.0.0/14"),
    Place(12, ("nb-NO",), 1, "84.208.0.0/14"),
    Place(12, ("fi-FI", "sv-FI"), 2, "91.152.0.0/14"),
    Place(11, ("fr-BE", "nl-BE"), 1, "81.240.0.0/14"),
    Place(9, ("sl-SI",), 1, "89.142.0.0/16"),
    Place(8, ("en-AU",), 10, "1.120.0.0/14"),
    Place(7, ("en-IE",), 0, "86.40.0.0/14"),
    Place(6, ("pt-BR",), -3, "177.32.0.0/15"),
    Place(5, ("ja-JP",), 9, "126.64.0.0/12"),
    Place(4, ("en-IN", "hi-IN"), 5, "117.192.0.0/11"),
)

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_CHROME = "Chrome/156.0.0.0"
_GECKO = "rv:158.0) Gecko/20100101 Firefox/158.0"

_DESKTOP = ("1920x1080", "2560x1440", "1536x864", "1366x768", "3840x2160")
_MACBOOK = ("1440x900", "1512x982", "1728x1117", "2560x1440")
_PHONE = ("390x844", "393x852", "430x932", "402x874")
_ANDROID = ("412x915", "360x800", "393x873", "384x832")
_TABLET = ("820x1180", "1024x1366", "768x1024")

DEVICES = (
    Device(150, f"{_WINDOWS}) {_WEBKIT} {_CHROME} Safari/537.36", _DESKTOP),
    Device(20, f"{_WINDOWS}) {_WEBKIT} Chrome/154.0.0.0 Safari/537.36", _DESKTOP),
    Device(62, f"{_WINDOWS}; {_GECKO}", _DESKTOP),
    Device(9, f"{_WINDOWS}; rv:140.0) Gecko/20100101 Firefox/140.0", _DESKTOP),
    Device(56, f"{_WINDOWS}) {_WEBKIT} {_CHROME} Safari/537.36 Edg/156.0.0.0", _DESKTOP),
    Device(9, f"{_WINDOWS}) {_WEBKIT} Chrome/154.0.0.0 Safari/537.36 OPR/139.0.0.0", _DESKTOP),
    Device(58, f"{_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", _MACBOOK),
    Device(45, f"{_MAC}) {_WEBKIT} {_CHROME} Safari/537.36", _MACBOOK),
    Device(17, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; " + _GECKO, _MACBOOK),
    Device(16, f"{_LINUX}; {_GECKO}", _DESKTOP),
    Device(11, f"{_LINUX}) {_WEBKIT} {_CHROME} Safari/537.36", _DESKTOP),
    Device(5, f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; {_GECKO}", _DESKTOP),
    Device(4, f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} {_CHROME} Safari/537.36", ("1366x768",)),
    Device(150, f"{_IPHONE} Version/26.1 Mobile/15E148 Safari/604.1", _PHONE),
    Device(22, f"{_IPHONE} Version/26.0 Mobile/15E148 Safari/604.1", _PHONE),
    Device(17, f"{_IPHONE} CriOS/156.0.7339.39 Mobile/15E148 Safari/604.1", _PHONE),
    Device(6, f"{_IPHONE} FxiOS/158.0 Mobile/15E148 Safari/604.1", _PHONE),
    Device(26, f"{_IPAD} Version/26.1 Mobile/15E148 Safari/604.1", _TABLET),
    Device(150, f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} {_CHROME} Mobile Safari/537.36", _ANDROID),
    Device(
        30, f"Mozilla/5.0 (Linux; Android 16; Pixel 9) {_WEBKIT} {_CHROME} Mobile Safari/537.36", ("412x923", "412x915")
    ),
    Device(28, f"Mozilla/5.0 (Linux; Android 16; SM-S931B) {_WEBKIT} {_CHROME} Mobile Safari/537.36", ("360x780",)),
    Device(
        25,
        f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} SamsungBrowser/29.0 Chrome/140.0.0.0 Mobile Safari/537.36",
        _ANDROID,
    ),
    Device(14, "Mozilla/5.0 (Android 16; Mobile; rv:158.0) Gecko/158.0 Firefox/158.0", _ANDROID),
    Device(9, f"Mozilla/5.0 (Linux; Android 15; SM-X710) {_WEBKIT} {_CHROME} Safari/537.36", ("800x1280",)),
    Device(5, f"Mozilla/5.0 (Linux; Android 14; 23021RAA2Y) {_WEBKIT} {_CHROME} Mobile Safari/537.36", ("393x873",)),
)

# Visits in each hour of a day (UTC) and on each day of a week, Monday first; only their proportions matter.
HOURS = (12, 8, 5, 4, 5, 9, 18, 30, 44, 52, 56, 58, 60, 57, 55, 56, 60, 68, 80, 88, 84, 66, 42, 24)
WEEKDAYS = (1.0, 0.96, 0.97, 1.02, 1.05, 1.22, 1.34)
