"""What a call may want of the tables that answer it: rows, columns, order, how many, how deep, and how numbers look."""

import math
from collections.abc import Mapping
from random import Random
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api_parameters import ApiError, BadParameter, Parameters
from dashboard.formats.shapes import plain
from dashboard.reporting.filters import finished
from dashboard.reporting.flattening import page_label
from dashboard.reporting.metrics import clock, in_words, metric_of, money, percent
from dashboard.reporting.rates import quotient, rounded
from dashboard.reporting.sorting import natural
from dashboard.reporting.table import Processed, Result, ResultMap, Row, Single, Table, subtable_id

BOUNCES: Mapping[str, Processed] = {"bounce_rate": lambda row: quotient(row["bounces"], row["nb_visits"], 2)}


def row(label: str, visits: int | None, below: Table | None = None, **more: Any) -> Row:
    metadata: dict[str, Any] = {name: more.pop(name) for name in ("url", "segment") if name in more}
    counted = {} if visits is None else {"nb_visits": visits}
    return Row({"label": label, **counted, **more}, metadata, below)


def asked(query: str) -> Parameters:
    return Parameters(parse_qsl(query, keep_blank_values=True))


def shown(result: Result, query: str = "", **more: Any) -> Any:
    return plain(finished(result, asked(query), **more))


def labels(result: Result, query: str = "") -> list[str]:
    return [row["label"] for row in shown(result, query)]


def fruit() -> Table:
    rows = [
        row("pear", 3, bounces=1),
        row("Apple", 3, bounces=3),
        row("fig 10", 1, bounces=0),
        row("fig 9", 1, bounces=1),
    ]
    return Table(rows, BOUNCES)


def pages() -> Table:
    """Return pages as their report answers: `/`, `/shop/`, `/shop/red/1`, `/shop/red/2` and `/about`."""
    red = Table([row("/1", 4, url="https://a.example/shop/red/1"), row("/2", 5)])
    shop = Table([row("red", 9, red), row("/index", 2, url="https://a.example/shop/")])
    rows = [row("/index", 1), row("shop", 11, shop, segment="pageUrl=^shop"), row("/about", 3)]
    return Table(rows, separator="/", flat_label=page_label, flat_names=("Actions_PageUrl",), inherited=("segment",))


# Order


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", ["Apple", "pear", "fig 9", "fig 10"], id="the report's own column"),
        pytest.param("filter_sort_order=asc", ["fig 10", "fig 9", "pear", "Apple"], id="upwards, labels downwards"),
        pytest.param("filter_sort_column=bounces", ["Apple", "pear", "fig 9", "fig 10"], id="then visits"),
        pytest.param("filter_sort_column=label", ["pear", "fig 10", "fig 9", "Apple"], id="texts downwards"),
        pytest.param(
            "filter_sort_column=label&filter_sort_order=ASC", ["Apple", "fig 9", "fig 10", "pear"], id="texts"
        ),
        pytest.param("filter_sort_column=bounce_rate", ["Apple", "fig 9", "pear", "fig 10"], id="computed"),
        pytest.param("filter_sort_column=nonsense", ["Apple", "pear", "fig 9", "fig 10"], id="of no row: visits"),
        pytest.param("disable_generic_filters=1", ["pear", "Apple", "fig 10", "fig 9"], id="not at all"),
    ],
)
def test_order(query: str, expected: list[str]) -> None:
    assert labels(fruit(), query) == expected


def test_a_report_keeps_the_order_that_it_wants() -> None:
    hours = Table([row("00", 1), row("01", 9), row("02", 3)], sort=None)
    assert labels(hours) == ["00", "01", "02"]
    assert labels(hours, "filter_sort_column=nb_visits") == ["01", "02", "00"]


def test_rows_without_the_column_and_the_rest_stand_last() -> None:
    rest = Row({"label": "Others", "nb_visits": 99, "orders": 99}, is_summary=True)
    table = Table([row("z", None), rest, row("b", None), row("a", 1, orders=2), row("c", 5, orders=1)])
    assert labels(table, "filter_sort_column=orders") == ["a", "c", "b", "z", "Others"]
    assert labels(table, "filter_sort_column=orders&filter_sort_order=asc")[:2] == ["c", "a"]


def test_a_column_that_only_its_daily_sum_has() -> None:
    table = Table([row("a", 5, sum_daily_nb_uniq_visitors=1), row("b", 1, sum_daily_nb_uniq_visitors=2)])
    assert labels(table, "filter_sort_column=nb_uniq_visitors") == ["b", "a"]


def test_natural_order() -> None:
    names = ["a10", "A9", " a1", "b/2", "b2", "b:2", "é", "a09"]
    assert sorted(names, key=natural) == [" a1", "A9", "a09", "a10", "b/2", "b2", "b:2", "é"]
    assert natural("9" * 9000) < natural("1" + "0" * 9000)


@given(
    st.lists(st.tuples(st.text(max_size=4), st.integers(0, 3)), max_size=8, unique_by=lambda pair: pair[0]),
    st.randoms(),
)
def test_order_does_not_depend_on_where_rows_stood(rows: list[tuple[str, int]], random: Random) -> None:
    def of(pairs: list[tuple[str, int]]) -> Table:
        return Table([row(label, visits, bounces=visits // 2) for label, visits in pairs])

    mixed = random.sample(rows, len(rows))
    for query in ("", "filter_sort_column=bounces&filter_sort_order=asc", "filter_sort_column=label"):
        assert labels(of(rows), query) == labels(of(mixed), query)


# Rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("filter_pattern=^FIG", ["fig 9", "fig 10"], id="labels, whatever the case"),
        pytest.param("filter_pattern=^3$&filter_column=nb_visits", ["Apple", "pear"], id="another column"),
        pytest.param("filter_pattern=0.5&filter_column=bounce_rate", [], id="a computed column"),
        pytest.param("filter_pattern=x&filter_column=nonsense", [], id="no such column"),
        pytest.param("filter_excludelowpop=nb_visits&filter_excludelowpop_value=2", ["Apple", "pear"], id="too small"),
        pytest.param("filter_excludelowpop=bounces", ["Apple", "pear", "fig 9"], id="below two per cent"),
    ],
)
def test_rows_that_are_kept(query: str, expected: list[str]) -> None:
    assert labels(fruit(), query) == expected


def test_rows_by_what_is_known_of_them() -> None:
    assert labels(pages(), "flat=1&filter_column=url&filter_pattern=red") == ["/shop/red/1"]


def test_a_pattern_that_rows_inside_may_match() -> None:
    (shop,) = shown(pages(), "filter_pattern_recursive=^/2$&expanded=1&hideIdSubDatable=1")
    assert shop["label"] == "shop"
    assert shop["subtable"] == [{"label": "red", "nb_visits": 9, "subtable": [{"label": "/2", "nb_visits": 5}]}]
    assert labels(pages(), "filter_pattern_recursive=about|red") == ["shop", "/about"]


@pytest.mark.parametrize("pattern", ["(", "a{999}{999}{999}", "x" * 999])
def test_patterns_that_cannot_be_used(pattern: str) -> None:
    with pytest.raises(BadParameter, match="filter_pattern"):
        finished(fruit(), Parameters([("filter_pattern", pattern)]))


def test_patterns_get_no_more_than_their_time() -> None:
    """All rows of all dates together: otherwise a million slow rows would each have some."""
    table = Table([row(f"{'a' * 5000}{number}", 1) for number in range(300)])
    began = monotonic()
    with pytest.raises(ApiError, match="too long"):
        finished(ResultMap("date", {str(day): table for day in range(30)}), asked("filter_pattern=(a%2B)%2Bb(?<!x)$"))
    assert monotonic() - began < 5


# How many


def test_a_hundred_rows_unless_told_otherwise() -> None:
    table = Table([row(str(number), 1) for number in range(150)])
    assert labels(table) == [str(number) for number in range(100)]
    assert len(labels(table, "filter_limit=-1")) == 150
    assert labels(table, "filter_limit=2&filter_offset=9") == ["9", "10"]
    assert len(labels(table, "filter_offset=149")) == 1
    assert labels(table, "filter_limit=0") == []


@pytest.mark.parametrize("query", ["filter_limit=-2", "filter_offset=x", "filter_truncate=1.5", "filter_sort_order=up"])
def test_numbers_that_are_none(query: str) -> None:
    with pytest.raises(BadParameter):
        finished(fruit(), asked(query))


def test_only_the_outermost_rows_are_limited() -> None:
    (first,) = shown(pages(), "filter_limit=1&expanded=1")
    assert [inner["label"] for inner in first["subtable"]] == ["red", "/index"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter_truncate=1", ["Apple", "Others"]),
        ("filter_truncate=0", ["Others"]),
        ("filter_truncate=3", ["Apple", "pear", "fig 9", "fig 10"]),  # One more row is no rest.
        ("filter_truncate=1&filter_sort_column=label&filter_sort_order=asc", ["Apple", "Others"]),
        ("filter_truncate=1&filter_limit=1", ["Apple"]),
        ("filter_truncate=1&filter_limit=1&keep_summary_row=1", ["Apple", "Others"]),
    ],
)
def test_the_rest_in_one_row(query: str, expected: list[str]) -> None:
    assert labels(fruit(), query) == expected


def test_the_rest_adds_up() -> None:
    goals = {"idgoal=1": {"nb_conversions": 1}}
    rows = [
        row("a", 9),
        row("b", 2, bounces=1, max_actions=7, nb_users=1, goals=goals, url="x"),
        row("c", 2, bounces=2),
    ]
    table = Table([*rows, row("d", 1, bounces=0, max_actions=8, goals=goals)], BOUNCES)
    rest = shown(table, "filter_truncate=1")[1]
    assert rest == {
        "label": "Others",
        "nb_visits": 5,
        "bounces": 3,
        "max_actions": 8,
        "goals": {"idgoal=1": {"nb_conversions": 2}},
        "bounce_rate": "60%",
    }
    assert goals == {"idgoal=1": {"nb_conversions": 1}}


def test_the_rest_of_each_level() -> None:
    shop = shown(pages(), "expanded=1&filter_truncate=0&hideIdSubDatable=1&filter_limit=-1")
    assert shop == [{"label": "Others", "nb_visits": 15}]
    table = Table([row("a", 5, Table([row("x", 1), row("y", 2), row("z", 2)]))])
    (first,) = shown(table, "expanded=1&filter_truncate=1")
    assert [(inner["label"], inner["nb_visits"]) for inner in first["subtable"]] == [("y", 2), ("Others", 3)]


# Levels


def test_subtables_are_named_until_they_are_wanted() -> None:
    closed = {each["label"]: each for each in shown(pages())}
    assert closed["shop"]["idsubdatatable"] == subtable_id(["shop"])
    assert "subtable" not in closed["shop"]
    assert "idsubdatatable" not in closed["/about"]
    assert all("idsubdatatable" not in each for each in shown(pages(), "hideIdSubDatable=1"))


def test_every_subtable_has_its_number() -> None:
    shop = next(each for each in shown(pages(), "expanded=1") if each["label"] == "shop")
    red = shop["subtable"][0]
    assert red["idsubdatatable"] == subtable_id(["shop", "red"]) != shop["idsubdatatable"]
    assert labels(pages(), f"idSubtable={red['idsubdatatable']}") == ["/2", "/1"]
    (again, _) = shown(pages(), f"idSubtable={shop['idsubdatatable']}")
    assert again["idsubdatatable"] == red["idsubdatatable"]
    assert labels(pages(), "idSubtable=12345") == []
    with pytest.raises(BadParameter):
        finished(pages(), asked("idSubtable=x"))


@pytest.mark.parametrize(("depth", "levels"), [("0", 0), ("1", 1), ("2", 2), ("-1", 2), ("9", 2)])
def test_how_deep(depth: str, levels: int) -> None:
    assert levels_in(shown(pages(), f"expanded=1&depth={depth}")) == levels


def levels_in(rows: Any) -> int:
    return max((1 + levels_in(each["subtable"]) for each in rows if "subtable" in each), default=0)


def test_flat_pages() -> None:
    assert labels(pages(), "flat=1") == ["/shop/red/2", "/shop/red/1", "/about", "/shop/", "/"]
    told = {each["label"]: each for each in shown(pages(), "flat=1&expanded=1")}
    assert told["/shop/red/1"] == {
        "label": "/shop/red/1",
        "nb_visits": 4,
        "url": "https://a.example/shop/red/1",
        "Actions_PageUrl": "/shop/red/1",
        "segment": "pageUrl=^shop",
    }


def test_flat_pages_with_their_folders() -> None:
    rows = shown(pages(), "flat=1&include_aggregate_rows=1")
    assert [(each["label"], each["is_aggregate"]) for each in rows] == [
        ("/shop", 1),
        ("/shop/red", 1),
        ("/shop/red/2", 0),
        ("/shop/red/1", 0),
        ("/about", 0),
        ("/shop/", 0),
        ("/", 0),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("/index",), "/"),
        (("/index?x=1",), "/index?x=1"),
        (("a", "b", "/index"), "/a/b/"),
        (("a", "/indexed"), "/a/indexed"),
        (("Page URL not defined",), "Page URL not defined"),
    ],
)
def test_what_pages_are_called(path: tuple[str, ...], expected: str) -> None:
    assert page_label(path, False) == expected


def test_flat_labels_of_other_tables() -> None:
    titles = Table([row(" Home", 2), row("Shop", 1, Table([row(" Red", 1)]))], separator="/", flat_names=("Title",))
    assert [(each["label"], each["Title"]) for each in shown(titles, "flat=1")] == [
        ("Home", "Home"),
        ("Shop/Red", "Shop/Red"),
    ]
    engines = Table([row("Gaggle", 1, Table([row("red / shoes", 1)]))], flat_names=("Engine", "Keyword"))
    (found,) = shown(engines, "flat=1")
    assert found == {"label": "Gaggle - red / shoes", "nb_visits": 1, "Engine": "Gaggle", "Keyword": "red / shoes"}
    links = Table([row("a.example", 1, Table([row("/x", 1)]))], separator="/")
    assert labels(links, "flat=1") == ["a.example/x"]


def test_a_flat_table_is_filtered_as_it_is_shown() -> None:
    assert labels(pages(), "flat=1&filter_pattern=^/shop/red&filter_limit=1") == ["/shop/red/2"]


# Labels


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("label=shop", ["shop"], id="one"),
        pytest.param("label=shop > red > %2F1", ["/1"], id="down"),
        pytest.param("label=shop>red>%252F1", ["/1"], id="encoded once more"),
        pytest.param("label[]=%2Fabout&label[]=shop > red", ["/about", "red"], id="several"),
        pytest.param("label=nothing", [], id="none"),
        pytest.param("label=%2Fabout > x", [], id="nothing inside"),
        pytest.param("label=shop&filter_limit=0&filter_truncate=0", ["shop"], id="limits do not count"),
        pytest.param("flat=1&label=%2Fshop%2Fred%2F2", ["/shop/red/2"], id="flat"),
        pytest.param("label=", ["shop", "/about", "/index"], id="empty"),
    ],
)
def test_rows_by_their_labels(query: str, expected: list[str]) -> None:
    assert labels(pages(), query) == expected


def test_a_row_from_inside_keeps_its_number() -> None:
    (found,) = shown(pages(), "label=shop > red")
    assert labels(pages(), f"idSubtable={found['idsubdatatable']}") == ["/2", "/1"]
    assert shown(pages(), "label=shop > red&expanded=1")[0]["subtable"][0]["label"] == "/2"


@pytest.mark.parametrize(
    ("label", "visits"),
    [("Checkout", 5), ("@Checkout", 7), ("a+b", 1), ("a%2Bb", 2), ("@b", 3), ("%40b", 3), ("x@", 4)],
)
def test_leaves_and_folders_of_the_same_name(label: str, visits: int) -> None:
    rows = [row("Checkout", 5, Table([row(" Pay", 5)])), row(" Checkout", 7), row("a b", 1), row("a+b", 2)]
    table = Table([*rows, row("@b", 3), row("x@", 4)])
    found: Any = plain(finished(table, Parameters([("label", label)])))
    assert [each["nb_visits"] for each in found] == [visits]


# Columns and numbers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", {"label", "nb_visits", "bounces", "bounce_rate"}, id="all"),
        pytest.param("showColumns=nb_visits,nonsense", {"label", "nb_visits"}, id="shown"),
        pytest.param("showColumns=bounce_rate", {"label", "bounce_rate"}, id="a computed one alone"),
        pytest.param("hideColumns=bounces,label", {"label", "nb_visits", "bounce_rate"}, id="hidden, never the label"),
    ],
)
def test_columns(query: str, expected: set[str]) -> None:
    assert set(shown(fruit(), query)[0]) == expected


def test_columns_of_subtables() -> None:
    table = Table([row("a", 1, Table([row("b", 1, hits=2)]), hits=2)])
    assert "hits" in shown(table, "hideColumns=hits&expanded=1")[0]["subtable"][0]
    assert "hits" not in shown(table, "hideColumns=hits&expanded=1&hideColumnsRecursively=1")[0]["subtable"][0]


def test_what_is_known_of_rows_stays() -> None:
    table = Table([row("a", 1, hits=2, url="https://a.example")])
    assert shown(table, "showColumns=hits") == [{"label": "a", "hits": 2, "url": "https://a.example"}]


VALUES: dict[str, Any] = {
    "bounce_rate": 0.665,
    "bounce_rate_returning": 0.005,
    "goal_1_conversion_rate_new_visit": 0.66666,
    "exit_rate": 1.0,
    "nb_visits_percentage": 0.5,
    "visits_evolution": -0.1255,
    "Referrers_visitorsFromWebsites_percent": 0.1,
    "avg_time_on_site": 242.4,
    "avg_time_network": 0.123,
    "avg_page_load_time": 185.0,
    "avg_order_revenue": 1555.555,
    "goal_2_revenue_per_visit": 333.333,
    "revenue": 1000.0,
    "revenue_tax": 1.5,
    "nb_visits": 1234,
    "max_event_value": None,
}
RATES = {
    "bounce_rate": "67%",
    "bounce_rate_returning": "1%",
    "goal_1_conversion_rate_new_visit": "66.67%",
    "exit_rate": "100%",
    "nb_visits_percentage": "50%",
    "visits_evolution": "-12.6%",
    "Referrers_visitorsFromWebsites_percent": "10%",
}
AMOUNTS = {
    "avg_time_on_site": "00:04:02",
    "avg_time_network": "0.12s",
    "avg_page_load_time": "3 min 5s",
    "avg_order_revenue": "€1,555.56",
    "goal_2_revenue_per_visit": "€333.33",
}
ROUNDED = {
    "bounce_rate": 0.67,
    "bounce_rate_returning": 0.01,
    "goal_1_conversion_rate_new_visit": 0.6667,
    "visits_evolution": -0.126,
    "avg_order_revenue": 1555.56,
    "goal_2_revenue_per_visit": 333.33,
}
MONEY = {"revenue": "€1,000", "revenue_tax": "€1.50"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", {**VALUES, **ROUNDED, **RATES}, id="rates"),
        pytest.param("&format_metrics=0", {**VALUES, **ROUNDED}, id="none"),
        pytest.param("&format_metrics=1", {**VALUES, **RATES, **AMOUNTS}, id="all that are known"),
        pytest.param("&format_metrics=all", {**VALUES, **RATES, **AMOUNTS, **MONEY}, id="sums of money too"),
    ],
)
def test_how_numbers_look(query: str, expected: dict[str, Any]) -> None:
    of_several = ResultMap("idSite", {"7": Table([Row(VALUES)]), "8": Table([Row(VALUES)])})
    assert shown(Single(VALUES), f"idSite=7{query}", currencies={7: "EUR"}) == expected
    assert shown(of_several, f"idSite=7,8{query}", currencies={7: "EUR", 8: "EUR"})["8"] == [expected]


def test_numbers_that_look_like_no_others() -> None:
    with pytest.raises(BadParameter, match="format_metrics"):
        finished(fruit(), asked("format_metrics=2"))
    huge = {"avg_time_on_site": float("inf"), "revenue": 1e300, "bounce_rate": float("nan"), "conversion_rate": 1e20}
    assert shown(Single({**huge, "a": 1}), "format_metrics=all")["conversion_rate"] == f"{10**22}%"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (percent(0.125), "12.5%"),
        (percent(2), "200%"),
        (clock(3661.5), "01:01:02"),
        (in_words(59.999), "60s"),
        (in_words(7325), "2 h 2 min"),
        (money(-3.456, "USD"), "-$3.46"),
        (money(5, "XYZ"), "XYZ 5"),
        (money(1234567, ""), "1,234,567"),
    ],
)
def test_how_kinds_of_numbers_are_written(text: str, expected: str) -> None:
    assert text == expected


def test_rounding() -> None:
    assert [rounded(value, 0) for value in (0.5, 1.5, -0.5, 2.4)] == [1, 2, -1, 2]
    assert rounded(1.005, 2) == 1.01
    assert quotient(1, 0, 2) == 0
    assert [quotient(2, 3, 4), quotient(1e300, 4, 2), quotient(1, 1e300, 2)] == [0.6667, 2.5e299, 0]
    assert quotient(math.inf, 1, 2) == math.inf


def test_columns_that_are_plain_numbers() -> None:
    plain_ones = (
        "nb_visits",
        "sum_visit_length",
        "nb_conversions",
        "sum_time_network",
        "visits_evolution_trend",
        "label",
    )
    assert [column for column in plain_ones if metric_of(column)] == []


# What only some calls want


def converted() -> Table:
    goals = {
        "idgoal=1": {"nb_conversions": 1, "revenue": 10.5},
        "idgoal=ecommerceOrder": {"nb_conversions": 2, "revenue": 31.9, "items": 5},
        "idgoal=ecommerceAbandonedCart": {"nb_conversions": 4, "revenue": 500.0, "items": 6},
    }
    counts: dict[str, Any] = {
        "nb_visits_converted": 2,
        "nb_actions": 13,
        "sum_visit_length": 100,
        "bounce_count": 0,
        "goals": goals,
    }
    return Table([row("a", 3, **counts), row("b", 1)])


def test_columns_of_one_goal() -> None:
    query = "filter_update_columns_when_show_all_goals=1&filter_show_goal_columns_process_goals=ecommerceOrder"
    first, second = shown(converted(), query)
    assert {column: value for column, value in first.items() if column not in converted().rows[0].columns} == {
        "conversion_rate": "66.67%",
        "nb_actions_per_visit": 4.3,
        "avg_time_on_site": 33,
        "bounce_rate": "0%",
        "revenue_per_visit": 13.67,  # 10 and 31 by 3: cents of goals do not count here.
        "goal_ecommerceOrder_conversion_rate": "66.67%",
        "goal_ecommerceOrder_nb_conversions": 2,
        "goal_ecommerceOrder_revenue_per_visit": 10.63,
        "goal_ecommerceOrder_revenue": 31.9,
        "goal_ecommerceOrder_avg_order_revenue": 15.95,
        "goal_ecommerceOrder_items": 5,
    }
    assert second["goal_ecommerceOrder_conversion_rate"] == "0%"
    assert second["goal_ecommerceOrder_items"] == 0


def test_rates_of_all_goals() -> None:
    found = shown(converted(), "filter_update_columns_when_show_all_goals=ecommerceOrder")[0]
    assert {column for column in found if column.startswith("goal_")} == {
        "goal_1_conversion_rate",
        "goal_ecommerceOrder_conversion_rate",
        "goal_ecommerceAbandonedCart_conversion_rate",
    }


def test_averages_of_visits() -> None:
    (first, _) = shown(converted(), "filter_add_columns_when_show_all_columns=1")
    assert (first["conversion_rate"], first["nb_actions_per_visit"]) == ("66.67%", 4.3)
    assert "nb_actions_per_visit" not in shown(converted(), "filter_add_columns_when_show_all_columns=0")[0]


# Several of them


def test_every_table_of_a_map_is_finished() -> None:
    several = ResultMap(
        "idSite", {"1": ResultMap("date", {"2026": fruit(), "2027": Table()}), "2": ResultMap("date", {})}
    )
    found = shown(several, "filter_limit=1&showColumns=bounce_rate")
    assert found == {"1": {"2026": [{"label": "Apple", "bounce_rate": "100%"}], "2027": []}, "2": []}


def test_values_and_single_rows() -> None:
    assert shown(12, "filter_limit=0") == 12
    single = Single({"nb_visits": 4, "bounces": 1}, BOUNCES)
    assert shown(single, "filter_limit=0") == {"nb_visits": 4, "bounces": 1, "bounce_rate": "25%"}
    assert shown(single, "showColumns=bounces,bounce_rate") == {"bounces": 1, "bounce_rate": "25%"}


def test_what_was_answered_is_not_changed() -> None:
    table = pages()
    before = plain(table)
    for query in (
        "flat=1",
        "expanded=1&filter_truncate=0",
        "label=shop",
        "filter_pattern_recursive=red",
        "format_metrics=1",
    ):
        finished(table, asked(query))
    assert plain(table) == before


NAMES = (
    "filter_pattern",
    "filter_column",
    "filter_pattern_recursive",
    "filter_excludelowpop",
    "filter_excludelowpop_value",
    "filter_sort_column",
    "filter_sort_order",
    "filter_truncate",
    "filter_limit",
    "filter_offset",
    "flat",
    "include_aggregate_rows",
    "expanded",
    "depth",
    "idSubtable",
    "label",
    "showColumns",
    "hideColumns",
    "format_metrics",
    "filter_update_columns_when_show_all_goals",
    "filter_show_goal_columns_process_goals",
)
SENT = (
    "",
    "0",
    "1",
    "-1",
    "2",
    "x",
    "label",
    "nb_visits",
    "goals",
    "bounce_rate",
    "url",
    "asc",
    "/1",
    "shop>red",
    "a,b",
)


@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.sampled_from(SENT), st.text(max_size=5)), max_size=4))
def test_whatever_is_sent_is_answered_or_refused(sent: dict[str, str]) -> None:
    for table in (pages(), converted(), fruit()):
        try:
            rows = plain(finished(table, Parameters(sent.items())))
        except ApiError:
            continue
        assert isinstance(rows, list)


def test_a_column_that_a_row_cannot_have() -> None:
    table = Table([row("a", 2, bounces=1), row("b", 1)], BOUNCES)
    assert "bounce_rate" not in shown(table)[1]
