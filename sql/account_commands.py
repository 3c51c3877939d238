"""Commands about people who look at reports, and about tokens of programs."""

import secrets
from pathlib import Path

from sql.command import Call, Command, Row, argument
from sql.entries import ROLES, Token, User
from sql.refusals import BadUser
from sql.registry import TOKEN_SCOPES
from sql.website_commands import ONE_SITE


def user_add(call: Call) -> Row:
    given = call.arguments
    generated = {} if given.password_file else {"password": secrets.token_urlsafe(15)}
    password = generated.get("password") or password_in(given.password_file)
    with call.registry() as registry:
        return {**user_row(registry.add_user(given.email, password, given.role, given.site)), **generated}


def password_in(file: Path) -> str:
    """Return the first line of a file.

    Raises BadUser if it is not a text.
    """
    try:
        return file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError as error:
        raise BadUser(
            f"password file {file}: expected a text in UTF-8, the password alone on its first line"
        ) from error


def user_list(call: Call) -> list[Row]:
    with call.registry() as registry:
        return [user_row(user) for user in registry.users()]


def user_row(user: User) -> Row:
    return {"id": user.id, "email": user.email, "role": user.role, "sites": user.sites}


def token_add(call: Call) -> Row:
    given = call.arguments
    with call.registry() as registry:
        plain = registry.add_token(given.name, given.role, given.site, given.scopes)
    return {"token": plain, "name": given.name, "role": given.role, "site": given.site, "scopes": given.scopes}


def token_list(call: Call) -> list[Row]:
    with call.registry() as registry:
        return [token_row(token) for token in registry.tokens()]


def token_row(token: Token) -> Row:
    kept = ("id", "name", "role", "site", "scopes")
    return {name: getattr(token, name) for name in kept}


def user_text(user: Row) -> str:
    added = f"user {user['email']} added with role {user['role']}"
    return f"{added}\npassword, shown only now: {user['password']}" if "password" in user else added


def token_text(token: Row) -> str:
    """Only the token, so that a script can take it as it is."""
    return str(token["token"])


ROLE = argument("--role", choices=ROLES, default="view", help="what is allowed, from least to most; default: view")
SITES = argument(
    "--site", type=int, nargs="+", action="extend", default=[], metavar="N", help="only these sites; default: every one"
)
TOKEN_SCOPE = argument(
    "--scope",
    dest="scopes",
    choices=TOKEN_SCOPES,
    action="append",
    default=[],
    help="limit it to this, may be repeated; default: all that the role may do",
)
PASSWORD_FILE = argument(
    "--password-file",
    type=Path,
    metavar="F",
    help="file with the password on its first line; without it a random one is made and shown once",
)

ACCOUNT_COMMANDS = (
    Command(
        name="user add",
        help="let somebody log in",
        run=user_add,
        text=user_text,
        arguments=(argument("email", metavar="EMAIL", help="address to log in with"), ROLE, SITES, PASSWORD_FILE),
    ),
    Command(name="user list", help="show who may log in", run=user_list),
    Command(
        name="token add",
        help="make a token_auth for a program; it is shown once",
        run=token_add,
        text=token_text,
        arguments=(
            argument("--name", default="command line", help="what it is for; default: command line"),
            ROLE,
            ONE_SITE,
            TOKEN_SCOPE,
        ),
    ),
    Command(name="token list", help="show the tokens there are, not their secrets", run=token_list),
)
