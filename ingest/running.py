"""What a running server knows better than anybody who looks at its files: its numbers, asked for as Prometheus does."""

import re
import resource
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.request import urlopen

from ingest.installation import Finding, Installation, State
from ingest.machine import reachable

ANSWER_SECONDS = 3.0
LINE = re.compile(r'pegel_(\w+?)(?:\{\w+="([^"]*)"\})? (\S+)')  # Of numbers with one label or none.
PRIVATE = ("PEGEL_DASHBOARD_LISTEN", "PEGEL_METRICS_LISTEN")
ENOUGH = 100  # Requests; of fewer nothing can be said.
FEW_FILES = 4096
SHIFT_SECONDS = 300

Numbers = Mapping[str, Mapping[str, float]]  # By name, and by the value of the label.


def numbers_of(place: Installation) -> Numbers:
    """Return the numbers of the server that runs, if one does and answers."""
    found: dict[str, dict[str, float]] = {}
    for address in (place.addresses[name] for name in PRIVATE if name in place.addresses):
        with suppress(OSError), urlopen(f"http://{reachable(address)}/metrics", timeout=ANSWER_SECONDS) as answer:
            for line in answer.read().decode().splitlines():
                if told := LINE.fullmatch(line):
                    found.setdefault(told[1], {})[told[2] or ""] = float(told[3])
    return found


def senders(place: Installation) -> Iterator[Finding]:
    yield judged(Counter(numbers_of(place).get("senders_total", {})))


def judged(ways: Mapping[str, float]) -> Finding:
    """Tell whether the proxies that are trusted can be right, from the ways on which requests came."""
    total = sum(ways.values())
    if total < ENOUGH:
        return Finding("proxies", "ok", "too few requests since the start to tell")
    for way, wrong in WRONG_WAYS.items():
        if ways.get(way, 0) >= wrong.share * total:
            return Finding("proxies", wrong.state, wrong.says, wrong.remedy)
    return Finding("proxies", "ok", f"{round(100 * ways.get('proxy', 0) / total)} % of requests come through them")


class Wrong(NamedTuple):
    """What is wrong if so large a share of all requests came on one way."""

    share: float
    state: State
    says: str
    remedy: str


NAME_IT = "name the proxy in PEGEL_TRUSTED_PROXIES, and the header that it sets in PEGEL_PROXY_HEADER"
WRONG_WAYS = {
    "unbelieved-private": Wrong(
        0.5,
        "fail",
        "a proxy in the private network says for whom it asks, and is not believed: all visitors seem to be one",
        NAME_IT,
    ),
    "unbelieved-public": Wrong(
        0.9,
        "warn",
        "nearly every request says for whom it was sent, and is not believed; is there a proxy in front?",
        NAME_IT,
    ),
    "silent-proxy": Wrong(
        0.5,
        "fail",
        "a trusted proxy does not say for whom it asks: all visitors seem to be one",
        "let it set the header that PEGEL_PROXY_HEADER names, to the visitor's address",
    ),
    "one-private": Wrong(
        0.9,
        "warn",
        "nearly every request comes from one private address",
        f"if that is a proxy, let it set a header to the visitor's address, and {NAME_IT}",
    ),
}


def open_files(place: Installation) -> Iterator[Finding]:
    """Tell whether processes have room for connections and files."""
    numbers = numbers_of(place)
    limits, taken = numbers.get("process_max_fds", {}), numbers.get("process_open_fds", {})
    remedy = "allow more: LimitNOFILE=65536 for systemd, --ulimit nofile=65536 for containers"
    full = sorted(name for name, limit in limits.items() if taken.get(name, 0) > 0.8 * limit)
    if full:
        yield Finding("open files", "fail", f"{full[0]} has {taken[full[0]]:.0f} of {limits[full[0]]:.0f}", remedy)
        return
    least = min(limits.values(), default=float(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    few = 0 <= least < FEW_FILES  # Without a limit, the system says -1.
    yield Finding("open files", "warn" if few else "ok", f"{least:.0f} allowed", remedy if few else "")


def shift(place: Installation) -> Iterator[Finding]:
    """Tell whether the clock was set while the server ran."""
    seconds = numbers_of(place).get("clock_shift_seconds", {}).get("", 0.0)
    if abs(seconds) > SHIFT_SECONDS:
        says = f"was set by {round(seconds / 60)} minutes since the server started; hits have the time that it told"
        yield Finding("clock while running", "warn", says, "keep it right, for example with systemd-timesyncd")
