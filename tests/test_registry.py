"""The registry: what it keeps, what it refuses, and what is gone when it says so."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sql.registry import (
    ROLES,
    TOKEN_SCOPES,
    BadEntry,
    BadSite,
    BadToken,
    BadUser,
    EmailTaken,
    GlobalSettings,
    NewDimension,
    NewGoal,
    NewSite,
    Registry,
    RegistryError,
    RegistryUnavailable,
    Role,
    Site,
    SiteTaken,
    Snapshot,
    Token,
    UnknownSite,
    User,
)
from sql.schema import SqliteLedger, move_forward, numbered

NOON = datetime(2026, 5, 13, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse"

ADD_A_SITE = """
import sys
from pathlib import Path
from sql.registry import NewSite, Registry
registry = Registry(Path(sys.argv[1]))
registry.add_site(NewSite(name="Site", urls=("https://example.org",)))
registry.close()
"""


@dataclass
class Hands:
    """A clock whose hands we move."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "registry.sqlite"


@pytest.fixture
def registry(file: Path, hands: Hands) -> Iterator[Registry]:
    with closing(Registry(file, hands)) as registry:
        yield registry


def a_site(name: str = "Shop", timezone: str = "UTC", id: int | None = None) -> NewSite:
    return NewSite(id=id, name=name, urls=("https://shop.example",), timezone=timezone)


def everything_on_disk(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_a_site_is_kept_as_it_was_given(registry: Registry) -> None:
    given = NewSite(
        id=7,
        name="  Łódź & söns ",
        urls=("https://a.example/", "http://b.example:8080/path", "https://a.example"),
        timezone="Europe/Zurich",
        currency="CHF",
        ecommerce=True,
        group="Shops",
        search=False,
        search_keywords=("q",),
        search_categories=("cat", "kind"),
        keep_fragment=True,
        exclude_unknown_urls=True,
        excluded_addresses=("10.0.0.*",),
        excluded_user_agents=("bot",),
        excluded_parameters=("sid", "/^x_/"),
        excluded_referrers=("pay.example",),
        type="intranet",
        keep_bots=True,
        exact_places=True,
        fewest_visitors=5,
        created=NOON - timedelta(days=400),
    )
    added = registry.add_site(given)
    assert added.name == "Łódź & söns"
    assert added.urls == ("https://a.example", "http://b.example:8080/path")
    kept = {field.name: getattr(added, field.name) for field in fields(given)}
    assert NewSite(**kept) == replace(given, name=added.name, urls=added.urls)
    assert registry.sites() == [added]
    assert registry.site(7) == added
    assert registry.snapshot().sites == {7: added}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param("UTC+2", "Etc/GMT-2", id="ahead"),
        pytest.param("UTC-5", "Etc/GMT+5", id="behind"),
        pytest.param("UTC+14", "Etc/GMT-14", id="most"),
        pytest.param("UTC-12.0", "Etc/GMT+12", id="least"),
        pytest.param("UTC+05:00", "Etc/GMT-5", id="with-minutes"),
        pytest.param("UTC-0", "UTC", id="zero"),
        pytest.param(" Asia/Kolkata ", "Asia/Kolkata", id="name"),
    ],
)
def test_time_zones(registry: Registry, name: str, kept: str) -> None:
    assert registry.add_site(a_site(timezone=name)).timezone == kept


def test_lists_are_tidied(registry: Registry) -> None:
    addresses = ("203.0.113.9", " 203.0.113.0/24", "203.0.113.*", "203.*.*.*", "2001:db8::/32", "::1", "", "::1 ")
    site = registry.add_site(replace(a_site(), excluded_addresses=addresses, search_keywords=(" b", "a", "b", " ")))
    assert site.excluded_addresses == (
        "203.0.113.9",
        "203.0.113.0/24",
        "203.0.113.*",
        "203.*.*.*",
        "2001:db8::/32",
        "::1",
    )
    assert site.search_keywords == ("b", "a")


def test_a_site_is_changed(registry: Registry) -> None:
    other, site = (registry.add_site(a_site(name)) for name in ("Other", "Shop"))
    wanted = replace(site, name=" Blog ", keep_fragment=False, excluded_addresses=("::1",), timezone="UTC+14")
    changed = registry.update_site(wanted)
    assert changed == replace(wanted, name="Blog", timezone="Etc/GMT-14")
    assert registry.sites() == [other, changed]
    assert sorted(day for id, day in registry.snapshot().salts if id == 2) == ["2026-05-13", "2026-05-14", "2026-05-15"]


def test_a_site_begins_with_its_first_hit(registry: Registry) -> None:
    registry.add_site(a_site())
    for days in (40, 30, -5):
        registry.move_creation(1, NOON - timedelta(days=days))
        assert registry.site(1).created == registry.snapshot().sites[1].created == NOON - timedelta(days=40)


def test_a_deleted_site_leaves_its_id(registry: Registry, file: Path) -> None:
    for _ in range(2):
        registry.add_site(a_site())
    salts = [salt for (site, _), salt in registry.snapshot().salts.items() if site == 2]
    plain = registry.add_token("t", "admin", 2)
    registry.add_goal(NewGoal(site=2, name="Order"))
    registry.add_dimension(NewDimension(site=2, name="Author", scope="visit"))
    bob = registry.add_user("bob@example.org", PASSWORD, "admin", [2])
    registry.delete_site(2)
    snapshot = registry.snapshot()
    assert ([*snapshot.sites], {site for site, _ in snapshot.salts}, snapshot.tokens) == ([1], {1}, {})
    assert (snapshot.goals, snapshot.dimensions, registry.goals(), registry.dimensions()) == ({}, {}, [], [])
    assert [salt for salt in salts if salt in everything_on_disk(file)] == []
    assert snapshot.token(plain) is None
    assert not bob.may_view(1)
    assert registry.users() == [bob]
    registry.rotate_salts(NOON + timedelta(days=1))
    assert {site for site, _ in registry.snapshot().salts} == {1}
    with pytest.raises(SiteTaken):
        registry.add_site(a_site(id=2))
    assert registry.add_site(a_site()).id == 3


def test_what_holds_for_every_site(registry: Registry) -> None:
    everywhere = GlobalSettings(
        search_keywords=("find",),
        search_categories=("kind",),
        keep_fragment=True,
        excluded_addresses=("10.0.0.1", "::1"),
        excluded_user_agents=("bot",),
        excluded_parameters=("sid",),
        excluded_referrers=("pay.example",),
        timezone="UTC+1",
        currency="CHF",
    )
    plain = registry.add_site(a_site())
    own = {"search_keywords": ("q",), "search_categories": ("cat",), "excluded_addresses": ("::1", "::2")}
    special = registry.add_site(replace(a_site(), keep_fragment=False, **own))  # type: ignore[arg-type]
    assert registry.global_settings() == GlobalSettings()
    assert registry.snapshot().sites[1].search_keywords[-1] == "keywords"
    kept = registry.set_global_settings(everywhere)
    assert kept == registry.global_settings() == replace(everywhere, timezone="Etc/GMT-1")
    assert registry.sites() == [plain, special]
    sites = registry.snapshot().sites
    shared = [name for name in GlobalSettings.__slots__ if name not in ("timezone", "currency")]
    assert [name for name in shared if getattr(sites[1], name) != getattr(everywhere, name)] == []
    assert (sites[2].search_keywords, sites[2].search_categories) == (("q",), ("cat",))
    assert (sites[2].keep_fragment, sites[2].excluded_user_agents) == (False, ("bot",))
    assert sites[2].excluded_addresses == ("::1", "::2", "10.0.0.1")
    assert registry.set_global_settings(GlobalSettings(search_keywords=())) == GlobalSettings()


def test_sites_get_the_next_id(registry: Registry) -> None:
    ids = [registry.add_site(a_site(id=id)).id for id in (None, 41, None, 3)]
    assert ids == [1, 41, 42, 3]
    assert [site.id for site in registry.sites()] == [1, 3, 41, 42]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"name": "  "}, "name '': expected 1 to 200", id="no-name"),
        pytest.param({"name": "a\nb"}, "printable", id="name-of-two-lines"),
        pytest.param({"name": "x" * 201}, "expected 1 to 200", id="long-name"),
        pytest.param({"urls": ()}, "expected at least one, such as https://example.org", id="no-address"),
        pytest.param({"urls": ("shop.example",)}, "did you mean https://shop.example?", id="address-without-scheme"),
        pytest.param({"urls": ("ftp://shop.example",)}, "expected http:// or https://", id="ftp"),
        pytest.param({"urls": ("https://",)}, "and a host", id="no-host"),
        pytest.param({"urls": ("https://shop.example:eighty",)}, "address", id="port-of-letters"),
        pytest.param({"urls": ("https://[::1",)}, "address", id="half-an-ipv6-address"),
        pytest.param({"urls": ("https://shop .example",)}, "address", id="blank-in-host"),
        pytest.param({"urls": ("https://shop.example", "x")}, "address 'x'", id="second-address"),
        pytest.param({"timezone": "Zurich"}, "did you mean Europe/Zurich?", id="city-as-time-zone"),
        pytest.param({"timezone": "Europe/Zürich"}, "did you mean Europe/Zurich?", id="umlaut-in-time-zone"),
        pytest.param({"timezone": "../etc/passwd"}, "expected a name such as", id="path-as-time-zone"),
        pytest.param({"currency": "eur"}, "three capital letters, such as EUR", id="small-currency"),
        pytest.param({"preset": "none"}, "expected one of matomo", id="unknown-preset"),
        pytest.param({"id": 0}, "site id 0: expected a number from 1", id="zero"),
        pytest.param({"id": 2**32}, "to 4294967295", id="too-large-an-id"),
        pytest.param({"urls": tuple(f"https://{n}.example" for n in range(1001))}, "at most 1000", id="many-addresses"),
        pytest.param({"timezone": "UTC+5.5"}, "place, such as Asia/Kolkata", id="half-an-hour"),
        pytest.param({"timezone": "UTC+5:45"}, "place, such as Asia/Kathmandu", id="three-quarters-of-an-hour"),
        pytest.param({"timezone": "UTC-3:30"}, "place, such as America/St_Johns", id="half-an-hour-to-the-west"),
        pytest.param({"timezone": "UTC+15"}, "expected UTC-12 to UTC+14", id="no-such-offset"),
        pytest.param({"type": "blog"}, "expected one of website, mobileapp, intranet", id="unknown-type"),
        pytest.param({"group": "a\tb"}, "group 'a\\tb': expected 1 to 200", id="tab-in-group"),
        pytest.param({"created": datetime(2026, 5, 1)}, "a time with its zone", id="creation-somewhere"),  # noqa: DTZ001
        pytest.param({"search_keywords": ("x" * 501,)}, "search keyword 'xxx", id="long-keyword"),
        pytest.param({"excluded_user_agents": ("a\nb",)}, "excluded user agent 'a\\nb'", id="two-lines-in-a-list"),
        pytest.param(
            {"excluded_parameters": tuple(map(str, range(1001)))}, "1001 entries; expected at most 1000", id="long-list"
        ),
        pytest.param({"excluded_addresses": ("10.0.0",)}, "'10.0.0': expected one such as", id="three-bytes"),
        pytest.param({"excluded_addresses": ("10.0.0.256",)}, "excluded address", id="byte-of-256"),
        pytest.param({"excluded_addresses": ("10.*.0.*",)}, "excluded address", id="star-in-the-middle"),
        pytest.param({"excluded_addresses": ("*.*.*.*",)}, "excluded address", id="only-stars"),
        pytest.param({"excluded_addresses": ("10.0.0.0/33",)}, "excluded address", id="33-bits"),
        pytest.param({"excluded_addresses": ("::1", "example.org")}, "'example.org'", id="host-for-address"),
    ],
)
def test_a_bad_site_is_refused(registry: Registry, change: dict[str, object], message: str) -> None:
    with pytest.raises(BadSite) as refusal:
        registry.add_site(replace(a_site(), **change))  # type: ignore[arg-type]
    assert message in str(refusal.value)
    assert registry.sites() == []


@pytest.mark.parametrize(
    ("refused", "error", "message"),
    [
        pytest.param(lambda r: r.add_site(a_site(id=1)), SiteTaken, "site id 1 is taken", id="site-id-taken"),
        pytest.param(
            lambda r: r.update_site(replace(r.site(1), id=2)), UnknownSite, "site 2 is", id="change-of-no-site"
        ),
        pytest.param(lambda r: r.update_site(replace(r.site(1), fewest_visitors=-1)), BadSite, "0 to", id="bad-floor"),
        pytest.param(lambda r: r.update_site(replace(r.site(1), name="")), BadSite, "name", id="bad-change"),
        pytest.param(lambda r: r.delete_site(2), UnknownSite, "site 2 is unknown", id="delete-no-site"),
        pytest.param(lambda r: r.move_creation(2, NOON - timedelta(9)) or r.site(2), UnknownSite, "2", id="move-none"),
        pytest.param(
            lambda r: r.set_global_settings(GlobalSettings(excluded_addresses=("x",))), BadSite, "'x'", id="bad-globals"
        ),
        pytest.param(lambda r: r.set_global_settings(GlobalSettings(timezone="x")), BadSite, "zone", id="bad-zone"),
        pytest.param(lambda r: r.site(2), UnknownSite, "site 2 is unknown; expected one of 1", id="unknown-site"),
        pytest.param(lambda r: r.site(2**70), UnknownSite, "is unknown", id="impossible-site"),
        pytest.param(
            lambda r: r.add_user("ANNA@example.org", PASSWORD, "view"), EmailTaken, "already", id="e-mail-taken"
        ),
        pytest.param(lambda r: r.add_user("bob", PASSWORD, "view"), BadUser, "anna@example.org", id="no-e-mail"),
        pytest.param(lambda r: r.add_user("b@x.org", "short", "view"), BadUser, "8 to 1000", id="short-password"),
        pytest.param(lambda r: r.add_user("b@x.org", PASSWORD, "king"), BadUser, "expected one of view", id="bad-role"),
        pytest.param(
            lambda r: r.add_user("b@x.org", PASSWORD, "view", [9]), UnknownSite, "site 9", id="user-of-no-site"
        ),
        pytest.param(
            lambda r: r.add_user("b@x.org", PASSWORD, "superuser", [1]), BadUser, "none", id="superuser-of-one"
        ),
        pytest.param(lambda r: r.add_token("", "view", None), BadToken, "name", id="token-without-name"),
        pytest.param(lambda r: r.add_token("t", "king", None), BadToken, "expected one of view", id="token-bad-role"),
        pytest.param(lambda r: r.add_token("t", "view", 9), UnknownSite, "site 9", id="token-of-no-site"),
        pytest.param(lambda r: r.add_token("t", "superuser", 1), BadToken, "none", id="superuser-token-of-one"),
    ],
)
def test_a_refusal_changes_nothing(
    registry: Registry, refused: Callable[[Registry], object], error: type[RegistryError], message: str
) -> None:
    registry.add_site(a_site())
    registry.add_user("anna@example.org", PASSWORD, "view")
    before = registry.version(), registry.users(), registry.snapshot()
    with pytest.raises(error) as refusal:
        refused(registry)
    assert message in str(refusal.value)
    assert (registry.version(), registry.users(), registry.snapshot()) == before


@pytest.mark.parametrize(
    ("role", "sites", "seen"),
    [
        pytest.param("view", (), {1, 2, 3}, id="every-site"),
        pytest.param("admin", (2, 3), {2, 3}, id="some-sites"),
        pytest.param("superuser", (), {1, 2, 3}, id="superuser"),
    ],
)
def test_a_user_sees_sites(registry: Registry, role: Role, sites: tuple[int, ...], seen: set[int]) -> None:
    for _ in range(3):
        registry.add_site(a_site())
    user = registry.add_user(" anna@example.org ", PASSWORD, role, tuple(reversed(sites)))
    assert (user.email, user.role, user.sites) == ("anna@example.org", role, sites)
    assert {site for site in (1, 2, 3) if user.may_view(site)} == seen
    assert registry.users() == [user]


@pytest.mark.parametrize(
    ("email", "password", "is_let_in"),
    [
        pytest.param("anna@example.org", PASSWORD, True, id="right"),
        pytest.param("Anna@Example.org ", PASSWORD, True, id="written-otherwise"),
        pytest.param("anna@example.org", PASSWORD + " ", False, id="wrong-password"),
        pytest.param("anna@example.org", "", False, id="no-password"),
        pytest.param("bob@example.org", PASSWORD, False, id="unknown-address"),
        pytest.param("bob@example.org", "an account that does not exist", False, id="password-of-nobody"),
    ],
)
def test_login(registry: Registry, email: str, password: str, is_let_in: bool) -> None:
    anna = registry.add_user("anna@example.org", PASSWORD, "view")
    assert registry.user_with_password(email, password) == (anna if is_let_in else None)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param("view", {"view"}, id="view"),
        pytest.param("write", {"view", "write"}, id="write"),
        pytest.param("admin", {"view", "write", "admin"}, id="admin"),
        pytest.param("superuser", {"view", "write", "admin", "superuser"}, id="superuser"),
    ],
)
def test_a_token_allows(registry: Registry, role: Role, allowed: set[Role]) -> None:
    plain = registry.add_token("importer", role, None)
    token = registry.snapshot().token(plain)
    assert token == Token(id=1, name="importer", role=role, site=None)
    roles: tuple[Role, ...] = ("view", "write", "admin", "superuser")
    assert {asked for asked in roles if token.allows(asked, 5)} == allowed


def test_a_token_of_one_site(registry: Registry) -> None:
    registry.add_site(a_site())
    registry.add_token("one", "write", 1)
    (token,) = registry.tokens()
    assert token.allows("write", 1)
    assert not token.allows("view", 2)
    assert registry.snapshot().token("0" * 32) is None


@pytest.mark.parametrize(
    ("role", "scopes", "has", "allowed"),
    [
        pytest.param("view", (), {"stats:read", "sites:read"}, {"view"}, id="who-looks"),
        pytest.param("admin", (), {"stats:read", "sites:read", "export:raw"}, {"view", "write", "admin"}, id="admin"),
        pytest.param("view", ("export:raw", "stats:read"), {"stats:read", "export:raw"}, {"view"}, id="two-scopes"),
        pytest.param("view", ("export:raw",), {"export:raw"}, set(), id="no-reports"),
        pytest.param("view", ("registry:read",), {"registry:read"}, set(), id="a-node"),
    ],
)
def test_scopes_of_a_token(
    registry: Registry, role: Role, scopes: tuple[str, ...], has: set[str], allowed: set[Role]
) -> None:
    token = registry.token(registry.add_token("program", role, None, scopes))
    assert token is not None
    assert {scope for scope in TOKEN_SCOPES if token.has(scope)} == has
    assert {asked for asked in ROLES if token.allows(asked, 1)} == allowed


@pytest.mark.parametrize(
    ("role", "scopes", "message"),
    [
        pytest.param("view", ("stats:write",), "expected one of stats:read, .*, registry:read", id="unknown"),
        pytest.param("write", ("stats:read",), "expected role view", id="of-a-writer"),
    ],
)
def test_scopes_that_no_token_has(registry: Registry, role: Role, scopes: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadToken, match=message):
        registry.add_token("program", role, None, scopes)


def test_a_session_ends(registry: Registry, hands: Hands) -> None:
    anna = registry.add_user("anna@example.org", PASSWORD, "view")
    first, second = (registry.start_session(anna, timedelta(hours=hours)) for hours in (1, 3))
    assert registry.session_user(first) == registry.session_user(second) == anna
    hands.now += timedelta(hours=1)
    assert registry.session_user(first) is None
    assert registry.session_user(second) == anna
    registry.end_session(second)
    assert registry.session_user(second) is None
    assert registry.session_user("anything") is None


def test_secrets_are_not_on_disk(registry: Registry, file: Path) -> None:
    anna = registry.add_user("anna@example.org", PASSWORD, "view")
    secrets = [PASSWORD, registry.add_token("t", "view", None), registry.start_session(anna, timedelta(hours=1))]
    on_disk = everything_on_disk(file)
    assert b"$argon2id$" in on_disk
    assert [
        secret for secret in secrets if secret.encode() in on_disk or bytes.fromhex(secret.encode().hex()) in on_disk
    ] == []
    assert len(secrets[1]) == 32
    assert file.stat().st_mode & 0o077 == 0


def test_secrets_are_not_shown(registry: Registry) -> None:
    site = registry.add_site(a_site())
    user = registry.add_user("anna@example.org", PASSWORD, "view")
    registry.add_token("t", "view", None)
    snapshot = registry.snapshot()
    text = f"{snapshot!r} {user!r}"
    hidden = [user.password_hash, *snapshot.tokens, repr(snapshot.salt(site.id, "2026-05-13"))]
    assert [secret for secret in hidden if secret in text] == []


@pytest.mark.parametrize(
    ("timezone", "days"),
    [
        pytest.param("UTC", ("2026-05-12", "2026-05-13", "2026-05-14"), id="utc"),
        pytest.param("Pacific/Kiritimati", ("2026-05-13", "2026-05-14", "2026-05-15"), id="14-hours-ahead"),
        pytest.param("Pacific/Pago_Pago", ("2026-05-12", "2026-05-13", "2026-05-14"), id="11-hours-behind"),
    ],
)
def test_a_new_site_has_salts_of_three_days(registry: Registry, timezone: str, days: tuple[str, ...]) -> None:
    registry.add_site(a_site(timezone=timezone))
    salts = registry.snapshot().salts
    assert set(salts) == {(1, day) for day in days}
    assert {len(salt) for salt in salts.values()} == {32}
    assert len(set(salts.values())) == 3


def test_a_destroyed_salt_is_in_no_file(registry: Registry, file: Path) -> None:
    with closing(Registry(file)) as another_process:
        for zone in ("UTC", "Asia/Tokyo"):
            registry.add_site(a_site(timezone=zone))
        before = another_process.snapshot().salts
        assert registry.rotate_salts(NOON + timedelta(days=1)) == 2
        after = another_process.snapshot().salts
        assert sorted(day for _, day in after) == sorted(["2026-05-13", "2026-05-14", "2026-05-15"] * 2)
        assert {key: before[key] for key in before.keys() & after.keys()} == {
            key: after[key] for key in before.keys() & after.keys()
        }
        on_disk = everything_on_disk(file)
        assert {key for key in before if before[key] in on_disk} == before.keys() & after.keys()


@pytest.mark.parametrize(
    ("moved", "destroyed"),
    [
        pytest.param(timedelta(), 0, id="same-moment"),
        pytest.param(timedelta(hours=11), 0, id="same-day"),
        pytest.param(timedelta(hours=12), 1, id="midnight"),
        pytest.param(timedelta(days=40), 3, id="after-a-long-stop"),
        pytest.param(timedelta(days=-400), 3, id="clock-was-wrong"),
    ],
)
def test_rotation_is_repeatable(registry: Registry, moved: timedelta, destroyed: int) -> None:
    registry.add_site(a_site())
    assert registry.rotate_salts(NOON + moved) == destroyed
    version, snapshot = registry.version(), registry.snapshot()
    assert registry.rotate_salts(NOON + moved) == 0
    assert (registry.version(), registry.snapshot()) == (version, snapshot)
    assert len(snapshot.salts) == 3


def test_a_day_without_a_salt_is_grouped_until_the_rotation(registry: Registry) -> None:
    registry.add_site(a_site())
    registry.add_site(a_site())
    old = [registry.snapshot().salt(site, day) for site in (1, 2) for day in ("2020-01-01", "2020-01-02")]
    assert len(set(old)) == 4
    assert old == [registry.snapshot().salt(site, day) for site in (1, 2) for day in ("2020-01-01", "2020-01-02")]
    registry.rotate_salts(NOON + timedelta(days=3))
    assert registry.snapshot().salt(1, "2020-01-01") not in old
    with pytest.raises(UnknownSite):
        registry.snapshot().salt(3, "2020-01-01")


def test_a_salt_of_today_is_the_random_one() -> None:
    snapshot = Snapshot(version=1, sites={}, tokens={}, salts={(1, "2026-05-13"): b"today"})
    assert snapshot.salt(1, "2026-05-13") == b"today"
    assert len(snapshot.salt(1, "2026-05-12")) == 32


def test_another_process_notices_changes(registry: Registry, file: Path) -> None:
    with closing(Registry(file)) as other:
        seen = [other.version()]
        changes: list[Callable[[], object]] = [
            lambda: registry.add_site(a_site()),
            lambda: registry.add_user("anna@example.org", PASSWORD, "view"),
            lambda: registry.add_token("t", "view", 1),
            lambda: registry.rotate_salts(NOON + timedelta(days=1)),
            lambda: registry.update_site(replace(registry.site(1), name="Blog")),
            lambda: registry.move_creation(1, NOON - timedelta(days=9)),
            lambda: registry.add_goal(NewGoal(site=1, name="Order")),
            lambda: registry.update_goal(replace(registry.goals()[0], name="Cart")),
            lambda: registry.delete_goal(1, 1),
            lambda: registry.add_dimension(NewDimension(site=1, name="Author", scope="visit")),
            lambda: registry.update_dimension(replace(registry.dimensions()[0], active=False)),
            lambda: registry.set_global_settings(GlobalSettings(currency="CHF")),
            lambda: registry.delete_site(1),
        ]
        for change in changes:
            before = other.stamp()
            assert other.stamp() == before
            change()
            seen.append(other.version())
            assert other.stamp() != before
        assert sorted(set(seen)) == seen
        assert other.snapshot() == registry.snapshot()
        assert other.snapshot().version == seen[-1]


def test_several_processes_start_at_once(file: Path) -> None:
    command = [sys.executable, "-c", ADD_A_SITE, str(file)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [(b"", 0)] * 4
    with closing(Registry(file)) as registry:
        assert [site.id for site in registry.sites()] == [1, 2, 3, 4]


def test_several_threads_share_it(registry: Registry) -> None:
    with ThreadPoolExecutor(4) as threads:
        sites = list(threads.map(lambda number: registry.add_site(a_site(f"Site {number}")), range(20)))
        snapshots = list(threads.map(lambda _: registry.snapshot(), range(20)))
    assert sorted(site.id for site in sites) == list(range(1, 21))
    assert all(snapshot == snapshots[0] for snapshot in snapshots)


def test_a_registry_that_is_gone_has_no_stamp(registry: Registry, file: Path) -> None:
    for path in file.parent.iterdir():
        path.unlink()
    with pytest.raises(RegistryUnavailable, match=r"registry\.sqlite: No such file"):
        registry.stamp()


OLD_KEYWORDS = '["q", "query", "s", "search", "searchword", "k", "keyword"]'
OLD_SITE = """
    insert into sites values (
        :id, 'Shop', 'Europe/Zurich', 'CHF', '["https://shop.example"]', 'matomo', '2025-01-02T03:04:05+00:00', 1, 'G',
        1, :keywords, '["cat"]', :keep_fragment, 1, '["10.0.0.*", "what was never checked"]', '["bot"]', '["sid"]', '[]'
    )
"""


def test_an_older_file_is_brought_forward(file: Path, hands: Hands) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        move_forward(numbered("registry")[:2], SqliteLedger(old))
        for id, keywords, keep_fragment in ((1, OLD_KEYWORDS, 0), (4, '["q"]', 1)):
            old.execute(OLD_SITE, {"id": id, "keywords": keywords, "keep_fragment": keep_fragment})
        old.execute("insert into salts values (4, '2026-05-13', x'00ff')")
        old.execute("insert into tokens values (1, 'hash', 'importer', 'write', 4, '2025-01-02T03:04:05+00:00')")
    usual: dict[str, Any] = {
        "name": "Shop",
        "urls": ("https://shop.example",),
        "timezone": "Europe/Zurich",
        "currency": "CHF",
        "created": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        "ecommerce": True,
        "group": "G",
        "search_categories": ("cat",),
        "exclude_unknown_urls": True,
        "excluded_addresses": ("10.0.0.*", "what was never checked"),
        "excluded_user_agents": ("bot",),
        "excluded_parameters": ("sid",),
    }
    with closing(Registry(file, hands)) as registry:
        assert registry.sites() == [
            Site(id=1, **usual),
            Site(id=4, **usual, search_keywords=("q",), keep_fragment=True),
        ]
        snapshot = registry.snapshot()
        assert (snapshot.salts, [*snapshot.tokens]) == ({(4, "2026-05-13"): b"\x00\xff"}, ["hash"])
        assert [site.search_keywords for site in snapshot.sites.values()] == [GlobalSettings().search_keywords, ("q",)]
        assert [site.keep_fragment for site in snapshot.sites.values()] == [False, True]
        assert registry.add_goal(NewGoal(site=4, name="Order")).id == 1
        assert registry.add_site(a_site()).id == 5


def test_it_is_kept(file: Path) -> None:
    with closing(Registry(file)) as registry:
        registry.add_site(a_site())
        registry.add_user("anna@example.org", PASSWORD, "admin", [1])
        registry.add_goal(NewGoal(site=1, name="Order"))
        registry.add_dimension(NewDimension(site=1, name="Author", scope="visit"))
        registry.set_global_settings(GlobalSettings(excluded_parameters=("sid",)))
        before = registry.snapshot(), registry.users()
    with closing(Registry(file)) as registry:
        assert (registry.snapshot(), registry.users()) == before


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda file: file.mkdir(), id="a-directory"),
        pytest.param(lambda file: file.write_bytes(b"no database" * 1000), id="another-file"),
        pytest.param(lambda file: file.parent.rmdir() or file.parent.write_text(""), id="no-directory"),
    ],
)
def test_an_unusable_file_is_refused(file: Path, spoil: Callable[[Path], object]) -> None:
    file.parent.mkdir()
    spoil(file)
    with pytest.raises(RegistryUnavailable, match=r"registry\.sqlite: .*; expected a SQLite file that this user may"):
        Registry(file)


def test_a_closed_registry_refuses(file: Path) -> None:
    registry = Registry(file)
    registry.close()
    with pytest.raises(RegistryUnavailable):
        registry.sites()


def test_what_is_wrong_use_has_one_root() -> None:
    assert all(issubclass(error, BadEntry) for error in (BadSite, BadUser, BadToken))
    assert {field.name for field in fields(Site)} - {"raw_since"} == {field.name for field in fields(NewSite)}
    assert User(id=1, email="", password_hash="", role="view", sites=(2,)).may_view(2)
