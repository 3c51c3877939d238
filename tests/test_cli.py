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
        "site 1 added: My shop, https://shop.example (UTC, USD)\n",
        "",
    )
    given = ["Blog", "http://blog.example", "--id", "7", "--timezone", "Europe/Zurich", "--currency", "CHF"]
    added = answer(run("site", "add", *given, "--json"))
    assert added.items() >= {"id": 7, "name": "Blog", "timezone": "Europe/Zurich", "currency": "CHF"}.items()
    assert (added["urls"], added["preset"]) == (["http://blog.example"], "matomo")
    assert answer(run("site", "list", "--json"))[1] == added
    assert run("site", "list")[1].splitlines() == [
        "ID  NAME     URLS                                            TIMEZONE       CURRENCY",
        "1   My shop  https://shop.example, https://www.shop.example  UTC            USD",
        "7   Blog     http://blog.example                             Europe/Zurich  CHF",
    ]


SITE_OPTIONS = {
    "--timezone UTC+2": ("timezone", "Etc/GMT-2"),
    "--currency CHF": ("currency", "CHF"),
    "--group Shops": ("group", "Shops"),
    "--type intranet": ("type", "intranet"),
    "--ecommerce": ("ecommerce", True),
    "--no-search": ("search", False),
    "--search-keyword find --search-keyword q": ("search_keywords", ["find", "q"]),
    "--search-category kind": ("search_categories", ["kind"]),
    "--keep-fragment": ("keep_fragment", True),
    "--exclude-unknown-urls": ("exclude_unknown_urls", True),
    "--exclude-address 10.0.*.* --exclude-address ::1": ("excluded_addresses", ["10.0.*.*", "::1"]),
    "--exclude-user-agent bot": ("excluded_user_agents", ["bot"]),
    "--exclude-parameter /^x_/": ("excluded_parameters", ["/^x_/"]),
    "--exclude-referrer pay.example": ("excluded_referrers", ["pay.example"]),
    "--keep-bots": ("keep_bots", True),
    "--exact-places": ("exact_places", True),
    "--fewest-visitors 5": ("fewest_visitors", 5),
}


def test_what_is_said_of_a_new_site(run: Pegel) -> None:
    options = [word for option in SITE_OPTIONS for word in option.split()]
    added = answer(run("site", "add", *options, "Shop", "https://a.example", "--json"))
    assert added.items() >= dict(SITE_OPTIONS.values()).items()


@pytest.mark.parametrize("option", SITE_OPTIONS)
def test_only_what_is_given_of_a_site_is_changed(run: Pegel, option: str) -> None:
    before = answer(run("site", "add", "Shop", "https://a.example", "--json"))
    field, value = SITE_OPTIONS[option]
    changed = answer(run("site", "change", "1", *option.split(), "--json"))
    assert (changed[field], before[field] != value) == (value, True)
    assert changed == {**before, field: value} == answer(run("site", "list", "--json"))[0]


def test_a_site_is_changed(run: Pegel) -> None:
    run("site", "add", "Shop", "https://a.example", "--keep-bots", "--keep-fragment", "--exclude-address", "::1")
    given = ["--name", "Blog", "--url", "https://b.example", "--url", "https://c.example"]
    assert run("site", "change", "1", *given) == (0, "site 1 changed: Blog, https://b.example (UTC, USD)\n", "")
    opposite = ["--no-keep-bots", "--no-keep-fragment", "--search", "--exclude-address", ""]
    changed = answer(run("site", "change", "1", *opposite, "--json"))
    assert changed["urls"] == ["https://b.example", "https://c.example"]
    names = ("keep_bots", "keep_fragment", "search", "excluded_addresses")
    assert [changed[name] for name in names] == [False, False, True, []]


def test_goals(run: Pegel) -> None:
    for name in ("A", "B"):
        run("site", "add", name, "https://example.org")
    assert run("goal", "list") == (0, "none\n", "")
    added = run("goal", "add", "--site", "1", "Order", "--match", "url", "--pattern", "/thanks")
    assert added == (0, "goal 1 of site 1 added: Order, reached by url contains /thanks\n", "")
    assert (
        run("goal", "add", "--site", "2", "Call")[1]
        == "goal 1 of site 2 added: Call, reached by a request with idgoal=1\n"
    )
    compared = ["--match", "event_name", "--type", "regex", "--pattern", "^buy", "--case-sensitive"]
    worth = ["--allow-multiple", "--revenue", "2.5", "--event-value-as-revenue", "--description", "It pays"]
    whole = answer(run("--json", "goal", "add", "--site", "1", "--id", "7", "Sale", *compared, *worth))
    assert whole == {
        "site": 1,
        "id": 7,
        "name": "Sale",
        "description": "It pays",
        "match_attribute": "event_name",
        "pattern": "^buy",
        "pattern_type": "regex",
        "case_sensitive": True,
        "allow_multiple": True,
        "revenue": 2.5,
        "event_value_as_revenue": True,
    }
    assert answer(run("goal", "list", "--site", "1", "--json"))[1] == whole
    assert run("goal", "list")[1].splitlines() == [
        "SITE  ID  NAME   REACHED BY               OFTEN           REVENUE",
        "1     1   Order  url contains /thanks     once per visit  0",
        "1     7   Sale   event_name regex ^buy    each time       of the event",
        "2     1   Call   a request with idgoal=1  once per visit  0",
    ]


def test_dimensions(run: Pegel) -> None:
    for name in ("A", "B"):
        run("site", "add", name, "https://example.org")
    assert run("dimension", "list", "--site", "1") == (0, "none\n", "")
    added = run("dimension", "add", "--site", "2", "Plan", "--scope", "visit")
    assert added == (0, "dimension 1 of site 2 added: Plan, visit\n", "")
    extracted = ["--extract", "url=/by=([^/]+)", "--extract", "urlparam=by", "--no-case-sensitive"]
    whole = answer(
        run("dimension", "add", "--site", "1", "Author", "--scope", "action", "--id", "5", *extracted, "--json")
    )
    assert whole == {
        "site": 1,
        "id": 5,
        "index": 1,
        "name": "Author",
        "scope": "action",
        "active": True,
        "case_sensitive": False,
        "extractions": [
            {"dimension": "url", "pattern": "/by=([^/]+)"},
            {"dimension": "urlparam", "pattern": "by"},
        ],
    }
    assert answer(run("dimension", "list", "--site", "1", "--json")) == [whole]
    assert run("dimension", "list")[1].splitlines() == [
        "SITE  ID  NAME    SCOPE   ACTIVE  EXTRACTED",
        "1     5   Author  action  yes     url=/by=([^/]+), urlparam=by",
        "2     1   Plan    visit   yes     -",
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
    assert made == {"token": made["token"], "name": "command line", "role": "view", "site": None, "scopes": []}
    run("token", "add", "--name", "sheet", "--scope", "export:raw", "--scope", "stats:read")
    with closing(Registry(data / "registry.sqlite")) as registry:
        snapshot = registry.snapshot()
    assert [token and token.id for token in (snapshot.token(out.strip()), snapshot.token(made["token"]))] == [1, 2]
    listed = run("token", "list")[1]
    assert listed.splitlines()[1].split()[:4] == ["1", "importer", "write", "1"]
    scopes = ["stats:read", "export:raw"]
    assert answer(run("token", "list", "--json"))[1:] == [
        {"id": 2, "name": "command line", "role": "view", "site": None, "scopes": []},
        {"id": 3, "name": "sheet", "role": "view", "site": None, "scopes": scopes},
    ]
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
        pytest.param(["site", "change", "1"], {}, 2, "expected an option, such as --name", id="change-of-nothing"),
        pytest.param(["site", "change", "9", "--ecommerce"], {}, 1, "site 9 is unknown", id="change-of-no-site"),
        pytest.param(["site", "change", "1", "--exclude-address", "x"], {}, 2, "203.0.113.9", id="bad-range"),
        pytest.param(["site", "change", "1", "--timezone", "UTC+5.5"], {}, 2, "Asia/Kolkata", id="half-an-hour"),
        pytest.param(["goal", "add", "Order"], {}, 2, "are required: --site", id="goal-of-which-site"),
        pytest.param(["goal", "add", "--site", "9", "Order"], {}, 1, "site 9 is unknown", id="goal-of-no-site"),
        pytest.param(["goal", "add", "--site", "1", "A", "--match", "url"], {}, 2, "such as /thanks", id="no-pattern"),
        pytest.param(["goal", "add", "--site", "1", "A", "--revenue", "x"], {}, 2, "invalid float", id="bad-revenue"),
        pytest.param(["goal", "add", "--site", "1", "A", "--revenue", "nan"], {}, 2, "0 or more", id="no-revenue"),
        pytest.param(["goal", "list", "--site", "9"], {}, 1, "site 9 is unknown", id="goals-of-no-site"),
        pytest.param(["dimension", "add", "--site", "1", "A"], {}, 2, "are required: --scope", id="no-scope"),
        pytest.param(
            ["dimension", "add", "--site", "1", "A", "--scope", "visit", "--extract", "url"],
            {},
            2,
            "in parentheses",
            id="no-extraction",
        ),
        pytest.param(["dimension", "list", "--site", "9"], {}, 1, "site 9", id="dimensions-of-no-site"),
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
