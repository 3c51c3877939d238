"""Sites side by side: how much happened on each in a period, and how that changed since the period before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from dashboard.api_access import somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_site_lists import matches
from dashboard.period import Period
from dashboard.reporting.asked import EVERY, Asked
from dashboard.reporting.filters import finished
from dashboard.reporting.floor import TooFewVisitors
from dashboard.reporting.goal_columns import in_cents
from dashboard.reporting.metrics import SYMBOLS
from dashboard.reporting.part import Part
from dashboard.reporting.periods import key_of
from dashboard.reporting.report import Report
from dashboard.reporting.site_changes import USUAL, Compared, Measure, both, changes, compared, measures_of, passed
from dashboard.reporting.table import LABEL, Columns, Result, ResultMap, Row, Single, Table, added

THIN = "\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}"
TOTALS = tuple(measure.column for measure in USUAL)


def one_site(part: Part) -> Single:
    """Answer MultiSites.getOne. Raises BadParameter, TooFewVisitors, DatabaseUnavailable."""
    site, measures = compared(part), measures_of(part)
    now, before = both(site, measures)
    computed = changes(measures, passed(part.period, part.now, part.zone))
    return Single(now | {name: compute(now | before) for name, compute in computed.items()}, empty=site.is_empty)


def side_by_side(parts: Iterable[Part]) -> Table:
    """Return a row for each site on which something happened in their common period. Raises DatabaseUnavailable."""
    sites = [site for site in map(told, parts) if site and not site.is_empty]
    if not sites:
        return Table()
    part = sites[0].part
    measures, ratio = measures_of(part), passed(part.period, part.now)
    return Table([row_of(site, measures, ratio) for site in sites], changes(measures, ratio))


def told(part: Part) -> Compared | None:
    """Return the numbers of a site, None if so few visitors are in the segment that it does not tell."""
    try:
        return compared(part)
    except TooFewVisitors:
        return None


def row_of(site: Compared, measures: Iterable[Measure], ratio: float) -> Row:
    """Return a site's row; what was before stands beside it whatever columns are shown."""
    now, before = both(site, measures)
    known = site.part.site
    metadata = {
        "idsite": known.id,
        **comparison(site.part, ratio),
        "currencySymbol": SYMBOLS.get(known.currency, known.currency),
        **before,
        "group": known.group,
        "main_url": known.urls[0],
    }
    return Row({LABEL: known.name, **now, **before}, metadata)


def comparison(part: Part, ratio: float) -> Columns:
    return {"ratio": ratio, "periodName": part.period.kind, "previousRange": short(part.period.previous())}


def short(period: Period) -> str:
    """Return a period in few letters, such as "Fri, Mar 5" or "Nov 13 – Dec 14, 2010"."""
    first, last = period.first, period.last
    if period.kind == "day":
        return f"{first:%a, %b} {first.day}"
    if period.kind in ("month", "year"):
        return f"{first:%b %Y}" if period.kind == "month" else f"{first:%Y}"
    begin = f"{first:%b} {first.day}" + (f", {first.year}" if first.year != last.year else "")
    end = f"{last.day}" if (first.year, first.month) == (last.year, last.month) else f"{last:%b} {last.day}"
    return f"{begin}{THIN}{end}, {last.year}"


def every_site(call: Call) -> Result:
    """Answer MultiSites.getAll: a table, or one of each date."""
    asked = of_every_site(call)
    if not asked.has_several_dates:
        return finished(side_by_side(parts_of(asked, 0)), call.parameters)
    periods = asked.periods(asked.sites()[0]) if asked.sites() else []
    tables: dict[str, Result] = {
        key_of(period): side_by_side(parts_of(asked, number)) for number, period in enumerate(periods)
    }
    return finished(ResultMap("date", tables), call.parameters)


def of_every_site(call: Call) -> Asked:
    return Asked(replace(call, parameters=call.parameters.changed(idSite=EVERY)))


def parts_of(asked: Asked, number: int) -> Iterator[Part]:
    """Yield the sites that the pattern allows, in one of the periods that were asked for."""
    pattern = asked.call.parameters.text("pattern")
    sites = (site for site in asked.sites() if matches(site, pattern))
    return (asked.part(site, asked.periods(site)[number]) for site in sites)


def with_groups(call: Call) -> Mapping[str, object]:
    """Answer MultiSites.getAllWithGroups: sites below their groups, totals, and with what they are compared."""
    asked = of_every_site(call)
    table = side_by_side(parts_of(asked, 0))
    sites = asked.sites()
    last = key_of(asked.periods(sites[0])[0].previous()) if sites else ""
    rows = flattened(grouped(table), call)
    return {"numSites": len(table), "totals": totals(table), "lastDate": last, "sites": rows}


def totals(table: Table) -> Columns:
    sums = added(row.columns for row in table)
    found = {column: in_cents(sums.get(column, 0)) for column in TOTALS}
    return {**found, "nb_visits_lastdate": sums.get(USUAL[0].previous, 0)}


def grouped(table: Table) -> Table:
    """Return a table in which the sites of a group are rows of the group's row."""
    groups: dict[str, list[Row]] = {}
    for row in table:
        groups.setdefault(row.metadata["group"], []).append(row)
    alone = groups.pop("", [])
    return replace(table, rows=[*alone, *(group_row(name, table, rows) for name, rows in groups.items())])


def group_row(name: str, table: Table, rows: list[Row]) -> Row:
    shared = ("ratio", "periodName", "previousRange")
    metadata = {key: value for key, value in rows[0].metadata.items() if key in shared}
    sums = {LABEL: name, **added(row.columns for row in rows)}
    return Row(sums, {**metadata, "group": "", "isGroup": 1}, replace(table, rows=rows))


def flattened(table: Table, call: Call) -> list[Columns]:
    """Return the slice of rows that was asked for, each group before its sites, as they are sorted."""
    start, limit = (call.parameters.count(name) for name in ("filter_offset", "filter_limit"))
    given = {"expanded": "1", "filter_limit": "-1", "filter_offset": "0", "hideIdSubDatable": "1", "pattern": ""}
    shown = finished(table, call.parameters.changed(**given))
    assert isinstance(shown, Table)
    rows = [row for outer in shown for row in (outer, *(outer.table or ()))]
    end = None if limit is None else (start or 0) + limit
    return [{**row.columns, **row.metadata} for row in rows[slice(start or 0, end)]]


REPORTS: tuple[Report, ...] = (
    Report(
        name="MultiSites.getOne",
        answer=one_site,
        title="Single Website dashboard",
        category="All Websites",
        metrics=tuple(measure.column for measure in USUAL),
        processed=tuple(measure.evolution for measure in USUAL),
        order=5,
    ),
)
METHODS = (
    Method("MultiSites.getAll", somewhere("view"), every_site),
    Method("MultiSites.getAllWithGroups", somewhere("view"), with_groups),
)
