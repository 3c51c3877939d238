"""Places of addresses, from databases in the usual layouts."""

import os
import struct
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import pytest

from ingest.geo import BUNDLED, NOWHERE, Place, Places
from ingest.settings import Settings
from sql.clickhouse import Database
from tests.tracked import tracked

MARKER = b"\xab\xcd\xefMaxMind.com"
SHORT, LONG, LONGER = 5, 6, 9  # Kinds of numbers in MMDB files, of 16, 32 and 64 bits.
METADATA = {"record_size": 32, "ip_version": 6, "binary_format_major_version": 2, "binary_format_minor_version": 0}
BERN = {
    "city": {"names": {"de": "Bern", "en": "Berne"}},
    "country": {"iso_code": "CH", "names": {"en": "Switzerland"}},
    "registered_country": {"iso_code": "DE"},
    "subdivisions": [{"iso_code": "BE", "names": {"en": "Bern"}}],
    "location": {"latitude": 46.94809, "longitude": 7.44744},
}
WORLD: dict[str, Mapping[str, Any]] = {
    "1.2.3.0/24": BERN,
    "5.6.7.0/24": {"country_code": "FR"},
    "8.9.1.0/25": {"registered_country": {"iso_code": "AT"}},
    "8.9.1.128/25": {"country_code": "ZZ"},
    "9.64.0.0/16": {
        "city": "Oslo",
        "country_code": "NO",
        "latitude": 59.9139,
        "longitude": 10.7522,
        "state1": "Oslo",
    },
    "9.65.0.0/16": {"continent": {"code": "EU"}},
    "9.66.0.0/16": {
        "city": {"names": {"de": "Köln"}},
        "country": {"iso_code": "DE", "names": {"en": "Germany"}},
        "location": {"latitude": 50.9375, "longitude": 6.9603},
        "subdivisions": [{"names": {"en": "North Rhine-Westphalia"}}],
    },
    "9.67.0.0/16": {"country_code": "US", "region_code": "US-CA", "latitude": "37.42201", "longitude": "-122.08408"},
    "9.68.0.0/16": {"country_code": "US", "latitude": 91.0, "longitude": "nowhere"},
    "2400:cb00::/32": {"country": {"iso_code": "JP"}},
    "10.0.0.0/8": {"country_code": "US"},
    "203.0.113.0/24": {"country_code": "AU"},
}


def encoded(value: object) -> bytes:
    """Write a value as MMDB files hold it."""
    if isinstance(value, str):
        data = value.encode()
        return control(2, len(data)) + data
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, tuple):
        kind, number = int(value[0]), int(value[1])
        data = number.to_bytes(8, "big").lstrip(b"\0")
        return control(kind, len(data)) + data
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encoded, value))
    assert isinstance(value, Mapping)
    return control(7, len(value)) + b"".join(encoded(part) for pair in value.items() for part in pair)


def control(kind: int, size: int) -> bytes:
    first, extended = (kind << 5, b"") if kind < 8 else (0, bytes([kind - 7]))
    return bytes([first | size]) + extended if size < 29 else bytes([first | 29]) + extended + bytes([size - 29])


def bits_of(network: IPv4Network | IPv6Network) -> str:
    """Return the path through the tree; IPv4 lies below 96 zeros."""
    zeros = 96 if network.version == 4 else 0
    number = int(IPv6Address(int(network.network_address)))
    return f"{number:0128b}"[: zeros + network.prefixlen]


def write_database(path: Path, records: Mapping[str, Mapping[str, Any]], kind: str = "Test") -> Path:
    """Write a small MMDB file, and rename it into place as an operator should."""
    tree: list[list[int | None]] = [[None, None]]
    data, offsets = b"", []
    for network, record in records.items():
        *way, last = (int(bit) for bit in bits_of(ip_network(network)))
        node = 0
        for bit in way:
            if tree[node][bit] is None:
                tree.append([None, None])
                tree[node][bit] = len(tree) - 1
            node = tree[node][bit] or 0
        offsets.append((node, last, len(data)))
        data += encoded(record)
    count = len(tree)
    nodes = [[count if child is None else child for child in pair] for pair in tree]
    for node, bit, offset in offsets:
        nodes[node][bit] = count + 16 + offset
    written = b"".join(child.to_bytes(4, "big") for pair in nodes for child in pair)
    about = {
        **{name: (SHORT, number) for name, number in METADATA.items()},
        **{"node_count": (LONG, count), "build_epoch": (LONGER, 1), "database_type": kind},
        **{"languages": ["en"], "description": {"en": "Test"}},
    }
    new = path.with_suffix(".new")
    new.write_bytes(written + bytes(16) + data + MARKER + encoded(about))
    os.replace(new, path)
    return path


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return write_database(tmp_path / "places.mmdb", WORLD)


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A database that knows more of an address than of what is left of it when it is masked."""
    return write_database(tmp_path / "some.mmdb", {"1.2.3.0/24": BERN, "1.2.0.0/24": {"country_code": "US"}})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("1.2.3.4", Place("ch", "BE", "Berne", 46.948, 7.447), id="city"),
        pytest.param("::ffff:1.2.3.4", Place("ch", "BE", "Berne", 46.948, 7.447), id="ipv4-in-ipv6"),
        pytest.param("5.6.0.0", NOWHERE, id="masked-and-unknown"),
        pytest.param("5.6.7.0", Place("fr", "", "", None, None), id="country-code"),
        pytest.param("8.9.1.1", Place("at", "", "", None, None), id="registered"),
        pytest.param("8.9.1.200", NOWHERE, id="reserved-code"),
        pytest.param("9.64.1.1", Place("no", "", "Oslo", 59.914, 10.752), id="flat-city"),
        pytest.param("9.65.1.1", NOWHERE, id="continent-only"),
        pytest.param("9.66.1.1", Place("de", "", "Köln", 50.938, 6.96), id="region-by-name-only"),
        pytest.param("9.67.1.1", Place("us", "CA", "", 37.422, -122.084), id="region-with-country"),
        pytest.param("9.68.1.1", Place("us", "", "", None, None), id="no-such-coordinates"),
        pytest.param("2400:cb00::1", Place("jp", "", "", None, None), id="ipv6"),
        pytest.param("10.1.2.3", NOWHERE, id="private"),
        pytest.param("203.0.113.9", NOWHERE, id="for-examples"),
        pytest.param("::1", NOWHERE, id="this-machine"),
        pytest.param("0.0.0.0", NOWHERE, id="nowhere"),
        pytest.param("no address", NOWHERE, id="no-address"),
        pytest.param("", NOWHERE, id="empty"),
    ],
)
def test_place(world: Path, address: str, expected: Place) -> None:
    assert Places(world).of(address) == expected


def test_replaced_database_is_opened_again(world: Path) -> None:
    places = Places(world)
    assert (places.of("1.2.3.4").country, places.refresh()) == ("ch", False)
    write_database(world, {"1.2.3.0/24": {"country_code": "IT"}})
    assert places.refresh()
    assert places.of("1.2.3.4").country == "it"


def test_broken_database_is_not_taken(world: Path, caplog: pytest.LogCaptureFixture) -> None:
    places = Places(world)
    broken = world.with_suffix(".broken")
    broken.write_bytes(b"no database")
    os.replace(broken, world)
    assert [places.refresh(), places.refresh()] == [False, False]
    assert places.of("1.2.3.4").country == "ch"
    assert len(caplog.messages) == 1


def test_lost_database_stays_open(world: Path) -> None:
    places = Places(world)
    world.unlink()
    assert not places.refresh()
    assert places.of("1.2.3.4").country == "ch"


@pytest.mark.parametrize(
    ("file", "remedy"), [(BUNDLED.with_name("none.mmdb"), "leave it empty"), (Path("/nowhere/x"), "MMDB")]
)
def test_missing_database_is_logged_with_a_remedy(file: Path, remedy: str, caplog: pytest.LogCaptureFixture) -> None:
    assert Places(file).of("1.2.3.4") == NOWHERE
    assert len(caplog.messages) == 1
    assert remedy in caplog.text


def test_database_that_appears_later_is_opened(tmp_path: Path) -> None:
    places = Places(tmp_path / "places.mmdb")
    write_database(tmp_path / "places.mmdb", WORLD)
    assert places.refresh()
    assert places.of("1.2.3.4").country == "ch"


def test_no_database_is_fine(caplog: pytest.LogCaptureFixture) -> None:
    assert Places(None).of("1.2.3.4") == NOWHERE
    assert caplog.messages == []


def test_a_site_may_want_the_place_of_the_full_address(places: Path, tmp_path: Path, clean_database: Database) -> None:
    """In memory only: what is stored of the address stays masked."""
    settings = Settings(trusted_proxies=("127.0.0.1",), geo_database=str(places))
    with tracked(tmp_path, clean_database, settings) as pegel:
        sites = [pegel.add_site(exact_places=exact) for exact in (True, False)]
        for site in sites:
            pegel.request("GET", f"/matomo.php?idsite={site.id}&rec=1", X_Forwarded_For="1.2.3.4")
        exact, masked = (
            [(v["country"], v["region"], v["city"], v["ip"]) for v in pegel.visits(site)] for site in sites
        )
        assert exact == [("ch", "BE", "Berne", "1.2.0.0")]
        assert masked == [("us", "", "", "1.2.0.0")]
        assert b"1.2.3.4" not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize("name", ["latitude", "longitude"])
def test_coordinates_are_stored_with_the_visit(
    places: Path, tmp_path: Path, clean_database: Database, name: str
) -> None:
    settings = Settings(trusted_proxies=("127.0.0.1",), geo_database=str(places))
    with tracked(tmp_path, clean_database, settings) as pegel:
        site = pegel.add_site(exact_places=True)
        pegel.request("GET", f"/matomo.php?idsite={site.id}&rec=1", X_Forwarded_For="1.2.3.4")
        assert [visit[name] for visit in pegel.visits(site)] == [{"latitude": 46.948, "longitude": 7.447}[name]]


def test_a_database_that_changes_is_looked_up_from_the_next_second_on(
    places: Path, tmp_path: Path, clean_database: Database
) -> None:
    settings = Settings(trusted_proxies=("127.0.0.1",), geo_database=str(places))
    with tracked(tmp_path, clean_database, settings) as pegel:
        site = pegel.add_site(exact_places=True)
        path = f"/matomo.php?idsite={site.id}&rec=1&new_visit=1"
        pegel.request("GET", path, X_Forwarded_For="1.2.3.4")
        write_database(places, {"1.2.3.0/24": {"country_code": "IT"}})
        pegel.refresh()
        pegel.request("GET", path, X_Forwarded_For="1.2.3.4")
        assert {visit["country"] for visit in pegel.visits(site)} == {"ch", "it"}
