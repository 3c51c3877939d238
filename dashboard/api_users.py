"""UsersManager: people, and tokens for the programs they use."""

from dashboard.api_access import ACCOUNT, SUPERUSER, BadCredentials, somewhere
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
    users = [user for user in call.registry.users() if is_known_to(call, user)]
    return [row(user) for user in users if not wanted or user.email.lower() in wanted]


def one(call: Call) -> Row:
    login = call.parameters.required("userLogin")
    found = (user for user in call.registry.users() if user.email.lower() == login.strip().lower())
    for user in found:
        return row(user)
    raise UnknownUser(login)


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
)
