"""Where visits came from: search engines, networks, assistants, websites, campaigns, and steps within the site."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.lists.facts import facts
from ingest.referrer import (
    DIRECT,
    BadLists,
    Landing,
    Lists,
    ListsFolder,
    OwnHosts,
    Referrer,
    Referrers,
    builtin_lists,
)
from sql.registry import Site

COMMUNITY = Path(__file__).parent.parent.parent / "shared" / "data"
PAGE = "https://example.org/p"
Classify = Callable[..., Referrer]


def a_site(id: int = 1, *urls: str, **changes: Any) -> Site:
    return Site(
        id=id,
        name="Example",
        urls=urls or ("https://example.org",),
        created=datetime(2026, 1, 1, tzinfo=UTC),
        **changes,
    )


SITES = (
    a_site(1),
    a_site(2, "https://other.org/two"),
    a_site(3, "https://shared.example", "https://alias.example/Shop/"),
    a_site(4, "https://shared.example/blog"),
    a_site(5, "https://.family.example"),
)
OWN = OwnHosts(SITES)


@pytest.fixture(scope="module", params=["builtin", "community"])
def lists(request: pytest.FixtureRequest) -> Lists:
    if request.param == "builtin":
        return builtin_lists()
    if not COMMUNITY.is_dir():
        pytest.skip(f"the community's lists are not in {COMMUNITY}")
    return Lists.from_folder(COMMUNITY)


@pytest.fixture(scope="module")
def classify(lists: Lists) -> Classify:
    referrers = Referrers(lists)

    def classified(referrer: str, url: str = PAGE, site: Site = SITES[0], **rest: Any) -> Referrer:
        return referrers.classify(Landing(url, referrer, **rest), site, OWN)

    return classified


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        pytest.param("https://www.google.com/search?q=Red+Shoes", ("search", "Google", "red shoes"), id="keyword"),
        pytest.param("https://www.google.com/", ("search", "Google", ""), id="only-the-origin"),
        pytest.param("https://www.google.com", ("search", "Google", ""), id="origin-without-slash"),
        pytest.param("https://www.google.com/search", ("search", "Google", ""), id="hidden-path"),
        pytest.param("https://www.google.com/url?sa=t&cd=1", ("search", "Google", ""), id="hidden-redirect"),
        pytest.param("https://www.google.com/reader/view/", ("website", "www.google.com", ""), id="no-search"),
        pytest.param("https://www.google.co.uk/search?q=tea", ("search", "Google", "tea"), id="country-domain"),
        pytest.param("https://www.google.com.au/search?q=tea", ("search", "Google", "tea"), id="country-below-com"),
        pytest.param("http://m.google.de/search?q=tee", ("search", "Google", "tee"), id="mobile-label"),
        pytest.param("http://www2.google.at/search?q=tee", ("search", "Google", "tee"), id="numbered-www"),
        pytest.param("https://de.ask.com/web?q=tee", ("search", "Ask", "tee"), id="country-label"),
        pytest.param("https://fr.search.yahoo.com/search?p=a", ("search", "Yahoo!", "a"), id="yahoo-country"),
        pytest.param("https://nowhere9.search.yahoo.com/search?p=a", ("search", "Yahoo!", "a"), id="yahoo-any-label"),
        pytest.param(
            "https://it.images.search.yahoo.com/s?p=a", ("search", "Yahoo! Images", "a"), id="yahoo-any-images"
        ),
        pytest.param("https://r.search.yahoo.com/_ylt=A0/RU=x", ("search", "Yahoo!", ""), id="yahoo-redirect"),
        pytest.param("https://www.bing.com/search?q=Zap&form=x", ("search", "Bing", "zap"), id="bing"),
        pytest.param("https://www.bing.com/search?form=x&q=", ("search", "Bing", ""), id="empty-keyword"),
        pytest.param("https://www.bing.com/images/search?q=cat", ("search", "Bing Images", "cat"), id="host-and-path"),
        pytest.param("https://duckduckgo.com/", ("search", "DuckDuckGo", ""), id="duckduckgo"),
        pytest.param("https://search.brave.com/", ("search", "Brave", ""), id="own-host-origin"),
        pytest.param("https://www.ecosia.org/", ("search", "Ecosia", ""), id="ecosia"),
        pytest.param("https://www.google.de/search?q=a&tbm=isch", ("search", "Google Images", "a"), id="images-tab"),
        pytest.param("https://www.google.de/search?q=a&tbm=vid", ("search", "Google Video", "a"), id="video-tab"),
        pytest.param(
            "https://www.google.de/search?q=a&tbm=shop", ("search", "Google Shopping", "a"), id="shopping-tab"
        ),
        pytest.param(
            "http://images.google.de/imgres?imgurl=x&prev=/images%3Fq%3Dred%2Bcar%26hl%3Dde",
            ("search", "Google Images", "red car"),
            id="search-before-the-image",
        ),
        pytest.param(
            "http://www.google.com/search?as_q=a&as_oq=b+c&as_epq=d+e&as_eq=f",
            ("search", "Google", 'a b or c "d e" -f'),
            id="advanced-search",
        ),
        pytest.param(
            "http://partner.example/results?cx=partner-pub-12:34&q=lamp",
            ("search", "Google Custom Search", "lamp"),
            id="search-box-on-a-site",
        ),
        pytest.param(
            "http://any.example/pemonitorhosted/ws/results/Web/lamp/1/4",
            ("search", "InfoSpace", "lamp"),
            id="in-the-path",
        ),
        pytest.param(
            "http://webcache.googleusercontent.com/search?q=cache:AbC12:example.org/+red+car&cd=1",
            ("search", "Google", "red car"),
            id="cached-page",
        ),
        pytest.param("https://google.com/search#q=late", ("search", "Google", "late"), id="keyword-in-fragment"),
        pytest.param("http://go.mail.ru/search?q=%F7%E0%E9", ("search", "Mailru", "чай"), id="windows-1251"),
        pytest.param("http://go.mail.ru/search?q=%D1%87%D0%B0%D0%B9", ("search", "Mailru", "чай"), id="utf-8"),
        pytest.param("http://www.baidu.com/s?wd=%B2%E8", ("search", "Baidu", "茶"), id="gb2312"),
        pytest.param("http://search.yahoo.co.jp/search?p=%92%83", ("search", "Yahoo! Japan", "茶"), id="shift-jis"),
        pytest.param("http://search.yahoo.co.jp/search?p=%C3%E3", ("search", "Yahoo! Japan", "茶"), id="euc-jp"),
        pytest.param("http://search.nate.com/search/?q=%C2%F7", ("search", "Nate", "차"), id="euc-kr"),
        pytest.param("http://bing.com/search?q=caf%E9", ("search", "Bing", "café"), id="latin-1"),
        pytest.param("https://www.facebook.com/", ("social", "Facebook", ""), id="network-with-a-search"),
        pytest.param("https://www.facebook.com/another/path", ("social", "Facebook", ""), id="network"),
        pytest.param("http://fb.me/?q=a", ("social", "Facebook", ""), id="short-address"),
        pytest.param("https://t.co/abc", ("social", "Twitter", ""), id="shorter-address"),
        pytest.param("https://foo.net/?to=https://facebook.com/x", ("social", "Facebook", ""), id="network-in-query"),
        pytest.param("https://notfacebook.com/", ("website", "notfacebook.com", ""), id="end-of-another-name"),
        pytest.param("https://mastodon.social/@a", ("social", "Mastodon", ""), id="mastodon"),
        pytest.param("android-app://com.reddit.frontpage/", ("social", "reddit", ""), id="app-of-a-network"),
        pytest.param("https://chatgpt.com/", ("assistant", "ChatGPT", ""), id="assistant"),
        pytest.param(
            "https://www.perplexity.ai/search?q=a", ("assistant", "Perplexity", ""), id="assistant-that-searches"
        ),
        pytest.param("https://gemini.google.com/app", ("assistant", "Gemini", ""), id="assistant-at-google"),
        pytest.param("https://x.com/i/grok/share/1", ("assistant", "Grok", ""), id="assistant-in-a-path"),
        pytest.param("https://x.com/i/groks", ("social", "Twitter", ""), id="beside-that-path"),
        pytest.param("https://News.Example.com/a", ("website", "news.example.com", ""), id="website"),
        pytest.param("https://www.cnn.com/", ("website", "www.cnn.com", ""), id="portal"),
        pytest.param("http://user:secret@Host.example:8080/x", ("website", "host.example", ""), id="user-and-port"),
        pytest.param("android-app://com.google.android.gm/", ("website", "com.google.android.gm", ""), id="app"),
        pytest.param("//other.example/x", ("website", "other.example", ""), id="without-scheme"),
        pytest.param("not an address", ("direct", "", ""), id="no-address"),
        pytest.param("javascript://a/b", ("direct", "", ""), id="script"),
        pytest.param("http:////x", ("direct", "", ""), id="no-host"),
        pytest.param("", ("direct", "", ""), id="nothing"),
    ],
)
def test_source(classify: Classify, referrer: str, expected: tuple[str, str, str]) -> None:
    assert classify(referrer)[:3] == expected


@pytest.mark.parametrize(
    ("referrer", "site", "stored"),
    [
        pytest.param("https://a.example/x?utm_source=z&b=1#c", SITES[0], "https://a.example/x?b=1", id="campaign"),
        pytest.param("https://a.example/x?SID=1&b=1", SITES[0], "https://a.example/x?b=1", id="session"),
        pytest.param(
            "https://a.example/x?shop=1&b=1",
            a_site(excluded_parameters=("Shop",)),
            "https://a.example/x?b=1",
            id="site",
        ),
        pytest.param("https://A.example/X#c", a_site(keep_fragment=True), "https://a.example/X#c", id="fragment-kept"),
        pytest.param(
            "https://www.google.com/url?sa=t&ved=1&ei=2&cd=3", SITES[0], "https://www.google.com/url?cd=3", id="google"
        ),
        pytest.param(
            "https://www.bing.com/search?q=a&FORM=b&PC=c", SITES[0], "https://www.bing.com/search?q=a", id="bing"
        ),
        pytest.param(
            "https://l.facebook.com/l.php?u=a&h=b", SITES[0], "https://l.facebook.com/l.php?u=a", id="facebook"
        ),
        pytest.param(
            "https://www.youtube.com/r?q=a&feature=b", SITES[0], "https://www.youtube.com/r?q=a", id="youtube"
        ),
        pytest.param("//a.example/x", SITES[0], "", id="without-scheme"),
        pytest.param(
            "https://a.example/" + "x" * 2000, SITES[0], ("https://a.example/" + "x" * 1500)[:1500], id="long"
        ),
    ],
)
def test_stored_address(classify: Classify, referrer: str, site: Site, stored: str) -> None:
    assert classify(referrer, site=site).url == stored


@pytest.mark.parametrize(
    ("referrer", "page", "site", "expected"),
    [
        pytest.param("https://WWW.Example.org/q", PAGE, 1, ("direct", "", "https://www.example.org/q"), id="own-host"),
        pytest.param(
            "https://new.example/a",
            "https://new.example/b",
            1,
            ("direct", "", "https://new.example/a"),
            id="landing-host",
        ),
        pytest.param(
            "https://www.new.example/a",
            "https://new.example/b",
            1,
            ("direct", "", "https://www.new.example/a"),
            id="landing-host-with-www",
        ),
        pytest.param(
            "https://other.org/two/x",
            PAGE,
            1,
            ("website", "other.org/two", "https://other.org/two/x"),
            id="path-of-another",
        ),
        pytest.param(
            "https://other.org/twofold",
            PAGE,
            1,
            ("website", "other.org", "https://other.org/twofold"),
            id="beside-the-path",
        ),
        pytest.param(
            "https://other.org/two",
            "https://other.org/two/y",
            2,
            ("direct", "", "https://other.org/two"),
            id="own-path",
        ),
        pytest.param(
            "https://shared.example/blog/a",
            "https://shared.example/",
            3,
            ("website", "shared.example/blog", "https://shared.example/blog/a"),
            id="deeper-path-of-another",
        ),
        pytest.param(
            "https://shared.example/about",
            "https://shared.example/blog",
            4,
            ("direct", "", "https://shared.example/about"),
            id="host-shared-with-another",
        ),
        pytest.param(
            "https://shared.example/",
            PAGE,
            1,
            ("website", "shared.example", "https://shared.example/"),
            id="another-site",
        ),
        pytest.param(
            "https://alias.example/shop/1",
            "https://shared.example/",
            3,
            ("direct", "", "https://alias.example/shop/1"),
            id="alias",
        ),
        pytest.param(
            "https://any.family.example/x", PAGE, 5, ("direct", "", "https://any.family.example/x"), id="all-subdomains"
        ),
    ],
)
def test_own_hosts(classify: Classify, referrer: str, page: str, site: int, expected: tuple[str, str, str]) -> None:
    found = classify(referrer, page, SITES[site - 1])
    assert (found.type, found.name, found.url) == expected


@pytest.mark.parametrize(
    ("entry", "referrer", "kept"),
    [
        pytest.param("paypal.com", "https://www.paypal.com/x", False, id="www-does-not-matter"),
        pytest.param("http://www.paypal.com", "https://paypal.com/x", False, id="scheme-does-not-matter"),
        pytest.param("paypal.com", "https://shop.paypal.com/x", True, id="subdomain"),
        pytest.param(".paypal.com", "https://shop.paypal.com/x", False, id="all-subdomains"),
        pytest.param(".paypal.com", "https://paypal.com/x", False, id="and-the-domain"),
        pytest.param("pay.example/back", "https://pay.example/back/1", False, id="path"),
        pytest.param("pay.example/back/", "https://pay.example/back", False, id="path-with-slash"),
        pytest.param("pay.example/back", "https://pay.example/shop", True, id="other-path"),
    ],
)
def test_excluded_referrers(classify: Classify, entry: str, referrer: str, kept: bool) -> None:
    assert (classify(referrer, site=a_site(excluded_referrers=(entry,))) != DIRECT) is kept


@pytest.mark.parametrize(
    ("query", "referrer", "expected"),
    [
        pytest.param("?utm_source=NL", "https://www.bing.com/search?q=zap", ("nl", "zap"), id="keyword-of-the-search"),
        pytest.param(
            "?utm_source=NL&utm_campaign=Spring&utm_medium=mail",
            "https://a.example/",
            ("spring", "a.example"),
            id="order",
        ),
        pytest.param("?mtm_campaign=Q#mtm_campaign=H", "https://a.example/", ("h", "a.example"), id="fragment-wins"),
        pytest.param("?mtm_campaign=Q&mtm_kwd=K#mtm_campaign=H", "", ("q", "k"), id="complete-in-the-query"),
        pytest.param("?mtm_campaign=Q#mtm_kwd=K", "", ("q", "k"), id="keyword-in-the-fragment"),
        pytest.param("#mtm_campaign=H&mtm_kwd=K", "", ("h", "k"), id="only-a-fragment"),
        pytest.param("#/route?mtm_campaign=H", "", ("h", ""), id="behind-a-route"),
        pytest.param("?pk_campaign=A%20B+c&pk_kwd=%C3%84", "", ("a b c", "ä"), id="decoded"),
        pytest.param("?utm_campaign=%20&utm_source=b", "", ("b", ""), id="blank-name"),
        pytest.param("?utm_campaign[]=a&utm_source=b", "", ("b", ""), id="list"),
        pytest.param("?UTM_SOURCE=a", "", None, id="capital-letters"),
        pytest.param("?gclid=1&fbclid=2", "", None, id="click-ids"),
        pytest.param("?my_campaign=1", "", None, id="other-parameter"),
        pytest.param("?utm_term=k", "", None, id="keyword-alone"),
        pytest.param("?utm_source=" + "n" * 300, "", ("n" * 255, ""), id="long"),
        pytest.param("?utm_source=nl", "https://example.org/", ("nl", "example.org"), id="own-host-as-keyword"),
        pytest.param(
            "",
            "https://googleads.g.doubleclick.net/pagead/ads?url=http%3A%2F%2Fwww.foo.example%2Fa&ad_type=text",
            ("adwords (text)", "(adwords) www.foo.example"),
            id="advertisement",
        ),
        pytest.param(
            "?utm_campaign=c",
            "https://googleads.g.doubleclick.net/pagead/ads?url=www.foo.example",
            ("c", "(adwords) www.foo.example"),
            id="advertisement-of-a-campaign",
        ),
    ],
)
def test_campaign(classify: Classify, query: str, referrer: str, expected: tuple[str, str] | None) -> None:
    found = classify(referrer, f"https://example.org/{query}")
    assert (found[1:3] if found.type == "campaign" else None) == expected


@pytest.mark.parametrize(
    ("query", "sent", "expected"),
    [
        pytest.param("", ("Direct Param", "KK"), ("direct param", "kk"), id="only-sent"),
        pytest.param("?mtm_campaign=a&mtm_kwd=b", ("S", "T"), ("s", "t"), id="sent-wins"),
        pytest.param("?mtm_campaign=a&mtm_kwd=b", ("S", ""), ("s", "b"), id="sent-without-keyword"),
    ],
)
def test_campaign_sent_beside_the_page(
    classify: Classify, query: str, sent: tuple[str, str], expected: tuple[str, str]
) -> None:
    found = classify("", f"https://example.org/{query}", campaign_name=sent[0], campaign_keyword=sent[1])
    assert found == Referrer("campaign", *expected, "")


def test_second_page_of_a_campaign_keeps_its_keyword(classify: Classify) -> None:
    first = classify("https://news.example.net/", "https://example.org/?utm_campaign=Spring")
    second = classify("https://example.org/", "https://example.org/?utm_campaign=Spring", running=first)
    assert first[:3] == second[:3] == ("campaign", "spring", "news.example.net")


@pytest.mark.parametrize(
    ("query", "referrer", "expected"),
    [
        pytest.param("?utm_source=chatgpt.com", "", ("assistant", "ChatGPT"), id="source-names-the-host"),
        pytest.param(
            "?utm_source=chatgpt.com", "https://chatgpt.com/", ("assistant", "ChatGPT"), id="and-the-referrer"
        ),
        pytest.param("?utm_source=ChatGPT.com", "https://example.org/", ("assistant", "ChatGPT"), id="next-page"),
        pytest.param("?utm_source=perplexity", "", ("assistant", "Perplexity"), id="source-names-the-product"),
        pytest.param("?utm_source=chatgpt.com", "https://a.example/", ("campaign", "chatgpt.com"), id="passed-on"),
        pytest.param("?utm_source=mine", "https://chatgpt.com/", ("campaign", "mine"), id="campaign-there"),
    ],
)
def test_assistant_that_writes_the_link(
    classify: Classify, query: str, referrer: str, expected: tuple[str, str]
) -> None:
    assert classify(referrer, f"https://example.org/{query}")[:2] == expected


@pytest.mark.parametrize("name", ["ignore_referrer", "ignore_referer"])
def test_page_may_ask_to_ignore_its_referrer(classify: Classify, name: str) -> None:
    assert classify("https://a.example/", f"https://example.org/?{name}=1&utm_source=nl") == DIRECT
    assert classify("https://a.example/", f"https://example.org/?{name}=0").type == "website"


@pytest.mark.parametrize(
    ("landing", "expected"),
    [
        pytest.param(Landing(PAGE, "https://www.google.com/"), False, id="plain"),
        pytest.param(Landing(f"{PAGE}?utm_source=a", ""), True, id="utm"),
        pytest.param(Landing(f"{PAGE}#pk_cpn=a", ""), True, id="fragment"),
        pytest.param(Landing(PAGE, "", "a"), True, id="sent"),
        pytest.param(Landing(PAGE, "https://ad.doubleclick.net/x"), True, id="advertisement"),
    ],
)
def test_fast_look_for_campaigns(landing: Landing, expected: bool) -> None:
    assert Referrers(builtin_lists()).carries_campaign(landing) is expected


def test_spam(lists: Lists) -> None:
    assert lists.is_spam("http://Semalt.com/crawler?u=x")
    assert not lists.is_spam("https://www.google.com/search?q=a")
    assert not lists.is_spam("")


ENTRIES = [
    *(("search", entry["name"], host) for entry in facts("search_engines")["engine"] for host in entry["hosts"]),
    *(("social", name, host) for name, hosts in facts("social_networks").items() for host in hosts),
    *(("assistant", entry["name"], host) for entry in facts("ai_assistants")["assistant"] for host in entry["hosts"]),
]


def test_each_host_of_our_own_table_leads_to_its_name() -> None:
    referrers = Referrers(builtin_lists())
    for kind, name, host in ENTRIES:
        query = "?q=a&p=a&text=a" if kind == "search" and "/" in host else ""
        address = f"https://{host.replace('{}', 'de')}{query or '/'}"
        assert referrers.classify(Landing(PAGE, address), SITES[0], OWN)[:2] == (kind, name), address


def test_no_host_stands_twice_in_our_own_table() -> None:
    places = [(kind, host) for kind, _, host in ENTRIES]
    assert len(places) == len(set(places))


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


ENGINES = "Find:\n  -\n    urls:\n      - find.example\n    params:\n      - word\n"


def name_at(lists: Lists, referrer: str) -> str:
    return Referrers(lists).classify(Landing(PAGE, referrer), SITES[0], OWN).name


def test_lists_of_a_folder_stand_beside_our_own(tmp_path: Path) -> None:
    write(tmp_path / "a-clone", SearchEngines__yml=ENGINES)
    write(tmp_path / "another-clone", spammers__txt="# none\n\nspam.example\n")
    lists = Lists.from_folder(tmp_path)
    assert name_at(lists, "https://find.example/?word=a") == "Find"
    assert name_at(lists, "https://www.google.com/") == "www.google.com"
    assert name_at(lists, "https://t.co/a") == "Twitter"
    assert lists.is_spam("https://spam.example/")
    assert not lists.is_spam("# none")


def test_entries_that_nobody_understands_are_left_out(tmp_path: Path) -> None:
    broken = "Find:\n  - urls:\n      - find.example\n    params: ['/(/', word]\n    charsets: [klingon]\n"
    write(tmp_path, SearchEngines__yml=broken, AIAssistants__yml="Bot:\n  - bot.example\n  - landing: {a: b}\n")
    lists = Lists.from_folder(tmp_path)
    assert name_at(lists, "https://find.example/?word=a") == "Find"
    assert name_at(lists, "https://bot.example/") == "Bot"


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param({}, id="empty-folder"),
        pytest.param({"Socials__yml": "a: ["}, id="no-yaml"),
        pytest.param({"Socials__yml": "- a"}, id="no-mapping"),
        pytest.param({"SearchEngines__yml": "Find:\n  - params: [q]\n"}, id="engine-without-hosts"),
    ],
)
def test_folder_without_usable_lists_is_refused(tmp_path: Path, texts: dict[str, str]) -> None:
    with pytest.raises(BadLists, match=r"SearchEngines\.yml"):
        Lists.from_folder(write(tmp_path, **texts))


def test_changed_lists_are_read_again(tmp_path: Path) -> None:
    folder = ListsFolder(write(tmp_path, SearchEngines__yml=ENGINES))
    assert not folder.refresh()
    write(tmp_path, SearchEngines__yml=ENGINES.replace("Find", "Seek"))
    os.utime(tmp_path / "SearchEngines.yml", (1, 1))
    assert folder.refresh()
    assert name_at(folder.lists, "https://find.example/") == "find.example"
    assert name_at(folder.lists, "https://find.example/?word=a") == "Seek"


def test_lists_that_break_are_not_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = ListsFolder(write(tmp_path, SearchEngines__yml=ENGINES))
    write(tmp_path, SearchEngines__yml="a: [")
    assert not folder.refresh()
    assert not folder.refresh()
    assert len(caplog.messages) == 1
    assert name_at(folder.lists, "https://find.example/?word=a") == "Find"


def test_other_lists_are_used_at_once() -> None:
    referrers = Referrers(builtin_lists())
    landing = Landing(PAGE, "https://find.example/?word=a")
    before = referrers.classify(landing, SITES[0], OWN)
    other = ListsFolder(None).lists
    referrers.use(
        Lists(other.engines, type(other.socials)({"Find": ["find.example"]}), other.assistants, other.spammers)
    )
    assert (before.type, referrers.classify(landing, SITES[0], OWN).type) == ("website", "social")
