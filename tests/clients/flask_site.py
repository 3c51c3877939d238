"""A Flask application that `flask-matomo2` tracks: visits its pages as somebody with a browser would.

Its argument is JSON: {"url", "site", "token", "visits": [{"path", "headers"}, ...]}; it says the statuses.
"""

import json
import sys
from typing import Any

from flask import Flask
from flask_matomo2 import Matomo


def site(given: dict[str, Any]) -> Flask:
    app = Flask(__name__)
    matomo = Matomo(
        app,
        matomo_url=given["url"],
        id_site=given["site"],
        token_auth=given["token"],
        base_url="https://example.org/apps",
        ignored_patterns=["/health.*"],
        ignored_ua_patterns=[".*Monitor.*"],
    )
    app.add_url_rule("/articles/<name>", view_func=article)
    app.add_url_rule("/shop", view_func=matomo.details(action_name="Our shop")(shop))
    app.add_url_rule("/healthz", view_func=health)
    return app


def article(name: str) -> str:
    return f"About {name}"


def shop() -> str:
    return "A shop"


def health() -> str:
    return "Fine"


def main(given: dict[str, Any]) -> None:
    browser = site(given).test_client()
    answers = [browser.get(visit["path"], headers=visit["headers"]) for visit in given["visits"]]
    json.dump([answer.status_code for answer in answers], sys.stdout)


main(json.loads(sys.argv[1]))
