"""Several calls in one: `API.getBulkRequest`, each answered or refused on its own."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from dashboard.api_access import OPEN
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import ApiError, BadParameter, Parameters
from dashboard.formats.shapes import VALUE, is_table, plain
from sql.registry import RegistryError

MOST_CALLS = 200
NAME = "API.getBulkRequest"


class NotInBulk(ApiError):
    """Raised if a method is not for several at once: it changes something, or asks for a password."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The method '{name[:100]}' is not available in {NAME}: only methods that read are.")


def bulk_of(methods: Mapping[str, Method]) -> Method:
    """Return the method that calls others, those of a table."""
    return Method(NAME, OPEN, lambda call: answers(methods, call))


def answers(methods: Mapping[str, Method], call: Call) -> list[object]:
    """Return the answers in the order of `urls`, each a call's query."""
    queries = call.parameters.values("urls")
    if len(queries) > MOST_CALLS:
        raise BadParameter("urls", len(queries), f"at most {MOST_CALLS} calls")
    return [answer(methods, call, query) for query in queries]


def answer(methods: Mapping[str, Method], call: Call, query: str) -> object:
    parameters = Parameters(parse_qsl(query.lstrip("?&"), keep_blank_values=True))
    try:
        found = plain(answered(methods, replace(call, parameters=parameters)))
    except (ApiError, RegistryError) as error:
        return {"result": "error", "message": str(error)}
    return found if is_table(found) else {VALUE: found}


def answered(methods: Mapping[str, Method], call: Call) -> object:
    name = call.parameters.required("method")
    method = methods.get(name)
    if method is None or method.changes or not reads(name):
        raise NotInBulk(name)
    return method.answer(replace(call, sites=method.access.check(call.caller, call.parameters)))


def reads(name: str) -> bool:
    return name != NAME and name.partition(".")[2].startswith("get")
