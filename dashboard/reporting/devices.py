"""With what visits were made: kinds, brands and models of devices, systems, browsers, screens, plugins."""

from collections import Counter

from dashboard.countries import UNKNOWN
from dashboard.device_codes import (
    browser_code,
    browser_families,
    system_code,
    system_families,
)
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Row, Table
from dashboard.reporting.visit_tables import By, encoded, report_of, table_by
from dashboard.reporting.visits import Extra, visits_by

KINDS = (
    "camera",
    "car browser",
    "console",
    "desktop",
    "feature phone",
    "peripheral",
    "phablet",
    "portable media player",
    "smart display",
    "smart speaker",
    "smartphone",
    "tablet",
    "tv",
    "wearable",
)
# Engines are known by the browsers that have them.
ENGINES = {"Blink": "Chrome, Opera", "Gecko": "Firefox", "KHTML": "Konqueror", "Trident": "IE", "WebKit": "Safari"}
GENERIC = "generic "  # Before the kind of a device whose model nobody knows.


def or_unknown(text: str) -> str:
    return text or UNKNOWN


def kind_label(kind: str) -> str:
    """Return `Feature phone` for `feature phone`."""
    return kind[:1].upper() + kind[1:] or UNKNOWN


def of_kind(kind: str) -> Columns:
    return {"segment": f"deviceType=={encoded(kind or UNKNOWN.lower())}"}


def by_kind(part: Part) -> Table:
    """Return kinds of devices, those that nobody has, too."""
    table = table_by(
        part, By(dimensions=("device_type",), label=kind_label, metadata=of_kind, conversions=("device_type",))
    )
    known = {row.label for row in table}
    missing = ((kind_label(kind), of_kind(kind)) for kind in KINDS if kind_label(kind) not in known)
    rows = [Row({LABEL: label, "nb_visits": 0}, metadata) for label, metadata in missing]
    return Table([*table, *rows] if known else [])


def by_brand(part: Part) -> Table:
    by = By(
        dimensions=("device_brand",),
        label=or_unknown,
        metadata=lambda brand: {"segment": f"deviceBrand=={encoded(or_unknown(brand))}"},
        conversions=("device_brand",),
    )
    return table_by(part, by)


def model_label(brand: str, model: str) -> str:
    """Return `Apple - iPhone`; without a brand the model alone, as `Generic Desktop`."""
    kind = model.removeprefix(GENERIC)
    name = model if kind == model else f"{GENERIC.capitalize()}{kind_label(kind)}"
    return f"{brand} - {or_unknown(name)}" if brand else or_unknown(name)


def of_model(brand: str, model: str) -> Columns:
    return {"segment": f"deviceBrand=={encoded(or_unknown(brand))};deviceModel=={encoded(or_unknown(model))}"}


def by_model(part: Part) -> Table:
    columns = ("device_brand", "device_model")
    return table_by(part, By(dimensions=columns, label=model_label, metadata=of_model, conversions=columns))


def by_system_family(part: Part) -> Table:
    """Return families of systems; who is in one with two systems is one person."""
    by = By(dimensions=("grouped",), extra=Extra("os", system_families()), label=or_unknown)
    return table_by(part, by)


def by_browser_family(part: Part) -> Table:
    by = By(dimensions=("grouped",), extra=Extra("browser", browser_families()), label=or_unknown)
    return table_by(part, by)


def with_version(name: str, version: str) -> str:
    return f"{or_unknown(name)} {version}".strip()


def by_system_version(part: Part) -> Table:
    def of_version(name: str, version: str) -> Columns:
        return {"segment": f"operatingSystemCode=={system_code(name)};operatingSystemVersion=={encoded(version)}"}

    return table_by(part, By(dimensions=("os", "os_version"), label=with_version, metadata=of_version))


def of_browser(name: str) -> Columns:
    return {"segment": f"browserCode=={encoded(browser_code(name))}"}


def by_browser(part: Part) -> Table:
    by = By(dimensions=("browser",), label=or_unknown, metadata=of_browser, conversions=("browser",))
    return table_by(part, by)


def by_browser_version(part: Part) -> Table:
    def of_version(name: str, version: str) -> Columns:
        return {"segment": f"browserCode=={encoded(browser_code(name))};browserVersion=={encoded(version)}"}

    return table_by(part, By(dimensions=("browser", "browser_version"), label=with_version, metadata=of_version))


def engine_label(engine: str) -> str:
    return f"{engine} ({ENGINES[engine]})" if engine in ENGINES else or_unknown(engine)


def by_engine(part: Part) -> Table:
    by = By(
        dimensions=("browser_engine",),
        label=engine_label,
        metadata=lambda engine: {"segment": f"browserEngine=={encoded(or_unknown(engine))}"},
    )
    return table_by(part, by)


def by_resolution(part: Part) -> Table:
    by = By(
        dimensions=("resolution",),
        label=or_unknown,
        metadata=lambda resolution: {"segment": f"resolution=={encoded(resolution)}"},
    )
    return table_by(part, by)


def by_configuration(part: Part) -> Table:
    """Return system, browser and screen together."""
    by = By(
        dimensions=("os", "browser", "resolution"),
        label=lambda *parts: " / ".join(or_unknown(part) for part in parts),
    )
    return table_by(part, by)


def by_plugin(part: Part) -> Table:
    """Return plugins; a visit counts for each that its browser has."""
    found = visits_by(part, "plugins", daily=False)
    every = sum(columns["nb_visits"] for columns in found.values())
    counts: Counter[str] = Counter()
    for (plugins,), columns in found.items():
        for plugin in filter(None, plugins.split(",")):
            counts[plugin] += columns["nb_visits"]
    return Table([plugin_row(plugin, count, every) for plugin, count in counts.items()])


def plugin_row(plugin: str, count: int, every: int) -> Row:
    share = quotient(count, every, 2)
    return Row({LABEL: plugin.capitalize(), "nb_visits": count, "nb_visits_percentage": share})


DEVICES, SOFTWARE = ("Visitors", "Devices"), ("Visitors", "Software")
REPORTS: tuple[Report, ...] = (
    report_of("DevicesDetection.getType", by_kind, "Device type", "Device type", DEVICES, has_goals=True, order=1),
    report_of("DevicesDetection.getModel", by_model, "Device model", "Device model", DEVICES, has_goals=True, order=2),
    report_of("DevicesDetection.getBrand", by_brand, "Device brand", "Device brand", DEVICES, has_goals=True, order=4),
    report_of("Resolution.getResolution", by_resolution, "Screen Resolution", "Resolution", DEVICES, order=8),
    report_of(
        "DevicesDetection.getOsVersions",
        by_system_version,
        "Operating System versions",
        "Operating system version",
        SOFTWARE,
        order=2,
    ),
    report_of(
        "DevicesDetection.getOsFamilies",
        by_system_family,
        "Operating System families",
        "Operating system family",
        SOFTWARE,
        order=8,
    ),
    report_of("DevicesDetection.getBrowsers", by_browser, "Browsers", "Browser", SOFTWARE, has_goals=True, order=1),
    report_of(
        "DevicesDetection.getBrowserVersions",
        by_browser_version,
        "Browser version",
        "Browser version",
        SOFTWARE,
        order=2,
    ),
    report_of(
        "DevicesDetection.getBrowserFamilies",
        by_browser_family,
        "Browser families",
        "Browser family",
        SOFTWARE,
        order=3,
    ),
    report_of("DevicesDetection.getBrowserEngines", by_engine, "Browser engines", "Browser engine", SOFTWARE, order=10),
    report_of(
        "Resolution.getConfiguration", by_configuration, "Visitor Configuration", "Configuration", SOFTWARE, order=7
    ),
    report_of(
        "DevicePlugins.getPlugin",
        by_plugin,
        "Browser Plugins",
        "Browser Plugin",
        SOFTWARE,
        metrics=("nb_visits", "nb_visits_percentage"),
        processed=(),
        order=4,
    ),
)
