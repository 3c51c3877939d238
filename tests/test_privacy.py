"""Addresses: masked by the table, taken from whom we may believe, and never shown in full."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from ingest.privacy import mask, parse_address, visitor_from_hex, visitor_of_user
from ingest.sender import Sender
from ingest.settings import Settings
from sql.clickhouse import Database
from tests.conftest import NOW
from tests.tracked import Tracked, tracked


@pytest.mark.parametrize(
    ("address", "level", "masked"),
    [
        pytest.param("213.34.51.91", 0, "213.34.51.91", id="v4-kept"),
        pytest.param("213.34.51.91", 1, "213.34.51.0", id="v4-one"),
        pytest.param("213.34.51.91", 2, "213.34.0.0", id="v4-two"),
        pytest.param("213.34.51.91", 3, "213.0.0.0", id="v4-three"),
        pytest.param("213.34.51.91", 4, "0.0.0.0", id="v4-all"),
        pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 0, "2001:db8:0:8d3:0:8a2e:70:7344", id="v6-kept"),
        pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 1, "2001:db8:0:8d3::", id="v6-one"),
        pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 2, "2001:db8::", id="v6-two"),
        pytest.param("2001:6f8:0:8d3:0:8a2e:70:7344", 3, "2001:600::", id="v6-three"),
        pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 4, "::", id="v6-all"),
        pytest.param("::ffff:213.34.51.91", 2, "::ffff:213.34.0.0", id="v4-in-v6"),
    ],
)
def test_masks(address: str, level: int, masked: str) -> None:
    assert mask(ip_address(address), level) == masked


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("203.0.113.9", "203.0.113.9", id="plain"),
        pytest.param(" 203.0.113.9:4711 ", "203.0.113.9", id="port"),
        pytest.param("[2001:db8::1]:443", "2001:db8::1", id="brackets"),
        pytest.param('"[2001:db8::1]"', "2001:db8::1", id="quotes"),
        pytest.param("fe80::1%eth0", "fe80::1", id="zone"),
        pytest.param("unknown", "0.0.0.0", id="no-address"),
    ],
)
def test_addresses_in_texts(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


def test_ids_are_those_of_matomo() -> None:
    assert visitor_of_user("alice") == 0x522B276A356BDF39
    assert visitor_of_user("a&b") == 0xC65ECE81E2EC7260  # Of a&amp;b.
    assert visitor_from_hex("1234567890ABCDEFXX") == 0x1234567890ABCDEF
    assert visitor_from_hex("12345678zzabcdef") == 0x1234567800ABCDEF


def test_a_sender_does_not_show_itself() -> None:
    assert "203.0.113.9" not in repr(Sender("203.0.113.9", "agent", "", "", "", "", False))


def test_a_visitor_without_id_is_a_stranger_tomorrow(pegel: Tracked) -> None:
    """The salt of a day makes the fingerprint; another day, another salt."""
    site = pegel.add_site(timezone="UTC")
    pegel.registry.rotate_salts(NOW)
    pegel.get(site, after=-60)
    pegel.get(site, after=86_400 - 60)
    visitors = [visit["visitor"] for visit in pegel.visits(site)]
    assert len(set(visitors)) == 2


def test_salts_of_past_days_are_destroyed(pegel: Tracked) -> None:
    site = pegel.add_site(timezone="UTC")
    before = pegel.registry.snapshot().salts
    pegel.registry.rotate_salts(pegel.now + timedelta(days=7))
    after = pegel.registry.snapshot().salts
    assert not {key for key in before if key[0] == site.id} & set(after)


def test_forwarded_addresses_are_masked_before_they_are_stored(tmp_path: Path, clean_database: Database) -> None:
    settings = Settings(trusted_proxies=("127.0.0.1",))
    with tracked(tmp_path, clean_database, settings) as pegel:
        site = pegel.add_site()
        for address in ("203.0.113.77", "2001:db8:1:2:3:4:5:6"):
            path = f"/matomo.php?idsite={site.id}&rec=1&url=https://example.org/"
            pegel.request("GET", path, X_Forwarded_For=f"1.2.3.4, {address}")
        assert {visit["ip"] for visit in pegel.visits(site)} == {"203.0.0.0", "2001:db8:1::"}
        kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        assert b"203.0.113.77" not in kept
        assert b"2001:db8:1:2:3" not in kept
