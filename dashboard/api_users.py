"""UsersManager: people, and tokens for the programs they use."""

from collections.abc import Callable
from dataclasses import replace

from dashboard.api_access import ACCOUNT, OPEN, SUPERUSER, BadCredentials, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import ApiError, BadParameter
from sql.registry import User

Row = dict[str, object]

# What a token of ours cannot be, and what is asked for if it may be any.
UNSUPPORTED = {"expireDate": "no date, because tokens do not expire", "expireHours": "0, because tokens do not expire"}
SECURE_ONLY = "0, because every token works in query, form and header"


class UnknownUser(ApiError):
    """Raised if nobody has this login."""

    def __init__(self, login: str) -> None:
        super().__init__(f"User {login[:254]!r} doesn't exist.")


class TooManySites(ApiError):
    """Raised if a token cannot have the access of its maker."""

    def __init__(self, sites: int) -> None:
        super().__init__(f"A token is for one website or for all of them; this account sees {sites} websites.")


def add(call: Call) -> None:
    """Add somebody who may see one site; people sign in with their e-mail address, so that is the login too."""
    given = call.parameters
    email, login = given.required("email"), given.required("userLogin")
    if login.strip().lower() != email.strip().lower():
        raise BadParameter("userLogin", login, "the e-mail address, with which people sign in here")
    call.registry.add_user(email, given.required("password"), "view", [given.number("initialIdSite")])


def create_token(call: Call) -> str:
    """Return a token with the access of the account whose password was given."""
    user = call.caller.user
    if user is None:
        raise BadCredentials("The password is not correct.")
    for name, expected in UNSUPPORTED.items():
        if call.parameters.text(name).strip() not in ("", "0"):
            raise BadParameter(name, call.parameters.text(name), expected)
    if call.parameters.flag("secureOnly"):
        raise BadParameter("secureOnly", call.parameters.text("secureOnly"), SECURE_ONLY)
    if len(user.sites) > 1:
        raise TooManySites(len(user.sites))
    site = user.sites[0] if user.sites else None
    return call.registry.add_token(call.parameters.required("description"), user.role, site)


def everybody(call: Call) -> list[Row]:
    """Return those who see a site that the caller administers."""
    wanted = {login.lower() for login in call.parameters.texts("userLogins")}
    return [row(user) for user in everybody_known(call) if not wanted or user.email.lower() in wanted]


def everybody_known(call: Call) -> list[User]:
    return [user for user in call.registry.users() if is_known_to(call, user)]


def one(call: Call) -> Row:
    return row(user_asked(call))


def by_email(call: Call) -> Row:
    return row(user_asked(call, "userEmail"))


def user_asked(call: Call, parameter: str = "userLogin") -> User:
    """Return the user that a call names. Raises UnknownUser."""
    login = call.parameters.required(parameter)
    if found := user_named(call, login):
        return found
    raise UnknownUser(login)


def user_named(call: Call, login: str) -> User | None:
    wanted = login.strip().lower()
    return next((user for user in call.registry.users() if user.email.lower() == wanted), None)


def has(parameter: str) -> Callable[[Call], int]:
    """Return what tells whether somebody has the login, or the address, in a parameter: they are the same."""
    return lambda call: int(user_named(call, call.parameters.required(parameter)) is not None)


def update(call: Call) -> None:
    """Change e-mail address, which is the login, and password of somebody, as far as they were given."""
    given, user = call.parameters, user_asked(call)
    if given.flag("_isPasswordHashed"):
        raise BadParameter("_isPasswordHashed", "1", "the password itself")
    changed = replace(user, email=given.text("email")) if given.given("email") else user
    call.registry.update_user(changed, given.text("password") if given.given("password") else None)


def delete(call: Call) -> None:
    call.registry.delete_user(user_asked(call).id)


def is_superuser(call: Call) -> int:
    return int(call.caller.may_somewhere("superuser"))


def is_known_to(call: Call, user: User) -> bool:
    token = call.caller.token
    return token is not None and (token.site is None or user.may_view(token.site))


def row(user: User) -> Row:
    return {"login": user.email, "email": user.email, "superuser_access": int(user.role == "superuser")}


METHODS = (
    Method("UsersManager.addUser", SUPERUSER, add),
    Method("UsersManager.createAppSpecificTokenAuth", ACCOUNT, create_token),
    Method("UsersManager.getUsers", somewhere("admin"), everybody),
    Method("UsersManager.getUser", SUPERUSER, one),
    Method("UsersManager.getUserByEmail", SUPERUSER, by_email),
    Method("UsersManager.userExists", somewhere("admin"), has("userLogin")),
    Method("UsersManager.userEmailExists", somewhere("admin"), has("userEmail")),
    Method("UsersManager.updateUser", SUPERUSER, update),
    Method("UsersManager.deleteUser", SUPERUSER, delete),
    Method("UsersManager.hasSuperUserAccess", OPEN, is_superuser),
)
