"""Settings: one annotated frozen dataclass per package, read once from `pegel.toml` and `PEGEL_*`."""

import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

from sql import SqlError
from sql.access import Access
from sql.cluster import NAME

CONFIG_FILE = Path("pegel.toml")
PREFIX = "PEGEL_"
# Variables that start like a setting and are none: they steer the installer, never the server.
NOT_SETTINGS = frozenset({"PEGEL_SKIP_NPM"})
LOG_FORMATS = ("text", "json")
PRESETS = ("matomo", "cnil", "tdddg", "uk")

# What a DSN tells and nobody else needs to know: user and password before the host, and secrets among the options.
USER_OF_DSN = re.compile(r"(?<=://).*@")
SECRET_OPTION = re.compile(r"([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*", re.IGNORECASE)


class BadSetting(SqlError):
    """Raised if the value of a setting is not of the setting's type, or out of its range."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"setting {name}={without_secrets(value)!r}: expected {expected}")
        self.name = name


class UnknownSetting(BadSetting):
    """Raised if there is no setting of this name; its value is not repeated, since it may be a misspelt secret's."""

    def __init__(self, name: str, hint: str) -> None:
        SqlError.__init__(self, f"setting {name}: there is none of this name; {hint}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every role needs: where the data lies and which ClickHouse holds it."""

    data: Annotated[Path, "Directory of spool, registry and embedded ClickHouse."] = Path("data")
    clickhouse: Annotated[
        str,
        "DSN of ClickHouse, such as clickhouse://user:password@host:8123/pegel; empty: embedded in the data directory.",
    ] = ""
    clickhouse_password_file: Annotated[
        str, "File with that user's password on its first line, instead of in the DSN; empty: none."
    ] = ""
    clickhouse_read: Annotated[
        str,
        "DSN of the same database for the dashboard's questions, of a user who only reads; empty: the one that writes.",
    ] = ""
    clickhouse_read_password_file: Annotated[str, "File with the reading user's password, likewise; empty: none."] = ""
    clickhouse_ca_file: Annotated[
        str, "Certificates to trust with clickhouses://, a PEM file; empty: those that the system trusts."
    ] = ""
    clickhouse_cluster: Annotated[
        str, "Name of the cluster over which the tables are spread, as its servers know it; empty: they are not."
    ] = ""
    clickhouse_connect_seconds: Annotated[
        int, "Longest until a ClickHouse server takes a connection, or more of what is sent to it."
    ] = 10
    clickhouse_answer_seconds: Annotated[int, "Longest until a ClickHouse server answers."] = 300
    clickhouse_attempts: Annotated[
        int, "How often a question or an insert is tried when a ClickHouse server is away or busy; pauses differ."
    ] = 3
    log_format: Annotated[str, "How log lines look: text, with fields as key=value, or json."] = "text"
    preset: Annotated[str, "Privacy preset of new sites: matomo, cnil, tdddg or uk."] = "matomo"

    def __post_init__(self) -> None:
        for name in ("clickhouse_connect_seconds", "clickhouse_answer_seconds", "clickhouse_attempts"):
            if getattr(self, name) < 1:
                raise BadSetting(PREFIX + name.upper(), getattr(self, name), "at least 1")
        if self.clickhouse_cluster and (self.embedded or not NAME.fullmatch(self.clickhouse_cluster)):
            expected = "a name such as pegel, of a cluster whose servers PEGEL_CLICKHOUSE leads to"
            raise BadSetting("PEGEL_CLICKHOUSE_CLUSTER", self.clickhouse_cluster, expected)
        if self.clickhouse_read and self.embedded:
            expected = "nothing with the embedded engine, whose questions only read anyway"
            raise BadSetting("PEGEL_CLICKHOUSE_READ", self.clickhouse_read, expected)
        if self.log_format not in LOG_FORMATS:
            raise BadSetting("PEGEL_LOG_FORMAT", self.log_format, f"one of {', '.join(LOG_FORMATS)}")
        if self.preset not in PRESETS:
            raise BadSetting("PEGEL_PRESET", self.preset, f"one of {', '.join(PRESETS)}")
        # The embedded engine is addressed by a DSN, in which both would end the path: data would go elsewhere.
        if set("#?") & set(str(self.data.resolve())):
            raise BadSetting("PEGEL_DATA", str(self.data), "a path without # and ?, such as /srv/pegel")

    @property
    def clickhouse_dsn(self) -> str:
        return self.clickhouse or f"chdb://{self.data.resolve() / 'clickhouse'}"

    @property
    def embedded(self) -> bool:
        return self.clickhouse_dsn.startswith("chdb:")

    @property
    def writing(self) -> Access:
        return self._access(self.clickhouse_dsn, self.clickhouse_password_file)

    @property
    def reading(self) -> Access:
        """Return how the dashboard asks; nothing needs a user of its own for that, but a mistake of ours may."""
        if not self.clickhouse_read:
            return self.writing
        return self._access(self.clickhouse_read, self.clickhouse_read_password_file)

    def _access(self, dsn: str, password_file: str) -> Access:
        return Access(
            dsn,
            password_file=password_file,
            ca_file=self.clickhouse_ca_file,
            connect_seconds=self.clickhouse_connect_seconds,
            answer_seconds=self.clickhouse_answer_seconds,
            attempts=self.clickhouse_attempts,
            cluster=self.clickhouse_cluster,
        )

    @property
    def registry_file(self) -> Path:
        return self.data / "registry.sqlite"


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as people see it: a row of `pegel settings` and of the README's table."""

    name: str
    type: type
    default: object
    help: str

    @property
    def env_name(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def type_name(self) -> str:
        return KINDS[self.type].name


@dataclass(frozen=True, slots=True)
class Given:
    """A value as somebody wrote it, and where: `PEGEL_DATA`, or `data in pegel.toml`."""

    value: object
    where: str


def settings_of(cls: type) -> Iterator[Setting]:
    """Yield the settings that a dataclass declares, in the order of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        hint = hints[field.name]
        yield Setting(field.name, get_origin(hint.__origin__) or hint.__origin__, field.default, hint.__metadata__[0])


def read(
    *classes: type[S], environ: Mapping[str, str] = os.environ, config: Path = CONFIG_FILE, strict: bool = True
) -> tuple[S, ...]:
    """Return one settings object for each class; the environment wins over the file.

    Without `strict`, settings of other classes are passed over: for programs that know only some of them.
    Raises UnknownSetting for an unknown name, and BadSetting for a value that is not of the declared type.
    """
    known = {setting.name: setting for cls in classes for setting in settings_of(cls)}
    given = {**from_file(config), **from_environment(environ)}
    if strict:
        refuse_unknown(given, known)
    values = {name: converted(known[name], given[name]) for name in given if name in known}
    return tuple(cls(**{s.name: values[s.name] for s in settings_of(cls) if s.name in values}) for cls in classes)


def from_file(config: Path) -> dict[str, Given]:
    if not config.exists():
        return {}
    try:
        values = tomllib.loads(config.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(str(config), "…", f'a TOML file of lines such as data = "/srv/pegel" ({error})') from error
    return {name: Given(value, f"{name} in {config}") for name, value in values.items()}


def from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    ours = (name for name in environ if name.startswith(PREFIX) and name not in NOT_SETTINGS)
    return {name.removeprefix(PREFIX).lower(): Given(environ[name], name) for name in ours}


def refuse_unknown(given: Mapping[str, Given], known: Collection[str]) -> None:
    for name in sorted(given.keys() - set(known)):
        near = get_close_matches(name.lower(), known, n=1)
        from_environment = given[name].where.startswith(PREFIX)
        nearest = near and (PREFIX + near[0].upper() if from_environment else near[0])
        hint = f"did you mean {nearest}?" if near else "'pegel settings --help' lists them all"
        raise UnknownSetting(given[name].where, hint)


def to_int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(value)
    return int(value)


def to_float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    return float(value)


def to_bool(value: object) -> bool:
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        str(value).lower()
    ]


def to_names(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError(value)
    return tuple(part.strip() for part in parts if part.strip())


def to_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def to_path(value: object) -> Path:
    if not (text := to_text(value)):
        raise ValueError(value)
    return Path(text)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value from the file or the environment becomes a field's type, and how we say so."""

    name: str
    convert: Callable[[Any], object]
    expected: str


KINDS: dict[type, Kind] = {
    str: Kind("text", to_text, 'a text, in quotes in the file, such as "/srv/pegel"'),
    int: Kind("whole number", to_int, "a whole number, such as 2"),
    float: Kind("number", to_float, "a number, such as 0.5"),
    bool: Kind("yes or no", to_bool, "yes or no"),
    tuple: Kind("list", to_names, "a list, such as 10.0.0.0/8,192.168.0.1"),
    Path: Kind("path", to_path, "a path, such as /srv/pegel"),
}


def converted(setting: Setting, given: Given) -> object:
    kind = KINDS[setting.type]
    try:
        return kind.convert(given.value)
    except (ValueError, KeyError, TypeError) as error:
        raise BadSetting(given.where, given.value, f"{kind.expected}. {setting.help}") from error


def without_secrets(value: object) -> object:
    """Return a value that may be shown: a DSN loses its user, its password and other secrets."""
    if not isinstance(value, str):
        return value
    return SECRET_OPTION.sub(r"\1…", USER_OF_DSN.sub("…@", value))
