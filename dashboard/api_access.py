"""Who calls the API, and what a method asks of them: a role at one site, at any site, or at all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from dashboard.api_parameters import ApiError, MissingParameter, Parameters, number_in
from sql.entries import ROLES
from sql.registry import Role, Site, Token, User

# `open`: anybody, who then sees what is theirs; `account`: somebody who gives e-mail address and password; `sites`: of
# several sites each.
Where = Literal["open", "account", "site", "sites", "any", "all"]
EVERY_SITE = "all"


class AccessDenied(ApiError):
    """Raised if the caller may not do what was asked for; says no more than which role that takes."""

    status = 401


class BadCredentials(ApiError):
    """Raised if a token or password is wrong; never says which of them, and what is known."""

    status = 401


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever made a call: the holder of a token, somebody who gave a password, or nobody in particular."""

    token: Token | None = field(default=None, repr=False)
    user: User | None = field(default=None, repr=False)

    def may(self, role: Role, site: int) -> bool:
        return self.token is not None and self.token.allows(role, site)

    def may_somewhere(self, role: Role) -> bool:
        return self.token is not None and ROLES.index(self.token.role) >= ROLES.index(role)

    def sites(self, role: Role, sites: Iterable[Site]) -> list[Site]:
        return [site for site in sites if self.may(role, site.id)]

    @property
    def role(self) -> Role | None:
        return self.token.role if self.token else None


@dataclass(frozen=True, slots=True)
class Access:
    """What a method asks of its caller."""

    where: Where
    role: Role = "view"

    def check(self, caller: Caller, parameters: Parameters) -> tuple[int, ...]:
        """Return the sites that the call is about; none if it is about none, or about all that the caller may see.

        Raises AccessDenied, MissingParameter, BadParameter.
        """
        if self.where == "site":
            return (self._site(caller, parameters.required("idSite")),)
        if self.where == "sites":
            return self._sites(caller, parameters)
        if self.where == "any" and not caller.may_somewhere(self.role):
            raise AccessDenied(f"{denied(self.role)} for at least one website.")
        if self.where == "all" and not caller.may_somewhere("superuser"):
            raise AccessDenied(f"{denied('superuser')}.")
        return ()

    def _sites(self, caller: Caller, parameters: Parameters) -> tuple[int, ...]:
        """Return the sites of a list such as `1,3`; of `all`, only those that are theirs are looked at."""
        name = "idSites" if "idSites" in parameters and "idSite" not in parameters else "idSite"
        if not (texts := parameters.texts(name)):
            raise MissingParameter("idSite")
        if texts == (EVERY_SITE,):
            return ()
        return tuple(dict.fromkeys(self._site(caller, text) for text in texts))

    def _site(self, caller: Caller, text: str) -> int:
        site = number_in("idSite", text)
        if not caller.may(self.role, site):
            raise AccessDenied(f"{denied(self.role)} for the website id = {site}.")
        return site


def denied(role: Role) -> str:
    return f"You can't access this resource as it requires '{role}' access"


OPEN = Access("open")
ACCOUNT = Access("account")
SUPERUSER = Access("all", "superuser")


def at_site(role: Role) -> Access:
    return Access("site", role)


def at_sites(role: Role) -> Access:
    return Access("sites", role)


def somewhere(role: Role) -> Access:
    return Access("any", role)
