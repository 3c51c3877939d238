"""Which days of a site have a salt, and what becomes of salts while nobody makes new ones."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sql.entries import Snapshot

# Visitors of a site are told apart today; a hit that waited may belong to yesterday, and tomorrow starts without a gap.
SALTED_DAYS = (-1, 0, 1)


def salted_days(timezone: str, now: datetime) -> list[str]:
    """Return the days, 'YYYY-MM-DD', whose salts a site of this time zone has now."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    return [(today + timedelta(days=offset)).isoformat() for offset in SALTED_DAYS]


def aged(snapshot: Snapshot, now: datetime) -> Snapshot:
    """Return a snapshot without the salts of days that are over; the same one if it has none.

    Where the registry's machine is away for days, the salt of each new day follows from the last one, which is then
    destroyed: all nodes go on alike, and what was hashed under a salt cannot be hashed again from those that are left.
    """
    found: dict[int, dict[str, bytes]] = {}
    for (site, day), salt in snapshot.salts.items():
        found.setdefault(site, {})[day] = salt
    salts: dict[tuple[int, str], bytes] = {}
    for site, own in found.items():
        if site in snapshot.sites:
            wanted = salted_days(snapshot.sites[site].timezone, now)
            salts |= {(site, day): salt for day, salt in carried_on(own, wanted).items()}
    return snapshot if salts == snapshot.salts else replace(snapshot, salts=salts)


def carried_on(own: Mapping[str, bytes], wanted: Sequence[str]) -> dict[str, bytes]:
    """Return the salts of the wanted days, which follow each other; under a clock set back for days, those there are.

    Days before the first salt get none: their hits are hashed under the newest one.
    """
    kept = {day: own[day] for day in wanted if day in own}
    last, salt = max(own.items())
    while last < wanted[-1]:
        last = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
        salt = hmac.digest(salt, last.encode(), "sha256")
        if last in wanted:
            kept[last] = salt
    return kept or dict(own)
