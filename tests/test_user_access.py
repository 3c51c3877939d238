"""UsersManager: who is there, what they may see, and what of Matomo's ways cannot be said here."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sql.registry import BadUser, Registry, Role, UnknownUser
from tests.administered import BOSS, PASSWORD, Api, Given
from tests.conftest import a_site

ANNA = "anna@example.org"
OTHER = "another secret password"
HOUR = timedelta(hours=1)
SET = "UsersManager.setUserAccess"


def with_anna(api: Api, role: Role = "view", *sites: int) -> Api:
    api.registry.add_user(ANNA, PASSWORD, role, sites)
    return api


def anna(api: Api) -> tuple[str, tuple[int, ...]]:
    (user,) = (user for user in api.registry.users() if user.email == ANNA)
    return user.role, user.sites


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        pytest.param(("view", (1,)), ("view", "2"), ("view", (1, 2)), id="one-more-site"),
        pytest.param(("view", (1,)), ("view", "1"), ("view", (1,)), id="again"),
        pytest.param(("view", (1,)), ("admin", "1"), ("admin", (1,)), id="another-role"),
        pytest.param(("view", (1,)), ("write", "1,2"), ("write", (1, 2)), id="another-role-and-site"),
        pytest.param(("view", (1,)), ("view", "all"), ("view", ()), id="every-site"),
        pytest.param(("view", (1,)), ("admin", "all"), ("admin", ()), id="another-role-everywhere"),
        pytest.param(("view", ()), ("view", "1"), ("view", ()), id="sees-it-already"),
        pytest.param(("view", (1, 2)), ("noaccess", "1"), ("view", (2,)), id="one-site-less"),
        pytest.param(("view", ()), ("noaccess", "1"), ("view", (2,)), id="all-but-one-site"),
        pytest.param(("superuser", ()), ("admin", "1"), ("admin", (1,)), id="superuser-no-more"),
    ],
)
def test_access_that_is_given(api: Api, before: Any, asked: tuple[str, str], after: Any) -> None:
    role, sites = before
    access, ids = asked
    with_anna(api, role, *sites)
    api.done(SET, userLogin=ANNA.upper(), access=access, idSites=ids)
    assert anna(api) == after


@pytest.mark.parametrize(
    ("before", "asked", "word"),
    [
        pytest.param(("view", (1, 2)), ("admin", "1"), "at other websites too", id="two-roles"),
        pytest.param(("view", ()), ("admin", "1"), "at other websites too", id="two-roles-of-somebody-everywhere"),
        pytest.param(("view", (1,)), ("write", "2"), "at other websites too", id="another-role-elsewhere"),
        pytest.param(("view", (1,)), ("noaccess", "1"), "no website at all", id="nothing-left"),
        pytest.param(("view", (1, 2)), ("noaccess", "all"), "no website at all", id="nothing-anywhere"),
        pytest.param(("superuser", ()), ("noaccess", "1"), "is a superuser", id="superuser"),
        pytest.param(("view", (1,)), ("superuser", "1"), "noaccess, view, write, admin", id="no-such-access"),
        pytest.param(("view", (1,)), ("view", "99"), "site 99 is unknown", id="no-such-site"),
    ],
)
def test_access_that_cannot_be_said_here(api: Api, before: Any, asked: tuple[str, str], word: str) -> None:
    role, sites = before
    access, ids = asked
    with_anna(api, role, *sites)
    assert word in api.refused(SET, userLogin=ANNA, access=access, idSites=ids)
    assert anna(api) == before


@pytest.mark.parametrize(
    ("caller", "before", "asked", "allowed"),
    [
        pytest.param("admin", ("view", (1,)), ("admin", "1"), True, id="own-site"),
        pytest.param("admin", ("view", (2,)), ("view", "1"), True, id="somebody-new"),
        pytest.param("admin", ("view", (1, 2)), ("noaccess", "1"), True, id="taken-away"),
        pytest.param("admin", ("view", (1,)), ("view", "2"), False, id="another-site"),
        pytest.param("admin", ("view", (1,)), ("view", "1,2"), False, id="another-site-too"),
        pytest.param("admin", ("view", (1,)), ("view", "all"), False, id="every-site"),
        pytest.param("admin", ("view", ()), ("noaccess", "1"), False, id="of-somebody-who-sees-everything"),
        pytest.param("admin", ("superuser", ()), ("view", "1"), False, id="of-a-superuser"),
        pytest.param("write", ("view", (1,)), ("view", "1"), False, id="no-administrator"),
        pytest.param("everywhere", ("view", (1,)), ("view", "all"), True, id="administrator-of-every-site"),
        pytest.param("everywhere", ("view", ()), ("admin", "all"), False, id="role-of-somebody-who-sees-everything"),
    ],
)
def test_who_may_give_access(api: Api, caller: str, before: Any, asked: tuple[str, str], allowed: bool) -> None:
    api.tokens["everywhere"] = api.registry.add_token("everywhere", "admin", None)
    role, sites = before
    access, ids = asked
    with_anna(api, role, *sites)
    answer = api.call(SET, caller, userLogin=ANNA, access=access, idSites=ids)
    assert answer.status_code == (200 if allowed else 401)
    assert (anna(api) == before) is not allowed


def test_somebody_becomes_a_superuser_and_no_more(api: Api) -> None:
    with_anna(api, "view", 1)
    change = "UsersManager.setSuperUserAccess"
    assert api.done(change, userLogin=ANNA, hasSuperUserAccess=1) == {"result": "success", "message": "ok"}
    assert anna(api) == ("superuser", ())
    assert "UsersManager.setUserAccess" in api.refused(change, userLogin=ANNA, hasSuperUserAccess=0)
    api.done(SET, userLogin=ANNA, access="view", idSites=2)
    assert anna(api) == ("view", (2,))
    api.done(change, userLogin=ANNA, hasSuperUserAccess=0)  # As it is.
    assert anna(api) == ("view", (2,))


def test_the_last_superuser_stays(api: Api) -> None:
    with_anna(api, "admin")
    assert "last superuser" in api.refused(SET, userLogin=BOSS, access="view", idSites=1)
    assert "last superuser" in api.refused("UsersManager.deleteUser", userLogin=BOSS)
    api.done("UsersManager.setSuperUserAccess", userLogin=ANNA, hasSuperUserAccess=1)
    api.done("UsersManager.deleteUser", userLogin=BOSS)
    assert [user.email for user in api.registry.users()] == [ANNA]


def test_who_sees_what(api: Api) -> None:
    with_anna(api, "write", 1)
    api.registry.add_user("bert@example.org", PASSWORD, "view")
    bert = {"login": "bert@example.org", "email": "bert@example.org", "superuser_access": 0}
    assert api.done("UsersManager.getUsersAccessFromSite", idSite=1) == {ANNA: "write", bert["login"]: "view"}
    assert api.done("UsersManager.getUsersAccessFromSite", idSite=2) == {bert["login"]: "view"}
    assert api.done("UsersManager.getUsersWithSiteAccess", idSite=1, access="view") == [bert]
    assert api.done("UsersManager.getUsersWithSiteAccess", idSite=1, access="admin") == []
    assert api.done("UsersManager.getSitesAccessFromUser", userLogin=ANNA) == [{"site": 1, "access": "write"}]
    assert api.done("UsersManager.getSitesAccessFromUser", userLogin=BOSS) == [
        {"site": 1, "access": "admin"},
        {"site": 2, "access": "admin"},
    ]
    assert api.done("UsersManager.getUsersSitesFromAccess", access="write") == {ANNA: [1]}
    assert api.done("UsersManager.getUsersSitesFromAccess", access="view") == {bert["login"]: [1, 2]}
    assert [row["login"] for row in api.done("UsersManager.getUsersHavingSuperUserAccess")] == [BOSS]
    assert api.done("UsersManager.getUsersLogin") == [BOSS, ANNA, bert["login"]]
    assert api.call("UsersManager.getUsersLogin", "stranger").json() == [BOSS, bert["login"]]


def test_who_is_there(api: Api) -> None:
    for login, known in ((BOSS, 1), (BOSS.upper(), 1), (ANNA, 0)):
        assert api.done("UsersManager.userExists", userLogin=login) == known
        assert api.done("UsersManager.userEmailExists", userEmail=login) == known
    assert api.done("UsersManager.getUserByEmail", userEmail=BOSS)["login"] == BOSS
    assert "doesn't exist" in api.refused("UsersManager.getUserByEmail", userEmail=ANNA)
    assert api.done("UsersManager.hasSuperUserAccess") == 1
    assert api.call("UsersManager.hasSuperUserAccess", "admin").json() == {"value": 0}


def test_an_account_changes(api: Api) -> None:
    with_anna(api, "view", 1)
    before = api.registry.user_with_password(ANNA, PASSWORD)
    assert before is not None
    session = api.registry.start_session(before, HOUR)
    api.done("UsersManager.updateUser", userLogin=ANNA, email="anna@new.example")
    assert api.registry.session_user(session) is not None
    api.done("UsersManager.updateUser", userLogin="anna@new.example", password=OTHER)
    assert api.registry.session_user(session) is None
    assert api.registry.user_with_password("anna@new.example", PASSWORD) is None
    changed = api.registry.user_with_password("anna@new.example", OTHER)
    assert changed is not None
    assert (changed.id, changed.role, changed.sites) == (before.id, "view", (1,))


def test_an_account_ends_with_its_sessions(api: Api) -> None:
    with_anna(api, "view", 1)
    user = api.registry.user_with_password(ANNA, PASSWORD)
    assert user is not None
    session = api.registry.start_session(user, HOUR)
    api.done("UsersManager.deleteUser", userLogin=ANNA)
    assert api.registry.session_user(session) is None
    assert [user.email for user in api.registry.users()] == [BOSS]
    assert "doesn't exist" in api.refused("UsersManager.deleteUser", userLogin=ANNA)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        pytest.param({"email": BOSS}, "is already there", id="taken"),
        pytest.param({"email": "anna"}, "e-mail address", id="no-address"),
        pytest.param({"password": "short"}, "5 characters", id="short-password"),
        pytest.param({"password": PASSWORD, "_isPasswordHashed": 1}, "the password itself", id="hashed"),
        pytest.param({"userLogin": "nobody@example.org", "email": "a@b.example"}, "doesn't exist", id="nobody"),
    ],
)
def test_changes_that_are_refused(api: Api, given: Given, word: str) -> None:
    with_anna(api, "view", 1)
    assert word in api.refused("UsersManager.updateUser", **{"userLogin": ANNA, **given})
    assert api.registry.user_with_password(ANNA, PASSWORD) is not None


def test_the_registry_refuses_what_nobody_may_be(registry: Registry) -> None:
    a_site(registry)
    boss = registry.add_user(BOSS, PASSWORD, "superuser")
    with pytest.raises(BadUser, match="sites of a superuser"):
        registry.update_user(replace(boss, sites=(1,)))
    with pytest.raises(UnknownUser):
        registry.delete_user(99)
