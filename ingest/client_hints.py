"""What a browser tells of itself beside its user agent: client hints, from a script or from headers."""

import re
from collections.abc import Mapping

import orjson

LONGEST_HINT = 64
MOST_BRANDS = 8

# Names of client hints in a script and in a header; both become the header's.
HINTS = {
    "platform": "sec-ch-ua-platform",
    "platformversion": "sec-ch-ua-platform-version",
    "model": "sec-ch-ua-model",
    "mobile": "sec-ch-ua-mobile",
    "uafullversion": "sec-ch-ua-full-version",
    "brands": "sec-ch-ua",
    "fullversionlist": "sec-ch-ua-full-version-list",
    "formfactors": "sec-ch-ua-form-factors",
}
KNOWN_HINTS = frozenset(HINTS.values())
Hints = tuple[tuple[str, str], ...]

BRAND = re.compile(r'"([^"]+)";v="([\d.]+)"')
NO_BRANDS = re.compile(r"(?i)chromium|not.a.?brand")
# Windows does not tell its version but that of an interface: 13 and more came with Windows 11.
WINDOWS_BEFORE_10 = {"1": "7", "2": "8", "3": "8.1"}


def hints_in(text: str) -> Hints:
    """Return client hints under the names of their headers, () if the text holds none."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(given, dict):
        return ()
    found = {hint_name(name): hint_value(value) for name, value in given.items()}
    if found.get("sec-ch-ua-full-version-list"):
        found.pop("sec-ch-ua", None)
    return tuple(sorted((name, value) for name, value in found.items() if name in KNOWN_HINTS and value))


def hint_name(name: str) -> str:
    name = name.lower().replace("_", "-").removeprefix("http-")
    return HINTS.get(name, name)


def hint_value(value: object) -> str:
    """Return a hint as a header spells it: `?1` for true, `"Brand";v="1"` for brands."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, list):
        return ", ".join(filter(None, map(hint_item, value[:MOST_BRANDS])))
    return value.strip()[: LONGEST_HINT * MOST_BRANDS] if isinstance(value, str) else ""


def hint_item(item: object) -> str:
    if isinstance(item, dict):
        brand, version = (str(item.get(key, ""))[:LONGEST_HINT].replace('"', "") for key in ("brand", "version"))
        return f'"{brand}";v="{version}"' if brand else ""
    return f'"{item[:LONGEST_HINT]}"' if isinstance(item, str) else ""


def hinted_version(hints: Mapping[str, str]) -> str:
    """Return the version of the brand that is neither Chromium nor made up, '' if there is none."""
    brands = BRAND.findall(hints.get("sec-ch-ua-full-version-list") or hints.get("sec-ch-ua", ""))
    return next((version for name, version in brands if not NO_BRANDS.search(name)), "")


def completed(version: str, user_agent: str) -> str:
    """Return `128.0.6613` for the `128` of hints that tell no more, from a user agent that does."""
    if not version.isdecimal():
        return version
    match = re.search(rf"/({version}\.[\d.]+)", user_agent)
    return match[1] if match else f"{version}.0"


def windows_version(interface: str) -> str:
    """Return the version of Windows behind `Sec-CH-UA-Platform-Version`, '' if that does not say."""
    major, _, rest = interface.partition(".")
    if not major.isdecimal():
        return ""
    if major == "0":
        return WINDOWS_BEFORE_10.get(rest.partition(".")[0], "")
    return "11" if int(major) >= 13 else "10"
