"""With what a hit was made: browser, operating system, kind of device, or bot, from user agent and client hints.

The knowledge is device-detector's; names and versions are cut and completed as Matomo's reports show them.
"""

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from device_detector import DeviceDetector
from device_detector.parser import Bot

from ingest.bots import bot_class
from ingest.client_hints import LONGEST_HINT, Hints, completed, hinted_version, hints_in, windows_version

log = logging.getLogger(__name__)

LONGEST_NAME = 100
LONGEST_VERSION = 20
# device-detector's time grows with the square of the length: 1,024 letters made to annoy take 0.3 s, 512 a quarter.
LONGEST = 512
# A phone without a known model and a bot without a known name are compared with everything.
WARM = ("Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "unheard-of bot/1.0")

# A browser on an ordinary computer: its hardware has no name, and looking for one takes most of the time.
COMPUTER = re.compile(
    r"Mozilla/5\.0 \((?:Windows NT [\d.]+(?:; Win64; x64|; WOW64)?|Macintosh; Intel Mac OS X [\d_.]+"
    r"|X11; (?:Ubuntu; |Fedora; )?Linux x86_64|X11; CrOS \w+ [\d.]+)(?:; rv:[\d.]+)?\) (?:AppleWebKit|Gecko)/"
)
# An Android whose browser keeps version and model to itself; client hints may give them back.
NAMELESS = re.compile(r"(Mozilla/5\.0 \(Linux; Android) 1\d[.\d]*(?:; K)?(\) AppleWebKit/)")
RENAMED = {"HeadlessChrome": "Headless Chrome", "AvastSecureBrowser": "Avast Secure Browser"}
SPECIAL = re.compile(
    r"(?i)TV|Coolita|SteamDeck|Andr0id|Tablet|Touch|Xbox|Tesla|Oculus|Pico|Puffin|Lenovo|Nintendo|PlayStation|CE-HTML"
)
SYSTEMS = {"iPadOS": "iOS"}  # Matomo counts them as one.
APPLE = frozenset({"iOS", "Mac", "tvOS", "watchOS", "visionOS"})
# Engines by the mark they leave in a user agent, the more special ones first.
ENGINES = (
    ("Trident", re.compile(r"Trident/|\bMSIE ")),
    ("Edge", re.compile(r"Edge/1\d")),
    ("Presto", re.compile(r"Presto/|^Opera/")),
    ("Goanna", re.compile(r"Goanna/")),
    ("Servo", re.compile(r"Servo/")),
    ("WebKit", re.compile(r"(?:iPhone|iPad|iPod).*AppleWebKit/|Chrome/(?:1?\d|2[0-7])\.")),
    ("Blink", re.compile(r"(?:Chrome|Chromium)/\d")),
    ("WebKit", re.compile(r"AppleWebKit/")),
    ("KHTML", re.compile(r"KHTML/")),
    ("Gecko", re.compile(r"Gecko/\d|rv:[\d.]+\) Gecko")),
)
# What device-detector takes for bots and is a library: servers and apps track with Node's own fetch.
LIBRARIES = frozenset({"node", "undici"})
FAILURES = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Device(NamedTuple):
    """What is known of a device; every text may be empty."""

    bot: str
    bot_class: str  # search, ai-training, ai-assistant, monitoring or other.
    browser: str
    browser_version: str
    browser_engine: str
    os: str
    os_version: str
    device_type: str
    device_brand: str
    device_model: str
    client_type: str = ""  # browser, library, feed reader, mediaplayer, mobile app or pim.


UNKNOWN = Device("", "", "", "", "", "", "", "", "", "")


class Devices:
    """Finds out about devices; remembers answers, because a new one takes milliseconds."""

    def __init__(self, size: int = 20_000) -> None:
        self._device = lru_cache(size)(device_of)
        self._hints = lru_cache(max(1, size // 8))(hints_in)

    def of(self, user_agent: str, hints: str | None) -> Device:
        """Return the device of a user agent, and of client hints as JSON text if there are any."""
        return self._device(user_agent[:LONGEST], self._hints(hints) if hints else ())

    def warm(self) -> None:
        """Read the tables now, a second before the first hit would have to wait for them."""
        for user_agent in WARM:
            self.of(user_agent, None)


def device_of(user_agent: str, hints: Hints) -> Device:
    """Return what is known of a device. Never raises: user agents are written by anybody."""
    try:
        return bot_named(user_agent) or device_found(user_agent, dict(hints))
    except FAILURES as error:
        log.debug("user agent not understood length=%d error=%s", len(user_agent), type(error).__name__)
        return UNKNOWN


def bot_named(user_agent: str) -> Device | None:
    if user_agent in LIBRARIES:
        return None
    parser = Bot(user_agent, None).parse()
    if not parser.is_bot():
        return None
    name = str(parser.ua_data.get("name") or "Generic Bot")[:LONGEST_NAME]
    return UNKNOWN._replace(bot=name, bot_class=bot_class(name, parser.ua_data.get("category") or ""), os="Bot")


def device_found(user_agent: str, hints: dict[str, str]) -> Device:
    hinted = hints.pop("sec-ch-ua-model", "").strip('"')[:LONGEST_HINT]
    user_agent = restored(user_agent, hinted, hints)
    plain = known_kind(user_agent)
    parser = DeviceDetector(user_agent, True, bool(plain), headers=hints or None, check_cache=False).parse()
    system = SYSTEMS.get(parser.os_name(), parser.os_name())
    kind = plain or str(parser.device_type()) or ("desktop" if parser.os and parser.os.is_desktop() else "")
    brand, model = (text if text != "Unknown" else "" for text in (parser.device_brand(), parser.device_model()))
    return UNKNOWN._replace(
        **browser_of(user_agent, parser.all_details.get("client", {}), hints),
        os=system[:LONGEST_NAME],
        os_version=system_version(parser.os_version(), hints),
        device_type=kind,
        device_brand=(brand or ("Apple" if system in APPLE else ""))[:LONGEST_NAME],
        device_model=(model or hinted or generic_model(kind, user_agent, hints))[:LONGEST_NAME],
    )


def restored(user_agent: str, model: str, hints: Mapping[str, str]) -> str:
    """Return a user agent as it was before browsers left out the model.

    device-detector knows models by user agents; the hint itself leads it to wrong ones, and takes seconds.
    """
    if not model or not NAMELESS.match(user_agent):
        return user_agent
    version = hints.get("sec-ch-ua-platform-version", "").strip('"') or "10"
    return NAMELESS.sub(lambda match: f"{match[1]} {version}; {model}{match[2]}", user_agent)


def known_kind(user_agent: str) -> str:
    """Return the kind of a device that has no model to be found, '' if it must be looked for."""
    if SPECIAL.search(user_agent):
        return ""
    if COMPUTER.match(user_agent):
        return "" if "Mobile" in user_agent else "desktop"
    if NAMELESS.match(user_agent):
        return "smartphone" if " Mobile " in user_agent else "tablet"
    return ""


def browser_of(user_agent: str, client: Mapping[str, Any], hints: Mapping[str, str]) -> dict[str, str]:
    """Return name, version and engine of a browser or app; a mere guess at an app's name does not count."""
    kind = str(client.get("type") or "")
    if kind in ("", "generic"):
        return {}
    name = str(client.get("name") or "")
    version = str(client.get("version") or "") or hinted_version(hints)
    return {
        "browser": RENAMED.get(name, name)[:LONGEST_NAME],
        "browser_version": short(completed(version, user_agent) if hints else version),
        "browser_engine": engine_of(user_agent, client.get("engine")) if kind == "browser" else "",
        "client_type": kind[:LONGEST_NAME],
    }


def engine_of(user_agent: str, told: object) -> str:
    """Return the engine. device-detector names the newest engine of a browser, whichever version it has."""
    marked = next((name for name, pattern in ENGINES if pattern.search(user_agent)), "")
    if marked or told is None:
        return marked
    return str(told.get("default") or "") if isinstance(told, dict) else str(told)


def system_version(version: str, hints: Mapping[str, str]) -> str:
    given = hints.get("sec-ch-ua-platform-version", "").strip('"')
    if given and hints.get("sec-ch-ua-platform", "").strip('"') == "Windows":
        return windows_version(given) or short(version)
    return short(version)


def short(version: str) -> str:
    """Return `128.0` of `128.0.6613.114`: one more figure would make a line of its own for every update."""
    return ".".join(version.split(".")[:2])[:LONGEST_VERSION]


def generic_model(kind: str, user_agent: str, hints: Mapping[str, str]) -> str:
    """Return what stands for a model that nobody knows, as in Matomo's reports."""
    if kind:
        return f"generic {kind}"
    return "generic mobile" if hints.get("sec-ch-ua-mobile") == "?1" or " Mobile" in user_agent else ""
