"""Requests of every shape for fuzzing: known parameters with good and bad values, in good and broken encodings."""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from ingest.tracking import ORDINARY
from tests.tracked import FIREFOX

SITES = ("{PLAIN}", "{STRICT}", "{OPEN}")  # Stand for the sites that the test sets up.
TOKEN = "{TOKEN}"
# Stand for texts of a megabyte, as they are in a query; named, so that an example that fails can be read.
HUGE = {
    "{LETTERS}": b"a" * 1_000_000,
    "{ACCENTS}": b"%C3%A9" * 167_000,
    "{ENTITIES}": b"%26amp%3B" * 111_000,
    "{BROKEN}": b"%" * 1_000_000,
    "{PARAMETERS}": b"&a=1" * 250_000,
}
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data; boundary=b"

# Good values of parameters that have a shape; every other one takes any text.
SHAPED: dict[str, Sequence[str]] = {
    "idsite": ("1", "01", "1.0", "-1", "99999999999999999999", "1e9", "١"),
    "rec": ("0", "2", "true"),
    "url": (
        "https://example.org/",
        "https://example.org/thanks?sid=9&x=1#part",
        "https://example.org/?q=fuzz&cat=a",
        "https://example.org/?utm_campaign=Spring&gclid=1",
        "http://[::1",
        "http:////x",
        "http://example.org:99999999/",
        "https://user:p@ss@example.org/;a=1;b?c",
        "https://www.EXAMPLE.org/%zz/%00?%5B%5D=1&&=&a[]=1",
        "javascript://example.org/%0aalert(1)",
        "https://xn--/",
        f"https://example.org/{'a/' * 3000}",
        f"https://example.org/?{'a=1&' * 3000}",
    ),
    "urlref": (
        "https://www.google.com/search?q=a+b",
        "https://www.google.com/imgres?prev=/search%3Fq%3D%25%25",
        "https://news.example.com/a?b=1#c",
        "https://example.org/q",
        "https://chatgpt.com/",
        "android-app://com.google.android.gm/",
        f"https://{'a.' * 700}example/",
        "https://[/?url=%zz",
    ),
    "link": ("https://x.org/?gclid=1#z", "mailto:a@example.org", "//"),
    "download": ("https://example.org/f.zip", "f.zip", "https://"),
    "idgoal": ("0", "1", "2", "3", "99", "-1", "4294967296"),
    "revenue": ("10.50", "1,5", "-3", "1e308", "1e309", "NaN"),
    "ec_id": ("O1", "O2", "0", "O" * 300),
    "ec_items": (
        '[["S1","N","C",10,2]]',
        '[["S1","N",["a","b","","c","d","e","f"],"9.99","3"],["S1"],[],"x",null,[["a","b"],{},1e400,-1e400,"1e400"]]',
        '{"0":["S1","N","C",10,99999999999999999999]}',
        "3",
        "[[[[",
        '[["\\ud800","\\u0000","C",1e-400,-7]]',
    ),
    "_pkc": ("Shoes", '["a","b","","c","d","e","f"]', '["', '["\\ud800"]'),
    "_pkp": ("9.99", "1,5", "1e400"),
    "cvar": ('{"1":["a","b"],"5":["_pks","S1"],"99":["a","b"],"x":["a","b"]}', '{"1":[{},[]]}', "[]", "{"),
    "_cvar": ('{"1":["a","b"]}', '{"1":["","b"]}', '{"1":"ab"}', "null"),
    "uadata": (
        '{"brands":[{"brand":"Chromium","version":"142"}],"platform":"Linux","mobile":false}',
        '{"brands":"x","fullVersionList":[{"brand":{},"version":[]}],"mobile":"?","formFactors":3}',
        "[]",
        "{",
    ),
    "cdt": ("2026-05-13 11:00:00", "1778666400", "-1e18", "1e400", "9999-12-31T23:59:59+23:59", "0001-01-01", "now"),
    "cdo": ("100", "-100", "99999999999"),
    "cid": ("1111111111111111", "zzzzzzzzzzzzzzzz", "abc", "١" * 16),
    "_id": ("1111111111111111", "GGGGGGGGGGGGGGGG", "abc", "é" * 16),
    "uid": ("alice", "0", "é" * 500, "\x00"),
    "cip": ("198.51.100.7", "2001:db8::1", "::ffff:1.2.3.4", "999.1.1.1", "1.2.3.4:80", "fe80::1%eth0"),
    "country": ("de", "DE", "deutschland", "\x00"),
    "lat": ("47.37", "91", "1e400", "NaN", "-0"),
    "long": ("8.54", "181", "-inf", "x"),
    "res": ("1920x1080", "9" * 40),
    "lang": ("fr-CH,fr;q=0.9", "zh-Hans-CN", '"' * 50, "*;q=0", "C", "(" * 200),
    "cs": ("utf-8", "iso-8859-15", "unicode_escape", "zlib", "utf-7", "idna", "no-such", "utf-16\x00"),
    "ua": (FIREFOX, "Googlebot/2.1", "ChatGPT-User/1.0", "Mozilla/5.0 (" + "(" * 500, "curl/8", "é" * 3000),
    "ping": ("1",),
    "ca": ("1",),
    "new_visit": ("1",),
    "bots": ("1",),
    "send_image": ("0", "1"),
    "recMode": ("1", "2"),
    "http_status": ("200", "-1", "99999999"),
    "bw_bytes": ("1234", "1e15", "1e300"),
    "token_auth": (TOKEN, "x", "0" * 32),
    "tracker_install_check": ("abc",),
    "search": ("fuzz", "0", " "),
    "search_count": ("0", "-5", "4294967296"),
    "e_v": ("2.5", "1,5", "1e400", "--1", "9" * 60),
    "h": ("23", "24", "-1"),
    "pv_id": ("abcdef", "abcdefgh", "éééééé", "\x00"),
    "_refts": ("1778666400",),
    "dimension1": ("value", "v" * 500, "é" * 260),
    "dimension2": ("", "\x00"),
}
NAMED = (
    *("e_c", "e_a", "e_n", "c_n", "c_p", "c_t", "c_i", "search_cat", "_pks", "_pkn", "region", "city", "source"),
    *("ec_st", "ec_tx", "ec_sh", "ec_dt", "mtm_campaign", "mtm_kwd", "utm_source", "pk_campaign", "_rcn", "_rck"),
    *("dimension0", "dimension3", "dimension5", "dimension999", "dimension1000", "dimension-1", "dimension٣"),
    *("cvar[1]", "e_cvar", "idgoal[]", "url[]", "token_auth[]", "a.b", "", "[", "\x00", "ma_id", "cra", "debug"),
)
NAMES = tuple(sorted({*ORDINARY, *SHAPED, *NAMED}))
SHAPED_PAIRS = tuple((name, value) for name, values in SHAPED.items() for value in values)
# What makes a hit go deep into the rules instead of being refused at the door.
INTERESTING: tuple[dict[str, str], ...] = (
    {},
    {"e_c": "Video", "e_a": "Play", "e_v": "2"},
    {"c_n": "Ad", "c_p": "img.jpg"},
    {"idgoal": "1"},
    {"idgoal": "0", "ec_id": "O1", "revenue": "10", "ec_items": '[["S1","N","C",10,1]]'},
    {"idgoal": "0", "revenue": "10", "ec_items": '[["S2","N","C",10,1]]'},
    {"ping": "1"},
    {"search": "shoes"},
    {"link": "https://x.org/"},
    {"pf_net": "10", "pf_srv": "12", "pv_id": "abcdef"},
    {"recMode": "1", "ua": "ChatGPT-User/1.0"},
    {"country": "DE", "region": "05", "city": "Köln", "lat": "50.9", "long": "6.9", "token_auth": TOKEN},
    {"cip": "198.51.100.7", "cdt": "2019-03-01 10:00:00", "token_auth": TOKEN},
)
NUMBERS = ("-1", "0", "9" * 400, "1e999", "-0", "NaN", "Infinity", "0x10", "1_000", "1.5", " 7 ", "٣", "2147483648")
STRANGE = (
    *("\x00", "a\x00b", "�", "\U0010ffff", "‮", "&#0;", "&#xD800;", "&#9999999;", "&amp;amp;", "%", "%zz", "%E9"),
    *("'; drop table hits; --", "{site:UInt32}", "\\", '"', "a" * 5000, "é" * 3000, "🌊" * 400, "a" * 40 + "!"),
    *("[" * 400, '{"a":' * 300, "[" * 300 + "]" * 300),
)
RAW_JSON = (
    *(
        "null",
        "true",
        "[]",
        "{}",
        "1e400",
        "-1e400",
        "1" * 400,
        "0.1",
        "-0",
        '"\\ud800"',
        '"\\u0000"',
        '"\\udc00\\ud800"',
    ),
    *("[1,[2,[3]]]", '{"a":{"b":[]}}', "[" * 400 + "]" * 400, '{"a":' * 200 + "1" + "}" * 200, '"\\/\\b\\f"'),
)
BROKEN_PIECES = (
    b"%",
    b"%%",
    b"%zz=1",
    b"&&",
    b"=",
    b"a=%E9%",
    b"%F0%9F",
    b"a[=1",
    b"a]=1",
    b"\xff=\xff",
    b"#",
    b"?",
    b";",
)
BROKEN_BODIES = (
    *(b"", b"{", b'"requests"', b'{"requests":', b'{"requests":[', b'{"requests":{}}', b'{"requests":[null,1,[],{}]}'),
    *(b" " * 1000 + b'{"requests":["?"]}', b"\xef\xbb\xbf" + b'{"requests":["?a"]}', b"\xff\xfe" + b'"requests"'),
    *(
        b'{"requests":' + b"[" * 100_000,
        b'{"a":' * 100_000 + b'"requests"',
        b'{"requests":["?' + b"a=1&" * 5000 + b'"]}',
    ),
    *(b'{"requests":["?idsite=1"],"requests":3}', b'{"requests":[],"token_auth":{"a":[]},"send_image":[0]}'),
    *(b"--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--", b"--b" * 3000, b"\x00" * 3000 + b'"requests"'),
)

junk = st.one_of(
    st.text(max_size=12), st.sampled_from(STRANGE), st.sampled_from(NUMBERS), st.integers().map(str), st.just("")
)
pairs = st.one_of(st.sampled_from(SHAPED_PAIRS), st.tuples(st.sampled_from(NAMES), junk))
user_agents = st.one_of(
    st.just(FIREFOX),
    st.sampled_from(SHAPED["ua"]),
    st.text(max_size=60),
    st.text(max_size=8).map(f"{FIREFOX} {{}}".format),
)


class Shot(NamedTuple):
    """One HTTP request."""

    method: str
    query: bytes
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


@st.composite
def entries(draw: st.DrawFn) -> dict[str, str]:
    """Return the parameters of one hit: what a tracker would send, changed here and there."""
    site = draw(st.sampled_from(SITES))
    given = {"idsite": site, "rec": "1", "url": "https://example.org/", **draw(st.sampled_from(INTERESTING))}
    changes = draw(st.lists(pairs, max_size=8))
    if draw(st.integers(0, 40)) == 7:
        given["action_name"] = draw(st.sampled_from(tuple(HUGE)))
    return given | dict(changes)


def in_latin_1(text: str) -> str:
    return quote_plus(text.encode("latin-1", "replace"))


encodings: st.SearchStrategy[Callable[[str], str]] = st.sampled_from((quote_plus, quote, in_latin_1))


@st.composite
def queries(draw: st.DrawFn) -> bytes:
    """Return a hit as a query string, perhaps a broken one."""
    encode = draw(encodings)
    pieces = [f"{encode(name)}={encode(value)}".encode() for name, value in draw(entries()).items()]
    return b"&".join([*pieces, *draw(st.lists(st.sampled_from(BROKEN_PIECES), max_size=2))])


@st.composite
def headers(draw: st.DrawFn) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of a sender; none of these keeps a hit of somebody else from being counted."""
    named = {
        b"user-agent": user_agents,
        b"accept-language": st.sampled_from(SHAPED["lang"]),
        b"referer": st.sampled_from(SHAPED["url"]),
        b"authorization": st.sampled_from(("Bearer x", "Bearer", "Basic \x7f", "bearer " + "x" * 9000)),
        b"sec-ch-ua": st.sampled_from(('"Chromium";v="142"', '"', "é" * 3000)),
        b"origin": st.sampled_from(("https://example.org", "null", "\x7f")),
    }
    chosen = draw(st.lists(st.sampled_from(tuple(named)), max_size=4, unique=True))
    return tuple((name, printable(draw(named[name]))) for name in chosen)


def printable(text: str) -> bytes:
    """Return a text as a header may have it on the wire."""
    return "".join(letter for letter in text if letter >= " " and letter != "\x7f").strip().encode("utf-8", "replace")


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    """Return a single hit by any way that leads to the tracker."""
    query, way = draw(queries()), draw(st.sampled_from(("GET", "GET", "POST", "HEAD", "form", "multipart", "text")))
    lines = draw(headers())
    if way in ("GET", "POST", "HEAD"):
        return Shot(way, query, b"", lines)
    kind = {"form": FORM, "multipart": MULTIPART, "text": b"text/plain"}[way]
    body = (
        b"--b\r\nContent-Disposition: form-data; name=url\r\n\r\n%b\r\n--b--" % query if way == "multipart" else query
    )
    return Shot("POST", b"" if way == "form" else query, body, (*lines, (b"content-type", kind)))


json_texts = st.one_of(junk.map(json.dumps), st.sampled_from(RAW_JSON), st.integers().map(str))


@st.composite
def bulk_entries(draw: st.DrawFn) -> str:
    """Return one entry of a bulk body as JSON: a text, an object, or what is neither."""
    way = draw(st.sampled_from(("text", "text", "object", "object", "junk")))
    if way == "junk":
        return draw(json_texts)
    if way == "text":
        return json.dumps(draw(st.sampled_from(("?", "", "/matomo.php?"))) + draw(queries()).decode("latin-1"))
    given = {name: json.dumps(value) for name, value in draw(entries()).items()}
    changes = draw(st.lists(st.tuples(st.sampled_from(NAMES), json_texts), max_size=3))
    return object_of({**given, **dict(changes)})


def object_of(values: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in values.items()) + "}"


class Bulk(NamedTuple):
    """A bulk body with room for an entry that must not be lost."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    extra: dict[str, str]
    headers: tuple[tuple[bytes, bytes], ...]

    def body(self, good: dict[str, Any]) -> bytes:
        requests = "[" + ",".join([*self.before, json.dumps(good), *self.after]) + "]"
        return object_of({"requests": requests, **self.extra}).encode()


bulks = st.builds(
    Bulk,
    st.lists(bulk_entries(), max_size=4).map(tuple),
    st.lists(bulk_entries(), max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(("token_auth", "send_image", "x", "")), json_texts, max_size=2),
    headers(),
)


@st.composite
def broken_bodies(draw: st.DrawFn) -> Shot:
    """Return a body that is no good bulk body: cut off, with bytes changed, or strange from the beginning."""
    body = draw(st.sampled_from(BROKEN_BODIES))
    if draw(st.booleans()):
        whole = draw(bulks).body({"idsite": 1})
        start, end = sorted(draw(st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))))
        body = whole[:start] + draw(st.binary(max_size=4)) + whole[end:]
    kind = draw(st.sampled_from((b"application/json", FORM, MULTIPART, b"text/plain; charset=utf-8", b"")))
    return Shot(draw(st.sampled_from(("POST", "PUT"))), b"", body, ((b"content-type", kind),))
