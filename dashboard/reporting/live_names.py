"""What the visitor log calls kinds of referrers and devices, and by which codes clients know them."""

from dashboard.device_codes import UNKNOWN, browser_code, system_code
from dashboard.languages import language_name, names
from dashboard.reporting.referrer_types import TYPES

__all__ = ["browser_code", "device_model", "device_name", "engine_name", "language_of", "os_code", "referrer_type_name"]

GENERIC = "generic "
IOS, IPADOS = "IOS", "IPA"  # Counted as one system, yet of two codes.
ENGINES = {
    "Blink": "Blink (Chrome, Opera)",
    "Gecko": "Gecko (Firefox)",
    "Trident": "Trident (IE)",
    "WebKit": "WebKit (Safari)",
}


def referrer_type_name(kind: str) -> str:
    return TYPES[kind].label if kind in TYPES else kind


def device_name(kind: str) -> str:
    return kind[:1].upper() + kind[1:] or UNKNOWN


def device_model(model: str, kind: str) -> str:
    """Return a model; one that nobody gave a name is stored as `generic smartphone`."""
    if model.startswith(GENERIC):
        return model.title()
    return model or (f"{GENERIC.title()}{device_name(kind)}" if kind else UNKNOWN)


def os_code(system: str, kind: str) -> str:
    code = system_code(system)
    return IPADOS if code == IOS and kind == "tablet" else code


def engine_name(engine: str) -> str:
    return ENGINES.get(engine, engine) or UNKNOWN


def language_of(code: str) -> str:
    """Return a language's name; one as it is used in a country is told by its code."""
    return f"Language code {code}" if code and code not in names() else language_name(code)
