"""What well-known programs ask of the Reporting API, over HTTP, about a shop: dashboards, apps, widgets of websites.

Requests are written down as these programs make them; what they are about is in `tests/shop.py`.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.running import Answer, ask
from tests.shop import Shop, shop
from tests.tracked import Tracked

DAY = {"period": "day", "date": "2026-05-13"}
WEEK = {"period": "week", "date": "2026-05-13"}
LAST5 = {"period": "day", "date": "last5"}
FORM = "application/x-www-form-urlencoded"
VISITS = {"2026-05-11": 1, "2026-05-12": 1, "2026-05-13": 2}  # Of days that had any.

Row = dict[str, Any]


@pytest.fixture(scope="module")
def dashboard(pegel: Tracked) -> Iterator[Shop]:
    with shop(pegel) as served:
        yield served


def question(dashboard: Shop, method: str, **asked: Any) -> str:
    return urlencode({"module": "API", "method": method, "idSite": dashboard.site.id, "format": "json", **asked})


def get(dashboard: Shop, query: str, **headers: str) -> Answer:
    return ask(dashboard.port, "GET", f"/index.php?{query}", None, headers)


def post(dashboard: Shop, path: str, body: str, kind: str = FORM, **headers: str) -> Answer:
    return ask(dashboard.port, "POST", path, body.encode(), {"Content-Type": kind, **headers})


def told(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.json()


def bearer(dashboard: Shop) -> dict[str, str]:
    return {"Authorization": f"Bearer {dashboard.token}"}


class TestGrafana:
    """Its sources of JSON and CSV over HTTP: a panel is a query whose answer has a row for each day or label."""

    def test_days_as_json(self, dashboard: Shop) -> None:
        """A token in a header, as its secure fields are sent; the map of days is taken apart in the panel."""
        asked = question(dashboard, "VisitsSummary.get", **LAST5, columns="nb_visits")
        days = told(get(dashboard, asked, Accept="application/json;q=0.9,text/plain", **bearer(dashboard)))
        assert len(days) == 5
        assert {day: number for day, number in days.items() if number} == VISITS

    def test_days_as_csv(self, dashboard: Shop) -> None:
        asked = question(dashboard, "VisitsSummary.get", **LAST5, showColumns="nb_visits")
        answer = get(dashboard, f"{asked}&format=csv&convertToUnicode=0&token_auth={dashboard.token}")
        rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
        assert {row["date"]: int(row["value"]) for row in rows} == VISITS

    def test_rows_as_json(self, dashboard: Shop) -> None:
        asked = question(dashboard, "Actions.getPageUrls", **WEEK, flat=1, filter_limit=-1, format_metrics=0)
        rows = told(get(dashboard, asked, **bearer(dashboard)))
        assert [(row["label"], row["nb_hits"], row["bounce_rate"]) for row in rows] == [
            ("/", 3, 0.33),
            ("/shoes", 2, 0),
        ]

    def test_json_in_the_body(self, dashboard: Shop) -> None:
        """A panel may POST: what counts is in the query; a body of JSON is not looked at, as a Matomo server does."""
        asked = question(dashboard, "VisitsSummary.getVisits", **WEEK)
        body = json.dumps({"date": "2020-01-01"})
        answer = post(dashboard, f"/index.php?{asked}", body, "application/json", **bearer(dashboard))
        assert told(answer) == {"value": 4}

    def test_a_form_of_several_parts(self, dashboard: Shop) -> None:
        asked = {"date": "2026-05-13", "period": "week", "token_auth": dashboard.token}
        parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in asked.items())
        path = f"/index.php?{question(dashboard, 'VisitsSummary.getVisits')}"
        assert told(post(dashboard, path, f"{parts}--x--\r\n", "multipart/form-data; boundary=x")) == {"value": 4}

    def test_a_refusal_is_no_data(self, dashboard: Shop) -> None:
        """A panel shows the status and the message; rows it would draw are not there."""
        asked = question(dashboard, "VisitsSummary.get", **LAST5)
        for answer in (get(dashboard, asked), get(dashboard, f"{asked}&token_auth={dashboard.others}")):
            assert (answer.status, answer.json()["result"]) == (401, "error")
            assert f"for the website id = {dashboard.site.id}." in answer.json()["message"]


class TestWebsitePlugin:
    """A plugin of a website: everything in one form to the root, several calls in one; and widgets, one by one."""

    def test_in_bulk(self, dashboard: Shop) -> None:
        calls: list[Row] = [
            {"method": "VisitsSummary.get", **LAST5},
            {"method": "Actions.getPageTitles", **WEEK, "filter_limit": 10},
            {"method": "Referrers.getWebsites", **WEEK, "filter_limit": 10},
            {"method": "API.getPiwikVersion"},
            {"method": "VisitsSummary.get", "idSite": 0, **DAY},
        ]
        urls = {
            f"urls[{number}]": urlencode({"idSite": dashboard.site.id, **call}) for number, call in enumerate(calls)
        }
        form = urlencode({"module": "API", "method": "API.getBulkRequest", "format": "json", **urls})
        answers = told(post(dashboard, "/", f"{form}&token_auth={dashboard.token}"))
        days, titles, websites, version, refused = answers
        assert {day: row["nb_visits"] for day, row in days.items() if row} == VISITS
        assert [(row["label"], row["nb_visits"]) for row in titles] == [(" Shop", 3), (" Shoes", 2)]
        assert [row["label"] for row in websites] == ["blog.example.net"]
        assert version == {"value": "5.2.0"}
        assert refused["result"] == "error"

    def test_widgets(self, dashboard: Shop) -> None:
        def rows(method: str, **asked: Any) -> Any:
            return told(get(dashboard, question(dashboard, method, token_auth=dashboard.token, **asked)))

        assert rows("VisitsSummary.get", **DAY)["nb_visits"] == 2
        kinds = rows("Referrers.getReferrerType", **DAY)
        assert {row["label"]: row["referrer_type"] for row in kinds} == {"Campaigns": "6", "Websites": "3"}
        titles = rows("Actions.getPageTitles", **WEEK, flat=1)
        assert [(row["label"], row["nb_hits"]) for row in titles] == [("Shop", 3), ("Shoes", 2)]
        now = {"visits": 1, "actions": 2, "visitors": 1, "visitsConverted": 0}
        assert rows("Live.getCounters", lastMinutes=30) == [now]
        today = rows("Live.getCounters", lastMinutes=24 * 60)
        assert today == [{"visits": 2, "actions": 4, "visitors": 2, "visitsConverted": 1}]

    def test_in_a_page_of_another_website(self, dashboard: Shop) -> None:
        """A widget written as a script: the answer is a call of its function."""
        asked = question(dashboard, "VisitsSummary.getVisits", **WEEK, callback="show", token_auth=dashboard.token)
        answer = get(dashboard, asked, Origin="https://shop.example", Sec_Fetch_Site="cross-site")
        assert (answer.body, answer.headers["content-type"]) == (
            b'show({"value":4})',
            "application/javascript; charset=utf-8",
        )


class TestMobileApp:
    """An app for telephones: its form has the token, and a report is shown by what is told beside its numbers."""

    def test_sites(self, dashboard: Shop) -> None:
        (site,) = self.ask(dashboard, "SitesManager.getSitesWithAtLeastViewAccess")
        assert (site["idsite"], site["name"], site["main_url"]) == (dashboard.site.id, "Shop", "https://shop.example")
        assert self.ask(dashboard, "API.getMatomoVersion") == {"value": "5.2.0"}
        (row,) = self.ask(dashboard, "MultiSites.getAll", **DAY)
        assert [row[name] for name in ("label", "nb_visits", "nb_pageviews", "revenue")] == ["Shop", 2, 2, 5]
        grouped = self.ask(dashboard, "MultiSites.getAllWithGroups", **DAY, filter_limit=20, filter_offset=0)
        assert (grouped["numSites"], grouped["totals"]["nb_visits"]) == (1, 2)
        assert [site["label"] for site in grouped["sites"]] == ["Shop"]

    def test_every_report_of_its_menu(self, dashboard: Shop) -> None:
        """What is listed can be asked for, by its module, action and parameters."""
        menu = self.ask(dashboard, "API.getReportMetadata", hideMetricsDoc=1)
        assert {"VisitsSummary_get", "Actions_getPageUrls", "Referrers_getReferrerType"} <= ids(menu)
        calls = [
            {"apiModule": entry["module"], "apiAction": entry["action"], **entry.get("parameters", {})}
            for entry in menu
        ]  # fmt: skip
        answers = self.bulk(dashboard, [{"method": "API.getProcessedReport", **WEEK, **call} for call in calls])
        assert [answer["metadata"]["uniqueId"] for answer in answers] == [entry["uniqueId"] for entry in menu]
        for answer in answers:
            rows = answer["reportData"] if isinstance(answer["reportData"], list) else []
            assert len(answer["reportMetadata"]) == len(rows), answer["metadata"]
            assert all(row.keys() <= answer["columns"].keys() for row in rows), answer["metadata"]

    def test_a_report(self, dashboard: Shop) -> None:
        which = {"apiModule": "Actions", "apiAction": "getPageUrls"}
        report = self.ask(dashboard, "API.getProcessedReport", **which, **WEEK, **LOOK)
        assert (report["website"], report["metadata"]["dimension"]) == ("Shop", "Page URL")
        assert list(report["columns"]) == ["label", "nb_hits", "nb_visits", *RATES]
        assert report["reportData"] == [
            dict(zip(report["columns"], ("/index", 3, 3, "00:00:27", "33%", "67%"), strict=True)),
            dict(zip(report["columns"], ("/shoes", 2, 2, "00:00:00", "0%", "100%"), strict=True)),
        ]
        assert report["reportMetadata"][1]["url"] == "https://shop.example/shoes"
        assert report["reportTotal"]["nb_hits"] == 5

    def test_how_a_row_has_changed(self, dashboard: Shop) -> None:
        which = {"apiModule": "Actions", "apiAction": "getPageUrls", "label": "/shoes"}
        told = self.ask(dashboard, "API.getRowEvolution", period="day", date="last3", **which)
        hits = {day: [row["nb_hits"] for row in rows] for day, rows in told["reportData"].items()}
        assert (told["label"], hits) == ("shop.example/shoes", {"2026-05-11": [1], "2026-05-12": [], "2026-05-13": [1]})
        found = told["metadata"]["metrics"]["nb_hits"]
        assert [found[name] for name in ("name", "min", "max", "change")] == ["Pageviews", 0, 1, "+0%"]

    def test_who_is_there_now(self, dashboard: Shop) -> None:
        log = {"method": "Live.getLastVisitsDetails", **DAY, "filter_limit": 1}
        short, long, visits = self.bulk(
            dashboard, [*({"method": "Live.getCounters", "lastMinutes": n} for n in (30, 1440)), log]
        )
        assert (short[0]["visits"], long[0]["visits"]) == (1, 2)
        (visit,) = visits
        assert [action["type"] for action in visit["actionDetails"]] == ["action", "download"]
        assert (visit["visitorType"], visit["referrerTypeName"], visit["browserName"]) == ("new", "Websites", "Firefox")

    @staticmethod
    def ask(dashboard: Shop, method: str, **asked: Any) -> Any:
        form = question(dashboard, method, token_auth=dashboard.token, **asked)
        return told(post(dashboard, "/index.php", form))

    def bulk(self, dashboard: Shop, calls: list[Row]) -> Any:
        urls = [urlencode({"idSite": dashboard.site.id, "format": "json", **call}) for call in calls]
        return self.ask(dashboard, "API.getBulkRequest", **{f"urls[{n}]": url for n, url in enumerate(urls)})


RATES = ("avg_time_on_page", "bounce_rate", "exit_rate")
LOOK: Row = {"hideMetricsDoc": 1, "showTimer": 0, "filter_limit": 40, "format_metrics": 1, "language": "en"}


def ids(menu: list[Row]) -> set[str]:
    return {entry["uniqueId"] for entry in menu}
