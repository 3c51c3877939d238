"""The Reporting API as a whole: sites and dates at once, reports with their words, evolutions, several calls in one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.api_reports import REPORTS
from sql.clickhouse import Database
from sql.goals import NewGoal
from tests.administered import Api
from tests.conftest import Values, conversion_row, emptied, hit_row, insert_rows, visit_row


def at(day: int, hour: int) -> datetime:
    """Return a moment of May 2026, UTC; the sites are two hours ahead."""
    return datetime(2026, 5, day, hour, tzinfo=UTC)


CHROME = {"browser": "Chrome"}
VISITS = [
    visit_row(id=1, visitor=11, started=at(11, 8), duration=60, actions=3),
    visit_row(id=2, visitor=12, started=at(12, 8), duration=0, actions=1, **CHROME),
    visit_row(id=3, visitor=11, started=at(12, 9), duration=30, actions=2, returning=1, visit_count=2, converted=1),
    visit_row(id=4, visitor=13, started=at(12, 10), duration=0, actions=1),
    visit_row(id=5, visitor=21, started=at(12, 10), site=2),
    visit_row(id=6, visitor=22, started=at(12, 22), site=2),  # The 13th there.
]
HITS: list[Values] = [
    hit_row(visit=visit["id"], visitor=visit["visitor"], site=visit["site"], at=visit["started"]) for visit in VISITS
]
CONVERSIONS = [conversion_row(visit=3, visitor=11, started=at(12, 9), at=at(12, 9), goal=1, order_id="", revenue=5.0)]
DAY: dict[str, Any] = {"idSite": 1, "period": "day", "date": "2026-05-12"}
DAYS = {**DAY, "date": "2026-05-11,2026-05-13"}
BROWSERS = {"apiModule": "DevicesDetection", "apiAction": "getBrowsers"}


@pytest.fixture(scope="module", autouse=True)
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    for table, rows in (("visits", VISITS), ("hits", HITS), ("conversions", CONVERSIONS)):
        insert_rows(database, table, rows)
    yield database
    emptied(database)


def visits(api: Api, **asked: Any) -> Any:
    return api.done("VisitsSummary.getVisits", **{**DAY, **asked})


class TestSitesAndDates:
    """One answer, or a map of them; sites outside."""

    def test_one(self, api: Api) -> None:
        assert visits(api) == 3

    def test_dates(self, api: Api) -> None:
        assert visits(api, date="2026-05-11,2026-05-13") == {"2026-05-11": 1, "2026-05-12": 3, "2026-05-13": 0}

    def test_dates_by_a_word(self, api: Api) -> None:
        """It is noon of the 13th."""
        assert visits(api, date="previous2") == {"2026-05-11": 1, "2026-05-12": 3}
        assert visits(api, period="range", date="last3") == 4

    def test_sites(self, api: Api) -> None:
        assert visits(api, idSite="2,1") == {"2": 1, "1": 3}

    def test_all_sites(self, api: Api) -> None:
        assert visits(api, idSite="all") == {"1": 3, "2": 1}
        assert visits(api, idSite="all", token="stranger") == {"2": 1}

    def test_sites_and_dates(self, api: Api) -> None:
        asked = {"idSite": "1,2", "period": "day", "date": "2026-05-12,2026-05-13"}
        assert visits(api, **asked) == {
            "1": {"2026-05-12": 3, "2026-05-13": 0},
            "2": {"2026-05-12": 1, "2026-05-13": 1},
        }

    def test_weeks_and_months(self, api: Api) -> None:
        assert visits(api, period="week", date="2026-05-10,2026-05-11") == {
            "2026-05-04,2026-05-10": 0,
            "2026-05-11,2026-05-17": 4,
        }
        assert visits(api, period="month", date="last1") == {"2026-05": 4}
        assert visits(api, period="year", date="today") == 4

    def test_nothing_is_a_list_among_others_and_zeros_alone(self, api: Api) -> None:
        assert api.done("VisitsSummary.get", **{**DAY, "date": "2026-05-12,2026-05-13"})["2026-05-13"] == []
        assert api.done("VisitsSummary.get", **{**DAY, "date": "2026-05-13"})["nb_visits"] == 0

    def test_several_dates_are_as_one_after_the_other(self, api: Api) -> None:
        """Some are asked together, and those without visits not at all."""
        for name, report in REPORTS.items():
            if report.single_period:
                continue
            asked = {**DAY, "idDimension": 1, "idGoal": 1, "segment": "visitCount<3", "expanded": 1}
            together = api.call(name, **{**asked, "date": "2026-05-08,2026-05-12"})
            assert together.status_code == 200 or "Please specify" in together.text, together.text
            for date in ("2026-05-09", "2026-05-12") if together.status_code == 200 else ():
                alone = api.call(name, **{**asked, "date": date}).json()
                alone = alone.get("value", alone) if isinstance(alone, dict) else alone
                entry = together.json()[date]  # A row about nothing is a list among others.
                assert entry == alone or (entry == [] and isinstance(alone, dict)), name

    def test_segment(self, api: Api) -> None:
        assert visits(api, segment="browserName==Chrome") == 1
        assert visits(api, segment="actions>1;browserName==Firefox") == 1

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            pytest.param({"idSite": ""}, "Please specify a value for 'idSite'.", id="no-site"),
            pytest.param({"date": ""}, "Please specify a value for 'date'.", id="no-date"),
            pytest.param({"period": ""}, "Please specify a value for 'period'.", id="no-period"),
            pytest.param({"period": "hour"}, "The period 'hour' is not supported", id="bad-period"),
            pytest.param({"date": "soon"}, "Date format must be: YYYY-MM-DD", id="bad-date"),
            pytest.param({"segment": "size==1"}, "Segment 'size' is not a supported segment.", id="bad-segment"),
            pytest.param({"segment": "actions"}, "The segment condition 'actions' is not valid.", id="bad-condition"),
        ],
    )
    def test_refusals(self, api: Api, asked: dict[str, Any], message: str) -> None:
        assert message in api.refused("VisitsSummary.getVisits", **{**DAY, **asked})

    @pytest.mark.parametrize("sites", ["1", "2,1", "1,2"])
    def test_sites_of_others(self, api: Api, sites: str) -> None:
        answer = api.call("VisitsSummary.getVisits", token="stranger", **{**DAY, "idSite": sites})
        assert answer.status_code == 401
        assert "requires 'view' access for the website id = 1" in answer.json()["message"]


def test_everything_in_one_row(api: Api) -> None:
    row = api.done("API.get", **DAY)
    assert row.items() >= {"nb_visits": 3, "nb_pageviews": 3, "nb_conversions": 1, "revenue": 5}.items()
    assert row.items() >= {"nb_visits_new": 2, "bounce_rate": "67%", "Referrers_visitorsFromDirectEntry": 3}.items()
    some = api.done("API.get", **DAY, columns="nb_pageviews,nb_visits")
    assert some == {"nb_pageviews": 3, "nb_visits": 3}


class TestProcessedReport:
    """A report with its words."""

    def test_rows_have_the_columns_that_have_names(self, api: Api) -> None:
        report = api.done("API.getProcessedReport", **DAY, **BROWSERS)
        assert (report["website"], report["prettyDate"]) == ("Site 1", "Tuesday, May 12, 2026")
        assert report["columns"]["label"] == "Browser"
        assert report["columns"]["revenue"] == "Revenue"
        firefox, chrome = report["reportData"]
        assert firefox.keys() == chrome.keys() == report["columns"].keys()
        assert (firefox["label"], firefox["nb_visits"], firefox["bounce_rate"]) == ("Firefox", 2, "50%")
        assert (firefox["revenue"], chrome["revenue"], firefox["avg_time_on_site"]) == ("$5", "$0", "00:00:15")
        assert report["reportTotal"]["nb_visits"] == 3
        assert report["reportMetadata"][0]["segment"] == "browserCode==FF"

    def test_a_goal_reports_by_its_own_names(self, api: Api) -> None:
        asked = {**DAY, "apiModule": "Goals", "apiAction": "get"}
        assert api.done("API.getProcessedReport", **asked, idGoal=1)["reportData"]["nb_conversions"] == 1
        names = api.done("API.getProcessedReport", **asked, idGoal="ecommerceAbandonedCart")["columns"]
        assert names["nb_conversions"] == "Abandoned Carts"

    def test_dates(self, api: Api) -> None:
        asked = {**DAY, "date": "2026-05-11,2026-05-12"}
        report = api.done("API.getProcessedReport", **asked, **BROWSERS)
        assert [len(rows) for rows in report["reportData"].values()] == [1, 2]
        assert list(report["reportData"]) == ["Monday, May 11, 2026", "Tuesday, May 12, 2026"]

    def test_some_columns(self, api: Api) -> None:
        report = api.done("API.getProcessedReport", **DAY, **BROWSERS, showColumns="nb_visits")
        assert report["columns"] == {"label": "Browser", "nb_visits": "Visits"}
        assert report["reportData"][0] == {"label": "Firefox", "nb_visits": 2}

    @pytest.mark.parametrize(
        "asked",
        [
            {"apiModule": "Browsers", "apiAction": "get"},
            {"apiModule": "Goals", "apiAction": "get", "idGoal": "99"},
            {"apiModule": "VisitsSummary", "apiAction": "getVisits"},
        ],
        ids=["unknown", "unknown-goal", "without-words"],
    )
    def test_unknown_reports(self, api: Api, asked: dict[str, str]) -> None:
        name = f"{asked['apiModule']}.{asked['apiAction']}"
        message = f"Requested report {name} for Website id=1 not found in the list of available reports."
        assert api.refused("API.getProcessedReport", **DAY, **asked) == message


class TestRowEvolution:
    """Rows from period to period."""

    def test_one_row(self, api: Api) -> None:
        found = api.done("API.getRowEvolution", **DAYS, **BROWSERS, label="Firefox")
        assert found["label"] == "Firefox"
        assert [rows[0]["nb_visits"] if rows else None for rows in found["reportData"].values()] == [1, 2, None]
        assert found["metadata"]["metrics"]["nb_visits"] == {"name": "Visits", "min": 0, "max": 2, "change": "-100%"}

    def test_rows_side_by_side(self, api: Api) -> None:
        found = api.done("API.getRowEvolution", **DAYS, **BROWSERS, label="Chrome,Firefox")
        assert found["column"] == "nb_visits"
        assert list(found["reportData"].values()) == [
            [{"nb_visits_0": 0, "nb_visits_1": 1}],
            [{"nb_visits_0": 1, "nb_visits_1": 2}],
            [{"nb_visits_0": 0, "nb_visits_1": 0}],
        ]
        assert found["metadata"]["metrics"]["nb_visits_0"]["name"] == "Chrome (Visits)"

    def test_the_largest_rows_unless_told(self, api: Api) -> None:
        found = api.done("API.getRowEvolution", **DAYS, **BROWSERS, filter_limit=1)
        assert found["reportData"]["2026-05-12"] == [{"nb_visits_0": 2}]

    def test_what_has_no_evolution(self, api: Api) -> None:
        assert "several dates" in api.refused("API.getRowEvolution", **DAY, **BROWSERS, label="Firefox")
        summary = {"apiModule": "VisitsSummary", "apiAction": "get"}
        assert "no rows to follow" in api.refused("API.getRowEvolution", **DAYS, **summary)


class TestMetadata:
    """What there is to be asked."""

    def test_every_report_goal_and_dimension_of_a_site(self, api: Api) -> None:
        found = {entry["uniqueId"]: entry for entry in api.done("API.getReportMetadata", idSite=1)}
        assert found["DevicesDetection_getBrowsers"]["dimension"] == "Browser"
        assert found["DevicesDetection_getBrowsers"]["metrics"]["nb_visits"] == "Visits"
        assert found["Goals_get_idGoal--1"]["parameters"] == {"idGoal": "1"}
        assert found["CustomDimensions_getCustomDimension_idDimension--1"]["name"] == "Author"
        assert {entry["module"] for entry in found.values()} >= {"Actions", "Events", "Referrers", "UserCountry"}

    def test_each_report_that_is_listed_answers(self, api: Api) -> None:
        for entry in api.done("API.getReportMetadata", idSite=1):
            asked = {"apiModule": entry["module"], "apiAction": entry["action"], **entry.get("parameters", {})}
            report = api.done("API.getProcessedReport", **DAY, **asked)
            assert report["metadata"]["module"] == entry["module"]


class TestBulk:
    """Several calls in one."""

    def bulk(self, api: Api, *urls: str, token: str = "superuser") -> Any:
        return api.call("API.getBulkRequest", token, **{f"urls[{n}]": url for n, url in enumerate(urls)}).json()

    def test_each_call_has_its_answer(self, api: Api) -> None:
        one = "method=VisitsSummary.getVisits&idSite=1&period=day&date=2026-05-12"
        table = "?method=DevicesDetection.getBrowsers&idSite=1&period=day&date=2026-05-12&filter_limit=1"
        missing = "method=VisitsSummary.getVisits&idSite=1&period=day"
        found = self.bulk(api, one, table, missing)
        assert found[0] == {"value": 3}
        assert [row["label"] for row in found[1]] == ["Firefox"]
        assert found[2] == {"result": "error", "message": "Please specify a value for 'date'."}

    def test_each_call_is_as_limited_as_its_caller(self, api: Api) -> None:
        other = "method=VisitsSummary.getVisits&idSite=1&period=day&date=2026-05-12"
        assert "requires 'view' access" in self.bulk(api, other, token="stranger")[0]["message"]
        assert "requires 'view' access" in self.bulk(api, other, token="")[0]["message"]

    @pytest.mark.parametrize("method", ["SitesManager.addSite", "Goals.addGoal", "API.getBulkRequest", "Nothing.get"])
    def test_only_methods_that_read(self, api: Api, method: str) -> None:
        assert "only methods that read" in self.bulk(api, f"method={method}&idSite=1&siteName=x&urls=x")[0]["message"]

    def test_most(self, api: Api) -> None:
        assert "at most 200" in self.bulk(api, *["method=API.getMatomoVersion"] * 201)["message"]


class TestPrivacyFloor:
    """A site may say how many visitors a row must have."""

    @pytest.fixture(autouse=True)
    def floor(self, api: Api) -> None:
        api.registry.update_site(replace(api.registry.site(1), fewest_visitors=2))

    def test_small_rows_are_folded_into_one(self, api: Api) -> None:
        rows = api.done("DevicesDetection.getBrowsers", **DAY)
        assert [(row["label"], row["nb_visits"]) for row in rows] == [("Firefox", 2), ("Fewer than 2 visitors", 1)]

    def test_a_segment_of_too_few_is_refused(self, api: Api) -> None:
        assert "Fewer than 2 visitors match" in api.refused("VisitsSummary.get", **DAY, segment="browserName==Chrome")
        assert visits(api, segment="browserName==Firefox") == 2
        assert visits(api, segment="browserName==Opera") == 0

    def test_totals_stay(self, api: Api) -> None:
        assert visits(api) == 3


def test_a_deleted_goal_is_not_among_conversions(api: Api) -> None:
    assert api.done("Goals.get", **DAY)["nb_conversions"] == 1
    api.registry.delete_goal(1, 1)
    api.registry.add_goal(NewGoal(site=1, name="Another"))
    assert api.done("Goals.get", **DAY)["nb_conversions"] == 0
