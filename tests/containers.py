"""Dockerfiles and compose files as far as they can be followed without Docker: which files go where, who runs what."""

import fnmatch
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml_rs

CONTINUED = re.compile(r"\\\n\s*")


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, such as `COPY ingest ingest`."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Return the arguments without options."""
        return [word for word in self.rest.split() if not word.startswith("--")]

    @property
    def origin(self) -> str:
        """Return the stage that a COPY takes from; '' is the checkout."""
        found = re.search(r"--from=(\S+)", self.rest)
        return found[1] if found else ""

    def command(self) -> list[str]:
        """Return what ENTRYPOINT, CMD or HEALTHCHECK run, written as a list."""
        words: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return words


@dataclass(slots=True)
class Stage:
    """What one FROM begins."""

    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def all(self, name: str) -> list[Step]:
        return [step for step in self.steps if step.name == name]

    def one(self, name: str) -> Step:
        (step,) = self.all(name)
        return step

    def pairs(self, name: str) -> dict[str, str]:
        """Return what ENV or LABEL set."""
        found = re.findall(r'([\w.]+)=("[^"]*"|\S+)', " ".join(step.rest for step in self.all(name)))
        return {key: value.strip('"') for key, value in found}


def stages(dockerfile: Path) -> list[Stage]:
    text = CONTINUED.sub(" ", dockerfile.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: list[Stage] = []
    for name, _, rest in (line.partition(" ") for line in lines):
        if name == "FROM":
            image, _, called = rest.partition(" AS ")
            found.append(Stage(image, called))
        else:
            found[-1].steps.append(Step(name, rest))
    return found


class Context:
    """The files of a checkout that a build may see, as `.dockerignore` says: the last pattern that fits decides."""

    def __init__(self, root: Path) -> None:
        self.root = root
        lines = (root / ".dockerignore").read_text("utf-8").split()
        self.rules = [(not line.startswith("!"), line.removeprefix("!")) for line in lines]

    def holds(self, name: str) -> bool:
        kept = True
        for without, pattern in self.rules:
            if any(fits(str(part), pattern) for part in (PurePosixPath(name), *PurePosixPath(name).parents)):
                kept = not without
        return kept

    def files(self, source: str) -> Iterator[str]:
        """Yield the files that a COPY of this source takes."""
        path = self.root / source
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        names = (each.relative_to(self.root).as_posix() for each in found if each.is_file())
        return (name for name in names if self.holds(name))

    def copy(self, sources: Sequence[str], target: str, into: Path) -> None:
        """Do what COPY does; a source of which nothing is left is a mistake."""
        for source in sources:
            names = list(self.files(source))
            assert names, f"COPY {source}: nothing of it is in the build context"
            for name in names:
                inside = PurePosixPath(name).relative_to(source) if (self.root / source).is_dir() else name
                place = into / target / inside
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self.root / name, place)


def fits(name: str, pattern: str) -> bool:
    inner = pattern.removeprefix("**/")
    return fnmatch.fnmatchcase(name if inner == pattern else PurePosixPath(name).name, inner)


def composed(path: Path) -> dict[str, Any]:
    """Return a compose file with its merges done."""
    merged: dict[str, Any] = merge(yaml_rs.loads(path.read_text("utf-8")))
    return merged


def merge(value: Any) -> Any:
    if isinstance(value, list):
        return [merge(each) for each in value]
    if not isinstance(value, dict):
        return value
    own = {key: merge(each) for key, each in value.items() if key != "<<"}
    return {**merge(value["<<"]), **own} if "<<" in value else own


def with_defaults(text: str, environ: Mapping[str, str]) -> str:
    """Return a text with its `${NAME:-default}` and `${NAME:?}` filled in."""

    def value(found: re.Match[str]) -> str:
        return environ.get(found[1]) or (found[2] or "")

    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", value, text)
