"""How answers are written: every shape in every format, and texts that would break out of one."""

import csv
import json
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from dashboard.api_formats import FORMATS, Answer, UnknownFormat, written_as
from dashboard.api_parameters import ApiError, BadParameter, Parameters
from dashboard.formats.as_xml import NOT_XML
from dashboard.reporting.metric_names import raw_title_of, title_of
from dashboard.reporting.table import ResultMap, Row, Single, Table
from tests.administered import Api

HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'
EVIL = "<script>alert('1')</script>"


def asked(query: str) -> Parameters:
    return Parameters(parse_qsl(query))


def answered(answer: Answer, query: str) -> Response:
    parameters = asked(query)
    return written_as(parameters).answered(answer)


def text_of(response: Response) -> str:
    body = bytes(response.body)
    return body[2:].decode("utf-16-le") if body.startswith(b"\xff\xfe") else body.decode()


def written(answer: Answer, query: str) -> str:
    return text_of(answered(answer, query))


def pages() -> Table:
    inner = Table([Row({"label": "/red", "nb_visits": 2})])
    known = {"url": "https://a.example/?a&b", "segment": "visitDuration>=0", "idsubdatatable": 7}
    goals = {"idgoal=1": {"nb_conversions": 1, "revenue": 2.5}, "idgoal=ecommerceOrder": {"items": 3}}
    shop = Row({"label": "shop <1>", "nb_visits": 2.0, "bounce_rate": "50%"}, known, inner)
    return Table([shop, Row({"label": "ü, ok", "nb_visits": 1, "goals": goals, "min_event_value": None})])


SUMMARY = Single({"nb_visits": 2, "bounce_rate": "50%"})
NOBODY = Single({"nb_visits": 0, "bounce_rate": "0%"}, empty=True)
DAYS = ResultMap("date", {"2026-05-01": SUMMARY, "2026-05-02": NOBODY})
WEEK = "2026-05-04,2026-05-10"
SITES = ResultMap(
    "idSite", {"1": ResultMap("date", {WEEK: pages(), "2026": Table()}), "3": ResultMap("date", {"x": 1})}
)

# JSON


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(12, {"value": 12}, id="value"),
        pytest.param("5.2.0", {"value": "5.2.0"}, id="text"),
        pytest.param(False, {"value": False}, id="no"),
        pytest.param(None, {"result": "success", "message": "ok"}, id="nothing to say"),
        pytest.param(SUMMARY, {"nb_visits": 2, "bounce_rate": "50%"}, id="row"),
        pytest.param(NOBODY, {"nb_visits": 0, "bounce_rate": "0%"}, id="row about nothing"),
        pytest.param(Single({"nb_visits": 2.0}), {"value": 2}, id="row of one column"),
        pytest.param(Single({}), [], id="row of no column"),
        pytest.param(Table(), [], id="no rows"),
        pytest.param(DAYS, {"2026-05-01": {"nb_visits": 2, "bounce_rate": "50%"}, "2026-05-02": []}, id="by date"),
        pytest.param(ResultMap("date", {"2026": 0, "2027": Single({"a": 4})}), {"2026": 0, "2027": 4}, id="values"),
        pytest.param(ResultMap("idSite", {}), [], id="no sites"),
        pytest.param([1, 2], [1, 2], id="list"),
        pytest.param({"a": [{"b": date(2026, 5, 1)}], "c": {}}, {"a": [{"b": "2026-05-01"}], "c": {}}, id="nested"),
        pytest.param({"a": float("nan"), "b": Decimal("1.50")}, {"a": None, "b": 1.5}, id="no number"),
    ],
)
def test_json(answer: Answer, expected: object) -> None:
    assert json.loads(written(answer, "format=json")) == expected
    assert written(answer, "format=original") == written(answer, "format=json")


def test_json_of_rows() -> None:
    first, second = json.loads(written(pages(), "format=JSON"))
    assert list(first.items()) == [
        ("label", "shop <1>"),
        ("nb_visits", 2),
        ("bounce_rate", "50%"),
        ("url", "https://a.example/?a&b"),
        ("segment", "visitDuration>=0"),
        ("idsubdatatable", 7),
        ("subtable", [{"label": "/red", "nb_visits": 2}]),
    ]
    assert second["goals"]["idgoal=1"] == {"nb_conversions": 1, "revenue": 2.5}
    assert second["min_event_value"] is None
    assert '"nb_visits":2,' in written(pages(), "format=json")  # Never 2.0.


def test_json_for_a_script() -> None:
    response = answered(12, "format=json&callback=tell_me")
    assert text_of(response) == 'tell_me({"value":12})'
    assert response.headers["content-type"] == "application/javascript; charset=utf-8"
    assert written(12, "format=json&jsoncallback=_$1") == '_$1({"value":12})'
    refused = written_as(asked("format=json&callback=tell")).refused("No.", 400, {})
    assert text_of(refused) == 'tell({"result":"error","message":"No."})'


@pytest.mark.parametrize("name", ["alert(1)", "a b", "<b>", "1a", "a.b", "é", "a" * 101, "a;b", "a\n"])
def test_callbacks_that_could_be_scripts(name: str) -> None:
    with pytest.raises(BadParameter, match="callback"):
        written_as(Parameters([("format", "json"), ("callback", name)]))


# XML


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(12, "<result>12</result>", id="value"),
        pytest.param(None, '<result>\n\t<success message="ok" />\n</result>', id="nothing to say"),
        pytest.param(Single({"nb_visits": 2.0}), "<result>2</result>", id="row of one column"),
        pytest.param(
            SUMMARY,
            "<result>\n\t<nb_visits>2</nb_visits>\n\t<bounce_rate>50%</bounce_rate>\n</result>",
            id="row",
        ),
        pytest.param(Table(), "<result />", id="no rows"),
        pytest.param(
            Table([Row({"label": "a", "10%": 1, "none": None})]),
            '<result>\n\t<row>\n\t\t<label>a</label>\n\t\t<row key="10%">1</row>\n\t\t<none />\n\t</row>\n</result>',
            id="names that no element can have",
        ),
        pytest.param(
            ResultMap("date", {"2026-05-01": 3, "2026-05-02": NOBODY}),
            '<results>\n\t<result date="2026-05-01">3</result>\n\t<result date="2026-05-02" />\n</results>',
            id="by date",
        ),
        pytest.param(ResultMap("idSite", {}), "<results />", id="no sites"),
        pytest.param([1, True], "<result>\n\t<row>1</row>\n\t<row>1</row>\n</result>", id="list"),
    ],
)
def test_xml(answer: Answer, expected: str) -> None:
    assert written(answer, "") == HEAD + expected


def test_xml_by_site_and_date() -> None:
    results = ET.fromstring(written(SITES, "format=xml"))
    assert [(site.tag, site.attrib) for site in results] == [("result", {"idSite": "1"}), ("result", {"idSite": "3"})]
    assert [(each.attrib["date"], len(each)) for each in results[0]] == [(WEEK, 2), ("2026", 0)]
    assert results[1][0].text == "1"


def test_xml_of_rows() -> None:
    first, second = ET.fromstring(written(pages(), "format=xml"))
    assert [each.tag for each in first] == [
        "label",
        "nb_visits",
        "bounce_rate",
        "url",
        "segment",
        "idsubdatatable",
        "subtable",
    ]
    assert first.findtext("subtable/row/label") == "/red"
    assert second.findtext("goals/row[@idgoal='1']/revenue") == "2.5"
    assert second.findtext("goals/row[@idgoal='ecommerceOrder']/items") == "3"


def test_texts_of_reports_are_escaped_twice() -> None:
    """A client that puts what it read into a page must not put code there; a segment is for another call."""
    found = written(pages(), "format=xml")
    assert "<label>shop &amp;lt;1&amp;gt;</label>" in found
    assert "<url>https://a.example/?a&amp;amp;b</url>" in found
    assert "<segment>visitDuration&gt;=0</segment>" in found
    assert "<row>a&lt;b</row>" in written(["a<b"], "format=xml")


# CSV and TSV


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(SUMMARY, "nb_visits,bounce_rate\n2,50%", id="row"),
        pytest.param(DAYS, "date,nb_visits,bounce_rate\n2026-05-01,2,50%", id="by date, without the empty one"),
        pytest.param(Single({"nb_visits": 2}), "value\n2", id="row of one column"),
        pytest.param(12, "value\n12", id="value"),
        pytest.param(None, "message\nok", id="nothing to say"),
        pytest.param(Table(), "No data available", id="no rows"),
        pytest.param(ResultMap("date", {"2026": Table()}), "No data available", id="no rows on no date"),
        pytest.param(ResultMap("date", {"2026": 5}), "date,value\n2026,5", id="values by date"),
        pytest.param([3, 1], "value\n3\n1", id="list"),
        pytest.param([], "No data available", id="nothing"),
        pytest.param([{"a": 1}, {"b": [2, {"c": 3}]}], "a,b_0,b_1_c\n1,,\n,2,3", id="nested"),
        pytest.param({"a": True, "b": None}, "a,b\n1,", id="yes"),
        pytest.param(
            pages(),
            "label,nb_visits,bounce_rate,metadata_url,metadata_segment,goals_idgoal=1_nb_conversions,"
            "goals_idgoal=1_revenue,goals_idgoal=ecommerceOrder_items,min_event_value\n"
            "shop <1>,2,50%,https://a.example/?a&b,visitDuration>=0,,,,\n"
            '"ü, ok",1,,,,1,2.5,3,',
            id="rows",
        ),
    ],
)
def test_csv(answer: Answer, expected: str) -> None:
    assert written(answer, "format=csv") == expected


def test_csv_by_site_and_date() -> None:
    lines = written(SITES, "format=csv").split("\n")
    assert lines[0].startswith("idSite,date,label,nb_visits,")
    assert lines[0].endswith(",value")
    assert lines[1].startswith(f'1,"{WEEK}",shop <1>,2,')
    assert lines[3].startswith("3,x,,")
    assert len(lines) == 4


def test_tsv() -> None:
    table = Table([Row({"label": "a\tb", "x": "1,5"}), Row({"label": 'say "no"', "x": "a;b"})])
    assert written(table, "format=tsv") == 'label\tx\n"a\tb"\t"1,5"\n"say ""no"""\t"a;b"'


def test_names_as_people_know_them() -> None:
    row = {"label": "a", "nb_uniq_visitors": 1, "avg_time_on_site": 3, "goals": {"idgoal=2": {"revenue": 4}}, "mine": 5}
    table = Table([Row(row, {"segment": "x"})])
    expected = "Label,Unique visitors,Avg. Visit Duration (in seconds),Revenue (Goal 2),mine,Metadata: segment"
    assert written(table, "format=csv&translateColumnNames=1").split("\n")[0] == expected
    assert f"<th>{expected.split(',')[1]}</th>" in written(table, "format=html&translateColumnNames=1")


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("avg_time_on_site", "Avg. Time on Website"),
        ("nb_visits_new", "Visits (new visitors)"),
        ("conversion_rate_returning_visit", "Conversion Rate (returning visits)"),
        ("goal_1_conversion_rate", "Conversion Rate (Goal 1)"),
        ("avg_time_dom_completion", "Avg. DOM completion time"),
        ("Referrers_visitorsFromWebsites_percent", "Visitors from Websites (%)"),
        ("unheard_of", "unheard_of"),
    ],
)
def test_names_of_columns(column: str, title: str) -> None:
    assert title_of(column) == title


def test_names_of_raw_columns() -> None:
    assert raw_title_of("avg_time_on_page_new") == "Avg. time on page (in seconds) (new visitors)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", '"\'\t=1"'),
        ("\r=1", '"\'\r=1"'),
        (" =1+1", "' =1+1"),
        (" -5", " -5"),
        ("-12.5%", "-12.5%"),
        ("+49", "+49"),
        (-3, "-3"),
        (-1e-7, "-1e-07"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run(value: object, expected: str) -> None:
    assert written(Table([Row({"label": value, "b": 1})]), "format=csv") == f"label,b\n{expected},1"


def test_a_name_that_a_spreadsheet_would_run() -> None:
    assert written([{"=1+1": 2}], "format=csv") == "'=1+1\n2"


def test_how_a_spreadsheet_reads_letters() -> None:
    response = answered(pages(), "format=csv")
    assert bytes(response.body)[:4] == b"\xff\xfel\x00"
    assert bytes(answered(pages(), "format=csv&convertToUnicode=1").body)[:2] == b"\xff\xfe"
    assert bytes(answered(pages(), "format=csv&convertToUnicode=0").body).startswith(b"label,")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (
            "format=csv&method=VisitsSummary.get&date=2026-05-01,2026-05-02",
            "VisitsSummary.get_2026-05-01,2026-05-02.csv",
        ),
        ("format=tsv&method=A.b&date=today", "A.b_today.tsv"),
        ('format=csv&method="%0D%0AX: y&date=../../etc', "Xy_....etc.csv"),
    ],
)
def test_the_file_is_named(query: str, name: str) -> None:
    headers = answered(12, query).headers
    assert headers["content-type"] == "application/vnd.ms-excel"
    assert headers["content-disposition"] == f'attachment; filename="Export_{name}"'


# HTML and RSS


def test_html() -> None:
    table = Table([Row({"label": EVIL, "nb_visits": 1})])
    assert written(table, "format=html") == (
        '<table border="1">\n<thead>\n<tr><th>label</th><th>nb_visits</th></tr>\n</thead>\n<tbody>\n'
        "<tr><td>&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;</td><td>1</td></tr>\n</tbody>\n</table>"
    )
    assert written(Table(), "format=html") == "No data available"
    assert answered(12, "format=html").headers["content-type"] == "text/html; charset=utf-8"


def test_a_feed_has_the_newest_date_first() -> None:
    days = ResultMap("date", {WEEK: Table([Row({"label": EVIL})]), "2026-06": SUMMARY, "2027": Table()})
    response = answered(days, "format=rss&method=A.get&idSite=1")
    assert response.headers["content-type"] == "application/rss+xml; charset=utf-8"
    items = ET.fromstring(text_of(response)).findall("channel/item")
    assert [item.findtext("title") for item in items] == ["2027", "2026-06", WEEK]
    assert items[0].findtext("description") == "No data available"
    assert items[1].findtext("pubDate") == "Mon, 01 Jun 2026 00:00:00 +0000"
    assert "<td>50%</td>" in (items[1].findtext("description") or "")
    assert EVIL not in (items[2].findtext("description") or "")


@pytest.mark.parametrize("answer", [12, SUMMARY, pages(), SITES, ResultMap("idSite", {"1": SUMMARY}), None, {}])
def test_what_is_no_feed(answer: Answer) -> None:
    with pytest.raises(ApiError, match="one specific website and several dates"):
        answered(answer, "format=rss")


# All of them


@pytest.mark.parametrize(
    ("name", "expected", "kind"),
    [
        ("json", '{"result":"error","message":"a <b> \\"c\\""}', "application/json; charset=utf-8"),
        ("original", '{"result":"error","message":"a <b> \\"c\\""}', "application/json; charset=utf-8"),
        ("xml", f"{HEAD}<result>\n\t<error message='a &lt;b&gt; \"c\"' />\n</result>", "text/xml; charset=utf-8"),
        ("csv", 'Error: a <b> "c"', "text/plain; charset=utf-8"),
        ("tsv", 'Error: a <b> "c"', "text/plain; charset=utf-8"),
        ("rss", 'Error: a <b> "c"', "text/plain; charset=utf-8"),
        ("html", "<p>Error: a &lt;b&gt; &quot;c&quot;</p>", "text/html; charset=utf-8"),
    ],
)
def test_refusals(name: str, expected: str, kind: str) -> None:
    response = written_as(asked(f"format={name}")).refused('a <b> "c"', 401, {"Retry-After": "5"})
    assert (response.status_code, response.headers["retry-after"]) == (401, "5")
    assert (text_of(response), response.headers["content-type"]) == (expected, kind)


def test_every_format_refuses_in_its_own_way() -> None:
    with pytest.raises(UnknownFormat, match="xml, json, csv, tsv, html, rss, original"):
        written_as(asked("format=pdf"))


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "rss"])
def test_administration_answers_in_every_format(api: Api, name: str) -> None:
    calls: dict[str, dict[str, Any]] = {
        "API.getMatomoVersion": {},
        "SitesManager.getSiteFromId": {"idSite": 1},
        "SitesManager.getAllSites": {},
        "SitesManager.getAllSitesId": {},
        "Goals.getGoals": {"idSite": 1},
        "Goals.deleteGoal": {"idSite": 1, "idGoal": 1},
    }
    for method, query in calls.items():
        response = api.call(method, format=name, **query)
        assert response.status_code == 200, method
        assert response.content, method
    assert api.call("SitesManager.getSiteFromId", "stranger", idSite=1, format=name).status_code == 401


# Any text

LABEL = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUE = st.one_of(LABEL, st.integers(-(2**53), 2**53), st.none(), st.floats(-1e9, 1e9))
ROWS = st.lists(st.builds(lambda label, value: {"label": label, "value": value}, LABEL, VALUE), min_size=1, max_size=5)


def table_of(rows: list[dict[str, Any]]) -> Table:
    return Table([Row(row, {"url": row["label"]}) for row in rows])


@given(ROWS)
def test_any_text_is_read_back_from_json(rows: list[dict[str, Any]]) -> None:
    expected = [{**row, "url": row["label"]} for row in rows]
    assert json.loads(written(table_of(rows), "format=json")) == expected


@given(ROWS)
def test_any_text_is_read_back_from_xml(rows: list[dict[str, Any]]) -> None:
    found = ET.fromstring(written(table_of(rows), "format=xml"))
    for row, element in zip(rows, found, strict=True):
        lines = NOT_XML.sub("", row["label"]).replace("\r\n", "\n").replace("\r", "\n")  # As every reader of XML does.
        for column in ("label", "url"):
            assert element.findtext(column) == html_escaped(lines)


def html_escaped(text: str) -> str:
    """Return what is left of a text when one of its two escapes is undone."""
    for letter, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}.items():
        text = text.replace(letter, entity)
    return text


@given(rows=ROWS)
@pytest.mark.parametrize(("name", "separator"), [("csv", ","), ("tsv", "\t")])
def test_any_text_is_read_back_from_lines(rows: list[dict[str, Any]], name: str, separator: str) -> None:
    text = written(table_of(rows), f"format={name}")
    header, *lines = csv.reader(StringIO(text, newline=""), delimiter=separator)
    assert header == ["label", "value", "metadata_url"]
    for row, line in zip(rows, lines, strict=True):
        assert [cell.removeprefix("'") for cell in line] == [
            cell_text(row[each]) for each in ("label", "value", "label")
        ]
        assert not any(cell[:1] in ("=", "@", "\t", "\r") for cell in line)


def cell_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace("\0", "").removeprefix("'")


@given(ROWS)
def test_any_text_is_text_in_html(rows: list[dict[str, Any]]) -> None:
    cells = written(table_of(rows), "format=html").split("<td>")[1:]
    assert [unescape(cell.partition("</td>")[0]) for cell in cells[::3]] == [
        row["label"].replace("\0", "") for row in rows
    ]
