"""The numbers that answer a question: rows of the statements, one page of them or all, folded where a site says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from dashboard.period import Bounds
from dashboard.v1.asked import Asked, Order
from dashboard.v1.vocabulary import MOST_DIMENSIONS, MOST_METRICS, STATEMENTS, Dimension, Metric, Subject
from sql.clickhouse import Database, TookTooMuch

SLOTS = ("first", "second", "third")
SEPARATOR = "\x1f"
# Hours of a year fit in; more rows are not put together from several statements.
MOST_MERGED = 20_000
# Rows that have enough visitors to be shown are named one by one.
MOST_SHOWN = 50_000
PEOPLE = "nb_uniq_visitors"

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its labels as the statements write them, none for a folded one, and its numbers by the metric's name."""

    labels: Labels
    numbers: Mapping[str, float]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Some of the rows, and how many there are."""

    lines: list[Line]
    total: int


class Numbers:
    """Asks for a question's numbers, in its own range or in another one."""

    def __init__(self, database: Database, asked: Asked) -> None:
        self.database, self.asked = database, asked

    def page(self, bounds: Bounds, limit: int, offset: int) -> Lines:
        """Return the rows of a page. Raises DatabaseUnavailable."""
        if len(self.asked.parts) > 1:
            return paged(self.merged(bounds), limit, offset)
        ((subject, metrics),) = self.asked.parts
        return self.told(subject, metrics, bounds, limit=limit, offset=offset)

    def only(self, bounds: Bounds, labels: Sequence[Labels]) -> dict[Labels, Line]:
        """Return rows by their labels, as far as there are any. Raises DatabaseUnavailable."""
        wanted = {"only": 1, "rows": sorted({SEPARATOR.join(padded(entry)) for entry in labels})}
        found: dict[Labels, dict[str, float]] = {}
        for subject, metrics in self.asked.parts:
            for line in self.told(subject, metrics, bounds, limit=len(labels), **wanted).lines:
                found.setdefault(line.labels, {}).update(line.numbers)
        return {key: Line(key, self.whole(numbers)) for key, numbers in found.items()}

    def merged(self, bounds: Bounds) -> list[Line]:
        """Return all rows of several statements, put together and sorted here."""
        found: dict[tuple[bool, Labels], dict[str, float]] = {}
        for subject, metrics in self.asked.parts:
            part = self.told(subject, metrics, bounds, limit=MOST_MERGED)
            if part.total > MOST_MERGED:
                raise TookTooMuch(f"{part.total} rows of {subject} to be put together with others")
            for line in part.lines:
                found.setdefault((line.folded, line.labels), {}).update(line.numbers)
        lines = [Line(labels, self.whole(numbers), folded) for (folded, labels), numbers in found.items()]
        return sorted_lines(lines, self.asked)

    def whole(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Return a number for each metric: where nothing was found, there was nothing."""
        return {metric.name: numbers.get(metric.name, 0.0) for metric in self.asked.metrics}

    def told(self, subject: Subject, metrics: Sequence[Metric], bounds: Bounds, **more: Any) -> Lines:
        """Return rows of one statement. Raises DatabaseUnavailable."""
        parameters = {**self.parameters(metrics, bounds), **self.folding(subject, bounds), **more}
        rows = self.rows(subject, parameters)
        if not rows and parameters["offset"]:  # After the last page; the total is told all the same.
            total = self.rows(subject, {**parameters, "limit": 1, "offset": 0})
            return Lines([], total[0]["all_rows"] if total else 0)
        lines = [self.line(row, metrics) for row in rows]
        if not lines and not self.asked.dimensions:
            lines = [Line((), dict.fromkeys((metric.name for metric in metrics), 0.0))]
        return Lines(lines, rows[0]["all_rows"] if rows else len(lines))

    def rows(self, subject: Subject, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        return self.database.query(f"reports/{STATEMENTS[subject]}", parameters, self.asked.segment)

    def line(self, row: Mapping[str, Any], metrics: Sequence[Metric]) -> Line:
        numbers = dict(zip((metric.name for metric in metrics), row["metrics"], strict=False))
        folded = bool(row["folded"])
        return Line(() if folded else tuple(row["labels"][: len(self.asked.dimensions)]), numbers, folded)

    def folding(self, subject: Subject, bounds: Bounds) -> dict[str, object]:
        """Return which rows stand on their own, where a site wants those of few visitors to be one."""
        fewest = self.asked.known.site.fewest_visitors
        if fewest < 2 or not self.asked.dimensions:
            return {"folding": 0, "shown": []}
        by_people = {"metric1": PEOPLE, "order1": PEOPLE, "descending1": 1, "limit": MOST_SHOWN + 1}
        none = {"folding": 0, "shown": []}
        rows = self.rows(subject, {**self.parameters((), bounds), **none, **by_people})
        shown = [SEPARATOR.join(row["labels"]) for row in rows if row["metrics"][0] >= fewest]
        if len(shown) > MOST_SHOWN:
            raise TookTooMuch(f"more than {MOST_SHOWN} rows to be shown on their own")
        return {"folding": 1, "shown": shown}

    def parameters(self, metrics: Sequence[Metric], bounds: Bounds) -> dict[str, object]:
        site = self.asked.known.site
        return {
            **{"site": site.id, "timezone": site.timezone, "since": bounds.since, "until": bounds.until},
            **numbered("metric", MOST_METRICS, [metric.name for metric in metrics], "nothing"),
            **dimension_slots(self.asked.dimensions),
            **order_slots(self.asked, metrics),
            **{"only": 0, "rows": [], "limit": 1, "offset": 0, "counted": self.asked.known.counted},
        }


def numbered(slot: str, most: int, values: Sequence[object], otherwise: object) -> dict[str, object]:
    """Return the values as `slot1`, `slot2` and so on."""
    filled = [*values, *[otherwise] * (most - len(values))]
    return {f"{slot}{number}": value for number, value in zip(count(1), filled, strict=False)}


def dimension_slots(dimensions: Sequence[Dimension]) -> dict[str, object]:
    """Return the columns of dimensions; a custom one has a column for each place, which its key fills."""
    columns = [dimension.column or f"custom{place}" for place, dimension in enumerate(dimensions, 1)]
    keys = [dimension.key for dimension in dimensions]
    return {
        **numbered("dimension", MOST_DIMENSIONS, columns, "none"),
        **numbered("custom", MOST_DIMENSIONS, keys, ""),
    }


def order_slots(asked: Asked, metrics: Sequence[Metric]) -> dict[str, object]:
    """Return by what a statement sorts; a metric of another statement is none of its business."""
    places = {dimension.name: SLOTS[place] for place, dimension in enumerate(asked.dimensions)}
    own = {metric.name: metric.name for metric in metrics}
    columns = [(own | places).get(order.name, "nothing") for order in asked.order]
    return {
        **numbered("order", len(SLOTS), columns, "nothing"),
        **numbered("descending", len(SLOTS), [int(order.descending) for order in asked.order], 0),
    }


def padded(labels: Labels) -> Labels:
    """Return labels as a statement writes them, with those of places that nobody asked for."""
    return (*labels, *["0"] * (MOST_DIMENSIONS - len(labels)))


def paged(lines: list[Line], limit: int, offset: int) -> Lines:
    return Lines(lines[offset : offset + limit], len(lines))


def sorted_lines(lines: list[Line], asked: Asked) -> list[Line]:
    """Return lines in the order that the statements would give them; a folded one comes last."""
    rest = [Order(dimension.name, descending=False) for dimension in asked.dimensions]
    for order in reversed([*asked.order, *rest]):
        lines = sorted(lines, key=sort_key(order.name, asked), reverse=order.descending)
    return sorted(lines, key=lambda line: line.folded)


def sort_key(name: str, asked: Asked) -> Callable[[Line], Any]:
    places = {dimension.name: place for place, dimension in enumerate(asked.dimensions)}
    if name not in places:
        return lambda line: line.numbers[name]
    number = asked.dimensions[places[name]].kind == "number"
    return lambda line: (int(line.labels[places[name]]) if number else line.labels[places[name]]) if line.labels else 0


def without_dimensions(asked: Asked) -> Asked:
    """Return the question about all rows together."""
    return replace(asked, dimensions=(), order=())
