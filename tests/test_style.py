"""The project's own rules: where imports point, where SQL lives, how long functions are, what the README says."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from sql.settings import Setting, settings_of

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {"ingest": {"ingest", "sql"}, "dashboard": {"dashboard", "sql"}, "sql": {"sql"}}
# Modules that tell a database what no file could: a migration's order, a maintenance command.
MAY_HOLD_SQL = {"sql/clickhouse.py", "sql/migrate.py", "sql/cluster.py"}
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 7

SQL_TEXT = re.compile(
    r"\b(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|pragma\s+\w+"
    r"|(create|alter|drop|truncate|optimize)\s+(table|view|index|materialized)\s)",
    re.IGNORECASE | re.DOTALL,
)
KEYWORDS = re.compile(r"\b(SELECT|FROM|WHERE|GROUP|ORDER|BY|AS|AND|OR|NOT|IN|LIMIT|JOIN|UNION|WITH|CASE|WHEN|FINAL)\b")
PARAMETER = re.compile(r"\{([^}]*)\}")
TYPED = re.compile(r"\w+:[A-Z]\w*(\(.*\))?")
COLUMN = re.compile(r"\w+ [A-Z]\w*(\(.*\))?")
COMMENT = re.compile(r"--.*$", re.MULTILINE)
# What is as it was asked to be; the author of an update sees to it that the second one finds nothing to do.
REPEATABLE = re.compile(r"\bif (not )?exists\b|\bmodify setting\b|\bupdate\b")
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


PRODUCT = [*sorted(ROOT.glob("*.py")), *python_files(*MAY_IMPORT)]
EVERYTHING = [*PRODUCT, *python_files("tests", "benchmarks")]
REPORTS = sorted((ROOT / "sql/reports").glob("*.sql"))
MIGRATIONS = [
    path
    for folder in ("migrations", "registry", "loader")
    for path in sorted((ROOT / "sql" / folder).glob("[0-9]*.sql"))
]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports_in(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def imported_roots(path: Path) -> set[str]:
    names = set()
    for node in imports_in(tree_of(path)):
        names |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else {node.module or ""}
    return {name.partition(".")[0] for name in names}


def functions_in(path: Path) -> list[Function]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def texts_in(path: Path) -> Iterator[ast.Constant]:
    """Yield a module's texts, without its docstrings: those may talk about anything."""
    tree = tree_of(path)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    for path in python_files(package):
        wrong = imported_roots(path) & {*MAY_IMPORT, "pegel"} - MAY_IMPORT[package]
        assert not wrong, f"{named(path)} imports {wrong}"


def test_imports_stand_at_the_top() -> None:
    inside = [f"{named(path)}:{f.lineno}" for path in EVERYTHING for f in functions_in(path) if any(imports_in(f))]
    assert inside == []


def test_every_module_says_what_it_knows() -> None:
    assert [named(path) for path in EVERYTHING if not ast.get_docstring(tree_of(path))] == []


def test_functions_are_short() -> None:
    lengths = {f"{named(path)}:{f.lineno} {f.name}": lines_of(f) for path in EVERYTHING for f in functions_in(path)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert median(lines_of(f) for path in PRODUCT for f in functions_in(path)) <= MEDIAN_FUNCTION


def test_sql_lives_in_sql_files() -> None:
    searched = [path for path in PRODUCT if named(path) not in MAY_HOLD_SQL]
    found = [f"{named(path)}:{text.lineno}" for path in searched for text in texts_in(path) if is_sql(text.value)]
    assert found == []


def is_sql(text: object) -> bool:
    return bool(SQL_TEXT.search(str(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("select a\nfrom hits", True, id="query"),
        pytest.param("INSERT INTO hits VALUES", True, id="upper-case"),
        pytest.param("truncate table hits", True, id="order"),
        pytest.param("Select a site from the list.", True, id="prose-that-looks-like-one"),
        pytest.param("insert into table failed", True, id="log-line-that-looks-like-one"),
        pytest.param("selected=%d from=%s", False, id="log-line"),
        pytest.param("update your settings", False, id="prose"),
    ],
)
def test_what_counts_as_sql(text: str, expected: bool) -> None:
    assert is_sql(text) is expected


@pytest.mark.parametrize("report", REPORTS, ids=lambda path: path.stem)
class TestReport:
    """Rules for one report's file."""

    def test_begins_with_its_question_and_its_columns(self, report: Path) -> None:
        question, columns, statement = report.read_text("utf-8").split("\n", 2)
        assert question.startswith("-- ")
        assert columns.startswith("-- ")
        assert not statement.lstrip().startswith("--"), "a header has two lines"
        wrong = [column for column in outer_parts(columns[3:]) if not COLUMN.fullmatch(column)]
        assert wrong == [], "the second line lists columns with their types, such as day Date, visits UInt64"

    def test_is_one_statement(self, report: Path) -> None:
        assert ";" not in code_of(report).rstrip().removesuffix(";")

    def test_has_typed_parameters_only(self, report: Path) -> None:
        parameters = PARAMETER.findall(COMMENT.sub("", report.read_text("utf-8")))
        assert [parameter for parameter in parameters if not TYPED.fullmatch(parameter)] == []

    def test_is_lower_case(self, report: Path) -> None:
        assert KEYWORDS.findall(code_of(report)) == []


def code_of(path: Path) -> str:
    """Return a statement without what may contain anything: comments and quoted texts."""
    return QUOTED.sub("''", COMMENT.sub("", path.read_text("utf-8")))


def outer_parts(text: str) -> list[str]:
    """Split at commas that are not inside parentheses."""
    return [part.strip() for part in re.split(r",(?![^(]*\))", text)]


@pytest.mark.parametrize("migration", MIGRATIONS, ids=named)
def test_statements_of_a_migration_end_at_line_ends(migration: Path) -> None:
    code = code_of(migration).rstrip()
    assert code.endswith(";")
    assert re.findall(r";[ \t]*[^\s;].*", code) == [], "one statement ends where another line begins"


@pytest.mark.parametrize("migration", [path for path in MIGRATIONS if "migrations" in path.parts], ids=named)
def test_statements_of_a_clickhouse_migration_can_be_repeated(migration: Path) -> None:
    """ClickHouse has no transaction to roll back, so an interrupted migration runs again from its start."""
    statements = [part.strip() for part in code_of(migration).split(";") if part.strip()]
    assert [statement for statement in statements if not REPEATABLE.search(statement)] == []


def all_settings() -> list[Setting]:
    modules = [importlib.import_module(f"{path.parent.name}.settings") for path in ROOT.glob("*/settings.py")]
    return [setting for module in modules for setting in settings_of(module.Settings)]


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="README.md is not written yet")
def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = {line.split("|")[1].strip(): line for line in readme_lines() if line.startswith("| `PEGEL_")}
    missing = [s.env_name for s in all_settings() if shown(s.default) not in rows.get(f"`{s.env_name}`", "missing")]
    assert missing == [], "expected rows such as: | `PEGEL_DATA` | `data` | Directory of … |"


def readme_lines() -> list[str]:
    return (ROOT / "README.md").read_text("utf-8").splitlines()


def shown(default: object) -> str:
    """Return how a default stands in the table; an empty one may be described in any words."""
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    if default in ("", ()):
        return "|"
    return f"`{','.join(default) if isinstance(default, tuple) else default}`"
