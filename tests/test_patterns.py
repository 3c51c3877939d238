"""Regular expressions of operators: what compiles, what is found, and what happens to one that takes too long."""

import logging

import pytest
import regex

from ingest.patterns import MOST_FAILURES, REST_SECONDS, Pattern, compiled, delimited, found

ENDLESS = "(x+x+)+y"
HARD_TEXT = "x" * 200


@pytest.mark.parametrize(
    ("pattern", "ignore_case", "text", "expected"),
    [
        pytest.param("/shop/[0-9]+", False, "https://e.org/shop/12", True, id="slashes-are-slashes"),
        pytest.param(r"\/shop\/(.*)", False, "https://e.org/shop/12", True, id="escaped-slashes-too"),
        pytest.param("SHOP", False, "shop", False, id="case-counts"),
        pytest.param("SHOP", True, "shop", True, id="case-does-not-count"),
        pytest.param("(?<!pre)shop", False, "preshop", False, id="look-behind"),
        pytest.param("a++b", False, "aaab", True, id="possessive"),
        pytest.param("^[[:digit:]]+$", False, "12", True, id="posix-class"),
        pytest.param("ÜBER", True, "über", True, id="letters-of-the-world"),
    ],
)
def test_what_a_pattern_finds(pattern: str, ignore_case: bool, text: str, expected: bool) -> None:
    expression = compiled(pattern, ignore_case)
    assert expression is not None
    assert (found(expression, text) is not None) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("a(", id="open-parenthesis"),
        pytest.param("*", id="nothing-to-repeat"),
        pytest.param("a{2,1}", id="repeated-backwards"),
        pytest.param("((a{1000}){1000}){1000}", id="as-large-as-the-memory"),
        pytest.param("a{99999999}", id="as-long-as-the-memory"),
    ],
)
def test_what_is_no_pattern(pattern: str) -> None:
    assert compiled(pattern, False) is None


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        pytest.param("/^utm_/", "utm_id", True, id="plain"),
        pytest.param("/^utm_/", "UTM_id", False, id="case-counts"),
        pytest.param("/^utm_/i", "UTM_id", True, id="flag-i"),
        pytest.param("/a.b/s", "a\nb", True, id="flag-s"),
        pytest.param("/^b$/m", "a\nb", True, id="flag-m"),
        pytest.param("/a b/x", "ab", True, id="flag-x"),
        pytest.param("/a\\/b/", "a/b", True, id="slash-inside"),
    ],
)
def test_what_a_delimited_pattern_finds(entry: str, text: str, expected: bool) -> None:
    expression = delimited(entry)
    assert expression is not None
    assert (found(expression, text) is not None) is expected


@pytest.mark.parametrize("entry", ["utm_id", "/utm_id", "utm_id/", "/a/e", "//", "/", "", "/a(/"])
def test_what_is_not_delimited(entry: str) -> None:
    assert delimited(entry) is None


def test_case_of_a_delimited_pattern_may_not_count_at_all() -> None:
    expression = delimited("/^UTM_/", ignore_case=True)
    assert expression is not None
    assert found(expression, "utm_id")


def test_groups_come_with_the_match() -> None:
    expression = compiled("id=([0-9]+)", False)
    assert expression is not None
    match = found(expression, "?id=12&b")
    assert match is not None
    assert match[1] == "12"


def test_an_endless_search_finds_nothing_and_is_logged_without_the_text(caplog: pytest.LogCaptureFixture) -> None:
    pattern = Pattern(regex.compile(ENDLESS))
    with caplog.at_level(logging.WARNING):
        assert [found(pattern, HARD_TEXT) for _ in range(3)] == [None] * 3
    assert [record.getMessage() for record in caplog.records] == [f"pattern too slow pattern={ENDLESS!r}"]


def test_a_pattern_that_wastes_time_rests() -> None:
    now = 1000.0
    pattern = Pattern(regex.compile(ENDLESS), lambda: now)
    assert [found(pattern, HARD_TEXT) for _ in range(MOST_FAILURES)] == [None] * MOST_FAILURES
    assert found(pattern, "xxy") is None
    now += REST_SECONDS
    assert found(pattern, "xxy")
