"""Vectors 1 to 17: methods, answers and headers."""

from ingest.endpoint import INFO
from ingest.scripts import SCRIPT_TYPE
from tests.vectors import (
    FORM,
    IMAGE,
    NO_IMAGE,
    NOTHING_SENT,
    NUMBER_OF_A,
    ORIGIN,
    OTHER_SITE,
    PAGE,
    REFUSED,
    SITE,
    UNKNOWN_SITE,
    A,
    Answer,
    Step,
    Vector,
    hit,
    ignored,
    query_of,
    refused,
    request,
)

BASE = query_of()
ONE = ({"actions": 1},)
UNCACHED_IMAGE = Answer(
    headers={"content-type": "image/gif", "cache-control": "no-store", "access-control-allow-origin": None},
    body=IMAGE.body,
)
FOR_ALL = {"access-control-allow-origin": "*", "access-control-allow-credentials": "true"}
FOR_ORIGIN = {"access-control-allow-origin": ORIGIN, "access-control-allow-credentials": "true", "cache-control": None}
ALLOWED = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "*",
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": None,
}

VECTORS = (
    Vector(
        number=1,
        name="page-view",
        steps=(hit(action_name="Home", answer=UNCACHED_IMAGE),),
        visits=(
            {
                "actions": 1,
                "interactions": 1,
                "duration": 0,
                "entry_page": "example.org/",
                "entry_prefix": 2,
                "entry_title": "Home",
                "exit_page": "example.org/",
                "profilable": 0,
                "returning": 0,
                "visit_count": 1,
                "referrer_type": "direct",
                "ip": "203.0.0.0",
            },
        ),
        hits=({"action": "pageview", "title": "Home"},),
    ),
    Vector(
        number=2,
        name="no-image",
        steps=(hit(send_image=0, answer=Answer(status=204, headers={"cache-control": "no-store"}, body=b"")),),
        visits=ONE,
    ),
    Vector(number=3, name="zero-twice-is-no-zero", steps=(hit(send_image="00"),), visits=ONE),
    Vector(
        number=4,
        name="beacon-without-body",
        steps=(
            request(
                "POST",
                f"{BASE}&send_image=0",
                body=b"",
                Origin=ORIGIN,
                answer=Answer(status=204, headers=FOR_ORIGIN, body=b""),
            ),
        ),
        visits=ONE,
    ),
    Vector(
        number=5,
        name="query-goes-before-body",
        steps=(
            request(
                "POST",
                f"idsite={SITE}",
                body=f"idsite={OTHER_SITE}&rec=1&url={PAGE}".encode(),
                Content_Type=FORM,
            ),
        ),
        elsewhere=({},),
        visits=({"actions": 1, "entry_page": "example.org/"},),
    ),
    Vector(
        number=6,
        name="plain-text-says-nothing",
        steps=(request("POST", body=f"idsite={SITE}&rec=1".encode(), Content_Type="text/plain", answer=NOTHING_SENT),),
    ),
    Vector(
        number=7,
        name="get-of-nothing",
        steps=(request("GET", answer=Answer(headers={"content-type": "text/html; charset=UTF-8"}, body=INFO)),),
    ),
    Vector(
        number=8,
        name="post-of-nothing",
        steps=(request("POST", answer=Answer(status=400, headers=FOR_ALL, body=INFO)),),
    ),
    Vector(
        number=9,
        name="preflight-counts-nothing",
        steps=(
            request(
                "OPTIONS",
                BASE,
                Access_Control_Request_Method="POST",
                answer=Answer(status=204, headers=ALLOWED, body=b""),
            ),
        ),
    ),
    Vector(number=10, name="options-counts", steps=(request("OPTIONS", BASE),), visits=ONE),
    Vector(
        number=11,
        name="head-counts",
        steps=(request("HEAD", BASE, answer=Answer(headers=FOR_ALL, body=b"")),),
        visits=ONE,
    ),
    Vector(number=12, name="not-to-be-recorded", steps=(hit(rec=None, answer=ignored("no-rec")),)),
    Vector(number=13, name="no-site", steps=(request("GET", "rec=1", answer=REFUSED),)),
    Vector(
        number=14,
        name="unknown-site",
        steps=(request("GET", f"idsite={UNKNOWN_SITE}&rec=1", answer=refused("idsite")),),
    ),
    Vector(
        number=15, name="site-that-is-no-number", steps=(request("GET", f"idsite={SITE}abc&rec=1", answer=REFUSED),)
    ),
    Vector(
        number=17,
        name="script-address-without-query",
        steps=(Step(path="/js/", headers={}, answer=Answer(headers={"content-type": SCRIPT_TYPE})),),
    ),
    Vector(
        number=17,
        name="script-address-with-query",
        steps=(Step(path="/js/", query=f"{BASE}&_id={A}", headers={}),),
        visits=({"actions": 1, "visitor": NUMBER_OF_A},),
    ),
    Vector(
        number=17,
        name="script-address-with-post",
        steps=(
            Step(
                method="POST",
                path="/js/index.php",
                query=f"{BASE}&send_image=0",
                body=b"",
                headers={},
                answer=NO_IMAGE,
            ),
        ),
        visits=ONE,
    ),
)
