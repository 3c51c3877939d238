"""Somebody's report, read with `piwik-api`.

Its argument is JSON: {"url", "token", "site", "calls": [[method, parameters], ...], "bulk": [parameters, ...]}; it says
the answers, the last one to all of `bulk`.
"""

import json
import sys
from typing import Any

from piwik_api import PiwikAPI


def main(given: dict[str, Any]) -> None:
    piwik = PiwikAPI(f"{given['url']}/index.php", given["token"])
    answers = [called(piwik, given["site"], *call) for call in given["calls"]]
    if given.get("bulk"):
        answers.append(piwik.bulk_request(given["bulk"]))
    json.dump(answers, sys.stdout)


def called(piwik: Any, site: int, name: str, parameters: dict[str, Any]) -> Any:
    module, method = name.split(".")
    return getattr(getattr(piwik, module), method)(idSite=site, **parameters)


main(json.loads(sys.argv[1]))
