"""A question as it was understood: of which site, which numbers, by what, of which visits, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.api_parameters import ApiError
from dashboard.period import Bounds, Period
from dashboard.segment import Context, parse
from dashboard.v1.ranges import Comparison, comparison_of, period_of
from dashboard.v1.refusals import BadInput
from dashboard.v1.vocabulary import METRICS, Dimension, Metric, Subject, dimensions_of
from sql.dimensions import Dimension as Custom
from sql.globals import effective
from sql.goals import Goal
from sql.registry import Registry, Site
from sql.segments import Filter

Parts = tuple[tuple[Subject, tuple[Metric, ...]], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site: what it calls dimensions, and what goals it has."""

    site: Site
    customs: tuple[Custom, ...] = ()
    goals: tuple[Goal, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)

    @property
    def counted(self) -> list[int]:
        """The goals that count as conversions: those that were not deleted, and orders (0) if the site sells."""
        return [*(goal.id for goal in self.goals), *([0] if self.site.ecommerce else [])]

    def filtered(self, text: str) -> Filter:
        """Return what a segment means on this site. Raises BadInput."""
        scopes = {custom.id: custom.scope for custom in self.customs}
        names = {goal.id: goal.name for goal in self.goals}
        try:
            return parse(text, Context.of(self.site, scopes, names))
        except ApiError as error:
            raise BadInput("filters", str(error), "README.md lists the names that segments know.") from None


@dataclass(frozen=True, slots=True)
class Order:
    """By what rows are sorted."""

    name: str
    descending: bool

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question; `parts` say which metrics are counted from what."""

    known: Known
    parts: Parts
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    filters: str
    segment: Filter
    period: Period
    order: tuple[Order, ...]
    limit: int
    offset: int
    comparison: Comparison | None
    totals: bool
    now: datetime

    @property
    def bounds(self) -> Bounds:
        return self.period.bounds(self.known.zone)

    @property
    def is_partial(self) -> bool:
        """Tell whether there are visits still to come."""
        return self.now < self.bounds.until

    def echo(self) -> dict[str, object]:
        """Return the question as it was understood."""
        days = {"period": self.period.kind, "from": f"{self.period.first}", "to": f"{self.period.last}"}
        return {
            **{"site": self.known.site.id, "metrics": [metric.name for metric in self.metrics]},
            **{"dimensions": [dimension.name for dimension in self.dimensions], "filters": self.filters, **days},
            **{"order": [str(order) for order in self.order], "limit": self.limit, "offset": self.offset},
            "compare": self.comparison and days_of(self.comparison.period),
        }


def days_of(period: Period) -> dict[str, str]:
    return {"from": f"{period.first}", "to": f"{period.last}"}


def known_of(registry: Registry, site: Site) -> Known:
    site = effective(site, registry.global_settings())
    return Known(site, tuple(registry.dimensions(site.id)), tuple(registry.goals(site.id)))


def asked(given: Mapping[str, Any], known: Known, now: datetime) -> Asked:
    """Return the question that inputs mean. Raises BadInput."""
    metrics = tuple(METRICS[name] for name in named("metrics", given["metrics"], METRICS))
    offered = dimensions_of(known.customs)
    dimensions = tuple(offered[name] for name in named("dimensions", given["dimensions"], offered))
    period = period_of(given, now, known.zone)
    return Asked(
        known=known,
        parts=parts_of(metrics, dimensions),
        metrics=metrics,
        dimensions=dimensions,
        filters=given["filters"] or "",
        segment=known.filtered(given["filters"] or ""),
        period=period,
        order=tuple(orders(given["order"], metrics, dimensions)),
        limit=given.get("limit", 0),
        offset=given.get("offset", 0),
        comparison=comparison_of(given, period, now, known.zone) if "compare" in given else None,
        totals=given.get("totals", False),
        now=now,
    )


def named(what: str, names: Iterable[str], known: Mapping[str, object]) -> Iterable[str]:
    """Return names that are known. Raises BadInput."""
    names = list(names)
    for name in names:
        if name not in known:
            raise BadInput(what, f"there is no {name[:100]!r}", f"Known are {', '.join(known)}.")
    return names


def parts_of(metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> Parts:
    """Return what each metric is counted from: visits where they can tell it, else what was done or came of them.

    Raises BadInput if a metric cannot be told by these dimensions.
    """
    found: dict[Subject, list[Metric]] = {}
    for metric in metrics:
        subject = next((subject for subject in metric.subjects if have(dimensions, subject)), None)
        if subject is None:
            raise BadInput("metrics", f"{metric.name} cannot be told by these dimensions", alternatives(dimensions))
        found.setdefault(subject, []).append(metric)
    return tuple((subject, tuple(own)) for subject, own in found.items())


def have(dimensions: Sequence[Dimension], subject: Subject) -> bool:
    return all(subject in dimension.subjects for dimension in dimensions)


def alternatives(dimensions: Sequence[Dimension]) -> str:
    possible = [
        name for name, metric in METRICS.items() if any(have(dimensions, subject) for subject in metric.subjects)
    ]
    if possible:
        return f"With these dimensions there are {', '.join(possible)}."
    of = "; ".join(f"{dimension.name} is of {' and '.join(dimension.subjects)}" for dimension in dimensions)
    return f"{of}: ask by those that have one of them in common, and filter by the others."


def orders(texts: Sequence[str], metrics: Sequence[Metric], dimensions: Sequence[Dimension]) -> Iterable[Order]:
    """Return by what to sort: by times and numbers unless told otherwise, but by the metric where a text is first."""
    everything: list[Metric | Dimension] = [*metrics, *dimensions]
    possible = [entry.name for entry in everything]
    for text in texts:
        if text.removeprefix("-") not in possible:
            raise BadInput("order", f"{text[:100]!r} is not asked for", f"Possible are {', '.join(possible)}.")
    if texts:
        return [Order(text.removeprefix("-"), text.startswith("-")) for text in texts]
    if dimensions and dimensions[0].kind == "text":
        return [Order(metrics[0].name, descending=True)]
    return [Order(dimension.name, descending=False) for dimension in dimensions]
