"""Salts are destroyed on time, which is noted without them, and whoever looks after an installation is told."""

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.lifetimes import Age, ages
from sql.registry import Registry
from tests.conftest import NOW, a_site


@pytest.mark.parametrize(
    ("moved", "days"),
    [
        pytest.param(timedelta(days=1), "days=1 first=2026-05-12 last=2026-05-12", id="a-day-later"),
        pytest.param(timedelta(days=9), "days=3 first=2026-05-12 last=2026-05-14", id="after-days-of-silence"),
        pytest.param(timedelta(days=-400), "days=3 first=2026-05-12 last=2026-05-14", id="clock-put-back"),
    ],
)
def test_destroyed_salts_are_noted_and_are_in_no_file(
    registry: Registry, caplog: pytest.LogCaptureFixture, tmp_path: Path, moved: timedelta, days: str
) -> None:
    for _ in range(2):
        a_site(registry)
    before = registry.snapshot().salts
    with caplog.at_level(logging.INFO, "sql.registry"):
        registry.rotate_salts(NOW + moved)
        registry.rotate_salts(NOW + moved)
    assert [record.getMessage() for record in caplog.records] == [f"salts destroyed sites=2 {days}"]
    gone = [salt for key, salt in before.items() if key not in registry.snapshot().salts]
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert gone
    assert [salt for salt in gone if salt in files or salt.hex().encode() in files] == []


def test_the_salts_of_a_deleted_site_are_noted(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    site = a_site(registry)
    with caplog.at_level(logging.INFO, "sql.registry"):
        registry.delete_site(site.id)
    assert [record.getMessage() for record in caplog.records] == [
        "salts destroyed sites=1 days=3 first=2026-05-12 last=2026-05-14"
    ]


@pytest.mark.parametrize(
    ("later", "overdue"), [pytest.param(0, False, id="on-time"), pytest.param(3, True, id="nobody-destroyed-them")]
)
def test_how_old_salts_are(registry: Registry, later: int, overdue: bool) -> None:
    a_site(registry)
    assert next(ages(registry, NOW + timedelta(days=later))) == Age("salts", "of 2026-05-12 to 2026-05-14", overdue)


def test_the_next_deletion_is_told(registry: Registry) -> None:
    assert list(ages(registry, NOW)) == []
    a_site(registry, retention_months=0)
    assert [age.says for age in ages(registry, NOW)][1:] == ["visits and hits of every site are kept for ever"]
    a_site(registry, retention_months=25, created=datetime(2024, 1, 1, tzinfo=UTC))
    a_site(registry, retention_months=14, created=datetime(2025, 8, 1, tzinfo=UTC))
    told = [age.says for age in ages(registry, NOW)][1:]
    assert told == [f"the next month is deleted on {date(2026, 6, 1)}, of site 2"]
