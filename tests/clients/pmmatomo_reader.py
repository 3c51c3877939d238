"""Somebody's report about one day, read with `PMMatomo`.

Its argument is JSON: {"url", "token", "site", "day", "limit", "methods": [...]}; it says the report that it is tested
with, and the answers.
"""

import json
import sys
from datetime import datetime
from typing import Any

from PMMatomo import Matomo, MatomoReportPeriod


def main(given: dict[str, Any]) -> None:
    matomo = Matomo(url=given["url"], token=given["token"], siteId=given["site"])
    matomo.setReportPeriod(MatomoReportPeriod.day)
    matomo.setReportDateFromDatetime(datetime.fromisoformat(given["day"]))
    matomo.setFilterLimit(given["limit"])
    answers = [matomo.getTestReport(), *map(matomo.genReport, given["methods"])]
    json.dump(answers, sys.stdout)


main(json.loads(sys.argv[1]))
