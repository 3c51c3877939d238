"""The command `pegel`: what an operator types, what comes back, and what is said when it was wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import pegel
from sql.registry import Registry
from sql.settings import settings_of

Pegel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Pegel:
    """Run one command; answer with exit code, standard output and standard error."""

    def run(*argv: str, **environ: str) -> tuple[int, str, str]:
        try:
            code: Any = pegel.main(argv, {"PEGEL_DATA": str(data), **environ}, data.parent / "pegel.toml")
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def answer(result: tuple[int, str, str]) -> Any:
    """Return what a command said as JSON."""
    code, out, err = result
    assert (code, err) == (0, "")
    return json.loads(out)


def test_help_is_a_manual(run: Pegel) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for heading, commands in pegel.COMMANDS.items():
        assert f"\n{heading}:\n" in out
        assert [command.name for command in commands if f"  {command.name} " not in out] == []
    assert [
        part for part in ("Examples:", "Settings:", "pegel.toml", "PEGEL_DATA", "Exit codes:") if part not in out
    ] == []


@pytest.mark.parametrize("command", [command.name for group in pegel.COMMANDS.values() for command in group])
def test_every_command_explains_itself(run: Pegel, command: str) -> None:
    code, out, err = run(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: pegel {command} ")
    assert "--json" in out


def test_sites(run: Pegel) -> None:
    assert run("site", "list") == (0, "none\n", "")
    assert run("site", "add", "My shop", "https://shop.example/", "https://www.shop.example") == (
        0,
        "site 1 added: My shop, https://shop.example (UTC, EUR)\n",
        "",
    )
    given = ["Blog", "http://blog.example", "--id", "7", "--timezone", "Europe/Zurich", "--currency", "CHF"]
    added = answer(run("site", "add", *given, "--json"))
    assert added.items() >= {"id": 7, "name": "Blog", "timezone": "Europe/Zurich", "currency": "CHF"}.items()
    assert (added["urls"], added["preset"]) == (["http://blog.example"], "matomo")
    assert answer(run("site", "list", "--json"))[1] == added
    assert run("site", "list")[1].splitlines() == [
        "ID  NAME     URLS                                            TIMEZONE       CURRENCY",
        "1   My shop  https://shop.example, https://www.shop.example  UTC            EUR",
        "7   Blog     http://blog.example                             Europe/Zurich  CHF",
    ]


def test_users(run: Pegel, data: Path, tmp_path: Path) -> None:
    for name in ("A", "B"):
        run("site", "add", name, "https://example.org")
    file = tmp_path / "password"
    file.write_text("correct horse\nanother line\n", "utf-8")
    added = answer(run("--json", "user", "add", "anna@example.org", "--role", "admin", "--password-file", str(file)))
    assert added == {"id": 1, "email": "anna@example.org", "role": "admin", "sites": []}
    code, out, _ = run("user", "add", "bob@example.org", "--site", "1", "2")
    first, password = out.removesuffix("\n").split("\npassword, shown only now: ")
    assert (code, first) == (0, "user bob@example.org added with role view")
    with closing(Registry(data / "registry.sqlite")) as registry:
        anna, bob = registry.users()
        assert registry.user_with_password("anna@example.org", "correct horse") == anna
        assert registry.user_with_password("bob@example.org", password) == bob
    assert answer(run("user", "list", "--json")) == [
        added,
        {"id": 2, "email": "bob@example.org", "role": "view", "sites": [1, 2]},
    ]
    assert "2   bob@example.org   view   1, 2\n" in run("user", "list")[1]


def test_a_random_password_is_in_the_json(run: Pegel) -> None:
    passwords = {answer(run("user", "add", f"{name}@example.org", "--json"))["password"] for name in "ab"}
    assert [len(password) for password in passwords] == [20, 20]


def test_tokens(run: Pegel, data: Path) -> None:
    run("site", "add", "A", "https://example.org")
    code, out, err = run("token", "add", "--name", "importer", "--role", "write", "--site", "1")
    assert (code, err) == (0, "")
    made = answer(run("token", "add", "--json"))
    assert made == {"token": made["token"], "name": "command line", "role": "view", "site": None}
    with closing(Registry(data / "registry.sqlite")) as registry:
        snapshot = registry.snapshot()
    assert [token and token.id for token in (snapshot.token(out.strip()), snapshot.token(made["token"]))] == [1, 2]
    listed = run("token", "list")[1]
    assert listed.splitlines()[1] == "1   importer      write  1"
    assert answer(run("token", "list", "--json"))[1] == {"id": 2, "name": "command line", "role": "view", "site": None}
    assert out.strip() not in listed


def test_settings(run: Pegel, data: Path) -> None:
    secret = {"PEGEL_CLICKHOUSE": "clickhouse://ann:s3cret@host/pegel"}
    rows = answer(run("settings", "--json", **secret))
    everything = [setting for cls in pegel.SETTINGS for setting in settings_of(cls)]
    assert [row["name"] for row in rows] == [setting.env_name for setting in everything]
    assert rows[0] == {
        "name": "PEGEL_DATA",
        "type": "path",
        "default": "data",
        "value": str(data),
        "help": "Directory of spool, registry and embedded ClickHouse.",
    }
    code, out, err = run("settings", **secret)
    assert (code, err) == (0, "")
    assert "PEGEL_CLICKHOUSE = clickhouse://…@host/pegel\n    text; default: (empty)\n    DSN of" in out
    assert "s3cret" not in out + json.dumps(rows)
    manual = run("settings", "--help")[1]
    assert [setting.env_name for setting in everything if f"{setting.env_name}\n" not in manual] == []


def test_migrate(data: Path) -> None:
    """In processes of their own: an embedded engine serves one directory in each."""
    refused, applied, checked = (
        pegel_process(data, "migrate", *more) for more in (["--check"], ["--json"], ["--check"])
    )
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "run 'pegel migrate' once" in refused.stderr
    assert applied.returncode == 0
    assert json.loads(applied.stdout).keys() == {"registry", "clickhouse"}
    assert (checked.returncode, checked.stdout) == (0, "registry: up to date\nclickhouse: up to date\n")


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["--json", "site", "list"], id="before"),
        pytest.param(["site", "--json", "list"], id="between"),
        pytest.param(["site", "list", "--json"], id="after"),
        pytest.param(["--json", "site", "list", "--json"], id="twice"),
    ],
)
def test_json_may_stand_anywhere(run: Pegel, argv: list[str]) -> None:
    assert answer(run(*argv)) == []


@pytest.mark.parametrize(
    ("argv", "environ", "code", "message"),
    [
        pytest.param([], {}, 2, "arguments are required: COMMAND; 'pegel --help' explains it", id="nothing"),
        pytest.param(["site"], {}, 2, "'pegel site --help' explains it", id="no-verb"),
        pytest.param(["sites"], {}, 2, "invalid choice: 'sites'", id="unknown-command"),
        pytest.param(["site", "list", "--jsn"], {}, 2, "unrecognized arguments: --jsn", id="unknown-option"),
        pytest.param(["site", "add", "A"], {}, 2, "are required: URL; 'pegel site add --help'", id="no-address"),
        pytest.param(["site", "add", "A", "a.example"], {}, 2, "did you mean https://a.example?", id="bad-address"),
        pytest.param(["site", "add", "A", "https://a.example", "--id", "x"], {}, 2, "--id: invalid int", id="bad-id"),
        pytest.param(["site", "add", "A", "https://a.example", "--id", "1"], {}, 1, "is taken", id="taken-id"),
        pytest.param(["user", "add", "anna"], {}, 2, "such as anna@example.org", id="bad-e-mail"),
        pytest.param(["user", "add", "a@b.org", "--role", "king"], {}, 2, "invalid choice: 'king'", id="bad-role"),
        pytest.param(["user", "add", "a@b.org", "--site", "9"], {}, 1, "site 9 is unknown", id="unknown-site"),
        pytest.param(["user", "add", "a@b.org", "--password-file", "/x"], {}, 1, "/x: No such file", id="no-file"),
        pytest.param(["serve"], {"PEGEL_LISTS": "/x"}, 1, "lists='/x': no list in it", id="no-lists"),
        pytest.param(["token", "add", "--name", ""], {}, 2, "expected 1 to 200", id="no-name"),
        pytest.param(["token", "add", "--site", "9" * 30], {}, 1, "is unknown", id="impossible-site"),
        pytest.param(["settings"], {"PEGEL_DAT": "x"}, 2, "did you mean PEGEL_DATA?", id="unknown-setting"),
        pytest.param(["settings"], {"PEGEL_PRESET": "x"}, 2, "expected one of matomo", id="bad-setting"),
        pytest.param(
            ["site", "list"], {"PEGEL_DATA": "/dev/null/x"}, 1, "a directory that this user", id="no-directory"
        ),
    ],
)
def test_wrong_use_is_one_sentence(
    run: Pegel, argv: list[str], environ: dict[str, str], code: int, message: str
) -> None:
    run("site", "add", "First", "https://example.org")
    refused, out, err = run(*argv, **environ)
    assert (refused, out) == (code, "")
    assert err.startswith("pegel: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_password_file_must_be_text(run: Pegel, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe\x00")
    code, _, err = run("user", "add", "a@example.org", "--password-file", str(file))
    assert (code, "expected a text in UTF-8" in err) == (2, True)


def test_an_unknown_key_in_the_file(run: Pegel, tmp_path: Path) -> None:
    (tmp_path / "pegel.toml").write_text('prest = "matomo"\n', "utf-8")
    code, _, err = run("site", "list")
    assert (code, "pegel.toml: there is none of this name; did you mean preset?" in err) == (2, True)


def test_it_works_while_the_registry_is_in_use(data: Path) -> None:
    with closing(Registry(data / "registry.sqlite")) as registry:
        before = registry.snapshot()
        added = pegel_process(data, "site", "add", "Łódź", "https://example.org")
        assert (added.returncode, added.stderr) == (0, "")
        assert registry.version() > before.version
        assert registry.site(1).name == "Łódź"


def test_a_reader_may_leave_early(data: Path) -> None:
    command = f"{sys.executable} pegel.py settings | true"
    left = subprocess.run(["bash", "-c", command], env=environ_of(data), capture_output=True, text=True, check=False)
    assert (left.returncode, left.stderr) == (0, "")


def pegel_process(data: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "pegel.py", *argv]
    return subprocess.run(command, env=environ_of(data), capture_output=True, text=True, check=False)


def environ_of(data: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PEGEL_")}
    return {**ours, "PEGEL_DATA": str(data)}
