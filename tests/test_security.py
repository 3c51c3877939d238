"""What has gone wrong in programs like this one, class by class, and the tests by which it does not go wrong here.

A class is added when something new has gone wrong somewhere; a test that is named here cannot be removed unnoticed.
"""

import ast
from collections.abc import Mapping
from functools import cache

import pytest

from tests.test_style import ROOT, python_files, tree_of

CLASSES: Mapping[str, tuple[str, ...]] = {
    "stored XSS": (
        "security_stored::test_everything_was_sown",
        "security_stored::test_the_hook_works",
        "security_stored::test_pages",
        "security_stored::test_people",
        "security_stored::test_the_opt_out",
        "security_stored::test_reports_as_pages",
        "security_stored::test_nothing_else_is_taken_for_a_page",
        "security_code::test_every_template_escapes",
        "security_code::test_what_is_not_escaped_is_known",
        "dashboard::test_nothing_from_outside_is_markup",
        "privacy_page::test_everything_is_escaped",
    ),
    "reflected XSS": (
        "security_reflected::test_parameters_of_every_page",
        "security_reflected::test_parts_of_every_path",
        "security_reflected::test_refusals_of_the_reporting_api",
        "security_reflected::test_fields_of_every_form",
        "security_reflected::test_headers_of_every_page",
        "security_reflected::test_parameters_of_the_collector",
        "security_routes::test_nothing_runs_that_is_not_ours_and_nobody_frames_it",
        "formats::test_callbacks_that_could_be_scripts",
    ),
    "XSS by what an opt-out can be asked for": (
        "optout::test_nothing_in_a_parameter_becomes_a_tag_or_code",
        "optout::test_what_is_none_is_refused_in_plain_text",
        "optout_page::test_what_a_style_may_be",
        "optout_page::test_nothing_that_is_sent_becomes_code",
        "optout_page::test_the_preview_is_out_of_reach",
    ),
    "CSRF": (
        "security_routes::test_no_other_website_sends_our_forms",
        "security_routes::test_looking_changes_nothing",
        "security_routes::test_no_address_changes_anything_by_a_cookie",
        "security_routes::test_no_other_method_does_anything",
        "optout::test_others_cannot_choose_in_somebodys_name",
        "optout::test_a_choice_is_no_toggle",
        "dashboard::test_the_cookie_is_kept_from_scripts",
    ),
    "formulas in spreadsheets": (
        "spreadsheets::test_lines",
        "spreadsheets::test_files_of_our_own",
        "spreadsheets::test_pages_and_feeds",
    ),
    "SQL injection": (
        "security_sql::test_the_reporting_api",
        "security_sql::test_our_own_interface",
        "security_sql::test_who_somebody_is",
        "security_sql::test_a_time_zone_is_one_of_a_list",
        "segment::test_values_never_become_sql",
        "segment::test_names_never_become_sql",
        "segment::test_any_text_is_a_segment_or_refused",
        "style::test_sql_lives_in_sql_files",
        "style::test_has_typed_parameters_only",
    ),
    "table functions, and whatever else a database reaches": (
        "query_guard::test_readers_only_read_tables",
        "server::test_a_reading_user_only_reads",
    ),
    "requests that the server is made to send": (
        "security_serving::test_no_tracked_address_is_asked_for_anything",
        "security_serving::test_no_process_of_the_server_connects_to_anybody",
        "security_code::test_who_opens_connections_is_known",
    ),
    "programs made of texts: expressions, templates, pickles": (
        "security_code::test_no_text_becomes_a_program",
        "security_code::test_what_counts_as_dangerous",
    ),
    "what is only for developers": (
        "security_routes::test_the_dashboard_has_these_routes_and_no_others",
        "security_routes::test_the_collector_has_these_routes_and_no_others",
        "security_routes::test_nothing_else_is_served",
        "security_routes::test_what_is_private_is_not_there_behind_a_proxy",
        "dashboard::test_our_own_mistake",
    ),
    "holes in what it is built from": (
        "security_code::test_no_version_with_a_known_hole_is_allowed",
        "security_code::test_no_version_with_a_known_hole_is_installed",
        "security_code::test_what_browsers_get_is_built_from_packages_that_cannot_change",
        "installed::test_a_container_needs_no_rights_and_no_other_first_process",
    ),
    "cookies that are read as programs' data": (
        "security_reflected::test_odd_cookies_of_who_objected",
        "security_reflected::test_odd_cookies_of_readers",
    ),
    "secrets that are known before": (
        "security_serving::test_nobody_and_nothing_is_there_from_the_start",
        "security_serving::test_files_are_for_whoever_runs_it_alone",
        "security_code::test_no_secret_is_written_down",
        "security_code::test_examples_name_no_secret",
        "security_code::test_who_plays_dice_is_known",
        "security_code::test_secrets_are_long_and_never_twice_the_same",
    ),
    "what is somebody else's": (
        "security_routes::test_whom_a_page_lets_in",
        "admin_api::test_who_may_call",
        "admin_api::test_every_method_is_in_the_matrix",
        "admin_api::test_reports_are_for_those_who_see_the_site",
        "api_v1::test_who_may_use_what",
        "api_v1::test_the_matrix_has_every_endpoint",
        "api_v1::test_a_site_of_others_is_as_one_that_is_not_there",
        "people_http::test_who_may_not",
        "privacy_page::test_who_may_change",
    ),
    "answers that other websites may read": (
        "security_routes::test_no_other_website_reads_answers",
        "security_routes::test_what_other_websites_may_read_of_the_collector",
    ),
    "tokens that leak": (
        "security_serving::test_no_secret_is_left_in_any_file_table_or_log",
        "security_serving::test_no_secret_comes_back",
        "security_serving::test_a_token_goes_to_the_address_that_was_given_and_nowhere_else",
        "endpoint::test_a_token_stands_in_no_log_and_on_no_disk",
        "registry::test_secrets_are_not_on_disk",
        "registry::test_secrets_are_not_shown",
    ),
    "guessing": (
        "security_routes::test_guessing_tokens_ends_wherever_it_is_tried",
        "security_code::test_who_is_nobody_takes_as_long_as_somebody",
        "dashboard::test_guessing_at_an_account_ends",
        "dashboard::test_guessing_from_an_address_ends",
        "dashboard::test_what_guessing_costs_us_is_bounded",
        "admin_api::test_guessing_passwords_ends",
    ),
    "a host that a request made up": (
        "security_routes::test_nothing_leads_to_the_host_that_a_request_names",
        "security_routes::test_nothing_of_the_collector_leads_there_either",
        "dashboard::test_a_login_leads_nowhere_else",
    ),
    "an address that a request made up": (
        "proxies::test_nobody_is_believed_by_default",
        "proxies::test_a_visitor_cannot_speak_for_others_through_a_proxy",
        "installed::test_a_hit_has_the_masked_address_of_its_visitor",
    ),
    "hits that are made up": (
        "endpoint::test_a_token_may_set_time_and_address",
        "endpoint::test_a_token_of_another_site_allows_nothing",
        "endpoint::test_what_is_refused",
    ),
    "little that costs much": (
        "security_limits::test_deep_json_of_programs",
        "security_limits::test_deep_json_of_the_reporting_api",
        "security_limits::test_deep_json_of_trackers",
        "security_limits::test_deep_bulk_bodies",
        "security_limits::test_many_requests_in_one_body",
        "security_limits::test_forms_of_people",
        "security_limits::test_forms_of_trackers",
        "security_limits::test_nothing_is_unpacked",
        "security_limits::test_a_file_asked_for_in_many_pieces",
        "security_limits::test_no_question_is_longer_than_a_form",
        "endpoint::test_a_body_may_not_be_endless",
        "proxies::test_a_header_of_a_megabyte",
        "patterns::test_a_pattern_that_wastes_time_rests",
        "filters::test_patterns_get_no_more_than_their_time",
        "segment::test_reading_takes_no_time",
        "query_guard::test_what_takes_too_much_is_refused_whole",
    ),
    "pages in frames of others": (
        "security_routes::test_nothing_runs_that_is_not_ours_and_nobody_frames_it",
        "optout::test_anybody_may_frame_the_page",
        "optout_page::test_only_this_page_may_show_a_frame",
    ),
    "a secret used where it does not belong": (
        "security_routes::test_no_cookie_is_a_token",
        "security_routes::test_no_token_is_a_session",
        "security_routes::test_no_session_is_a_token",
        "security_routes::test_no_role_is_leave_to_take_every_secret",
        "security_routes::test_who_follows_the_registry_may_do_nothing_else",
        "people_http::test_a_token_with_scopes_administers_nothing",
    ),
    "files that are taken in or away": (
        "security_serving::test_no_file_is_written_over",
        "security_limits::test_no_file_but_built_ones",
    ),
}


@cache
def names_in(module: str) -> set[str]:
    """Return the names of a module's tests, those in classes too."""
    nodes = ast.walk(tree_of(ROOT / f"tests/test_{module}.py"))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("name", CLASSES)
def test_it_is_tested(name: str) -> None:
    named = [test.partition("::") for test in CLASSES[name]]
    assert [f"{module}::{test}" for module, _, test in named if test not in names_in(module)] == []


def test_every_test_of_these_files_has_a_class() -> None:
    named = {test for tests in CLASSES.values() for test in tests}
    modules = [
        path.stem.removeprefix("test_") for path in python_files("tests") if path.stem.startswith("test_security_")
    ]
    assert len(modules) > 5
    assert {f"{module}::{name}" for module in modules for name in names_in(module)} - named - SMALLER == set()


# They belong to one of those above, and would say nothing alone.
SMALLER = {
    "security_reflected::test_paths_of_the_collector",
    "security_stored::test_nor_is_anything_of_our_own_interface",
}
