"""Who sent a request that came through proxies, and what nobody can make us believe."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from ingest.proxies import Proxies
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.settings import BadSetting
from tests.tracked import Tracked, tracked

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("::1"), ip_network("2001:db8:ffff::/48"))
LIST = Proxies(NETWORKS, "X-Forwarded-For")
FORWARDED = Proxies(NETWORKS, "Forwarded")


@pytest.mark.parametrize(
    ("peer", "header", "visitor"),
    [
        pytest.param("203.0.113.9", "198.51.100.1", "203.0.113.9", id="a-stranger-speaks-for-nobody-else"),
        pytest.param("10.0.0.1", "198.51.100.1", "198.51.100.1", id="a-proxy-speaks-for-a-visitor"),
        pytest.param("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", id="a-proxy-seen-from-a-listener-for-both"),
        pytest.param("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1", id="what-a-visitor-forged-is-passed-over"),
        pytest.param("10.0.0.1", "10.0.0.9, 198.51.100.1", "198.51.100.1", id="a-forged-proxy-too"),
        pytest.param("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1", id="two-proxies"),
        pytest.param("10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1", id="a-proxy-as-v4-in-v6"),
        pytest.param("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", id="nobody-but-proxies"),
        pytest.param("::1", "2001:db8::7", "2001:db8::7", id="v6"),
        pytest.param("::1", "2001:DB8:0:0::7", "2001:db8::7", id="v6-in-one-spelling"),
        pytest.param("10.0.0.1", "2001:db8::7, 2001:db8:ffff::2", "2001:db8::7", id="v6-proxy"),
        pytest.param("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7", id="v6-with-port"),
        pytest.param("10.0.0.1", "198.51.100.1:4711", "198.51.100.1", id="port"),
        pytest.param("10.0.0.1", "fe80::1%eth0", "fe80::1", id="zone"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="empty"),
        pytest.param("10.0.0.1", " , ,", "10.0.0.1", id="empty-parts"),
        pytest.param("10.0.0.1", ",198.51.100.1, ,", "198.51.100.1", id="empty-parts-around-an-address"),
        pytest.param("10.0.0.1", "unknown", "10.0.0.1", id="unknown"),
        pytest.param("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1", id="nobody-speaks-for-an-unknown-one"),
        pytest.param("10.0.0.1", "1.2.3.4, unknown, 10.0.0.2", "10.0.0.2", id="the-last-that-is-known"),
        pytest.param("10.0.0.1", "unknown, 198.51.100.1", "198.51.100.1", id="a-visitor-who-calls-itself-unknown"),
        pytest.param("10.0.0.1", "<script>", "10.0.0.1", id="garbage"),
        pytest.param("10.0.0.1", "256.1.1.1", "10.0.0.1", id="no-address"),
        pytest.param("10.0.0.1", "1.2.3.4, é\x00ÿ", "10.0.0.1", id="bytes"),
        pytest.param("", "198.51.100.1", "", id="a-socket-without-address"),
        pytest.param("10.0.0.1", "1.2.3.4," * 200_000 + "198.51.100.1", "198.51.100.1", id="long"),
        pytest.param("10.0.0.1", "1.2.3.4" + " " * 4089 + ",10.0.0.2", "10.0.0.2", id="what-is-cut-off-says-nothing"),
        pytest.param("10.0.0.1", "," * 1_000_000, "10.0.0.1", id="long-and-empty"),
    ],
)
def test_lists(peer: str, header: str, visitor: str) -> None:
    assert LIST.visitor(peer, header.encode("latin-1")) == visitor


@pytest.mark.parametrize(
    ("header", "visitor"),
    [
        pytest.param("for=198.51.100.1", "198.51.100.1", id="for"),
        pytest.param("For=198.51.100.1;proto=https;by=10.0.0.1", "198.51.100.1", id="with-others"),
        pytest.param('proto=http ; FOR="198.51.100.1:4711"', "198.51.100.1", id="quoted-port"),
        pytest.param('for="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17", id="v6"),
        pytest.param('for="[2001:db8:cafe::17]"', "2001:db8:cafe::17", id="v6-without-port"),
        pytest.param("for=1.2.3.4, for=198.51.100.1", "198.51.100.1", id="what-a-visitor-forged-is-passed-over"),
        pytest.param('for=198.51.100.1, for="10.0.0.2:80";by=10.0.0.3', "198.51.100.1", id="two-proxies"),
        pytest.param("for=198.51.100.1,,for=10.0.0.2,", "198.51.100.1", id="empty-elements"),
        pytest.param("for=unknown", "10.0.0.1", id="unknown"),
        pytest.param("for=_hidden, for=10.0.0.2", "10.0.0.2", id="obfuscated"),
        pytest.param('for="_gazonk:_port"', "10.0.0.1", id="obfuscated-with-port"),
        pytest.param("proto=https", "10.0.0.1", id="it-does-not-say"),
        pytest.param("198.51.100.1", "10.0.0.1", id="no-pair"),
        pytest.param('for=198.51.100.1;host="a,b"', "198.51.100.1", id="comma-in-quotes"),
        pytest.param('for=198.51.100.1;host="a\\",for=1.2.3.4;b=\\"c"', "198.51.100.1", id="escaped-quotes"),
        pytest.param('host=";for=1.2.3.4";for=198.51.100.1', "198.51.100.1", id="a-pair-in-quotes-is-none"),
        pytest.param('for=1.2.3.4;x=", for=198.51.100.1;host="a"', "198.51.100.1", id="an-open-quote-swallows-nothing"),
        pytest.param('for=1.2.3.4, for=198.51.100.1;x="', "10.0.0.1", id="an-open-quote-at-the-end"),
        pytest.param('for="for=198.51.100.1', "10.0.0.1", id="a-quote-that-is-never-closed"),
        pytest.param('a="' + '\\"' * 10_000 + '", for=198.51.100.1', "198.51.100.1", id="long"),
        pytest.param(',"' * 500_000, "10.0.0.1", id="nothing-but-quotes"),
    ],
)
def test_forwarded(header: str, visitor: str) -> None:
    assert FORWARDED.visitor("10.0.0.1", header.encode("latin-1")) == visitor


@pytest.mark.parametrize(
    "name",
    ["X-Real-IP", "CF-Connecting-IP", "true-client-ip", "Fastly-Client-IP", "X-Client-IP", "X-Cluster-Client-IP"],
)
def test_headers_of_one_address(name: str) -> None:
    proxies = Proxies(NETWORKS, name)
    assert proxies.visitor("10.0.0.1", b" 2001:db8::7 ") == "2001:db8::7"
    assert proxies.visitor("203.0.113.9", b"2001:db8::7") == "203.0.113.9"


@pytest.mark.parametrize("name", ["", "X-Real-IP, Forwarded", "X Real IP", "X-Real-IP:", "Ünknown"])
def test_only_one_header_can_be_named(name: str) -> None:
    with pytest.raises(BadSetting, match="PEGEL_PROXY_HEADER"):
        Settings(proxy_header=name)


def proxied(directory: pytest.TempPathFactory, database: Database, header: str) -> Iterator[Tracked]:
    settings = Settings(trusted_proxies=("127.0.0.1",), proxy_header=header)
    with tracked(directory.mktemp("proxied"), database, settings) as running:
        yield running


@pytest.fixture(scope="module")
def balanced(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector whose balancer writes X-Forwarded-For."""
    yield from proxied(tmp_path_factory, database, "X-Forwarded-For")


@pytest.fixture(scope="module")
def fronted(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector whose proxy writes X-Real-IP."""
    yield from proxied(tmp_path_factory, database, "X-Real-IP")


VISITOR = ("X-Forwarded-For", "198.51.100.1")


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        pytest.param([VISITOR], "198.51.0.0", id="one-line"),
        pytest.param([("X-Forwarded-For", "1.2.3.4"), VISITOR], "198.51.0.0", id="a-proxy-adds-a-line"),
        pytest.param([VISITOR, ("X-Forwarded-For", "127.0.0.1")], "198.51.0.0", id="two-proxies-two-lines"),
        pytest.param([VISITOR, ("Forwarded", "for=1.2.3.4"), ("X-Real-IP", "1.2.3.4")], "198.51.0.0", id="one-header"),
        pytest.param([("X-Real-IP", "1.2.3.4")], "127.0.0.0", id="no-other-header"),
        pytest.param([], "127.0.0.0", id="none"),
    ],
)
def test_a_visitor_behind_a_balancer(balanced: Tracked, lines: list[tuple[str, str]], address: str) -> None:
    site = balanced.add_site()
    balanced.lines(f"/matomo.php?idsite={site.id}&rec=1", *lines)
    assert [visit["ip"] for visit in balanced.visits(site)] == [address]


def test_a_header_that_the_operator_named(fronted: Tracked) -> None:
    site = fronted.add_site()
    fronted.lines(f"/matomo.php?idsite={site.id}&rec=1", ("X-Real-IP", "198.51.100.1"), VISITOR)
    assert [visit["ip"] for visit in fronted.visits(site)] == ["198.51.0.0"]


def test_nobody_is_believed_by_default(pegel: Tracked) -> None:
    """Neither to come from somewhere else, nor to escape an exclusion."""
    site = pegel.add_site(excluded_addresses=("127.0.0.1",))
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Client-IP")
    for name in names:
        answer = pegel.lines(f"/matomo.php?idsite={site.id}&rec=1", (name, "198.51.100.1"))
        assert answer.headers["x-pegel"] == "ignored: excluded-address"
    assert pegel.visits(site) == []


def test_a_visitor_cannot_speak_for_others_through_a_proxy(balanced: Tracked) -> None:
    site = balanced.add_site(excluded_addresses=("198.51.100.1",))
    path = f"/matomo.php?idsite={site.id}&rec=1"
    for forged in ("203.0.113.9", "127.0.0.1", "unknown", '"', "for=203.0.113.9", ",,,"):
        answer = balanced.lines(path, ("X-Forwarded-For", f"{forged}, 198.51.100.1"))
        assert answer.headers["x-pegel"] == "ignored: excluded-address"


def test_a_port_makes_no_other_visitor(balanced: Tracked) -> None:
    site = balanced.add_site()
    for port in (4711, 4712):
        path = f"/matomo.php?idsite={site.id}&rec=1"
        balanced.lines(path, ("X-Forwarded-For", f"198.51.100.1:{port}"))
    assert len(balanced.visits(site)) == 1


def test_a_header_of_a_megabyte(balanced: Tracked) -> None:
    site = balanced.add_site()
    forged = "203.0.113.9," * 87_000
    answer = balanced.lines(f"/matomo.php?idsite={site.id}&rec=1", ("X-Forwarded-For", forged), VISITOR)
    assert answer.status == 200
    assert [visit["ip"] for visit in balanced.visits(site)] == ["198.51.0.0"]
