"""Somebody's report, read with `matomopy`.

Its argument is JSON: {"url", "token", "auth", "site", "calls": [[method, parameters], ...], "bulk": [parameters, ...],
"pages": [method, parameters] or none}; it says what was answered to each call, in bulk, and page by page.
"""

import json
import sys
from typing import Any

from matomopy import MatomoAPIError, MatomoClient, MatomoHTTPError


def main(given: dict[str, Any]) -> None:
    usual = {"default_id_site": given["site"], "auth_method": given.get("auth", "post")}
    with MatomoClient(given["url"], given["token"], **usual) as matomo:
        answers = [called(matomo, method, parameters) for method, parameters in given.get("calls", ())]
        bulk = matomo.bulk_request(given["bulk"]) if given.get("bulk") else []
        method, parameters = given.get("pages") or ("", {})
        pages = list(matomo.paginate(method, page_size=1, **parameters)) if method else []
    json.dump({"answers": answers, "bulk": bulk, "pages": pages}, sys.stdout)


def called(matomo: Any, name: str, parameters: dict[str, Any]) -> Any:
    module, method = name.split(".")
    try:
        return getattr(getattr(matomo, module), method)(**parameters)
    except (MatomoAPIError, MatomoHTTPError) as error:
        return {"error": type(error).__name__, "status": getattr(error, "status_code", None)}


main(json.loads(sys.argv[1]))
