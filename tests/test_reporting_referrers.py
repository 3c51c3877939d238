"""Reports of what brought visits, and the tables inside them."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.api_parameters import MissingParameter
from dashboard.referrer_addresses import home_of, search_at
from dashboard.reporting.filters import finished
from dashboard.reporting.referrer_types import OneSiteOnly
from dashboard.reporting.referrers import REPORTS
from dashboard.reporting.table import Table, subtable_id
from sql.clickhouse import Database
from tests.administered import Api
from tests.conftest import emptied
from tests.conversion_parts import conversion, filled_with, part_of, visit
from tests.visit_parts import answer, lines, row_named, row_of, table


def by(kind: str, name: str, keyword: str = "", url: str = "", visitor: int = 101) -> dict[str, Any]:
    """Return the columns of a visit that something brought."""
    names = {"referrer_type": kind, "referrer_name": name, "referrer_keyword": keyword, "referrer_url": url}
    return names | {"visitor": visitor}


GOOGLE, PARTNER = "https://www.google.at/search", "partner.example/a/b.htm?x=1"
SOLD = visit(2, "13T08:20", **by("search", "Google", "red shoes", GOOGLE))
VISITS = [
    visit(1, "13T08:00", **by("search", "Google", "red shoes", GOOGLE)),
    SOLD,
    visit(3, "13T08:30", **by("search", "Google", "", "https://www.google.com/", 103)),
    visit(4, "13T08:40", **by("search", "1.cz", "red shoes", "http://1.cz/s/x", 104)),
    visit(5, "13T09:00", **by("website", "partner.example", "", f"http://{PARTNER}")),
    visit(6, "13T09:10", **by("website", "partner.example", "", f"https://{PARTNER}", 106)),
    visit(7, "13T09:20", **by("website", "partner.example", "", "https://partner.example", 107)),
    visit(8, "13T10:00", **by("campaign", "spring", "tulips")),
    visit(9, "13T10:10", **by("campaign", "winter")),
    visit(10, "13T11:00", **by("social", "Facebook", "", "http://www.facebook.com/a?b=c")),
    visit(11, "13T11:10", **by("social", "Facebook", "", "https://fb.me/x")),
    visit(12, "13T12:00", **by("assistant", "ChatGPT", "", "https://chatgpt.com/")),
    visit(13, "13T13:00"),
    visit(14, "14T08:00", **by("search", "Google", "red shoes", GOOGLE)),
]
CONVERSIONS = [
    conversion(SOLD, 1, "13T08:21", 4.0, referrer_type="campaign", referrer_name="autumn", referrer_keyword="leaves"),
    conversion(SOLD, 2, "13T08:22", 0.5, referrer_type="search", referrer_name="Google", referrer_keyword="red shoes"),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS)
    emptied(database)


def report(database: Database, method: str, asked: str = "", kind: str = "day") -> Table:
    return table(REPORTS, f"Referrers.{method}", part_of(database, asked, kind))


def shown(database: Database, method: str, asked: str) -> Table:
    """Return a report as a call gets it."""
    part = part_of(database, asked)
    result = finished(answer(REPORTS, f"Referrers.{method}", part), part.parameters)
    assert isinstance(result, Table)
    return result


def inside(rows: Table, label: str) -> Table:
    below = row_named(rows, label).table
    assert below is not None
    return below


def test_types_have_numbers_and_names_inside(filled: Database) -> None:
    rows = report(filled, "getReferrerType", "expanded=1")
    assert sorted(lines(rows, "nb_visits", "referrer_type", "segment", "nb_conversions")) == [
        ("AI Assistants", 1, "8", "referrerType==assistant", None),
        ("Campaigns", 2, "6", "referrerType==campaign", 1),
        ("Direct Entry", 1, "1", "referrerType==direct", None),
        ("Search Engines", 4, "2", "referrerType==search", 1),
        ("Social Networks", 2, "7", "referrerType==social", None),
        ("Websites", 3, "3", "referrerType==website", None),
    ]
    assert row_named(rows, "Direct Entry").table is None
    assert sorted(lines(inside(rows, "Search Engines"), "nb_visits", "nb_uniq_visitors", "revenue", "segment")) == [
        ("Keyword not defined", 1, 1, None, "referrerType==search;referrerKeyword=="),
        ("red shoes", 3, 2, 0.5, "referrerType==search;referrerKeyword==red+shoes"),
    ]
    assert sorted(lines(inside(rows, "Campaigns"), "nb_visits", "nb_conversions", "segment")) == [
        ("autumn", 0, 1, "referrerName==autumn"),
        ("spring", 1, None, "referrerName==spring"),
        ("winter", 1, None, "referrerName==winter"),
    ]


def test_one_type(filled: Database) -> None:
    assert lines(report(filled, "getReferrerType", "typeReferrer=6")) == [("Campaigns",)]


def test_all_names_of_all_types(filled: Database) -> None:
    assert sorted(lines(report(filled, "getAll"), "nb_visits", "referer_type")) == [
        ("ChatGPT", 1, 8),
        ("Facebook", 2, 7),
        ("Keyword not defined", 1, 2),
        ("autumn", 0, 6),
        ("partner.example", 3, 3),
        ("red shoes", 3, 2),
        ("spring", 1, 6),
        ("winter", 1, 6),
    ]


@pytest.mark.parametrize("method", ["getAll", "getReferrerType"])
@pytest.mark.parametrize("sites", ["all", "1,2"])
def test_some_reports_are_about_one_site(filled: Database, method: str, sites: str) -> None:
    with pytest.raises(OneSiteOnly, match="multiple sites"):
        report(filled, method, f"idSite={sites}")


def test_engines_and_keywords_are_in_each_other(filled: Database) -> None:
    engines = report(filled, "getSearchEngines", "expanded=1")
    assert sorted(lines(engines, "nb_visits", "nb_uniq_visitors", "revenue", "url", "segment")) == [
        ("1.cz", 1, 1, None, "http://1.cz", "referrerType==search;referrerName==1.cz"),
        ("Google", 3, 2, 0.5, "http://google.com", "referrerType==search;referrerName==Google"),
    ]
    assert sorted(lines(inside(engines, "Google"), "nb_visits", "url")) == [
        ("Keyword not defined", 1, "http://google.com"),
        ("red shoes", 2, "http://google.com/search?q=red+shoes"),
    ]
    keywords = report(filled, "getKeywords", "expanded=1")
    assert sorted(lines(keywords, "nb_visits", "revenue")) == [("Keyword not defined", 1, None), ("red shoes", 3, 0.5)]
    assert sorted(lines(inside(keywords, "red shoes"), "nb_visits", "url")) == [
        ("1.cz", 1, "http://1.cz"),
        ("Google", 2, "http://google.com"),
    ]


def test_a_conversion_belongs_to_what_brought_it(filled: Database) -> None:
    campaigns = report(filled, "getCampaigns", "expanded=1")
    assert sorted(lines(campaigns, "nb_visits", "nb_conversions", "revenue")) == [
        ("autumn", 0, 1, 4),
        ("spring", 1, None, None),
        ("winter", 1, None, None),
    ]
    assert lines(inside(campaigns, "spring"), "nb_visits", "segment") == [
        ("tulips", 1, "referrerName==spring;referrerKeyword==tulips")
    ]
    assert row_named(campaigns, "winter").table is None


def test_pages_of_a_website_are_one_whatever_their_protocol(filled: Database) -> None:
    websites = report(filled, "getWebsites", "idSubtable=1")
    assert lines(websites, "nb_visits", "nb_uniq_visitors", "segment") == [
        ("partner.example", 3, 3, "referrerName==partner.example")
    ]
    assert "url" not in websites.rows[0].metadata
    assert sorted(lines(inside(websites, "partner.example"), "nb_visits", "url", "segment")) == [
        (
            "a/b.htm?x=1",
            2,
            f"http://{PARTNER}",
            "referrerUrl==http%3A%2F%2Fpartner.example%2Fa%2Fb.htm%3Fx%3D1",
        ),
        ("index", 1, "https://partner.example", "referrerUrl==https%3A%2F%2Fpartner.example"),
    ]


def test_expanded_pages_are_whole_addresses(filled: Database) -> None:
    websites = report(filled, "getWebsites", "expanded=1")
    assert {line[0] for line in lines(inside(websites, "partner.example"))} == {
        f"http://{PARTNER}",
        f"https://{PARTNER}",
        "https://partner.example",
    }


def test_networks_know_somebody_once(filled: Database) -> None:
    networks = report(filled, "getSocials", "expanded=1")
    assert lines(networks, "nb_visits", "nb_uniq_visitors", "url", "segment") == [
        ("Facebook", 2, 1, "facebook.com", "referrerType==social;referrerName==Facebook")
    ]
    assert sorted(lines(inside(networks, "Facebook"), "nb_visits", "url")) == [
        ("http://www.facebook.com/a?b=c", 1, None),
        ("https://fb.me/x", 1, None),
    ]


def test_pages_of_all_networks(filled: Database) -> None:
    assert sorted(lines(report(filled, "getUrlsForSocial"), "nb_visits", "url", "segment")) == [
        ("fb.me/x", 1, "https://fb.me/x", "referrerUrl==https%3A%2F%2Ffb.me%2Fx"),
        (
            "www.facebook.com/a?b=c",
            1,
            "http://www.facebook.com/a?b=c",
            "referrerUrl==http%3A%2F%2Fwww.facebook.com%2Fa%3Fb%3Dc",
        ),
    ]


def test_assistants(filled: Database) -> None:
    rows = report(filled, "getAIAssistants", "expanded=1")
    assert lines(rows, "nb_visits", "url") == [("ChatGPT", 1, "chatgpt.com")]
    assert lines(inside(rows, "ChatGPT"), "url") == [("chatgpt.com/", "https://chatgpt.com/")]


@pytest.mark.parametrize(
    ("method", "outer", "expected"),
    [
        ("getKeywordsFromSearchEngineId", "Google", {"red shoes": 2, "Keyword not defined": 1}),
        ("getSearchEnginesFromKeywordId", "red shoes", {"Google": 2, "1.cz": 1}),
        ("getKeywordsFromCampaignId", "spring", {"tulips": 1}),
        ("getUrlsFromWebsiteId", "partner.example", {"a/b.htm?x=1": 2, "index": 1}),
        ("getUrlsForSocial", "Facebook", {"www.facebook.com/a?b=c": 1, "fb.me/x": 1}),
        ("getReferrerType", "Websites", {"partner.example": 3}),
    ],
)
def test_subtables(filled: Database, method: str, outer: str, expected: dict[str, int]) -> None:
    rows = shown(filled, method, f"idSubtable={subtable_id((outer,))}")
    assert dict(lines(rows, "nb_visits")) == expected


@pytest.mark.parametrize(
    ("method", "inner"),
    [
        ("getSearchEngines", "getKeywordsFromSearchEngineId"),
        ("getKeywords", "getSearchEnginesFromKeywordId"),
        ("getCampaigns", "getKeywordsFromCampaignId"),
        ("getWebsites", "getUrlsFromWebsiteId"),
        ("getSocials", "getUrlsForSocial"),
        ("getReferrerType", "getReferrerType"),
    ],
)
def test_rows_tell_the_number_of_their_subtable(filled: Database, method: str, inner: str) -> None:
    """Also where subtables are not counted, because nobody asked for them."""
    for row in shown(filled, method, "filter_limit=-1"):
        if number := row.metadata.get("idsubdatatable"):
            found = shown(filled, inner, f"idSubtable={number}")
            if method not in ("getCampaigns", "getReferrerType"):
                assert sum(line[1] for line in lines(found, "nb_visits")) == row.columns["nb_visits"]


@pytest.mark.parametrize(
    "method",
    [
        "getKeywordsFromSearchEngineId",
        "getSearchEnginesFromKeywordId",
        "getKeywordsFromCampaignId",
        "getUrlsFromWebsiteId",
    ],
)
def test_a_subtable_must_be_named(filled: Database, method: str) -> None:
    with pytest.raises(MissingParameter, match="idSubtable"):
        report(filled, method)


@pytest.mark.parametrize(
    ("method", "label", "more"),
    [
        (
            "getSearchEngines",
            "Google - red shoes",
            {
                "url": "http://google.com/search?q=red+shoes",
                "Referrers_SearchEngine": "Google",
                "Referrers_Keyword": "red shoes",
            },
        ),
        (
            "getSocials",
            "Facebook - https://fb.me/x",
            {"url": "facebook.com", "segment": "referrerType==social;referrerName==Facebook"},
        ),
        ("getWebsites", "partner.example/a/b.htm?x=1", {"url": f"http://{PARTNER}"}),
    ],
)
def test_flat_tables(filled: Database, method: str, label: str, more: dict[str, str]) -> None:
    row = row_named(shown(filled, method, "flat=1"), label)
    assert more.items() <= row.metadata.items()


def test_a_page_is_found_by_its_labels(filled: Database) -> None:
    rows = shown(filled, "getWebsites", "label=partner.example > a/b.htm%3Fx%3D1")
    assert lines(rows, "nb_visits") == [("a/b.htm?x=1", 2)]


def test_the_overview(filled: Database) -> None:
    row = row_of(answer(REPORTS, "Referrers.get", part_of(filled)))
    assert {name.removeprefix("Referrers_"): value for name, value in row.items()} == {
        "visitorsFromSearchEngines": 4,
        "visitorsFromSocialNetworks": 2,
        "visitorsFromDirectEntry": 1,
        "visitorsFromWebsites": 3,
        "visitorsFromCampaigns": 2,
        "visitorsFromAIAssistants": 1,
        "distinctSearchEngines": 2,
        "distinctSocialNetworks": 1,
        "distinctKeywords": 2,
        "distinctWebsites": 1,
        "distinctWebsitesUrls": 3,
        "distinctCampaigns": 2,
        "distinctAIAssistants": 1,
        "visitorsFromDirectEntry_percent": 0.08,
        "visitorsFromSearchEngines_percent": 0.31,
        "visitorsFromCampaigns_percent": 0.15,
        "visitorsFromSocialNetworks_percent": 0.15,
        "visitorsFromWebsites_percent": 0.23,
        "visitorsFromAIAssistants_percent": 0.08,
    }


def test_columns_of_the_overview(filled: Database) -> None:
    part = part_of(filled, "columns=Referrers_distinctKeywords,Referrers_visitorsFromWebsites_percent")
    assert row_of(answer(REPORTS, "Referrers.get", part)) == {
        "Referrers_distinctKeywords": 2,
        "Referrers_visitorsFromWebsites_percent": 0.23,
    }


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ("SearchEngines", 2),
        ("SocialNetworks", 1),
        ("Keywords", 2),
        ("Websites", 1),
        ("WebsitesUrls", 3),
        ("Campaigns", 2),
        ("AIAssistants", 1),
    ],
)
def test_how_many_different_ones_there_are(filled: Database, of: str, expected: int) -> None:
    assert answer(REPORTS, f"Referrers.getNumberOfDistinct{of}", part_of(filled)) == expected


def test_what_an_unknown_keyword_is_called(api: Api) -> None:
    assert api.done("Referrers.getKeywordNotDefinedString") == "Keyword not defined"


def test_longer_periods_have_exact_people(filled: Database) -> None:
    columns = row_named(report(filled, "getSearchEngines", kind="week"), "Google").columns
    assert (columns["nb_visits"], columns["nb_uniq_visitors"], columns["sum_daily_nb_uniq_visitors"]) == (4, 2, 3)


@pytest.mark.parametrize(
    ("kind", "name", "example", "expected"),
    [
        ("search", "Google", "https://www.google.at/", "http://google.com"),
        ("search", "1.cz", "http://www.1.cz/s?x", "http://1.cz"),
        ("social", "Facebook", "http://fb.me/x", "facebook.com"),
        ("social", "Mixi", "http://mixi.jp", "mixi.jp"),
        ("social", "Mixi", "", ""),
        ("search", "1.cz", "", ""),
    ],
)
def test_where_referrers_are_found(kind: str, name: str, example: str, expected: str) -> None:
    assert home_of(kind, name, example) == expected


@pytest.mark.parametrize(
    ("engine", "keyword", "expected"),
    [
        ("Google", "free > proprietary", "http://google.com/search?q=free+%3E+proprietary"),
        ("Google", "", "http://google.com"),
        ("1.cz", "shoes", "http://1.cz"),
    ],
)
def test_where_searches_lead(engine: str, keyword: str, expected: str) -> None:
    assert search_at(engine, keyword, "http://1.cz/s/x") == expected
