"""Numbers as Prometheus reads them: its own text format, or OpenMetrics for whoever asks for that."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

PREFIX = "pegel_"
OPENMETRICS = "application/openmetrics-text"
TYPES = {True: f"{OPENMETRICS}; version=1.0.0; charset=utf-8", False: "text/plain; version=0.0.4; charset=utf-8"}

Kind = Literal["counter", "gauge", "histogram", "info"]


class Family(NamedTuple):
    """What is counted or measured under one name; a counter's gets `_total` behind it, an info's `_info`."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


class Sample(NamedTuple):
    """One number of a family: with the values of its labels, and for histograms with the end of its name."""

    family: str
    value: float
    values: tuple[str, ...] = ()
    suffix: str = ""


class Exposition(NamedTuple):
    """A text and its content type."""

    type: str
    text: str


def exposed(families: Mapping[str, Family], samples: Iterable[Sample], accepted: str) -> Exposition:
    """Return samples in the format that a header `Accept` asks for."""
    openmetrics = OPENMETRICS in accepted
    by_family: dict[str, list[Sample]] = {}
    for sample in samples:
        by_family.setdefault(sample.family, []).append(sample)
    lines = [
        line
        for name, family in families.items()
        if name in by_family
        for line in lines_of(name, family, by_family[name], openmetrics)
    ]
    return Exposition(TYPES[openmetrics], "\n".join([*lines, *["# EOF"] * openmetrics, ""]))


def lines_of(name: str, family: Family, samples: Iterable[Sample], openmetrics: bool) -> Iterator[str]:
    """Yield the lines of one family; the older format knows no infos, and names counters with what is behind them."""
    suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
    shown = PREFIX + name + ("" if openmetrics else suffix)
    kind = "gauge" if family.kind == "info" and not openmetrics else family.kind
    yield f"# HELP {shown} {family.help}"
    yield f"# TYPE {shown} {kind}"
    for sample in samples:
        names = (*family.labels, "le") if sample.suffix == "_bucket" else family.labels
        yield f"{PREFIX}{name}{sample.suffix or suffix}{labels_of(names, sample.values)} {number(sample.value)}"


def labels_of(names: Iterable[str], values: Iterable[str]) -> str:
    pairs = [f'{name}="{escaped(value)}"' for name, value in zip(names, values, strict=True)]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    if math.isinf(value):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(value)


def buckets(family: str, values: tuple[str, ...], counts: Iterable[tuple[str, int]]) -> Iterator[Sample]:
    """Yield the buckets of a histogram, each with all that lies below its bound, and how many there are in all."""
    below = 0
    for bound, count in counts:
        below += count
        yield Sample(family, below, (*values, bound), "_bucket")
    yield Sample(family, below, values, "_count")
