"""Browsers, systems, devices and bots, from user agents and client hints."""

import json
from typing import Any

import pytest
from device_detector.parser import Bot

from ingest.bots import bot_class, looks_like_bot
from ingest.device import UNKNOWN, Devices

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0.0.0 Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {BLINK} Chrome/140.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {SAFARI}"

BOTS = f"""
Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
Googlebot-Image/1.0
AdsBot-Google (+http://www.google.com/adsbot.html)
Mediapartners-Google
APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)
FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)
Mozilla/5.0 (compatible; Google-InspectionTool/1.0)
GoogleOther
Google-NotebookLM
Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b
Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)
Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)
Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)
DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)
DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)
Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)
Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)
Mozilla/5.0 (Linux; Android 7.0;) {BLINK} Mobile Safari/537.36 (compatible; PetalBot)
Mozilla/5.0 (compatible; Qwantify/2.4w; +https://www.qwant.com/)/2.4w
Mozilla/5.0 (compatible; MojeekBot/0.11; +https://www.mojeek.com/bot.html)
Mozilla/5.0 (compatible; Yeti/1.1; +http://naver.me/spd)
Mozilla/5.0 (Macintosh) {SAFARI} Version/17.4 Safari/605.1.15 (Applebot/0.1)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1) Chrome/119.0.6045.214 Safari/537.36
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)
Mozilla/5.0 {BLINK}; compatible; ChatGPT-User/1.0; +https://openai.com/bot
Mozilla/5.0 {BLINK}; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/user)
Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MistralAI-User/1.0; +https://docs.mistral.ai/robots)
Mozilla/5.0 (Linux; Android 5.0) {BLINK} Mobile Safari/537.36 (compatible; Bytespider)
CCBot/2.0 (https://commoncrawl.org/faq/)
cohere-ai
meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)
facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)
facebookcatalog/1.0
Twitterbot/1.0
LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)
Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)
TelegramBot (like TwitterBot)
Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)
Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5
Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)
Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)
Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)
Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)
Mozilla/5.0 (compatible; BLEXBot/1.0; +http://webmeup-crawler.com/)
Mozilla/5.0 (compatible; DataForSeoBot/1.0; +https://dataforseo.com/dataforseo-bot)
Screaming Frog SEO Spider/19.0
ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)
Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)
Mozilla/5.0 (compatible; heritrix/3.4.0 +http://archive.org)
Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)
Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)
Mozilla/5.0 (Windows NT 10.0) {BLINK} Chrome/98.0.4758.102 Safari/537.36 StatusCake
Mozilla/5.0 (compatible; Site24x7; +https://www.site24x7.com)
Mozilla/5.0 (Linux; Android 11; moto g) {BLINK} Chrome/119.0 Safari/537.36 Chrome-Lighthouse
W3C_Validator/1.3 http://validator.w3.org/services
Feedly/1.0 (+http://www.feedly.com/fetcher.html; 5 subscribers)
Mozilla/5.0 (compatible; Diffbot/0.1; +http://www.diffbot.com)
Scrapy/2.11.0 (+https://scrapy.org)
Datadog/Synthetics
WordPress/6.4; https://example.org
""".strip().splitlines()

PEOPLE = f"""
{WINDOWS}
{WINDOWS} Edg/140.0.0.0
{WINDOWS} OPR/120.0.0.0
{WINDOWS} Vivaldi/7.5
Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0
Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko
Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727)
Mozilla/5.0 (compatible; MSIE 9.0; Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0; NOKIA; Lumia 710)
Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD) KHTML/4.5.4 (like Gecko)
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/18.5 Safari/605.1.15
{MAC}
Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/140.0.0.0 Safari/537.36
Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/140.0.0.0 Safari/537.36
{ANDROID}
Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0
Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 9; CUBOT NOTE S) {BLINK} Chrome/80.0.3987.99 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 11; CUBOT_X30) {BLINK} Chrome/96.0.4664.45 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 7.0; HUBOT H1) {BLINK} Chrome/66.0.3359.158 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 7.0; M bot 51) {BLINK} Chrome/81.0.4044.138 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 6.0; VR BOT 552) {BLINK} Chrome/72.0.3626.121 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 8.0.0; Expanse) {BLINK} Chrome/86.0.4240.99 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 12; SM-G991B; wv) {BLINK} Version/4.0 Chrome/112.0 Mobile Safari/537.36 [FB_IAB/FB4A]
{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1
{IPHONE} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1
{IPHONE} FxiOS/143.0 Mobile/15E148 Safari/605.1.15
{IPHONE} Mobile/15E148 Instagram 390.0.0.28.85 (iPhone16,1; iOS 18_5; de_DE)
{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/520.0.0.38.101;FBDV/iPhone14,5;FBMD/iPhone]
{IPHONE} Mobile/15E148 [LinkedInApp]/9.31.3
{IPHONE} Mobile/15E148 MicroMessenger/8.0.60(0x18003c2e) NetType/WIFI Language/zh_CN
Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {SAFARI} Version/16.6 Mobile/15E148 Safari/604.1
Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {BLINK} 76.0.3809.146/6.0 TV Safari/537.36
Mozilla/5.0 (Web0S; Linux/SmartTV) {BLINK} Chrome/94.0.4606.128 Safari/537.36 WebAppManager
Mozilla/5.0 (PlayStation 5 3.11) {SAFARI} Version/13.0 Safari/605.1.15
Opera/9.80 (Android; Opera Mini/7.5/191.320; U; en) Presto/2.12.423 Version/12.16
WhatsApp/2.25.20.0 A
curl/8.5.0
python-requests/2.32.4
node-fetch/1.0 (+https://github.com/bitinn/node-fetch)
okhttp/4.12.0
New unique device
""".strip().splitlines()


@pytest.fixture(scope="module")
def devices() -> Devices:
    devices = Devices()
    devices.warm()
    return devices


@pytest.mark.parametrize("user_agent", BOTS)
def test_bots_are_known_at_a_glance_and_after_a_closer_look(devices: Devices, user_agent: str) -> None:
    assert looks_like_bot(user_agent)
    assert Bot(user_agent, None).parse().is_bot()
    assert devices.of(user_agent, None).bot


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people_and_programs_that_only_fetch_are_no_bots(devices: Devices, user_agent: str) -> None:
    assert not looks_like_bot(user_agent)
    assert not devices.of(user_agent, None).bot


def test_only_the_beginning_of_a_user_agent_is_looked_at() -> None:
    assert not looks_like_bot("x" * 1024 + "Googlebot/2.1")
    assert not looks_like_bot("")


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        pytest.param(BOTS[0], ("Googlebot", "search"), id="search"),
        pytest.param("GPTBot/1.2", ("GPTBot", "ai-training"), id="training"),
        pytest.param("Bytespider", ("Bytespider", "ai-training"), id="training-too"),
        pytest.param("ChatGPT-User/1.0", ("ChatGPT-User", "ai-assistant"), id="assistant"),
        pytest.param("OAI-SearchBot/1.0", ("OAI-SearchBot", "search"), id="search-of-an-assistant"),
        pytest.param("UptimeRobot/2.0", ("UptimeRobot", "monitoring"), id="monitoring"),
        pytest.param("unheard-of bot/1.0", ("Generic Bot", "other"), id="unknown"),
    ],
)
def test_what_a_bot_is_for(devices: Devices, user_agent: str, expected: tuple[str, str]) -> None:
    assert devices.of(user_agent, None)[:2] == expected


def test_a_bot_without_name_goes_by_its_category() -> None:
    assert [bot_class("x", category) for category in ("AI Data Scraper", "Search bot", "")] == [
        "ai-training",
        "search",
        "other",
    ]


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        pytest.param(
            WINDOWS,
            ("Chrome", "140.0", "Blink", "Windows", "10", "desktop", "", "generic desktop"),
            id="chrome-windows",
        ),
        pytest.param(
            "Mozilla/5.0 (Windows; U; Windows NT 5.1; en-GB; rv:1.9.2.6) Gecko/20100625 Firefox/3.6.6 (.NET CLR 3.5)",
            ("Firefox", "3.6", "Gecko", "Windows", "XP", "desktop", "", "generic desktop"),
            id="old-firefox",
        ),
        pytest.param(
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            ("Internet Explorer", "11.0", "Trident", "Windows", "7", "desktop", "", "generic desktop"),
            id="internet-explorer",
        ),
        pytest.param(
            f"{WINDOWS} Edg/140.0.3485.54",
            ("Microsoft Edge", "140.0", "Blink", "Windows", "10", "desktop", "", "generic desktop"),
            id="edge",
        ),
        pytest.param(
            WINDOWS.replace("Chrome/140.0.0.0", "Chrome/64.0.3282.140") + " Edge/18.17763",
            ("Microsoft Edge", "18.17763", "Edge", "Windows", "10", "desktop", "", "generic desktop"),
            id="edge-with-its-own-engine",
        ),
        pytest.param(
            f"{WINDOWS} OPR/120.0.0.0",
            ("Opera", "120.0", "Blink", "Windows", "10", "desktop", "", "generic desktop"),
            id="opera",
        ),
        pytest.param(
            WINDOWS.replace("Chrome/140.0.0.0", "Chrome/17.0.963.79"),
            ("Chrome", "17.0", "WebKit", "Windows", "10", "desktop", "", "generic desktop"),
            id="chrome-before-blink",
        ),
        pytest.param(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.5 Safari/605.1.15",
            ("Safari", "17.5", "WebKit", "Mac", "10.15", "desktop", "Apple", "generic desktop"),
            id="safari",
        ),
        pytest.param(
            "Mozilla/5.0 (X11; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0",
            ("Firefox", "129.0", "Gecko", "GNU/Linux", "", "desktop", "", "generic desktop"),
            id="firefox-linux",
        ),
        pytest.param(
            "Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            ("Chrome", "120.0", "Blink", "GNU/Linux", "", "desktop", "", "generic desktop"),
            id="small-computer",
        ),
        pytest.param(
            f"{IPHONE.replace('18_5', '17_5_1')} Version/17.5 Mobile/15E148 Safari/604.1",
            ("Mobile Safari", "17.5", "WebKit", "iOS", "17.5", "smartphone", "Apple", "iPhone"),
            id="iphone",
        ),
        pytest.param(
            f"{IPHONE} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1",
            ("Chrome Mobile iOS", "140.0", "WebKit", "iOS", "18.5", "smartphone", "Apple", "iPhone"),
            id="chrome-ios",
        ),
        pytest.param(
            "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/16.6 Mobile/15E148 Safari/604.1",
            ("Mobile Safari", "16.6", "WebKit", "iOS", "16.6", "tablet", "Apple", "iPad"),
            id="ipad",
        ),
        pytest.param(
            "Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
            "Chrome/121.0.0.0 Mobile Safari/537.36",
            ("Samsung Browser", "25.0", "Blink", "Android", "13", "smartphone", "Samsung", "Galaxy S23 Ultra"),
            id="samsung",
        ),
        pytest.param(
            ANDROID,
            ("Chrome Mobile", "140.0", "Blink", "Android", "10", "smartphone", "", "generic smartphone"),
            id="nameless-phone",
        ),
        pytest.param(
            ANDROID.replace(" Mobile", ""),
            ("Chrome", "140.0", "Blink", "Android", "10", "tablet", "", "generic tablet"),
            id="nameless-tablet",
        ),
        pytest.param(
            f"{IPHONE} Mobile/15E148 Instagram 390.0.0.28.85 (iPhone14,5; iOS 18_5; de_DE)",
            ("Instagram", "390.0", "", "iOS", "18.5", "phablet", "Apple", "iPhone 13"),
            id="app",
        ),
        pytest.param(
            f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Chrome/131.0.0.0 Safari/537.36 SteamDeck",
            ("Chrome", "131.0", "Blink", "SteamOS", "", "console", "Valve Corporation", "Steam Deck"),
            id="console-that-looks-like-a-computer",
        ),
        pytest.param("curl/8.5.0", ("curl", "8.5", "", "", "", "", "", ""), id="library"),
        pytest.param("New unique device", ("",) * 8, id="words"),
        pytest.param("", ("",) * 8, id="nothing"),
    ],
)
def test_device(devices: Devices, user_agent: str, expected: tuple[str, ...]) -> None:
    assert devices.of(user_agent, None)[2:-1] == expected


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        pytest.param("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "browser", id="browser"),
        pytest.param("curl/8.1", "library", id="library"),
        pytest.param("VLC/3.0.1 LibVLC/3.0.1", "mediaplayer", id="media-player"),
        pytest.param("Thunderbird/115.0", "pim", id="mail"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_client_type(devices: Devices, user_agent: str, expected: str) -> None:
    assert devices.of(user_agent, None).client_type == expected


def script_hints(*brands: str, **values: Any) -> str:
    """Client hints as a page's script collects them."""
    names = ["Not;A=Brand", "Chromium", *brands]
    listed = [{"brand": name, "version": "140.0.7339.128"} for name in names]
    return json.dumps({"fullVersionList": listed, "mobile": False, "model": "", **values})


def header_hints(*brands: str, **values: str) -> str:
    """Client hints as headers carry them: quoted, with versions of one figure."""
    listed = ", ".join(f'"{name}";v="140"' for name in ("Not;A=Brand", "Chromium", *brands))
    return json.dumps({"brands": listed, "mobile": "?0", **{name: f'"{value}"' for name, value in values.items()}})


@pytest.mark.parametrize(
    ("user_agent", "hints", "expected"),
    [
        pytest.param(
            WINDOWS,
            script_hints("Google Chrome", platform="Windows", platformVersion="15.0.0"),
            {
                "os": "Windows",
                "os_version": "11",
                "browser": "Chrome",
                "browser_version": "140.0",
                "browser_engine": "Blink",
            },
            id="windows-11",
        ),
        pytest.param(
            WINDOWS,
            script_hints("Google Chrome", platform="Windows", platformVersion="10.0.0"),
            {"os_version": "10"},
            id="windows-10",
        ),
        pytest.param(
            WINDOWS,
            script_hints("Google Chrome", platform="Windows", platformVersion="7.0.0"),
            {"os_version": "10"},
            id="windows-1809",
        ),
        pytest.param(
            WINDOWS,
            script_hints("Google Chrome", platform="Windows", platformVersion="0.3.0"),
            {"os_version": "8.1"},
            id="windows-8.1",
        ),
        pytest.param(
            WINDOWS,
            header_hints("Google Chrome", platform="Windows", platformVersion="15.0.0"),
            {"os_version": "11", "browser": "Chrome", "browser_version": "140.0"},
            id="headers",
        ),
        pytest.param(
            WINDOWS,
            json.dumps({"Sec-CH-UA-Platform": '"Windows"', "Sec-CH-UA-Platform-Version": '"15.0.0"'}),
            {"os_version": "11"},
            id="names-of-headers",
        ),
        pytest.param(
            WINDOWS,
            script_hints("Microsoft Edge", platform="Windows"),
            {"browser": "Microsoft Edge", "browser_version": "140.0"},
            id="edge",
        ),
        pytest.param(WINDOWS, script_hints("Opera", platform="Windows"), {"browser": "Opera"}, id="opera"),
        pytest.param(WINDOWS, script_hints("Brave", platform="Windows"), {"browser": "Brave"}, id="brave"),
        pytest.param(
            WINDOWS,
            script_hints("HeadlessChrome", platform="Windows"),
            {"browser": "Headless Chrome", "bot": ""},
            id="headless",
        ),
        pytest.param(
            MAC,
            script_hints("Google Chrome", platform="macOS", platformVersion="14.5.0"),
            {"os": "Mac", "os_version": "14.5", "device_brand": "Apple", "device_type": "desktop"},
            id="mac",
        ),
        pytest.param(
            ANDROID,
            script_hints("Google Chrome", platform="Android", platformVersion="14.0.0", model="Pixel 8", mobile=True),
            {"os_version": "14.0", "device_brand": "Google", "device_model": "Pixel 8", "device_type": "smartphone"},
            id="model",
        ),
        pytest.param(
            ANDROID,
            script_hints(
                "Google Chrome", platform="Android", platformVersion="13.0.0", model="CAMON 20 Pro", mobile=True
            ),
            {"device_brand": "Tecno Mobile", "device_model": "Camon 20 Pro", "browser": "Chrome Mobile"},
            id="model-of-several-words",
        ),
        pytest.param(
            ANDROID,
            script_hints("Google Chrome", platform="Android", platformVersion="13.0.0", model="Unheard 9", mobile=True),
            {"device_brand": "", "device_model": "Unheard 9", "device_type": "smartphone"},
            id="unknown-model",
        ),
        pytest.param(
            ANDROID,
            script_hints("Samsung Internet", platform="Android", platformVersion="14", model="SM-S918B", mobile=True),
            {"browser": "Samsung Browser", "browser_version": "140.0", "device_model": "Galaxy S23 Ultra"},
            id="samsung",
        ),
    ],
)
def test_client_hints_refine(devices: Devices, user_agent: str, hints: str, expected: dict[str, str]) -> None:
    assert expected.items() <= devices.of(user_agent, hints)._asdict().items()


@pytest.mark.parametrize(
    "hints",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("{}", id="nothing-in-it"),
        pytest.param("[]", id="list"),
        pytest.param('{"platform":', id="cut"),
        pytest.param('{"brands":[1,{},{"brand":null}],"platform":7,"model":{},"mobile":"?"}', id="wrong-types"),
        pytest.param(json.dumps({"platform": "", "brands": [], "model": ""}), id="empty-values"),
    ],
)
def test_hints_that_say_nothing_change_nothing(devices: Devices, hints: str | None) -> None:
    assert devices.of(WINDOWS, hints) == devices.of(WINDOWS, None)


HOSTILE = [
    "(" * 1000,
    "Windows NT " * 99_000,
    "\x00" * 600,
    "é" * 600,
    "Mozilla/5.0 (" + "; " * 900,
    "1." * 600,
    "%s{0}\\g<1>" * 60,
]


@pytest.mark.parametrize("user_agent", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_user_agents_are_cut_and_survived(devices: Devices, user_agent: str) -> None:
    device = devices.of(
        user_agent, script_hints("x" * 900, platform="²", platformVersion="²." * 99, model="\\1 (" * 99)
    )
    assert all(len(text) <= 100 for text in device)
    assert len(device.browser_version) <= 20
    assert len(device.os_version) <= 20


def test_nothing_is_known_of_nothing(devices: Devices) -> None:
    assert devices.of("", None) == UNKNOWN


@pytest.mark.parametrize("user_agent", ["node", "undici"])
def test_servers_that_track_with_node_are_no_bots(devices: Devices, user_agent: str) -> None:
    assert devices.of(user_agent, None).bot == ""
