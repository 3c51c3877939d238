"""Visits: which hits belong together, and what a visit knows after each of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sql.registry import Site
from tests.tracked import OTHER_VISITOR, VISITOR, Tracked

A, B = VISITOR, OTHER_VISITOR
MINUTE = 60.0


def visits_of(pegel: Tracked, *sent: dict[str, Any], site: Site | None = None) -> list[dict[str, Any]]:
    """Send hits, each at its `after` seconds; return the visits in order of their start."""
    site = site or pegel.add_site()
    for parameters in sent:
        assert pegel.get(site, **parameters).status == 200
    return sorted(pegel.visits(site), key=lambda visit: (visit["started"], visit["visit_count"]))


def columns(visits: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(visit[name] for name in names) for visit in visits]


def test_two_pages_are_one_visit(pegel: Tracked) -> None:
    site = pegel.add_site()
    pages = [{"_id": A, "url": f"https://example.org/{page}", "after": after} for page, after in (("1", 0), ("2", 10))]
    (visit,) = visits_of(pegel, *pages, site=site)
    assert (visit["actions"], visit["duration"]) == (2, 11)
    assert (visit["entry_page"], visit["exit_page"]) == ("example.org/1", "example.org/2")
    second = pegel.hits(site)[1]
    assert (second["previous_page"], second["seconds_since_previous"], second["position"]) == ("example.org/1", 10, 2)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param([{}, {"after": 1799}], 1, id="no-id-within-30-minutes"),
        pytest.param([{}, {"after": 1800}], 2, id="a-gap-of-exactly-30-minutes-splits"),
        pytest.param([{"_id": A}, {"_id": B, "after": MINUTE}], 1, id="one-browser-with-two-ids-is-one-visit"),
        pytest.param([{"cid": A}, {"cid": B, "after": MINUTE}], 2, id="cid-is-believed"),
        pytest.param([{"_id": A}, {"_id": A, "new_visit": 1, "after": MINUTE}], 2, id="new-visit-demanded"),
        pytest.param([{"ua": "Opera/9.80"}, {"after": MINUTE}], 2, id="another-browser"),
        pytest.param([{"java": 1}, {"java": 0, "after": MINUTE}], 2, id="other-plugins"),
        pytest.param([{"lang": "de"}, {"lang": "fr", "after": MINUTE}], 2, id="another-language"),
    ],
)
def test_how_many_visits(pegel: Tracked, sent: list[dict[str, Any]], expected: int) -> None:
    assert len(visits_of(pegel, *sent)) == expected


def test_a_visitor_without_id_returns_after_exactly_30_minutes(pegel: Tracked) -> None:
    first, second = visits_of(pegel, {}, {"after": 1800})
    assert first["visitor"] == second["visitor"]
    assert columns([second], "returning", "visit_count", "seconds_since_last") == [(1, 2, 1800)]


def test_a_visitor_with_an_id_is_known_also_after_a_visit_without_it(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert len(visits_of(pegel, {"_id": A}, {"after": 1800}, site=site)) == 2
    days_later = int((pegel.now + timedelta(days=3)).timestamp() * 1000)
    pegel.loader.journal.forget_visits(since=0, settled=days_later, expired=0)
    visits = visits_of(pegel, {"_id": A, "after": 3 * 86_400}, site=site)
    assert [visit["visit_count"] for visit in visits] == [1, 2, 3]


def test_a_visitor_without_id_is_a_stranger_later(pegel: Tracked) -> None:
    first, second = visits_of(pegel, {}, {"after": 1801})
    assert first["visitor"] != second["visitor"]
    assert columns([second], "returning", "visit_count") == [(0, 1)]


def test_a_visitor_with_id_returns_after_days(pegel: Tracked) -> None:
    _, second = visits_of(pegel, {"_id": A}, {"_id": A, "after": 432000})
    assert columns([second], "returning", "visit_count", "seconds_since_first", "seconds_since_last") == [
        (1, 2, 432000, 432000)
    ]


def test_midnight_of_the_site_splits(pegel: Tracked) -> None:
    """Noon UTC is 08:00 in New York, where the day ends 16 hours later."""
    site = pegel.add_site(timezone="America/New_York")
    hours = 16 * 3600
    visits = visits_of(pegel, {"_id": A, "after": hours - 10}, {"_id": A, "after": hours + 10}, site=site)
    assert columns(visits, "returning", "visit_count") == [(0, 1), (1, 2)]


def test_midnight_of_another_time_zone_does_not_split(pegel: Tracked) -> None:
    site = pegel.add_site(timezone="America/New_York")
    utc_midnight = 12 * 3600
    visits = visits_of(pegel, {"_id": A, "after": utc_midnight - 10}, {"_id": A, "after": utc_midnight + 10}, site=site)
    assert len(visits) == 1


def test_a_heartbeat_prolongs_but_does_not_keep_alive(pegel: Tracked) -> None:
    site = pegel.add_site()
    (visit,) = visits_of(pegel, {"_id": A}, {"_id": A, "ping": 1, "after": 1200}, site=site)
    assert (visit["duration"], visit["actions"], visit["last_at"]) == (1201, 1, visit["started"])
    assert len(visits_of(pegel, {"_id": A, "after": 2100}, site=site)) == 2


def test_a_heartbeat_alone_leaves_nothing(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert len(visits_of(pegel, {"_id": A}, {"_id": A, "ping": 1, "after": 2400}, site=site)) == 1
    assert pegel.counters(site) == {"": 1, "ping-without-visit": 1}


def test_a_late_hit_joins_its_visit(pegel: Tracked) -> None:
    """Its duration is counted from the late hit, as Matomo does; its end does not move back."""
    late = {"_id": A, "cdt": (datetime(2026, 5, 13, 12, 5, tzinfo=UTC)).isoformat(), "after": 601}
    (visit,) = visits_of(pegel, {"_id": A}, {"_id": A, "after": 600}, late)
    assert (visit["actions"], visit["duration"]) == (3, 301)
    assert visit["last_at"] - visit["started"] == timedelta(minutes=10)


def test_days_may_come_in_any_order(pegel: Tracked) -> None:
    """A visit of an older day finds its place between those that were loaded before."""
    site = pegel.add_site()
    token = pegel.token("write", site.id)
    days = ("2026-05-03", "2026-05-01", "2026-05-02")
    visits = visits_of(pegel, *({"_id": A, "cdt": f"{day} 10:00", "token_auth": token} for day in days), site=site)
    assert columns(visits, "visit_count") == [(1,), (2,), (1,)]
    (again,) = [
        v
        for v in visits_of(pegel, {"_id": A, "cdt": "2026-05-02 10:05", "token_auth": token}, site=site)
        if v["actions"] == 2
    ]
    assert again["started"].day == 2


def test_campaigns_upgrade_a_direct_visit_and_split_others(pegel: Tracked) -> None:
    spring, summer = (f"https://example.org/?mtm_campaign={name}" for name in ("Spring", "Summer"))
    visits = visits_of(
        pegel, {"_id": A}, {"_id": A, "url": spring, "after": 300}, {"_id": A, "url": summer, "after": 600}
    )
    assert columns(visits, "referrer_type", "referrer_name", "actions") == [
        ("campaign", "spring", 2),
        ("campaign", "summer", 1),
    ]


def test_the_same_campaign_goes_on_without_its_first_referrer(pegel: Tracked) -> None:
    url = "https://example.org/?utm_campaign=Spring"
    sent = (
        {"_id": A, "url": url, "urlref": "https://news.example.net/"},
        {"_id": A, "url": url, "urlref": "https://example.org/", "after": 9},
    )
    assert columns(visits_of(pegel, *sent), "referrer_name", "referrer_keyword", "actions") == [
        ("spring", "news.example.net", 2)
    ]


def test_logging_in_keeps_the_visit_and_another_user_starts_one(pegel: Tracked) -> None:
    sent = {"_id": A}, {"_id": A, "uid": "alice", "after": 60}, {"_id": A, "uid": "bob", "after": 120}
    visits = visits_of(pegel, *sent)
    assert columns(visits, "user_id", "actions") == [("alice", 2), ("bob", 1)]
    assert visits[0]["visitor"] == 0x522B276A356BDF39


def test_users_of_one_browser_return_to_their_own_visits(pegel: Tracked) -> None:
    """Who logs out is nobody known, and belongs to the last visit of the browser."""
    users = ("bob", "carol", None, "bob", "carol")
    sent: list[dict[str, Any]] = [{"_id": A, "uid": user, "after": 60 * n} for n, user in enumerate(users)]
    assert columns(visits_of(pegel, *sent), "user_id", "actions") == [("bob", 2), ("carol", 3)]


@pytest.mark.parametrize(
    ("users", "expected"),
    [
        pytest.param(("Dave", "dave"), [("dave", 0xBFCDF3E6CA6CEF45, 2)], id="capital-letters-do-not-matter"),
        pytest.param((" dave ",), [(" dave ", 0x871071AE18E3E01A, 1)], id="blanks-belong-to-the-name"),
        pytest.param(("alice", "0"), [("0", 0x1111111111111111, 2)], id="zero-is-a-name-but-identifies-nobody"),
    ],
)
def test_names_of_users(pegel: Tracked, users: tuple[str, ...], expected: list[tuple[Any, ...]]) -> None:
    sent: list[dict[str, Any]] = [{"_id": A, "uid": user, "after": 60 * n} for n, user in enumerate(users)]
    assert columns(visits_of(pegel, *sent), "user_id", "visitor", "actions") == expected


def test_the_time_after_a_search_is_no_pages(pegel: Tracked) -> None:
    site = pegel.add_site()
    visits_of(
        pegel,
        {"_id": A, "action_name": "Home"},
        {"_id": A, "search": "x", "after": 9},
        {"_id": A, "after": 19},
        site=site,
    )
    _, search, page = pegel.hits(site)
    names = ("previous_page", "previous_title", "seconds_since_previous")
    assert columns([search, page], *names) == [("example.org/", "Home", 9), ("", "x", 10)]


def test_a_first_page_after_an_event_is_the_entry_without_title(pegel: Tracked) -> None:
    (visit,) = visits_of(pegel, {"_id": A, "e_c": "V", "e_a": "P"}, {"_id": A, "action_name": "Home", "after": 5})
    assert columns([visit], "entry_page", "entry_title", "exit_title", "actions", "interactions") == [
        ("example.org/", "", "Home", 2, 1)
    ]


def test_content_keeps_a_bounce_and_makes_a_row(pegel: Tracked) -> None:
    site = pegel.add_site()
    (visit,) = visits_of(pegel, {"_id": A}, {"_id": A, "c_n": "Ad", "c_p": "img.jpg", "after": 5}, site=site)
    assert visit["actions"] == 1
    assert len(pegel.hits(site)) == 2


def test_visits_of_sites_never_meet(pegel: Tracked) -> None:
    one, two = pegel.add_site(), pegel.add_site()
    assert len(visits_of(pegel, {"_id": A}, site=one)) == len(visits_of(pegel, {"_id": A, "after": 9}, site=two)) == 1


def test_one_batch_or_many_makes_no_difference(pegel: Tracked) -> None:
    sent: list[dict[str, Any]] = [
        {"_id": A, "after": after, "url": f"https://example.org/{after}"} for after in range(0, 4000, 700)
    ]
    together = visits_of(pegel, *sent)
    site = pegel.add_site()
    for parameters in sent:
        apart = visits_of(pegel, parameters, site=site)
    names = ("started", "last_at", "duration", "actions", "visit_count", "entry_page", "exit_page")
    assert columns(together, *names) == columns(apart, *names)
