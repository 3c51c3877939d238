"""Who objects leaves no trace: a search through every byte that a whole server keeps, in files, tables and logs.

A search that finds nothing proves little, so each comes with somebody who did not object, and whom it does find.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.people import Kept, Person, kept_of
from tests.running import Server
from tests.traces import Remains, Trace, assert_no_address, trace_of_address, trace_of_id, trace_of_text

# What a visitor of an installation older than Matomo 4 still has: a signed value, made up here.
LEGACY = f"ignore=czoxOiIqIjs%3D%3A_%3D{'0123456789abcdef' * 2}01234567"
AT = "1763900000123"

OBJECTORS = {
    "opt-out-cookie": Person(headers={"Cookie": "theme=dark; matomo_ignore=ignore%3DKg%3D%3D"}),
    "opt-out-cookie-of-old": Person(headers={"Cookie": f"piwik_ignore={LEGACY}"}),
    "opt-out-cookie-of-the-website": Person(headers={"Cookie": f"mtm_consent={AT}; mtm_consent_removed={AT}"}),
    "no-consent": Person("consent-required"),
    "no-consent-cookies-only": Person("consent-required", {"Cookie": f"mtm_cookie_consent={AT}"}),
    "do-not-track": Person("dnt-drop", {"DNT": "1"}),
    "do-not-track-of-old": Person("dnt-drop", {"X_Do_Not_Track": "1"}),
    "global-privacy-control": Person("gpc-drop", {"Sec_GPC": "1"}),
}
OTHERS = {
    "nothing-said": Person(),
    "other-cookies": Person(headers={"Cookie": "matomo_ignore=; not_mtm_consent_removed=1"}),
    "consent-by-parameter": Person("consent-required", parameters={"consent": 1}),
    "consent-by-cookie": Person("consent-required", {"Cookie": f"mtm_consent={AT}"}),
    "cookie-consent": Person("cookie-consent", {"Cookie": f"mtm_cookie_consent={AT}"}),
    "no-signal": Person("dnt-drop"),
    "another-signal": Person("gpc-drop", {"DNT": "1"}),
    "signal-ignored": Person(headers={"DNT": "1", "Sec_GPC": "1"}),
}
USER = Person().identified_by("uid")
# Who is counted, and what they must not be known by.
ANONYMOUS = {
    "without-identifiers": (Person("without-identifiers"), ("id",)),
    "no-cookie-consent": (Person("cookie-consent"), ("id",)),
    "do-not-track": (Person("dnt-anonymous", {"DNT": "1"}), ("id", "cid", "uid")),
    "global-privacy-control": (Person("gpc-anonymous", {"Sec_GPC": "1"}), ("id", "cid", "uid")),
    "french": (Person("cnil", {"DNT": "1"}), ("id", "cid", "uid")),
    "french-user": (Person("cnil"), ("uid",)),
    "german": (Person("tdddg"), ("id", "uid")),
    "german-with-signal": (Person("tdddg", {"Sec_GPC": "1"}), ("id", "cid", "uid")),
    "british-with-signal": (Person("uk", {"Sec_GPC": "1"}), ("id", "cid", "uid")),
}
METHODS = ("GET", "FORM", "BULK")


class Address(NamedTuple):
    """An address with a secret in it, in one parameter of a hit: `{}` is the secret, `{page}` something harmless."""

    parameter: str
    text: str
    secret: str = "Qx7Kq9vZ"
    site: str = "matomo"


ADDRESSES = {
    "password": Address("url", "https://example.org/{page}?password={}&a=1"),
    "token": Address("url", "https://example.org/{page}?token_auth={}"),
    "token-in-fragment": Address("url", "https://example.org/{page}#access_token={}&state=1"),
    "session-id": Address("url", "https://example.org/{page}?PHPSESSID={}"),
    "session-id-in-path": Address("url", "https://example.org/{page};jsessionid={}?a=1"),
    "user-and-password": Address("url", "https://anna:{}@example.org/{page}"),
    "e-mail": Address("url", "https://example.org/{page}?contact={}", "qx7kq9@vz.example"),
    "e-mail-in-path": Address("url", "https://example.org/{page}/{}/settings", "qx7kq9@vz.example"),
    "e-mail-encoded-twice": Address("url", "https://example.org/{page}?next=%2Fa%3Fb%3D{}", "qx7kq9%2540vz.example"),
    "referrer": Address("urlref", "https://elsewhere.example/{page}?token={}"),
    "outlink": Address("link", "https://elsewhere.example/{page}?apikey={}"),
    "download": Address("download", "https://example.org/{page}.pdf?sessionid={}"),
    "campaign's-referrer": Address("_ref", "https://elsewhere.example/{page}?pwd={}"),
    "content": Address("c_t", "https://elsewhere.example/{page}?email={}", "qx7kq9@vz.example"),
    "own-parameter": Address("url", "https://example.org/{page}?customer={}", site="patterns"),
    "own-pattern": Address("url", "https://example.org/{page}/ticket-{}", "qxkqvz", "patterns"),
}


def visitor_at(name: str, address: Address) -> tuple[Person, str]:
    """Return somebody who sends an address, and the secret in it, which no other has."""
    number = f"{list(ADDRESSES).index(name):02}"
    secret = address.secret.replace("kq", "k" + chr(ord("a") + int(number)) + "q").replace("Kq", f"K{number}q")
    person = Person(address.site)
    text = address.text.format(secret, page=person.page)
    more = {"c_n": "Offer", "c_p": "Picture"} if address.parameter == "c_t" else {}
    return Person(address.site, {}, {address.parameter: text, **more}, person.number), secret


SENDERS = {name: visitor_at(name, address) for name, address in ADDRESSES.items()}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Let everybody visit."""
    return kept_of(tmp_path_factory.mktemp("kept"), everybody_visits)


def everybody_visits(pegel: Server) -> None:
    for person in (*OBJECTORS.values(), *OTHERS.values(), USER):
        for method in METHODS:
            person.visit(pegel, method)
    for person, names in ANONYMOUS.values():
        for method in METHODS:
            person.identified_by(*(name for name in names if name != "id")).visit(pegel, method)
    for person, _ in SENDERS.values():
        person.visit(pegel)


@pytest.mark.parametrize("way", OBJECTORS)
def test_who_objects_leaves_no_trace(kept: Kept, way: str) -> None:
    assert kept.of(OBJECTORS[way]) == {}


@pytest.mark.parametrize("way", OTHERS)
def test_who_does_not_object_is_found(kept: Kept, way: str) -> None:
    """In the spool with the browser, and in tables by page and id: as text, as a number, and as bytes."""
    person = OTHERS[way]
    found = kept.of(person)
    assert {"page waiting", "browser waiting", "id waiting", "page loaded", "id loaded"} <= found.keys()
    assert {"default.hits JSONEachRow", "default.hits RowBinary", "default.visits RowBinary"} <= {*found["id loaded"]}
    packed = Trace(frozenset(), person.traces["id"].packed)
    assert any("journal" in place or "loader" in place for place in kept.loaded.places(packed))


def test_who_is_logged_in_is_found_by_what_the_website_calls_them(kept: Kept) -> None:
    assert {"uid waiting", "page waiting", "uid loaded", "page loaded"} <= kept.of(USER).keys()


@pytest.mark.parametrize("why", ANONYMOUS)
def test_no_identifier_where_a_policy_forbids_it(kept: Kept, why: str) -> None:
    person, names = ANONYMOUS[why]
    assert kept.of(person, *names) == {}
    assert kept.of(person, "page").keys() == {"page waiting", "page loaded"}


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_secret_of_an_address_is_kept(kept: Kept, name: str) -> None:
    person, secret = SENDERS[name]
    assert secret in str(dict(person.parameters))
    assert kept.places(trace_of_text(secret)) == []
    assert kept.of(person, "page").keys() == {"page waiting", "page loaded"}


def test_no_full_address_is_kept(kept: Kept) -> None:
    some = [person for person, _ in (*ANONYMOUS.values(), *SENDERS.values())]
    people = [*OBJECTORS.values(), *OTHERS.values(), USER, *some]
    addresses = [person.address for person in people]
    assert len(set(addresses)) == len(addresses) > 30
    assert_no_address(kept.waiting, addresses)
    assert_no_address(kept.loaded, addresses)
    assert kept.places(trace_of_text("198.19.0.0")), "masked addresses are kept"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        pytest.param("198.19.77.201", b"GET / from 198.19.77.201", id="text"),
        pytest.param("198.19.77.201", b"[::FFFF:198.19.77.201]", id="mapped"),
        pytest.param("198.19.77.201", b"::ffff:c613:4dc9", id="mapped-in-hex"),
        pytest.param("198.19.77.201", b"C6134DC9", id="hex"),
        pytest.param("198.19.77.201", b"3323153865", id="number"),
        pytest.param("198.19.77.201", b"\0\xc6\x13\x4d\xc9\0", id="bytes"),
        pytest.param("198.19.77.201", b"\xc9\x4d\x13\xc6", id="bytes-the-other-way"),
        pytest.param("2001:db8::7a3c:c58e", b"2001:0DB8:0000:0000:0000:0000:7A3C:C58E", id="long"),
        pytest.param("2001:db8::7a3c:c58e", b"2001:db8::7a3c:c58e", id="short"),
        pytest.param("2001:db8::7a3c:c58e", bytes.fromhex("20010db8" + "0" * 16 + "7a3cc58e"), id="16-bytes"),
    ],
)
def test_the_search_knows_every_form_of_an_address(tmp_path: Path, address: str, written: bytes) -> None:
    (tmp_path / "log").write_bytes(b"before " + written + b" after")
    assert Remains().add_files(tmp_path).places(trace_of_address(address)) == [str(tmp_path / "log")]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(b"c0ffee0123456789", id="hex"),
        pytest.param(b"C0FFEE0123456789", id="hex-in-capitals"),
        pytest.param(str(0xC0FFEE0123456789).encode(), id="number"),
        pytest.param(str(0xC0FFEE0123456789 - 2**64).encode(), id="number-with-sign"),
        pytest.param(bytes.fromhex("c0ffee0123456789"), id="bytes"),
        pytest.param(bytes.fromhex("8967452301eeffc0"), id="bytes-the-other-way"),
    ],
)
def test_the_search_knows_every_form_of_an_id(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "table").write_bytes(b"\x01" + written + b"\x02")
    assert Remains().add_files(tmp_path).places(trace_of_id("c0ffee0123456789")) == [str(tmp_path / "table")]
