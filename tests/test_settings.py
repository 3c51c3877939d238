"""Settings: where they come from, what they become, and what is said when they are wrong."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import pytest

from sql.settings import BadSetting, Settings, UnknownSetting, read, settings_of, without_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One setting of each type."""

    label: Annotated[str, "How the room is called."] = "attic"
    seats: Annotated[int, "Chairs in the room."] = 4
    height: Annotated[float, "Metres to the ceiling."] = 2.5
    open: Annotated[bool, "Whether the door is open."] = False
    guests: Annotated[tuple[str, ...], "Who may come in."] = ()
    key: Annotated[Path, "Where the key lies."] = Path("mat")


def read_room(tmp_path: Path, file: str = "", **environ: str) -> Room:
    config = tmp_path / "pegel.toml"
    config.write_text(file, "utf-8")
    (room,) = read(Room, environ=environ, config=config)
    return room


@pytest.mark.parametrize(
    ("file", "environ", "expected"),
    [
        pytest.param("", {}, Room(), id="defaults"),
        pytest.param('label = "hall"', {}, Room(label="hall"), id="text-in-file"),
        pytest.param("", {"PEGEL_LABEL": "hall"}, Room(label="hall"), id="text-in-environment"),
        pytest.param('label = "hall"', {"PEGEL_LABEL": "bath"}, Room(label="bath"), id="environment-wins"),
        pytest.param("seats = 3", {}, Room(seats=3), id="number-in-file"),
        pytest.param("", {"PEGEL_SEATS": "3"}, Room(seats=3), id="number-in-environment"),
        pytest.param("height = 3", {}, Room(height=3.0), id="whole-height"),
        pytest.param("", {"PEGEL_HEIGHT": "2.75"}, Room(height=2.75), id="height"),
        pytest.param("open = true", {}, Room(open=True), id="true"),
        pytest.param("", {"PEGEL_OPEN": "yes"}, Room(open=True), id="yes"),
        pytest.param("open = true", {"PEGEL_OPEN": "0"}, Room(open=False), id="zero"),
        pytest.param('guests = ["ann", "bob"]', {}, Room(guests=("ann", "bob")), id="list-in-file"),
        pytest.param("", {"PEGEL_GUESTS": "ann, bob,"}, Room(guests=("ann", "bob")), id="list-in-environment"),
        pytest.param("", {"PEGEL_KEY": "/etc/key"}, Room(key=Path("/etc/key")), id="path"),
        pytest.param("", {"PEGEL_SKIP_NPM": "1", "HOME": "/root"}, Room(), id="none-of-ours"),
    ],
)
def test_read(tmp_path: Path, file: str, environ: dict[str, str], expected: Room) -> None:
    assert read_room(tmp_path, file, **environ) == expected


@pytest.mark.parametrize(
    ("file", "environ", "message"),
    [
        pytest.param(
            "",
            {"PEGEL_SEAT": "4"},
            "setting PEGEL_SEAT: there is none of this name; did you mean PEGEL_SEATS?",
            id="typo",
        ),
        pytest.param(
            "seat = 4",
            {},
            "setting seat in pegel.toml: there is none of this name; did you mean seats?",
            id="file-typo",
        ),
        pytest.param("", {"PEGEL_X": "4"}, "'pegel settings --help' lists them all", id="nothing-like-it"),
        pytest.param(
            "[seats]\nx = 4", {}, "setting seats in pegel.toml={'x': 4}: expected a whole number", id="section"
        ),
        pytest.param(
            "", {"PEGEL_SEATS": "four"}, "PEGEL_SEATS='four': expected a whole number, such as 2. Chairs", id="words"
        ),
        pytest.param("seats = true", {}, "seats in pegel.toml=True: expected a whole number", id="true-is-no-number"),
        pytest.param("seats = 1.5", {}, "seats in pegel.toml=1.5: expected a whole number", id="half-a-chair"),
        pytest.param(
            "", {"PEGEL_HEIGHT": "tall"}, "PEGEL_HEIGHT='tall': expected a number, such as 0.5", id="no-number"
        ),
        pytest.param("", {"PEGEL_OPEN": "maybe"}, "PEGEL_OPEN='maybe': expected yes or no", id="maybe"),
        pytest.param("guests = [1]", {}, "guests in pegel.toml=[1]: expected a list", id="list-of-numbers"),
        pytest.param("label = 5", {}, "label in pegel.toml=5: expected a text, in quotes", id="no-quotes"),
        pytest.param("", {"PEGEL_KEY": ""}, "PEGEL_KEY='': expected a path", id="empty-path"),
        pytest.param("label =", {}, "expected a TOML file of lines such as data = ", id="broken-file"),
    ],
)
def test_a_bad_setting_is_refused(tmp_path: Path, file: str, environ: dict[str, str], message: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_room(tmp_path, file, **environ)
    assert message in str(refusal.value).replace(f"{tmp_path}/", "")


def test_only_one_class_refuses_what_none_knows(tmp_path: Path) -> None:
    environ = {"PEGEL_SEATS": "3", "PEGEL_DATA": "/srv/pegel"}
    room, settings = read(Room, Settings, environ=environ, config=tmp_path / "none.toml")
    assert (room, settings) == (Room(seats=3), Settings(data=Path("/srv/pegel")))
    with pytest.raises(UnknownSetting):
        read(Room, environ=environ, config=tmp_path / "none.toml")
    assert read(Room, environ=environ, config=tmp_path / "none.toml", strict=False) == (Room(seats=3),)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        pytest.param({"PEGEL_PRESET": "none"}, "PEGEL_PRESET='none': expected one of matomo", id="preset"),
        pytest.param({"PEGEL_DATA": "/srv/#1"}, "expected a path without # and ?", id="path-a-dsn-cannot-say"),
    ],
)
def test_a_value_out_of_range_is_refused(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read(Settings, environ=environ, config=tmp_path / "none.toml")
    assert message in str(refusal.value)


def test_a_setting_as_people_see_it() -> None:
    rows = list(settings_of(Room))
    assert [row.name for row in rows] == [field.name for field in fields(Room)]
    assert [row.type_name for row in rows] == ["text", "whole number", "number", "yes or no", "list", "path"]
    assert (rows[1].env_name, rows[1].default, rows[1].help) == ("PEGEL_SEATS", 4, "Chairs in the room.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("clickhouse://host:8123/pegel", "clickhouse://host:8123/pegel", id="no-secret"),
        pytest.param("clickhouse://ann:s3cret@host/pegel", "clickhouse://…@host/pegel", id="password"),
        pytest.param("clickhouse://ann:s3/cr@et@host/pegel", "clickhouse://…@host/pegel", id="odd-password"),
        pytest.param("clickhouse://h/p?password=s3cret&secure=1", "clickhouse://h/p?password=…&secure=1", id="option"),
        pytest.param("clickhouse://h/p?a=1&access_token=s3cret", "clickhouse://h/p?a=1&access_token=…", id="token"),
        pytest.param("plain text", "plain text", id="text"),
        pytest.param(7, 7, id="number"),
    ],
)
def test_secrets_are_not_shown(value: object, expected: object) -> None:
    assert without_secrets(value) == expected


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"PEGEL_CLICKHOUS": "clickhouse://ann:s3cret@host"}, id="misspelt"),
        pytest.param({"PEGEL_PRESET": "clickhouse://ann:s3cret@host"}, id="misplaced"),
    ],
)
def test_a_refusal_tells_no_secret(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting) as refusal:
        read(Settings, environ=environ, config=tmp_path / "none.toml")
    assert "s3cret" not in str(refusal.value)
