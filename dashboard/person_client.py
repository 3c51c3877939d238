"""What `pegel person` and `pegel anonymise` say to the running dashboard, and how they show its answers."""

import getpass
import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.request import Request

from dashboard import DashboardError
from dashboard.direct import opened_directly
from dashboard.download import reason_of
from dashboard.people_api import PATH
from sql.masks import MASKS
from sql.people import KINDS
from sql.refusals import BadEntry
from sql.registry import Registry

PATIENCE = 120.0  # Seconds in which an answer has to come.
PAUSE = 0.3
STAGES = {
    "asked": "waiting until every hit is loaded",
    "chosen": "keeping the sums of their days",
    "counted": "changing rows",
    "deleted": "waiting until no file holds a copy",
    "done": "done",
}
PIECE = 65_536

Row = Mapping[str, Any]


class DashboardAway(DashboardError):
    """Raised if the dashboard does not answer, or refuses."""


class BadCall(BadEntry):
    """Raised if a command does not say whom it is about, or that it is meant."""


class Client:
    """Speaks with a dashboard; what is sent stands in bodies, never in an address."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address.rstrip("/"), token

    def ask(self, what: str, body: Row) -> Any:
        """Return what the dashboard answers. Raises DashboardAway."""
        with self.answer(what, body) as answer:
            return json.loads(answer.read())

    @contextmanager
    def answer(self, what: str, body: Row) -> Iterator[Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = Request(f"{self.address}{PATH}/{what}", json.dumps(body).encode(), headers, method="POST")
        try:
            with opened_directly(request, timeout=PATIENCE) as answer:
                yield answer
        except HTTPError as error:
            raise DashboardAway(f"{what}: {reason_of(error)}") from error
        except (URLError, HTTPException, ConnectionError, TimeoutError) as error:
            hint = "is 'pegel serve' or 'pegel dashboard' running? --address says where it is elsewhere"
            raise DashboardAway(f"dashboard at {self.address}: {reason_of(error)}; {hint}") from error

    def done(self, case: Row, told: Callable[[str], None]) -> Row:
        """Return a case when it is finished; say meanwhile how far it is. Raises DashboardAway."""
        current = case
        while not current["finished"]:
            told(STAGES[current["stage"]])
            time.sleep(PAUSE)
            current = self.ask("case", {"id": case["id"]})["case"]
        return current


@contextmanager
def connected(given: Namespace, address: str, registry: Path) -> Iterator[Client]:
    """Yield a client: with the token in a file or, on the dashboard's own machine, one that lives as long as this."""
    if given.token_file:
        first_line = given.token_file.read_text("utf-8", "replace").partition("\n")[0]
        yield Client(given.address or address, first_line.strip())
        return
    if given.address:
        raise BadCall("--address: expected --token-file with it, because a dashboard elsewhere has tokens of its own")
    with closing(Registry(registry)) as here:
        token = here.add_token(f"command line of {user()}"[:200], "superuser", None)
        try:
            yield Client(address, token)
        finally:
            here.delete_token(token)


def user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # A container may have nobody of this number.
        return "somebody"


def named(given: Namespace) -> Row:
    """Return whom a command is about; `-` is read from standard input, which no list of processes shows."""
    kinds = [kind for kind in KINDS if getattr(given, kind) is not None]
    if len(kinds) != 1:
        raise BadCall(f"whom is it about? expected one of {', '.join(f'--{kind}' for kind in KINDS)}")
    (kind,) = kinds
    value = getattr(given, kind)
    return {"kind": kind, "id": sys.stdin.readline().rstrip("\r\n") if value == "-" else value, "site": given.site}


def find(client: Client, given: Namespace) -> Row:
    found: Row = client.ask("find", named(given))
    return found


def export(client: Client, given: Namespace) -> Row:
    """Write everything that is kept of somebody into a new file."""
    taken = 0
    with given.file.open("xb") as out:
        try:
            with client.answer("export", named(given)) as answer:
                taken = copied(answer, out)
        except BaseException:
            given.file.unlink()  # A part must never seem whole.
            raise
    return {"file": str(given.file), "bytes": taken}


def copied(answer: Any, out: BinaryIO) -> int:
    taken = 0
    while piece := answer.read(PIECE):
        out.write(piece)
        taken += len(piece)
        progress(f"{taken} bytes")
    progress("")
    return taken


def erase(client: Client, given: Namespace) -> Row:
    """Erase somebody after a second look, and return when no file holds anything of them."""
    who = named(given)
    if not given.yes:
        confirm(client.ask("find", who))
    case = client.done(client.ask("erase", who)["case"], progress)
    progress("")
    return case


def confirm(found: Row) -> None:
    """Raises BadCall unless somebody says yes."""
    if not sys.stdin.isatty():
        raise BadCall("nobody is there to be asked: expected --yes")
    say(f"{found_text(found)}\nErase all of it for good? Type yes: ")
    if sys.stdin.readline().strip().lower() != "yes":
        raise BadCall("nothing was erased: expected yes")


def audit(client: Client, given: Namespace) -> list[Row]:
    cases: list[Row] = client.ask("cases", {"site": given.site})["cases"]
    return cases


def anonymise(client: Client, given: Namespace) -> Row:
    """Take something out of rows that are kept, and return when no file holds it."""
    masks = [name for name in MASKS if getattr(given, name)]
    if not masks:
        raise BadCall(f"nothing was chosen: expected some of {', '.join(f'--{name}' for name in MASKS)}")
    body = {
        "site": given.site,
        "from": getattr(given, "from"),
        "to": given.to,
        "masks": masks,
        "bytes": given.addresses,
    }
    case = client.done(client.ask("anonymise", body)["case"], progress)
    progress("")
    return case


def progress(text: str) -> None:
    """Show how far it is where people look; '' ends the line."""
    if sys.stderr.isatty():
        say(f"\r\x1b[K{text}")


def say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def found_text(found: Row) -> str:
    if not found["visits"] and not found["remembered"]:
        return "nothing is kept under this id"
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found["counts"].items())
    lines = [
        f"kept: {counts}, {found['remembered']} notes of the loader",
        f"visitor ids: {', '.join(found['visitors'])}",
    ]
    if found["users"]:
        lines.append(f"user ids: {', '.join(found['users'])}")
    return "\n".join([*lines, *map(visit_text, found["visits"])])


def visit_text(visit: Row) -> str:
    place = ", ".join(filter(None, (visit["city"], visit["country"])))
    device = ", ".join(filter(None, (visit["browser"], visit["os"])))
    return f"  site {visit['site']}, {visit['started'][:19]}, {visit['actions']} actions, {place}, {device}"


def export_text(done: Row) -> str:
    return f"{done['bytes']} bytes written to {done['file']}"


def erase_text(done: Row) -> str:
    return f"case {done['id']}: {done['visits']} visits and {done['hits']} hits erased; no file holds them any more"


def anonymise_text(case: Row) -> str:
    return f"case {case['id']}: {case['what']} masked in {case['visits']} visits and {case['hits']} hits"
