"""The hot path's short ways say what the long ones say, and no request leaves more than its bound in the spool."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.collecting import payload
from ingest.exclusions import Exclusions
from ingest.extras import PLUGINS, TIMINGS, flag, plugins_of, spelled, timings_of, unusual_timings
from ingest.geo import Places
from ingest.hit import Decider, Hit
from ingest.lists.folder import ListsFolder
from ingest.moment import local_time, unusual_local_time
from ingest.privacy import Visitors
from ingest.sender import Sender
from ingest.tracking import TrackingRequest
from sql.registry import NewSite, Registry, Site
from tests.tracked import FIREFOX, NOON

NOW = NOON.timestamp()
SITE = Site(id=1, name="Example", urls=("https://example.org",), created=datetime(2026, 1, 1, tzinfo=NOON.tzinfo))
MEGABYTE = 1_000_000
# Everything of a hit that is no list of articles; user agent, addresses and names at their longest.
LARGEST_HIT = 40_000
LARGEST_PURCHASE = 1000 * 7 * 1024 * 2
VALUES = some.sampled_from(["", "0", "1", "7", "007", "59", "60", "-1", "-5", "1.0", "1e1", "x", "٣", "²", "9" * 9]) | (
    some.sampled_from([0, 1, 60, -1, 2.5, True, None, ["1"], "16777215", "16777216", "9" * 50, " 5 "])
)


@given(some.dictionaries(some.sampled_from(TIMINGS), VALUES))
def test_timings(parameters: dict[str, Any]) -> None:
    request = TrackingRequest(parameters)
    assert timings_of(request, "event", SITE) == unusual_timings(request, "event", SITE)


@given(some.fixed_dictionaries(dict.fromkeys(TIMINGS, VALUES)))
def test_all_timings(parameters: dict[str, Any]) -> None:
    request = TrackingRequest(parameters)
    assert timings_of(request, "event", SITE) == unusual_timings(request, "event", SITE)


@given(some.dictionaries(some.sampled_from("hms"), VALUES), some.integers(0, 10**10))
def test_local_times(parameters: dict[str, Any], at: int) -> None:
    request = TrackingRequest(parameters)
    assert local_time(request, at) == unusual_local_time(request, at % 86_400)
    assert 0 <= local_time(request, at) < 86_400


@given(some.dictionaries(some.sampled_from(PLUGINS), VALUES))
def test_plugins(parameters: dict[str, Any]) -> None:
    assert plugins_of(parameters) == spelled(tuple(flag(parameters.get(name)) for name in PLUGINS))


@pytest.fixture(scope="module")
def decider(tmp_path_factory: pytest.TempPathFactory) -> Decider:
    registry = Registry(tmp_path_factory.mktemp("extras") / "registry.sqlite", lambda: NOON)
    registry.add_site(NewSite(name="Example", urls=("https://example.org",)))
    snapshot = registry.snapshot()
    registry.close()
    return Decider(snapshot, Visitors(2, Places(None)), Exclusions(snapshot.sites.values(), (), ListsFolder(None)))


def size_of(decider: Decider, parameters: dict[str, Any]) -> int:
    """Return how many bytes a request leaves in the spool."""
    request = TrackingRequest({"idsite": 1, "rec": 1, **parameters})
    hit = decider.decide(request, Sender("203.0.113.9", FIREFOX, "en", "", "", "", False), NOW)
    assert isinstance(hit, Hit)
    return len(payload([hit], {}, NOW))


TEXTS = (
    *(
        "url",
        "urlref",
        "action_name",
        "uid",
        "_id",
        "res",
        "lang",
        "ua",
        "uadata",
        "cs",
        "pv_id",
        "_rcn",
        "_rck",
        "_ref",
    ),
    *("link", "download", "search", "search_cat", "mtm_campaign", "mtm_kwd", "e_c", "e_a", "e_n", "e_v", "c_n", "c_p"),
    *("c_t", "c_i", "ec_id", "revenue", "ec_st", "_pks", "_pkn", "_pkc", "_pkp", "dimension1", "cvar"),
    *("_cvar", "pf_net", "pf_srv", "h", "cdt", "cdo", "source", "http_status", "new_visit", "bots", "search_count"),
)
HUGE: dict[str, Any] = {
    "letters": "a" * MEGABYTE,
    "accents": "é" * MEGABYTE,
    "digits": "9" * MEGABYTE,
    "entities": "&amp;" * (MEGABYTE // 5),
    "percents": "%25" * (MEGABYTE // 3),
    "nul": "\0" * MEGABYTE,
    "depth": "[" * MEGABYTE,
    "object-depth": '{"1":' * (MEGABYTE // 5),
    "list-start": '["' * (MEGABYTE // 2),
    "decoded-depth": [[[[[[[[["a" * MEGABYTE]]]]]]]]],
    "many": {str(number): ["n" * 1000, "v" * 1000] for number in range(1000)},
}


@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE.keys())
@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({}, id="page"),
        pytest.param({"e_c": "V", "e_a": "P"}, id="event"),
        pytest.param({"c_n": "Ad"}, id="content"),
        pytest.param({"idgoal": 0, "ec_id": "O1"}, id="order"),
    ],
)
def test_a_megabyte_of_anything_leaves_little(decider: Decider, beside: dict[str, Any], value: object) -> None:
    huge = {name: value for name in TEXTS if name not in beside}
    assert size_of(decider, {**huge, **beside}) < LARGEST_HIT


def test_a_thousand_articles_have_a_bound(decider: Decider) -> None:
    article = ["é" * 2000, "é" * 2000, ["é" * 2000] * 9, 1, 1]
    sizes = [size_of(decider, {"idgoal": 0, "ec_items": [article] * number}) for number in (1000, 5000)]
    assert sizes[0] == sizes[1] < LARGEST_PURCHASE


def test_dimensions_cannot_be_more_than_there_are(decider: Decider) -> None:
    sent = {f"dimension{number}": "é" * 1000 for number in range(5000)}
    assert size_of(decider, sent) < 999 * 520 + LARGEST_HIT
