"""UsersManager: which sites people may see, and what they may do there.

Here somebody has one role, at some sites or at all of them; Matomo's clients may ask for another one at each site. What
cannot be said here is refused, never approximated.
"""

from dataclasses import replace
from typing import Literal, get_args

from dashboard.api_access import SUPERUSER, AccessDenied, at_site, at_sites, denied, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import ApiError, BadParameter
from dashboard.api_users import Row, everybody_known, row, user_asked
from sql.registry import Role, User

Level = Literal["noaccess", "view", "write", "admin"]
LEVELS: tuple[Level, ...] = get_args(Level)


class NotExpressible(ApiError):
    """Raised if Matomo can give somebody such access and this server cannot."""


def set_access(call: Call) -> None:
    """Give somebody a role at sites, or take those sites away."""
    user, level, sites = user_asked(call), level_asked(call), sites_asked(call)
    if (user.role == "superuser" or not user.sites) and not call.caller.may_somewhere("superuser"):
        raise AccessDenied(f"{denied('superuser')}, because {user.email} sees every website.")
    kept = without(user, sites, call) if level == "noaccess" else with_role(user, level, sites)
    call.registry.update_user(kept)


def with_role(user: User, role: Role, sites: tuple[int, ...]) -> User:
    """Return somebody with a role at sites. Raises NotExpressible."""
    if user.role == "superuser" or not sites:
        return replace(user, role=role, sites=sites)
    if user.role == role:
        return replace(user, sites=tuple(sorted({*user.sites, *sites}))) if user.sites else user
    if not user.sites or set(user.sites) - set(sites):
        raise NotExpressible(
            f"{user.email} has the role {user.role!r} at other websites too, and one role is for all of somebody's "
            f"websites: give {role!r} for all of them at once."
        )
    return replace(user, role=role, sites=sites)


def without(user: User, sites: tuple[int, ...], call: Call) -> User:
    """Return somebody who does not see sites any more. Raises NotExpressible."""
    if user.role == "superuser":
        raise NotExpressible(
            f"{user.email} is a superuser, who sees every website: give a role at some of them instead."
        )
    known = user.sites or tuple(site.id for site in call.registry.sites())
    left = tuple(site for site in known if site not in sites) if sites else ()
    if not left:
        raise NotExpressible(
            f"{user.email} would see no website at all, and such people cannot sign in here: UsersManager.deleteUser."
        )
    return replace(user, sites=left)


def level_asked(call: Call) -> Level:
    text = call.parameters.required("access").strip()
    for level in LEVELS:
        if text == level:
            return level
    raise BadParameter("access", text, f"one of {', '.join(LEVELS)}")


def sites_asked(call: Call) -> tuple[int, ...]:
    """Return the sites that the call is about, () for every one. Raises AccessDenied, UnknownSite."""
    token = call.caller.token
    if not call.sites and (token is None or token.site is not None or not call.caller.may_somewhere("admin")):
        raise AccessDenied(f"{denied('admin')} for every website.")
    return tuple(call.registry.site(site).id for site in call.sites)


def set_superuser(call: Call) -> None:
    user = user_asked(call)
    call.parameters.required("hasSuperUserAccess")
    if call.parameters.flag("hasSuperUserAccess"):
        call.registry.update_user(replace(user, role="superuser", sites=()))
    elif user.role == "superuser":
        raise NotExpressible(
            f"{user.email} would see no website at all: UsersManager.setUserAccess gives a role at some of them, "
            "and takes the superuser's away."
        )


def of_site(call: Call) -> dict[str, Level]:
    """Return the access of everybody who sees a site; superusers see every one, and are not listed."""
    return {user.email: role_at(user) for user in with_site(call)}


def people_of_site(call: Call) -> list[Row]:
    level = level_asked(call)
    return [row(user) for user in with_site(call) if role_at(user) == level]


def with_site(call: Call) -> list[User]:
    site = call.registry.site(call.site).id
    return [user for user in call.registry.users() if user.role != "superuser" and user.may_view(site)]


def role_at(user: User) -> Level:
    return "admin" if user.role == "superuser" else user.role


def of_user(call: Call) -> list[Row]:
    user = user_asked(call)
    seen = [site.id for site in call.registry.sites() if user.may_view(site.id)]
    return [{"site": site, "access": role_at(user)} for site in seen]


def sites_of_people(call: Call) -> dict[str, list[int]]:
    """Return for everybody with a certain role the sites where they have it."""
    level, sites = level_asked(call), [site.id for site in call.registry.sites()]
    people = [user for user in call.registry.users() if user.role == level]
    return {user.email: [site for site in sites if user.may_view(site)] for user in people}


def superusers(call: Call) -> list[Row]:
    return [row(user) for user in call.registry.users() if user.role == "superuser"]


def logins(call: Call) -> list[str]:
    return [user.email for user in everybody_known(call)]


METHODS = (
    Method("UsersManager.setUserAccess", at_sites("admin"), set_access),
    Method("UsersManager.setSuperUserAccess", SUPERUSER, set_superuser),
    Method("UsersManager.getUsersAccessFromSite", at_site("admin"), of_site),
    Method("UsersManager.getUsersWithSiteAccess", at_site("admin"), people_of_site),
    Method("UsersManager.getSitesAccessFromUser", SUPERUSER, of_user),
    Method("UsersManager.getUsersSitesFromAccess", SUPERUSER, sites_of_people),
    Method("UsersManager.getUsersHavingSuperUserAccess", somewhere("admin"), superusers),
    Method("UsersManager.getUsersLogin", somewhere("admin"), logins),
)
