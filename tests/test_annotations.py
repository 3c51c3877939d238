"""Annotations: what people note about days, who may change it, and in which shapes programs get it back."""

from datetime import date
from typing import Any

import pytest

from sql.annotations import LONGEST_NOTE, BadAnnotation, NewAnnotation, UnknownAnnotation
from sql.registry import Registry
from tests.administered import Api, Given
from tests.conftest import a_site

ADD, SAVE, DELETE = "Annotations.add", "Annotations.save", "Annotations.delete"
GET_ALL, COUNTS = "Annotations.getAll", "Annotations.getAnnotationCountForDates"
NOTE: Given = {"idSite": 1, "date": "2026-05-13", "note": "Campaign began"}


def noted(registry: Registry, day: str, note: str = "Note", site: int = 1, **changes: Any) -> int:
    new = NewAnnotation(site=site, day=date.fromisoformat(day), note=note, author="somebody", token=99, **changes)
    return registry.add_annotation(new).id


def test_a_note_comes_back_as_clients_know_it(api: Api) -> None:
    added = api.done(ADD, **NOTE, starred=1)
    assert added == {
        "id": 1,
        "idsite": 1,
        "date": "2026-05-13",
        "note": "Campaign began",
        "starred": 1,
        "user": "superuser",
        "canEditOrDelete": 1,
        "idNote": 1,
    }
    assert api.done("Annotations.get", idSite=1, idNote=1) == added
    assert api.done(GET_ALL, idSite=1) == {"1": [added]}


def test_a_day_may_be_a_word(api: Api) -> None:
    assert api.done(ADD, **{**NOTE, "date": "yesterday"})["date"] == "2026-05-12"


def test_saving_changes_what_was_given(api: Api) -> None:
    api.done(ADD, **NOTE)
    asked = {"idSite": 1, "idNote": 1}
    assert api.done(SAVE, **asked, note=" Campaign ended\nearly ")["note"] == "Campaign ended\nearly"
    assert api.done(SAVE, **asked, starred=1)["starred"] == 1
    changed = api.done(SAVE, **asked, date="2026-05-01")
    assert (changed["date"], changed["note"], changed["starred"]) == ("2026-05-01", "Campaign ended\nearly", 1)


@pytest.mark.parametrize(
    ("caller", "may_change"),
    [
        pytest.param("view", True, id="author"),
        pytest.param("write", False, id="somebody-else"),
        pytest.param("admin", True, id="administrator"),
        pytest.param("superuser", True, id="superuser"),
        pytest.param("stranger", False, id="administrator-of-another-site"),
    ],
)
@pytest.mark.parametrize("method", [SAVE, DELETE])
def test_who_may_change(api: Api, caller: str, may_change: bool, method: str) -> None:
    note = api.call(ADD, "view", **NOTE).json()
    asked = {"idSite": 1, "idNote": note["idNote"], "note": "Another"}
    assert note["user"] == "view"
    if caller != "stranger":
        assert api.call("Annotations.get", caller, **asked).json()["canEditOrDelete"] == int(may_change)
    assert api.call(method, caller, **asked).status_code == (200 if may_change else 401)
    kept = [annotation.note for annotation in api.registry.annotations([1])]
    assert kept == ([] if may_change and method == DELETE else ["Another" if may_change else "Campaign began"])


def test_a_token_for_reading_writes_nothing(api: Api) -> None:
    api.tokens["reader"] = api.registry.add_token("reader", "view", 1, ["stats:read"])
    assert api.call(ADD, "reader", **NOTE).status_code == 401
    noted(api.registry, "2026-05-13")
    assert api.call("Annotations.get", "reader", idSite=1, idNote=1).status_code == 200
    assert api.call(DELETE, "reader", idSite=1, idNote=1).status_code == 401


def test_a_note_belongs_to_its_site(api: Api) -> None:
    id = noted(api.registry, "2026-05-13", site=2)
    for method in ("Annotations.get", SAVE, DELETE):
        assert f"annotation {id} is unknown" in api.refused(method, idSite=1, idNote=id)
    assert api.done(GET_ALL, idSite=1) == {"1": []}


DAYS = ("2026-04-30", "2026-05-01", "2026-05-10", "2026-05-11", "2026-05-13")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, DAYS, id="all"),
        pytest.param({"date": "false"}, DAYS, id="no-date-in-php"),
        pytest.param({"date": "2026-05-13"}, DAYS[4:], id="usually-a-day"),
        pytest.param({"date": "2026-05-13", "period": "week"}, DAYS[3:], id="week"),
        pytest.param({"date": "2026-05-13", "period": "month"}, DAYS[1:], id="month"),
        pytest.param({"date": "2026-05-13", "period": "week", "lastN": 2}, DAYS[2:], id="weeks-before"),
        pytest.param({"date": "2026-05-01,2026-05-10", "period": "range"}, DAYS[1:3], id="range"),
        pytest.param({"date": "2026-05-01,2026-05-10", "period": "day"}, DAYS[1:3], id="several-days"),
        pytest.param({"date": "last3", "period": "range"}, DAYS[3:], id="last-days"),
        pytest.param({"date": "2026-05-13", "period": "range", "lastN": 3}, DAYS[3:], id="days-before"),
    ],
)
def test_notes_of_dates(api: Api, asked: Given, expected: tuple[str, ...]) -> None:
    for day in reversed(DAYS):
        noted(api.registry, day)
    assert tuple(row["date"] for row in api.done(GET_ALL, idSite=1, **asked)["1"]) == expected


def test_notes_of_several_sites(api: Api) -> None:
    for site in (1, 2):
        noted(api.registry, "2026-05-13", f"Site {site}", site)
    for sites in ("1,2", "all"):
        found = api.done(GET_ALL, idSite=sites)
        assert {site: [row["note"] for row in rows] for site, rows in found.items()} == {
            "1": ["Site 1"],
            "2": ["Site 2"],
        }
    assert list(api.call(GET_ALL, "view", idSite="all").json()) == ["1"]


def test_counts_of_dates(api: Api) -> None:
    noted(api.registry, "2026-05-12", "First", starred=True)
    noted(api.registry, "2026-05-12", "Second")
    noted(api.registry, "2026-05-13", "Third")
    noted(api.registry, "2026-05-14", "Too late")
    days = {"date": "2026-05-13", "period": "day", "lastN": 3}
    assert api.done(COUNTS, idSite=1, **days) == {
        "1": [
            ["2026-05-11", {"count": 0, "starred": 0}],
            ["2026-05-12", {"count": 2, "starred": 1}],
            ["2026-05-13", {"count": 1, "starred": 0}],
        ]
    }
    assert api.done(COUNTS, idSite=1, **days, getAnnotationText=1)["1"][2][1] == {
        "count": 1,
        "starred": 0,
        "note": "Third",
    }
    of_range = api.done(COUNTS, idSite=1, date="2026-05-12,2026-05-13", period="range")["1"]
    assert [(day, counted["count"]) for day, counted in of_range] == [("2026-05-12", 2), ("2026-05-13", 1)]
    month = api.done(COUNTS, idSite=1, date="2026-05-13", period="month")
    assert month == {"1": [["2026-05-01", {"count": 4, "starred": 1}]]}


def test_many_periods_are_not_endless(api: Api) -> None:
    found = api.done(COUNTS, idSite=1, date="2026-05-13", period="year", lastN=999999999)
    assert len(found["1"]) == 10


def test_all_notes_of_a_site_are_gone(api: Api) -> None:
    for site in (1, 2):
        noted(api.registry, "2026-05-13", site=site)
    assert api.call("Annotations.deleteAll", "admin", idSite=1).status_code == 401
    api.done("Annotations.deleteAll", idSite=1)
    assert [annotation.site for annotation in api.registry.annotations([1, 2])] == [2]
    api.done("SitesManager.deleteSite", idSite=2)
    assert api.registry.annotations([1, 2]) == []


@pytest.mark.parametrize(
    ("method", "given", "word"),
    [
        pytest.param(ADD, {"note": ""}, "'note'", id="no-note"),
        pytest.param(ADD, {"note": "x" * (LONGEST_NOTE + 1)}, "2001 letters", id="long-note"),
        pytest.param(ADD, {"note": "a\x00b"}, "note", id="unprintable-note"),
        pytest.param(ADD, {"date": ""}, "'date'", id="no-date"),
        pytest.param(ADD, {"date": "soon"}, "'soon'", id="date"),
        pytest.param(ADD, {"starred": "much"}, "starred", id="star"),
        pytest.param(SAVE, {"idNote": 7}, "annotation 7 is unknown", id="unknown"),
        pytest.param(SAVE, {"idNote": "seven"}, "idNote", id="id"),
        pytest.param(SAVE, {"idNote": 10**30}, "idNote", id="huge-id"),
        pytest.param(COUNTS, {"date": ""}, "'date'", id="counts-without-date"),
        pytest.param(GET_ALL, {"period": "decade"}, "'decade'", id="period"),
    ],
)
def test_what_is_refused(api: Api, method: str, given: Given, word: str) -> None:
    assert word in api.refused(method, **{**NOTE, **given})
    assert api.registry.annotations([1]) == []


def test_the_registry_keeps_a_bounded_number(registry: Registry) -> None:
    site = a_site(registry).id
    for number in range(3):
        noted(registry, "2026-05-13", f"Note {number}", site)
    with pytest.raises(BadAnnotation, match="delete some first"):
        registry.add_annotation(
            NewAnnotation(site=site, day=date(2026, 5, 13), note="One more", author="a", token=1), most=3
        )
    with pytest.raises(UnknownAnnotation):
        registry.annotation(site, 2**70)
