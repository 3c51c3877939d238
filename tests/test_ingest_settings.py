"""Settings of collectors and loader: their bounds, and what is said when one is beyond them."""

from pathlib import Path

import pytest

from ingest.settings import Settings
from sql.clickhouse import Database
from sql.settings import BadSetting, read
from tests.tracked import tracked


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("MASK_BYTES", "5", "from 0 (keep) to 4", id="mask"),
        pytest.param("COLLECTORS", "-1", "0 or more", id="collectors"),
        pytest.param("TRUSTED_PROXIES", "10.0.0.0/8,proxy", "addresses or networks", id="proxies"),
        pytest.param("PROXY_HEADER", "X-Real-IP,Forwarded", "the name of a header", id="two-headers"),
        pytest.param("EXCLUDE_REQUESTS", "e_c=test", "one of == !=", id="rule-without-a-test"),
        pytest.param("TITLE_DELIMITER", "/" * 21, "up to 20 printable", id="long-delimiter"),
        pytest.param("TITLE_DELIMITER", "\x07", "up to 20 printable", id="bell"),
        pytest.param("TRACKER", "small", "all, core, or the path of a file", id="no-tracker"),
        pytest.param("VISIT_SECONDS", "0", "1 to 86400", id="no-visit"),
        pytest.param("VISIT_SECONDS", "86401", "1 to 86400", id="longer-than-a-day"),
        pytest.param("NEW_VISIT_ON_REFERRER", "maybe", "yes or no", id="maybe"),
        pytest.param("BODY_MAX_BYTES", "1023", "at least 1024", id="small-bodies"),
        pytest.param("BULK_MAX_REQUESTS", "0", "1 or more", id="empty-bulks"),
        pytest.param("SPOOL_MAX_BYTES", "999999", "at least 1000000", id="small-spool"),
    ],
)
def test_a_value_out_of_range_is_refused(tmp_path: Path, name: str, value: str, expected: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read(Settings, environ={f"PEGEL_{name}": value}, config=tmp_path / "none.toml")
    assert f"PEGEL_{name}=" in str(refusal.value)
    assert expected in str(refusal.value)


def test_what_an_operator_may_say(tmp_path: Path) -> None:
    environ = {
        "PEGEL_PROXY_HEADER": "CF-Connecting-IP",
        "PEGEL_EXCLUDE_REQUESTS": "e_c==test, url=@/admin",
        "PEGEL_TITLE_DELIMITER": " > ",
        "PEGEL_NEW_VISIT_ON_REFERRER": "yes",
        "PEGEL_VISIT_SECONDS": "900",
        "PEGEL_BULK_MAX_REQUESTS": "50",
    }
    (settings,) = read(Settings, environ=environ, config=tmp_path / "none.toml")
    assert [(rule.name, rule.value) for rule in settings.request_rules] == [("e_c", "test"), ("url", "/admin")]
    assert (settings.proxy_header, settings.title_delimiter) == ("CF-Connecting-IP", " > ")
    assert (settings.new_visit_on_referrer, settings.visit_seconds, settings.bulk_max_requests) == (True, 900, 50)


@pytest.mark.parametrize("query", [pytest.param("", id="image"), pytest.param("&send_image=0", id="no-image")])
def test_recording_that_is_switched_off_loses_nothing(tmp_path: Path, database: Database, query: str) -> None:
    """Differs from vector 16: a refusal says so, also where no image is wanted, so that trackers try again."""
    with tracked(tmp_path, database, Settings(recording=False)) as resting:
        site = resting.add_site()
        answer = resting.request("GET", f"/matomo.php?idsite={site.id}&rec=1&url=https://example.org/{query}")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert resting.visits(site) == []
