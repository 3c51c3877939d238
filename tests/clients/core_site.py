"""A server of somebody's own that tracks with `matomo-core`, which says what to send and leaves the sending to others.

Its argument is JSON: {"url", "site", "token", "requests": [{...}, ...]}, each what the client builds a hit from, with
`status` and, if any, `custom` and `failed`. It says the statuses of the answers.
"""

import json
import sys
from typing import Any

import httpx2
from matomo_core import MatomoCore


def tracked(core: MatomoCore, request: dict[str, Any]) -> dict[str, Any]:
    status, custom, failed = (request.pop(name, None) for name in ("status", "custom", "failed"))
    state = core.build_tracking_state(**request)
    state["custom_tracking_data"] = custom or {}
    core.track_request_end(status, state)
    sent: dict[str, Any] | None = core.prepare_tracking_data_for_matomo(state, RuntimeError(failed) if failed else None)
    assert sent is not None
    return sent


def main(given: dict[str, Any]) -> None:
    core = MatomoCore(matomo_url=given["url"], id_site=given["site"], token_auth=given["token"])
    with httpx2.Client() as client:
        answers = [client.post(core.matomo_url, data=tracked(core, request)) for request in given["requests"]]
    json.dump([answer.status_code for answer in answers], sys.stdout)


main(json.loads(sys.argv[1]))
