"""A dashboard for tests of its API: two sites, a goal and a dimension of the first one, and tokens of every kind."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.goals import NewGoal
from sql.registry import Clock, NewDimension, NewSite, Registry, Role

PASSWORD = "correct horse battery"
BOSS = "boss@example.org"
# The role and the site of each token.
TOKENS: dict[str, tuple[Role, int | None]] = {
    "view": ("view", 1),
    "write": ("write", 1),
    "stranger": ("admin", 2),
    "admin": ("admin", 1),
    "superuser": ("superuser", None),
}
WRONG = "0" * 32

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """A registry's file that tests copy, with its tokens."""

    file: Path
    tokens: dict[str, str]
    clock: Clock


@dataclass
class Api:
    """The API of a dashboard, and the registry behind it."""

    client: TestClient
    registry: Registry
    tokens: dict[str, str]
    settled: list[Callable[[], None]] = field(default_factory=list)  # What is done whenever hits are waited for.

    def call(self, method: str, token: str = "superuser", **given: Any) -> Response:
        """Call a method as JSON; `token` is the name of one of ours, '' for none."""
        query = {"module": "API", "method": method, "format": "json", **given}
        return self.post({**query, "token_auth": self.tokens[token]} if token else query)

    def post(self, form: Given, **headers: str) -> Response:
        return self.client.post("/index.php", data=form, headers=headers)

    def done(self, method: str, **given: Any) -> Any:
        """Return the value that a call of the superuser has answered."""
        answer = self.call(method, **given)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found.get("value", found) if isinstance(found, dict) else found

    def refused(self, method: str, **given: Any) -> str:
        """Return why a call of the superuser was refused."""
        answer = self.call(method, **given)
        assert answer.status_code == 400, answer.text
        assert answer.json()["result"] == "error"
        return str(answer.json()["message"])


def world(directory: Path, clock: Clock) -> World:
    file = directory / "registry.sqlite"
    with closing(Registry(file, clock, Random(7).randbytes)) as registry:
        for number in (1, 2):
            site = NewSite(name=f"Site {number}", urls=(f"https://{number}.example",), timezone="Europe/Berlin")
            registry.add_site(site)
        registry.add_goal(NewGoal(site=1, name="Signed up"))
        registry.add_dimension(NewDimension(site=1, name="Author", scope="action"))
        registry.add_user(BOSS, PASSWORD, "superuser")
        tokens = {name: registry.add_token(name, role, site) for name, (role, site) in TOKENS.items()}
    return World(file, {**tokens, "wrong": WRONG}, clock)


@contextmanager
def administered(world: World, directory: Path, database: Database, settings: Settings | None = None) -> Iterator[Api]:
    """Serve a copy of a world."""
    file = Path(shutil.copy(world.file, directory / "administered.sqlite"))
    with closing(Registry(file, world.clock)) as registry:
        looks: list[Callable[[], None]] = []
        surroundings = Surroundings(lambda: {"ok": True}, lambda: all_of(looks))
        app = create_app(settings or Settings(), database, registry, world.clock, surroundings)
        with TestClient(app, follow_redirects=False) as client:
            yield Api(client, registry, dict(world.tokens), looks)


def all_of(things: list[Callable[[], None]]) -> None:
    for thing in things:
        thing()
