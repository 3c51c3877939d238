"""How fine the places of a database can be: its own description says so."""

from pathlib import Path
from typing import Literal

import maxminddb

from ingest.geo import BUNDLED

Precision = Literal["none", "country", "city"]

# In the types that makers of databases use, such as GeoLite2-Country or ip-location-db's `country ipvAll`.
COARSE = ("country", "asn", "continent")


def precision_of(geo_database: str) -> Precision:
    """Return the finest that the database of this setting tells; one that says nothing of itself may know cities."""
    if geo_database == "none":
        return "none"
    try:
        with maxminddb.open_database(Path(geo_database) if geo_database else BUNDLED) as reader:
            kind = reader.metadata().database_type.lower()
    except (OSError, ValueError, maxminddb.InvalidDatabaseError):
        return "none"
    return "country" if any(word in kind for word in COARSE) and "city" not in kind else "city"
