"""Addresses without their secrets: what is cut out before anything is stored, and what stays."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.scrubbing import REMOVED, scrubber_of
from sql.refusals import BadSite
from tests.tracked import Tracked

USUAL = scrubber_of((), True, True)
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
SITE = "https://a.example"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        pytest.param("/?a=1&token=x&b=2", "/?a=1&b=2", id="token-between"),
        pytest.param("/?token=x&b=2", "/?b=2", id="token-first"),
        pytest.param("/?a=1&access_token=x", "/?a=1", id="token-last"),
        pytest.param("/?token=x", "/", id="token-alone"),
        pytest.param("/?token=x#top", "/#top", id="token-before-a-fragment"),
        pytest.param("/p?x=1#access_token=abc&y=2", "/p?x=1#y=2", id="token-in-the-fragment"),
        pytest.param("/;jsessionid=AB12?x=1", "/?x=1", id="session-in-the-path"),
        pytest.param("/a;PHPSESSID=1;b=2", "/a;b=2", id="session-in-a-matrix"),
        pytest.param("/?Session-ID=1&Session_Id=2&x", "/?x", id="spellings"),
        pytest.param("/?user[email]=1&user%5Bpassword%5D=2&ok[x]=3", "/?ok[x]=3", id="brackets"),
        pytest.param("/?pwd=1&passwort=2&kennwort=3&q=ok", "/?q=ok", id="passwords"),
        pytest.param("/?api%5Fkey=1&x=2", "/?x=2", id="encoded-name"),
        pytest.param("/?q=anna@example.org&z=1", f"/?q={REMOVED}&z=1", id="e-mail-as-value"),
        pytest.param("/?email=anna%40example.org&z=1", "/?z=1", id="e-mail-by-name"),
        pytest.param("/u/anna.b%40example.org/x", f"/u/{REMOVED}/x", id="e-mail-in-the-path"),
        pytest.param("/?r=mailto%3Aanna%2540mail.example.org", f"/?r=mailto%3A{REMOVED}", id="e-mail-encoded-twice"),
        pytest.param("/?to=%2Fx%3Ftoken%3Dabc%26k%3D1&z=1", f"/?to=%2Fx%3F{REMOVED}%26k%3D1&z=1", id="inside-a-value"),
        pytest.param(f"/reset/{TOKEN}/x", f"/reset/{REMOVED}/x", id="signed-token-in-the-path"),
        pytest.param("/?tokens=2&mailing=1&passage=3&authors=4", "/?tokens=2&mailing=1&passage=3&authors=4", id="like"),
        pytest.param("/@anna/status?x=1", "/@anna/status?x=1", id="at-sign-alone"),
        pytest.param("/?a==&&b", "/?a==&&b", id="odd-and-harmless"),
        pytest.param("/?utm_campaign=spring&gclid=1", "/?utm_campaign=spring&gclid=1", id="campaign"),
    ],
)  # fmt: skip
def test_what_is_cut_out(address: str, kept: str) -> None:
    assert USUAL.scrub(SITE + address) == SITE + kept


def test_a_user_in_front_of_the_host_goes() -> None:
    assert USUAL.scrub("https://anna:secret@a.example/x") == "https://a.example/x"


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        pytest.param(("kunde",), "/order-123/?x=1", id="name"),
        pytest.param(("/order-[0-9]+/",), f"/{REMOVED}/?kunde=7&x=1", id="pattern"),
        pytest.param(("/ORDER-/", "KUNDE"), f"/{REMOVED}123/?x=1", id="capital-letters"),
    ],
)
def test_what_a_site_names(entries: tuple[str, ...], kept: str) -> None:
    assert scrubber_of(entries, True, True).scrub(f"{SITE}/order-123/?kunde=7&x=1") == SITE + kept


@pytest.mark.parametrize(
    ("campaigns", "click_ids", "kept"),
    [
        pytest.param(True, True, "/?utm_source=n&gclid=1&mtm_group=2&a=3", id="both"),
        pytest.param(True, False, "/?utm_source=n&mtm_group=2&a=3", id="campaigns"),
        pytest.param(False, False, "/?a=3", id="neither"),
        pytest.param(False, True, "/?a=3", id="click-ids-are-campaigns"),
    ],
)
def test_what_a_policy_does_not_keep(campaigns: bool, click_ids: bool, kept: str) -> None:
    address = f"{SITE}/?utm_source=n&gclid=1&mtm_group=2&a=3"
    assert scrubber_of((), campaigns, click_ids).scrub(address) == SITE + kept


@pytest.mark.parametrize(
    "name",
    ["pk_source", "pk_placement", "matomo_medium", "piwik_group", "mtm_clid", "utm_id", "gad_campaignid", "mc_eid"],
)
def test_whatever_tells_of_a_campaign_goes_with_campaigns(pegel: Tracked, name: str) -> None:
    for preset, kept in (("cnil", "example.org/a"), ("uk", f"example.org/a?{name}=spring")):
        site = pegel.add_site(preset=preset)
        pegel.get(site, url=f"https://example.org/a?{name}=spring")
        assert [hit["page"] for hit in pegel.hits(site)] == [kept]


def test_a_pattern_that_takes_too_long_keeps_the_host_alone() -> None:
    address = f"{SITE}/{'a' * 1000}!"
    assert scrubber_of(("/(?:a|a|aa|aaa)+$/",), True, True).scrub(address) == SITE


SECRET = st.text("abcdefXYZ0123456789", min_size=12, max_size=20)
PLAIN = st.text("abcxyz/?&;#=%.-_[]", max_size=30)


@given(before=PLAIN, name=st.sampled_from(["token", "Password", "api_key", "e-mail", "jsessionid"]), secret=SECRET)
def test_a_secret_parameter_never_stays(before: str, name: str, secret: str) -> None:
    assert secret not in USUAL.scrub(f"{SITE}/{before}&{name}={secret}")


@given(address=st.text(max_size=200))
def test_what_is_scrubbed_is_scrubbed(address: str) -> None:
    once = USUAL.scrub(address)
    assert not re.search(r"[a-z0-9]@[a-z0-9]+\.(org|com)\b", once)
    assert len(once) <= len(address) + len(REMOVED) * (1 + len(address) // 5)


@pytest.mark.parametrize("field", ["url", "urlref", "link", "download", "_ref"])
def test_no_field_reaches_the_spool_with_secrets(pegel: Tracked, field: str) -> None:
    site = pegel.add_site()
    given: dict[str, Any] = {
        field: "https://example.org/?token=tttttttt&who=anna.secret@example.org&x=1",
        "_rcn": "spring",
    }
    assert pegel.get(site, **given).status == 200
    spooled = b"".join(path.read_bytes() for path in (pegel.directory / "spool").iterdir())
    assert b"x=1" in spooled
    assert b"tttttttt" not in spooled
    assert b"anna.secret" not in spooled


def test_a_content_s_target_is_scrubbed_too(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.get(site, c_n="Banner", c_t="https://example.org/?x=1&password=geheim")
    (hit,) = pegel.hits(site)
    assert hit["content_target"] == "https://example.org/?x=1"


def test_a_pattern_that_cannot_be_used_is_refused(pegel: Tracked) -> None:
    with pytest.raises(BadSite, match="expected a regular expression"):
        pegel.add_site(scrubbed_patterns=("/order-([0-9]/",))
