"""Sites, users, tokens, sessions and salts, in one SQLite file that several processes share."""

import json
import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from sql.annotations import Annotations
from sql.cases import Cases
from sql.dimensions import MOST, Dimension, NewDimension, checked_dimension
from sql.entries import (
    FOLLOWING,
    MAX_ID,
    ROLES,
    TOKEN_SCOPES,
    NewSite,
    Role,
    Site,
    Snapshot,
    Token,
    TokenScope,
    User,
    checked_email,
    checked_name,
    checked_password,
    checked_role,
    checked_scopes,
    checked_site,
    hashed,
)
from sql.globals import GlobalSettings, checked_globals, effective
from sql.goals import Goal, NewGoal, checked_goal
from sql.raw_data import RawData
from sql.refusals import (
    BadDimension,
    BadEntry,
    BadGoal,
    BadSite,
    BadToken,
    BadUser,
    EmailTaken,
    RegistryError,
    SiteTaken,
    Taken,
    UnknownDimension,
    UnknownGoal,
    UnknownSite,
    UnknownUser,
)
from sql.registry_file import RegistryUnavailable
from sql.rows import (
    dimension_of,
    dimension_row,
    global_settings_of,
    global_settings_text,
    goal_of,
    goal_row,
    site_of,
    site_row,
    stamp,
    token_of,
    user_of,
)
from sql.salts import salted_days
from sql.settings import PRESETS

__all__ = [
    "PRESETS",
    "ROLES",
    "TOKEN_SCOPES",
    "BadDimension",
    "BadEntry",
    "BadGoal",
    "BadSite",
    "BadToken",
    "BadUser",
    "Clock",
    "Dimension",
    "EmailTaken",
    "GlobalSettings",
    "Goal",
    "NewDimension",
    "NewGoal",
    "NewSite",
    "Registry",
    "RegistryError",
    "RegistryUnavailable",
    "Role",
    "Site",
    "SiteTaken",
    "Snapshot",
    "Taken",
    "Token",
    "TokenScope",
    "UnknownDimension",
    "UnknownGoal",
    "UnknownSite",
    "UnknownUser",
    "User",
    "utc_now",
]

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
E = TypeVar("E", Goal, Dimension)

# OWASP's second choice for argon2id: 19 MB and about 30 ms, so that a login does not hurt a small machine.
PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked for an unknown e-mail address, so that the answer takes as long as for a known one. Same parameters as above.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$MHt16DYCQ0oqGthWtgwO0w$/d07CGFES+1+HjUr9FL+ZknyPe/bAgZRv/Z2/EmaZN8"
DELETE_SITE = (
    "delete_salts",
    "delete_tokens",
    "delete_goals",
    "delete_dimensions",
    "delete_annotations",
    "delete_site",
)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Registry(Annotations, RawData, Cases):
    """The registry's file, opened; any thread may ask."""

    def __init__(
        self, file: Path, clock: Clock = utc_now, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        """Create the file and bring its schema forward where that is needed.

        Raises RegistryUnavailable if the file cannot be used, MigrationChanged if its schema has another past.
        """
        self.clock, self.random = clock, random
        super().__init__(file)

    def version(self) -> int:
        """Return a number that grows whenever any process changed anything but sessions."""
        return int(self._rows("version")[0]["number"])

    def snapshot(self) -> Snapshot:
        """Return everything a collector or loader needs, as it was at one moment."""
        with self._transaction("begin_reading"):
            everywhere = self.global_settings()
            return Snapshot(
                version=self.version(),
                sites={site.id: effective(site, everywhere) for site in self.sites()},
                tokens={row["hash"]: token_of(row) for row in self._rows("tokens")},
                salts={(row["site"], row["day"]): row["salt"] for row in self._rows("salts")},
                goals=by_site(self.goals()),
                dimensions=by_site(dimension for dimension in self.dimensions() if dimension.active),
            )

    def add_site(self, site: NewSite) -> Site:
        """Add a site with its salts, and return it with its id.

        Raises BadSite or SiteTaken.
        """
        values = site_row(checked_site(site), site.created or self.clock())
        with self._changing():
            if site.id is not None and site.id in [row["id"] for row in self._rows("site_ids")]:
                raise SiteTaken(site.id)
            added = site_of(self._rows("add_site", **values)[0])
            self._renew_salts(added, self.clock())
        return added

    def sites(self) -> list[Site]:
        return [site_of(row) for row in self._rows("sites")]

    def site(self, id: int) -> Site:
        """Return one site.

        Raises UnknownSite if there is none with this id.
        """
        rows = self._rows("site", id=id) if 1 <= id <= MAX_ID else []
        if not rows:
            raise UnknownSite(id, [site.id for site in self.sites()])
        return site_of(rows[0])

    def update_site(self, site: Site) -> Site:
        """Change a site, and its salts where its day begins at another time now; return it.

        Raises BadSite or UnknownSite.
        """
        values = site_row(checked_site(site), site.created)
        with self._changing():
            before = self.site(site.id)
            changed = site_of(self._rows("update_site", **values)[0])
            destroyed = self._renew_salts(changed, self.clock()) if changed.timezone != before.timezone else set()
        if destroyed:
            self._destroyed({site.id: destroyed})
        return changed

    def delete_site(self, id: int) -> None:
        """Delete a site with all that is kept of it here; its id is not given again, its hits stay for days.

        Raises UnknownSite.
        """
        with self._changing():
            site = self.site(id).id
            salted = {row["day"] for row in self._rows("salt_days", site=site)}
            for statement in DELETE_SITE:
                self._rows(statement, site=site, at=stamp(self.clock()))
        self._destroyed({site: salted})

    def move_creation(self, id: int, created: datetime) -> None:
        """Let a site begin earlier, because it has hits from then; a later time and an unknown site change nothing."""
        with self._changing():
            self._rows("move_creation", id=id, created=stamp(created))

    def global_settings(self) -> GlobalSettings:
        rows = self._rows("global_settings")
        return global_settings_of(rows[0]["content"]) if rows else GlobalSettings()

    def set_global_settings(self, given: GlobalSettings) -> GlobalSettings:
        """Decide what holds for every site, and return it as it is kept.

        Raises BadSite.
        """
        kept = checked_globals(given)
        with self._changing():
            self._rows("set_global_settings", content=global_settings_text(kept))
        return kept

    def add_goal(self, goal: NewGoal) -> Goal:
        """Add a goal to a site and return it with its id.

        Raises BadGoal, UnknownSite, or Taken for an id that a goal has or had.
        """
        values = goal_row(checked_goal(goal))
        with self._changing():
            self.site(goal.site)
            if goal.id in [row["id"] for row in self._rows("goal_ids", site=goal.site)]:
                raise Taken("goal", goal.id or 0)
            return goal_of(self._rows("add_goal", **values)[0])

    def update_goal(self, goal: Goal) -> Goal:
        """Change a goal and return it.

        Raises BadGoal, UnknownSite or UnknownGoal.
        """
        values = goal_row(checked_goal(goal))
        with self._changing():
            self._check_goal(goal.site, goal.id)
            return goal_of(self._rows("update_goal", **values)[0])

    def delete_goal(self, site: int, id: int) -> None:
        """Delete a goal; its conversions stay.

        Raises UnknownSite or UnknownGoal.
        """
        with self._changing():
            self._check_goal(site, id)
            self._rows("delete_goal", site=site, id=id)

    def _check_goal(self, site: int, id: int) -> None:
        known = [goal.id for goal in self.goals(self.site(site).id)]
        if id not in known:
            raise UnknownGoal(id, known)

    def goals(self, site: int | None = None) -> list[Goal]:
        """Return the goals of a site, or of all, without the deleted ones."""
        return [goal_of(row) for row in self._rows("goals", site=site)]

    def add_dimension(self, dimension: NewDimension) -> Dimension:
        """Add a custom dimension to a site and return it with its id.

        Raises BadDimension, UnknownSite, or Taken for an id that a dimension has.
        """
        values = dimension_row(checked_dimension(dimension))
        with self._changing():
            known = [known.id for known in self.dimensions(self.site(dimension.site).id)]
            if dimension.id in known:
                raise Taken("dimension", dimension.id or 0)
            if dimension.id is None and MOST in known:
                raise BadDimension(f"dimension without an id: expected a free one, because {MOST} is the last")
            return dimension_of(self._rows("add_dimension", **values)[0])

    def update_dimension(self, dimension: Dimension) -> Dimension:
        """Change a custom dimension, but not its scope, and return it.

        Raises BadDimension, UnknownSite or UnknownDimension.
        """
        values = dimension_row(checked_dimension(dimension))
        with self._changing():
            known = {each.id: each for each in self.dimensions(self.site(dimension.site).id)}
            if dimension.id not in known:
                raise UnknownDimension(dimension.id, known)
            if dimension.scope != (scope := known[dimension.id].scope):
                raise BadDimension(f"scope {dimension.scope!r}: expected {scope}, because it cannot be changed")
            return dimension_of(self._rows("update_dimension", **values)[0])

    def dimensions(self, site: int | None = None) -> list[Dimension]:
        return [dimension_of(row) for row in self._rows("dimensions", site=site)]

    def add_user(self, email: str, password: str, role: Role, sites: Sequence[int] = ()) -> User:
        """Add somebody who may log in; no sites means every site.

        Raises BadUser, EmailTaken or UnknownSite.
        """
        email, role = checked_email(email), checked_role(role, BadUser)
        check_superuser(role, sites)
        password_hash = PASSWORDS.hash(checked_password(password))
        with self._changing():
            if self._rows("user_by_email", email=email):
                raise EmailTaken(email)
            values = {"email": email, "password_hash": password_hash, "role": role, "created": stamp(self.clock())}
            user = self._rows("add_user", **values)[0]["id"]
            for site in sorted(set(sites)):
                self._rows("add_user_site", user=user, site=self.site(site).id)
            return user_of(self._rows("user_by_email", email=email)[0])

    def update_user(self, user: User, password: str | None = None) -> User:
        """Change e-mail address, role and sites, and the password if there is one: that logs them out everywhere.

        Raises BadUser, EmailTaken, UnknownSite or UnknownUser.
        """
        values = {"id": user.id, "email": checked_email(user.email), "role": checked_role(user.role, BadUser)}
        check_superuser(user.role, user.sites)
        password_hash = None if password is None else PASSWORDS.hash(checked_password(password))
        with self._changing():
            self._check_user(user.id, remains_superuser=user.role == "superuser")
            if [row["id"] for row in self._rows("user_by_email", email=values["email"])] not in ([], [user.id]):
                raise EmailTaken(user.email)
            self._rows("update_user", **values)
            self._rows("delete_user_sites", user=user.id)
            for site in sorted(set(user.sites)):
                self._rows("add_user_site", user=user.id, site=self.site(site).id)
            if password_hash:
                self._rows("set_password", id=user.id, password_hash=password_hash)
                self._rows("end_sessions", user=user.id)
            return user_of(self._rows("user_by_email", email=values["email"])[0])

    def delete_user(self, id: int) -> None:
        """Delete a user and log them out; tokens stay, because they are nobody's.

        Raises UnknownUser, or BadUser for the last superuser.
        """
        with self._changing():
            self._check_user(id, remains_superuser=False)
            self._rows("delete_user", id=id)

    def _check_user(self, id: int, remains_superuser: bool) -> None:
        known = {user.id: user for user in self.users()}
        if id not in known:
            raise UnknownUser(id, known)
        others = [user for user in known.values() if user.role == "superuser" and user.id != id]
        if known[id].role == "superuser" and not remains_superuser and not others:
            raise BadUser(f"user {known[id].email!r} is the last superuser: make somebody else one first")

    def users(self) -> list[User]:
        return [user_of(row) for row in self._rows("users")]

    def user_with_password(self, email: str, password: str) -> User | None:
        """Return who logs in; None for an unknown address and for a wrong password, after about the same time."""
        rows = self._rows("user_by_email", email=email.strip())
        known = [user_of(row) for row in rows]
        right = is_password(password, known[0].password_hash if known else NOBODY)
        return known[0] if known and right else None

    def add_token(self, name: str, role: Role, site: int | None, scopes: Collection[str] = ()) -> str:
        """Add a token for one site or, with None, for every site; return its 32 characters, which are not kept.

        Without scopes it may do all that its role may. Raises BadToken or UnknownSite.
        """
        name, role = checked_name(name, BadToken), checked_role(role, BadToken)
        if role == "superuser" and site is not None:
            raise BadToken("site of a superuser token: expected none, because a superuser sees every site")
        if FOLLOWING in scopes and site is not None:
            raise BadToken(f"site of a token with scope {FOLLOWING}: expected none, because a node needs every site")
        plain = self.random(16).hex()
        values = {
            **{"hash": hashed(plain), "name": name, "role": role, "created": stamp(self.clock())},
            "scopes": json.dumps(checked_scopes(scopes, role)),
        }
        with self._changing():
            self._rows("add_token", **values, site=None if site is None else self.site(site).id)
        return plain

    def delete_token(self, plain: str) -> None:
        """Forget a token, of which there need not be one."""
        with self._changing():
            self._rows("delete_token", hash=hashed(plain))

    def token(self, plain: str) -> Token | None:
        """Return the token that a program says, None if there is none like it."""
        rows = self._rows("token", hash=hashed(plain))
        return token_of(rows[0]) if rows else None

    def tokens(self) -> list[Token]:
        return [token_of(row) for row in self._rows("tokens")]

    def start_session(self, user: User, lifetime: timedelta) -> str:
        """Return a secret for the browser, which stands for the user until the lifetime is over."""
        plain, now = self.random(32).hex(), self.clock()
        self._rows("expire_sessions", now=int(now.timestamp()))
        self._rows("start_session", hash=hashed(plain), user=user.id, expires=int((now + lifetime).timestamp()))
        return plain

    def session_user(self, plain: str) -> User | None:
        rows = self._rows("session_user", hash=hashed(plain), now=int(self.clock().timestamp()))
        return user_of(rows[0]) if rows else None

    def end_session(self, plain: str) -> None:
        self._rows("end_session", hash=hashed(plain))

    def rotate_salts(self, now: datetime) -> int:
        """Make the salts of each site's yesterday, today and tomorrow, destroy all others; return how many.

        A destroyed salt is in no file afterwards. While another process reads, the write-ahead log cannot be emptied;
        that is logged and tried again in the next call.
        """
        with self._changing():
            destroyed = {site.id: self._renew_salts(site, now) for site in self.sites()}
        self._destroyed(destroyed)
        return sum(map(len, destroyed.values()))

    def _destroyed(self, days: Mapping[int, Collection[str]]) -> None:
        """Take destroyed salts out of the write-ahead log, too, and note of which sites' days they were."""
        self._empty_log()
        if every := sorted({day for some in days.values() for day in some}):
            sites = sum(map(bool, days.values()))
            log.info("salts destroyed sites=%d days=%d first=%s last=%s", sites, len(every), every[0], every[-1])

    def _empty_log(self) -> None:
        if self._rows("truncate_log")[0]["busy"]:
            log.warning("write-ahead log in use file=%s", self.file)

    def _renew_salts(self, site: Site, now: datetime) -> set[str]:
        """Give a site the salts that it needs now; return the days whose salts are destroyed."""
        wanted = set(salted_days(site.timezone, now))
        present = {row["day"] for row in self._rows("salt_days", site=site.id)}
        for day in sorted(wanted - present):
            self._rows("add_salt", site=site.id, day=day, salt=self.random(32))
        # Days in the future too: a clock that was once wrong must not leave a salt that lives for years.
        for day in present - wanted:
            self._rows("destroy_salt", site=site.id, day=day)
        return present - wanted


def check_superuser(role: Role, sites: Collection[int]) -> None:
    if role == "superuser" and sites:
        raise BadUser("sites of a superuser: expected none, because a superuser sees every site")


def by_site(entries: Iterable[E]) -> dict[int, dict[int, E]]:
    """Return goals or dimensions under their sites and ids."""
    found: dict[int, dict[int, E]] = {}
    for entry in entries:
        found.setdefault(entry.site, {})[entry.id] = entry
    return found


def is_password(password: str, password_hash: str) -> bool:
    try:
        return PASSWORDS.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
