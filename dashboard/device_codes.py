"""The short codes of browsers and operating systems, which programs know them by, and the families they belong to.

Visits keep names; codes and families are device-detector's.
"""

from functools import cache

from device_detector.parser.settings import (
    AVAILABLE_BROWSERS,
    BROWSER_FAMILIES,
    OPERATING_SYSTEMS,
    OS_FAMILIES,
)

UNKNOWN = "Unknown"
NO_CODE = "UNK"


@cache
def browser_codes() -> dict[str, str]:
    """Return the codes of browsers by their names in small letters."""
    return {name.lower(): code for code, name in AVAILABLE_BROWSERS.items()}


@cache
def system_codes() -> dict[str, str]:
    return {name.lower(): code for code, name in OPERATING_SYSTEMS.items()}


@cache
def browser_families() -> dict[str, str]:
    """Return the families of browsers by their names."""
    return {AVAILABLE_BROWSERS[code]: family for family, codes in BROWSER_FAMILIES.items() for code in codes}


@cache
def system_families() -> dict[str, str]:
    """Return the families of operating systems by their names."""
    return {OPERATING_SYSTEMS[code]: family for family, codes in OS_FAMILIES.items() for code in codes}


def browser_code(name: str) -> str:
    """Return the code of a browser, such as FF; one without a code stands for itself."""
    return browser_codes().get(name.lower(), name) or NO_CODE


def system_code(name: str) -> str:
    """Return the code of an operating system, such as WIN; one without a code stands for itself."""
    return system_codes().get(name.lower(), name) or NO_CODE


def browser_family(name: str) -> str:
    """Return the family of a browser: most are Chrome's; one without a family is its own."""
    return browser_families().get(name, name) or UNKNOWN


def system_family(name: str) -> str:
    """Return the family of an operating system: Ubuntu is of GNU/Linux; one without a family is its own."""
    return system_families().get(name, name) or UNKNOWN
