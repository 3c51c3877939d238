"""Parameters: what a query string, a form or a JSON body says, in the types that the tracker means."""

from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.tracking import (
    ORDINARY,
    TrackingRequest,
    loose_integer,
    parse_bulk,
    parse_query,
    parsed_as_json,
    parsed_by_pairs,
    tidy,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(b"a=1&b=2", {"a": "1", "b": "2"}, id="plain"),
        pytest.param(b"a=1&a=2", {"a": "2"}, id="the-last-wins"),
        pytest.param(b"a=%41%2bb+c%26d%3De", {"a": "A+b c&d=e"}, id="escapes"),
        pytest.param(b"a=%22%5C%0A", {"a": '"\\\n'}, id="escapes-that-json-knows-too"),
        pytest.param(b'a="\\u0041"', {"a": '"\\u0041"'}, id="what-json-would-decode-stays"),
        pytest.param(b"a=%C3%A9&b=\xc3\xa9&c=%E9&d=\xe9", dict.fromkeys("abcd", "é"), id="utf-8-and-latin-1"),
        pytest.param(b"a=%zz&b=%4&c=%", {"a": "%zz", "b": "%4", "c": "%"}, id="broken-escapes"),
        pytest.param(b"a&b=&=c&&", {"a": "", "b": ""}, id="names-and-values-missing"),
        pytest.param(b"a.b=1&c%20d=2", {"a_b": "1", "c_d": "2"}, id="dots-and-blanks-in-names"),
        pytest.param(b"a[]=1&a[]=2&b[x]=3", {"a": ["2"], "b": ["3"]}, id="lists"),
        pytest.param(b"a=%00x", {"a": "\0x"}, id="nul"),
        pytest.param(b"", {}, id="nothing"),
    ],
)
def test_queries(query: bytes, expected: dict[str, object]) -> None:
    assert {name: value for name, value in parse_query(query).items() if name} == expected


PIECES = [
    *(b"a", b"b", b"_", b"1", b"=", b"&", b"+", b".", b"[", b"]", b" ", b"\n", b"%", b'"', b"\\"),
    *(b"%41", b"%C3%A9", b"%E9", b"%00", b"%0A", b"%22", b"%5C", b"%zz", b"\xc3\xa9", b"\xe9"),
]


@given(some.lists(some.sampled_from(PIECES), max_size=12).map(b"".join))
def test_the_fast_way_reads_what_the_long_way_reads(query: bytes) -> None:
    assert parsed_as_json(query) in (None, parsed_by_pairs(query))


NAMES = [*sorted(ORDINARY), "ec_items", "_pkc", "cvar", "_cvar", "dimension1", "dimension999", "idgoal", "e_v", "cdt"]
SENDABLE = some.text(some.characters(exclude_categories=["Cs"]), max_size=20)
JSON = some.sampled_from(['{"1":["n","v"]}', '[["S","N",["C","D"],"9.99",2]]', '["a', "[" * 50, '"\\ud800"', "null"])


@given(some.dictionaries(some.sampled_from(NAMES), SENDABLE | JSON, max_size=8))
def test_what_a_tracker_sends_arrives(parameters: dict[str, str]) -> None:
    query = urlencode(parameters).encode()
    assert parse_query(query) == parameters if parameters else parse_query(query).keys() <= {""}
    assert parsed_as_json(query) in (None, parsed_by_pairs(query))


@given(some.sampled_from(NAMES), some.lists(some.sampled_from(PIECES), max_size=12).map(b"".join), SENDABLE)
def test_broken_values_are_read_the_same_way(name: str, broken: bytes, text: str) -> None:
    query = b"%b=%b&idsite=%b" % (name.encode(), broken, quote_plus(text).encode())
    assert parsed_as_json(query) in (None, parsed_by_pairs(query))


@given(some.text(some.sampled_from("0123456789+-.,e _x٣"), max_size=45) | some.integers().map(str))
def test_the_short_way_to_a_number_is_the_long_one(text: str) -> None:
    request = TrackingRequest({"n": text})
    number, decimal = request.number("n"), request.decimal("n")
    assert request.integer("n", -7) == (loose_integer(text, -7) if text else -7)
    assert number is None or abs(number) <= 2.0**63
    assert decimal in (None, number)


@given(SENDABLE | some.text(some.sampled_from("aé&;lt# \0\t漢"), max_size=40), some.integers(1, 30))
def test_a_text_keeps_its_bound(value: str, limit: int) -> None:
    text = TrackingRequest({"t": value}).text("t", limit)
    assert text == tidy(value, limit)
    assert len(text.encode()) <= limit


def test_a_query_has_at_most_a_thousand_parameters() -> None:
    for last in (b"z=1", b"z=%zz"):
        query = b"&".join([*(b"p%d=1" % number for number in range(5000)), last])
        assert len(parse_query(query)) == 1000


@pytest.mark.parametrize(
    ("value", "integer", "number"),
    [
        ("5", 5, 5.0),
        ("007", 7, 7.0),
        ("1.0", 1, 1.0),
        ("1e1", 10, 10.0),
        (" 5 ", 5, 5.0),
        ("-3", -3, -3.0),
        ("+3", 3, 3.0),
        ("5abc", -1, 0.0),
        ("1.5", -1, 1.5),
        (".5", -1, 0.5),
        ("1,5", -1, 1.0),
        ("1e999", -1, 0.0),
        ("9" * 18, 10**18, 1e18),
        ("9" * 30, -1, 0.0),
        ("9" * 5000, -1, 0.0),
        ("٣", -1, 0.0),
        ("true", -1, 0.0),
        (["5"], -1, 0.0),
        (True, -1, 0.0),
        (5, 5, 5.0),
        (2.5, -1, 2.5),
        ("", -1, None),
        (None, -1, None),
    ],
)
def test_numbers(value: object, integer: int, number: float | None) -> None:
    request = TrackingRequest({"n": value})
    assert request.integer("n", -1) == integer
    assert request.number("n") == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  a \r\n b\0c ", "a  bc"),
        ("&lt;b&gt; &#228; &#xE4; &hellip; &amp;amp;", "<b> ä ä … &amp;"),
        ("&copy=1 &nosuch; &#xD800;", "&copy=1 &nosuch; &#xD800;"),
        ("é" * 20, "é" * 5),
        ("&thetasym;" * 2000, "ϑ" * 512),
        (5, "5"),
        (0, "0"),
        (["a"], ""),
        ({}, ""),
        (True, ""),
        (None, ""),
    ],
)
def test_texts(value: object, text: str) -> None:
    assert TrackingRequest({"t": value}).text("t", 10 if value == "é" * 20 else 1024) == text


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        pytest.param(
            b'{"requests":["?a=1","/p?a=2","https://e.org/x?a=3#b=4"]}', [{"a": v} for v in "123"], id="texts"
        ),
        pytest.param(b'{"requests":[{"a":1,"b":[2]}]}', [{"a": 1, "b": [2]}], id="objects"),
        pytest.param(b'{"requests":["a=1",7,null]}', [], id="nothing-to-read"),
        pytest.param(b'\xef\xbb\xbf{"requests":["?a=1"]}', [{"a": "1"}], id="byte-order-mark"),
        pytest.param(b'{"requests":\r\n["?a=1"\n]}', [{"a": "1"}], id="line-breaks"),
        pytest.param(b'{"requests":["?a=\\ud83d"]}', [{"a": "?"}], id="half-a-character"),
        pytest.param(b'{"requests":' + b"[" * 100_000, [], id="too-deep"),
    ],
)
def test_bulk(body: bytes, entries: list[dict[str, object]]) -> None:
    assert [request.parameters for request in parse_bulk(body).requests] == entries
