"""What our code and what it is built from must never contain: programs made of texts, secrets, versions with holes."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from sql.registry import NOBODY, PASSWORDS, Registry
from tests import test_style
from tests.test_style import PRODUCT, ROOT, named, texts_in

PROGRAMS_OF_TEXTS = {"eval", "exec", "compile", "__import__"}
METHODS_OF_TEXTS = {"from_string", "system", "popen", "load_module", "run_module", "run_path", "literal_eval"}
# They run what they read, or what is beside it.
UNSAFE_MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "marshal",
    "shelve",
    "yaml",
    "subprocess",
    "ctypes",
    "code",
    "runpy",
    "imp",
}
# The build, which is no part of what is installed.
BUILDS = {"hatch_build.py"}
TEMPLATES = [*sorted((ROOT / "dashboard/templates").glob("*.html")), *sorted((ROOT / "ingest").rglob("*.html"))]
# What becomes markup as it is, and why it may.
MARKUP = {
    "ingest/optout/endpoint.py": "files of ours, and styles that were taken apart and checked",
    "dashboard/opt_out.py": "the code for a website, whose parts were checked or escaped",
}
# Who opens connections: commands to the dashboard, the demo to its collector, a node to the registry it was told of,
# the doctor to our own health; the last two listen. ClickHouse is asked by its own client. Nobody asks for an address
# that was tracked.
CONNECTS = {
    *("dashboard/direct.py", "dashboard/download.py", "dashboard/person_client.py"),
    *("ingest/demo.py", "ingest/demo_site.py", "ingest/doctor.py", "ingest/following.py", "ingest/running.py"),
    *("ingest/serving.py", "pegel.py"),
}
CLIENTS = (
    "urllib.request",
    "http.client",
    "socket",
    "ssl",
    "ftplib",
    "smtplib",
    "httpx",
    "requests",
    "aiohttp",
    "urllib3",
)
# Chance that others must not know comes from `secrets`; this one is for the demo's visitors and for pauses.
PLAYS_DICE = {"ingest/demo.py", "ingest/demo_people.py", "ingest/demo_site.py", "sql/access.py"}
# The first version without a hole that the world knows of; later ones are listed when they are found.
FIXED: Mapping[str, str] = {
    "certifi": "2024.7.4",  # CVE-2024-39689
    "h11": "0.16",  # CVE-2025-43859
    "idna": "3.7",  # CVE-2024-3651
    "jinja2": "3.1.6",  # CVE-2025-27516
    "numpy": "1.22",  # CVE-2021-41496
    "orjson": "3.11.6",  # CVE-2024-27454, CVE-2025-67221
    "pyarrow": "14.0.1",  # CVE-2023-47248
    "python-multipart": "0.0.27",  # CVE-2024-53981, CVE-2026-24486, CVE-2026-42561
    # CVE-2024-47874, CVE-2025-62727, CVE-2026-48710, CVE-2026-48817, CVE-2026-54282, CVE-2026-54283
    "starlette": "1.3.1",
    "urllib3": "2.7",  # CVE-2025-66418, CVE-2026-21441, CVE-2026-44431, CVE-2026-44432
    "uvicorn": "0.11.7",  # CVE-2020-7694
}
SECRET_NAME = re.compile(r"(password|passwd|secret|token|api_?key|salt)", re.IGNORECASE)
SECRET_TEXT = re.compile(r"[0-9a-fA-F]{32,}|-----BEGIN|://[^/\s:@{]+:[^/\s@{]+@")
# An address with words for what stands there, in a help; the hash of a password that nobody has.
NO_SECRETS = {"user:password@", NOBODY}
DEPLOYED = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()] + [ROOT / "Dockerfile"]

tree_of = cache(test_style.tree_of)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the name of every function that is called, of a method with a point before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield f".{node.func.attr}", node


def dangerous(tree: ast.AST) -> list[str]:
    """Return what makes a program of a text, or of data."""
    calls = [name for name, _ in called(tree)]
    modules = {name.partition(".")[0] for name in imported(tree)}
    shells = [name for name, call in called(tree) if any(keyword.arg == "shell" for keyword in call.keywords)]
    return [
        *(name for name in calls if name in PROGRAMS_OF_TEXTS or name.removeprefix(".") in METHODS_OF_TEXTS),
        *(modules & UNSAFE_MODULES),
        *shells,
    ]


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')",
        "import pickle",
        "from yaml import load",
        "environment.from_string(text)",
        "os.system('x')",
        "run('x', shell=True)",
        "exec(compile(text, 'x', 'exec'))",
    ],
)
def test_what_counts_as_dangerous(code: str) -> None:
    assert dangerous(ast.parse(code))
    assert not dangerous(ast.parse("import json, re\nre.compile('x')\nfile.load()\nqueries.execute(x)"))


def test_no_text_becomes_a_program() -> None:
    found = {named(path): dangerous(tree_of(path)) for path in PRODUCT if named(path) not in BUILDS}
    assert {path: names for path, names in found.items() if names} == {}


def test_every_template_escapes() -> None:
    made = [
        {keyword.arg: keyword.value for keyword in call.keywords}
        for path in PRODUCT
        for name, call in called(tree_of(path))
        if name == "Environment"
    ]
    escaping = [isinstance(given["autoescape"], ast.Constant) and given["autoescape"].value is True for given in made]
    assert escaping == [True, True]  # The dashboard's, the opt-out's.
    assert len(TEMPLATES) > 10
    undone = re.compile(
        r"\|\s*safe\b|autoescape|\|\s*attr\b|__class__|\|\s*tojson|<script(?! (type=\"module\" src=|nonce=))"
    )
    assert {named(path): found for path in TEMPLATES if (found := undone.findall(path.read_text("utf-8")))} == {}


def test_what_is_not_escaped_is_known() -> None:
    assert {named(path) for path in PRODUCT if "Markup" in {name for name, _ in called(tree_of(path))}} == set(MARKUP)


def test_who_opens_connections_is_known() -> None:
    """No name and no address that was tracked is ever asked for anything: nobody here could."""
    found = {named(path) for path in PRODUCT if set(CLIENTS) & set(imported(tree_of(path)))}
    assert found - BUILDS <= CONNECTS
    assert "ingest/following.py" in found


def test_who_plays_dice_is_known() -> None:
    assert {named(path) for path in PRODUCT if "random" in set(imported(tree_of(path)))} == PLAYS_DICE


def secrets_in(text: str) -> list[str]:
    known = text
    for word in NO_SECRETS:
        known = known.replace(word, "")
    return SECRET_TEXT.findall(known)


def test_no_secret_is_written_down() -> None:
    found = {
        f"{named(path)}:{text.lineno}" for path in PRODUCT for text in texts_in(path) if secrets_in(str(text.value))
    }
    assert found == set()
    assert secrets_in("5f4dcc3b5aa765d61d8327deb882cf99")
    assert secrets_in("clickhouse://pegel:hunter2@db/pegel")


def test_secrets_are_long_and_never_twice_the_same(tmp_path: Path) -> None:
    """Those of a registry as it is in life, without a seed: a token has 128 bits, a session 256."""
    with closing(Registry(tmp_path / "registry.sqlite")) as registry:
        user = registry.add_user("anna@example.org", "correct horse battery", "view")
        tokens = {registry.add_token("one", "view", None) for _ in range(50)}
        sessions = {registry.start_session(user, timedelta(days=1)) for _ in range(50)}
    assert [len(token) for token in tokens] == [32] * 50
    assert [len(session) for session in sessions] == [64] * 50
    assert len({secret[:8] for secret in (*tokens, *sessions)}) == 100


@pytest.mark.parametrize("path", DEPLOYED, ids=named)
def test_examples_name_no_secret(path: Path) -> None:
    """Who copies one gets no password along that others know: it is asked for, or is in a file."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith(("#", "<!--"))]
    given = re.compile(r"(password|secret|token)\w*\s*[:=>]\s*['\"]?[A-Za-z0-9+/]{6,}", re.IGNORECASE)
    kept = [line for line in lines if given.search(line) and not re.search(r"_FILE|/secrets/|from_env|\$\{", line)]
    assert kept == []


def test_who_is_nobody_takes_as_long_as_somebody() -> None:
    """A wrong address and a wrong password cost the same: the hash that nobody has is made like all others."""
    assert not PASSWORDS.check_needs_rehash(NOBODY)
    assert (PASSWORDS.time_cost, PASSWORDS.memory_cost) >= (2, 19_456)


# What it is built from


def needed(name: str, seen: set[str]) -> set[str]:
    """Return what a package needs where it is installed, and what that needs."""
    if name in seen:
        return seen
    seen.add(name)
    try:
        wanted = [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        return seen
    for each in wanted:
        if each.marker is None or each.marker.evaluate({"extra": ""}):
            needed(each.name.lower().replace("_", "-"), seen)
    return seen


def dependencies() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"]]


@pytest.mark.parametrize("wanted", dependencies(), ids=lambda wanted: wanted.name)
def test_no_version_with_a_known_hole_is_allowed(wanted: Requirement) -> None:
    """Whatever a bound lets in is new enough; a package without one might be anything."""
    (lowest,) = [Version(bound.version) for bound in wanted.specifier if bound.operator == ">="]
    assert lowest >= Version(FIXED.get(wanted.name, "0"))


def test_no_version_with_a_known_hole_is_installed() -> None:
    everything = {name for wanted in dependencies() for name in needed(wanted.name, set())}
    assert FIXED.keys() - everything - {"idna", "certifi", "h11", "numpy"} == set()
    installed = {name: version(name) for name in FIXED.keys() & everything}
    assert {name: found for name, found in installed.items() if Version(found) < Version(FIXED[name])} == {}


def test_what_browsers_get_is_built_from_packages_that_cannot_change() -> None:
    """Each is named with its checksum, and runs nothing when it is installed unless we know that."""
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    others = {name: package for name, package in packages.items() if name}
    assert {name for name, package in others.items() if not package.get("integrity", "").startswith("sha512-")} == set()
    sources = {package.get("resolved", "https://registry.npmjs.org/") for package in others.values()}
    assert {source for source in sources if not source.startswith("https://registry.npmjs.org/")} == set()
    running = {name for name, package in others.items() if package.get("hasInstallScript")}
    assert running <= {"node_modules/esbuild", "node_modules/fsevents"}
