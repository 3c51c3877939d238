"""Somebody's report, read with `matomo-api`, in its own words for parameters.

Its argument is JSON: {"url", "token", "site", "calls": [[method, parameters], ...]}; it says the answers.
"""

import json
import sys
from typing import Any

import matomo_api as ma

WORDS = {"flat": ma.flat, "filter_limit": ma.filter_limit, "segment": ma.segment}


def main(given: dict[str, Any]) -> None:
    matomo = ma.MatomoApi(given["url"], given["token"])
    answers = [called(matomo, given["site"], *call) for call in given["calls"]]
    json.dump(answers, sys.stdout)


def called(matomo: Any, site: int, name: str, parameters: dict[str, Any]) -> Any:
    module, method = name.split(".")
    asked = ma.format.json | ma.idSite.one_or_more(site)
    for parameter, value in parameters.items():
        asked |= word(parameter, value)
    answer = getattr(getattr(matomo, module)(), method)(asked)
    answer.raise_for_status()
    return answer.json()


def word(name: str, value: Any) -> Any:
    if name == "period":
        return getattr(ma.period, value)
    if name == "date":
        return ma.date.last(int(value[4:])) if value.startswith("last") else ma.date.YMD(value)
    return WORDS[name](value) if name in WORDS else ma.par_val(name, value)


main(json.loads(sys.argv[1]))
