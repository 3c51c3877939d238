"""Where an address is: country, and with a database that knows more, region, city and coordinates.

Databases are MMDB files in one of the usual layouts: MaxMind's and DB-IP's, or ip-location-db's.
"""

import logging
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb

log = logging.getLogger(__name__)

BUNDLED = Path(str(files("ingest"))) / "built" / "country.mmdb"
# Codes of databases for what is nowhere: unknown, reserved, proxies, satellites.
NO_COUNTRIES = frozenset({"", "zz", "xx", "a1", "a2", "o1"})
DECIMALS = 3  # About 100 metres, as Matomo keeps it.

Stamp = tuple[int, int, int]


class Place(NamedTuple):
    """A place as far as it is known."""

    country: str  # ISO code in small letters, xx: unknown.
    region: str  # ISO code within the country, such as BE.
    city: str
    latitude: float | None
    longitude: float | None


NOWHERE = Place("xx", "", "", None, None)


class Places:
    """Looks addresses up in a database file, which all processes share in memory.

    To bring a new file, rename it into place: a file that is overwritten changes under the feet of its readers.
    """

    def __init__(self, database: Path | None, remembered: int = 8192) -> None:
        self.database = database
        self.reader: maxminddb.Reader | None = None
        self.stamp: Stamp | None = None
        self.of = lru_cache(remembered)(self._of)
        self.refresh()
        if database and self.stamp is None:
            log.warning("places unknown, no database file=%s remedy=%s", database, remedy(database))

    def _of(self, address: str) -> Place:
        """Return the place of an address, NOWHERE if it is unknown or none."""
        public = public_address(address)
        if self.reader is None or public is None:
            return NOWHERE
        try:
            record = self.reader.get(public)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return NOWHERE
        return place_in(record) if isinstance(record, dict) else NOWHERE

    def refresh(self) -> bool:
        """Open the database again if its file changed, and tell if that went well; a broken one is logged once."""
        stamp = stamp_of(self.database)
        if self.database is None or stamp is None or stamp == self.stamp:
            return False
        self.stamp = stamp
        try:
            self.reader = maxminddb.open_database(self.database)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            log.warning("places unchanged, bad database file=%s error=%s", self.database, error)
            return False
        self.of.cache_clear()
        return True


def public_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text; None if it is private, reserved or for examples: databases guess at those, too."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    return address if address.is_global else None


def remedy(database: Path) -> str:
    if database == BUNDLED:
        return "'make setup' fetches one; or set PEGEL_GEO_DATABASE to an MMDB file"
    return "set PEGEL_GEO_DATABASE to an MMDB file, or leave it empty for the one that comes along"


def stamp_of(database: Path | None) -> Stamp | None:
    """Return what differs after a file was changed or replaced, None if it is missing."""
    try:
        facts = database.stat() if database else None
    except OSError:
        return None
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino) if facts else None


def place_in(record: Mapping[str, Any]) -> Place:
    """Return the place of a record in any of the layouts."""
    country = country_in(record)
    if country in NO_COUNTRIES:
        return NOWHERE
    location = record.get("location")
    location = location if isinstance(location, dict) else record
    latitude, longitude = coordinate(location.get("latitude"), 90), coordinate(location.get("longitude"), 180)
    return Place(country, region_in(record), city_in(record), latitude, longitude)


def country_in(record: Mapping[str, Any]) -> str:
    """Return the code of where an address is used; where it is registered comes second."""
    named = (record.get(key) for key in ("country", "registered_country"))
    codes = [part.get("iso_code") for part in named if isinstance(part, dict)]
    code = next(filter(None, (*codes, record.get("country_code"))), "")
    return code.lower() if isinstance(code, str) and len(code) == 2 else ""


def region_in(record: Mapping[str, Any]) -> str:
    """Return the code of a part of a country; databases that only have its name, such as DB-IP's, give none."""
    parts = record.get("subdivisions")
    first = parts[0] if isinstance(parts, list) and parts else {}
    code = (isinstance(first, dict) and first.get("iso_code")) or record.get("region_code")
    return code.rpartition("-")[2][:3] if isinstance(code, str) else ""


def city_in(record: Mapping[str, Any]) -> str:
    city = record.get("city")
    if isinstance(city, dict):
        names = city.get("names")
        city = (names.get("en") or next(iter(names.values()), "")) if isinstance(names, dict) else ""
    return city[:255] if isinstance(city, str) else ""


def coordinate(value: object, most: int) -> float | None:
    """Return a latitude or longitude, None if there is no such place."""
    try:
        degrees = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return None
    return round(degrees, DECIMALS) if abs(degrees) <= most else None
