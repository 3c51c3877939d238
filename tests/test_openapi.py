"""The OpenAPI document, and requests made from it: whatever it allows and forbids is answered as it says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from dashboard.settings import Settings
from dashboard.v1.api import PATH
from dashboard.v1.inputs import QUERY
from dashboard.v1.table import ENDPOINTS
from sql.clickhouse import Database
from tests.administered import Api, World, administered

EXAMPLES = 25  # Of each operation and mode; the same ones in every run.
LAVISH = Settings(api_requests_per_minute=1_000_000)
OPERATIONS = [
    pytest.param(endpoint.path, method, id=f"{method}-{endpoint.name}")
    for endpoint in ENDPOINTS
    for method in endpoint.methods
]
WITH_INPUTS = [case for case in OPERATIONS if case.values[0] not in ("/metrics", "/sites")]
# What no schema can say is refused too: dimensions that a site does not have, metrics that do not go together. And the
# other methods of an address, and other people's tokens, have tests of their own.
NOT_CHECKED = ("positive_data_acceptance", "unsupported_method", "ignored_auth", "use_after_free")
load_all_checks()
CHECKED: Any = CHECKS.get_by_names([name for name in CHECKS.get_all_names() if name not in NOT_CHECKED])
REPEATABLE = settings(
    derandomize=True, database=None, max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
)
NO_DAYS = dict.fromkeys(("from", "to", "compare_from", "compare_to", "same_weekday"))


@pytest.fixture(scope="module")
def served(administered_world: World, tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Api]:
    with administered(administered_world, tmp_path_factory.mktemp("served"), database, LAVISH) as api:
        yield api


@pytest.fixture(scope="module")
def schema(served: Api) -> BaseSchema:
    return schemathesis.openapi.from_asgi(f"{PATH}/openapi.json", served.client.app)


def sensible(case: Case[Any]) -> Case[Any]:
    """Return the request about a site that is there, in one range: else hardly any would have an answer."""
    if "{site}" in case.operation.path:
        case.path_parameters = {"site": 1}
    for part in (case.query, case.body):
        if isinstance(part, dict) and "site" in part:
            part["site"] = 1
        if isinstance(part, dict) and any(entry in part for entry in ("metrics", "site")) and takes_a_range(case):
            part.update(period="month", date="2026-05-13")
            for name in NO_DAYS:
                part.pop(name, None)
            if part.get("compare") == "custom":
                part["compare"] = "year_before"
    return case


def takes_a_range(case: Case[Any]) -> bool:
    (endpoint,) = (endpoint for endpoint in ENDPOINTS if case.operation.path.endswith(endpoint.path))
    return any(entry.name == "period" for entry in endpoint.inputs)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_the_document_allows(schema: BaseSchema, served: Api, path: str, method: str) -> None:
    statuses = asked(schema, served, (path, method), GenerationMode.POSITIVE)
    assert statuses[200] > 0
    assert set(statuses) <= {200, 400, 404}


@pytest.mark.parametrize(
    ("path", "method"), [case for case in OPERATIONS if case.values[0] not in ("/metrics", "/sites")]
)
def test_what_the_document_forbids(schema: BaseSchema, served: Api, path: str, method: str) -> None:
    statuses = asked(schema, served, (path, method), GenerationMode.NEGATIVE)
    assert sum(statuses[status] for status in (400, 404)) > 0


def asked(schema: BaseSchema, served: Api, operation: tuple[str, str], mode: GenerationMode) -> Counter[int]:
    """Send what is made up from the document, check each answer against it, and count their statuses."""
    statuses: Counter[int] = Counter()
    path, method = operation
    headers = {"Authorization": f"Bearer {served.tokens['superuser']}"}
    strategy = schema[path][method].as_strategy(generation_mode=mode)

    @settings(
        derandomize=True, database=None, max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=strategy.map(sensible) if mode is GenerationMode.POSITIVE else strategy)
    def send(case: Case[Any]) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKED)
        statuses[answer.status_code] += 1

    send()
    return statuses


def test_the_document_has_every_input(served: Api) -> None:
    document = served.client.get(f"{PATH}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {endpoint.path for endpoint in ENDPOINTS}
    query: dict[str, Any] = document["paths"]["/query"]
    names = [entry.name for entry in QUERY]
    assert [parameter["name"] for parameter in query["get"]["parameters"]] == names
    assert list(query["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]) == names
