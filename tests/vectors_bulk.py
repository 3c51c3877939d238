"""Vectors 85 to 99: many requests in one body, what is excluded, and what is not told."""

import json

from tests.vectors import (
    DAY,
    GOOGLEBOT,
    PAGE,
    SITE,
    SUPERUSER,
    TOKEN,
    UNKNOWN_SITE,
    A,
    Answer,
    Step,
    Vector,
    hit,
    ignored,
    query_of,
    sent_with,
    told,
)

ONE = ({"actions": 1},)
GOOD = f"?{query_of()}"
MIXED = [GOOD, f"?idsite={UNKNOWN_SITE}&rec=1", f"idsite={SITE}&rec=1"]
ONE_OF_EACH = '{"status":"success","tracked":1,"invalid":1}'


def bulk(answer: Answer, **content: object) -> Step:
    return Step(method="POST", body=json.dumps(content).encode(), headers={}, answer=answer)


BULK = (
    Vector(number=85, name="good-and-bad", steps=(bulk(told(ONE_OF_EACH), requests=MIXED),), visits=ONE),
    Vector(
        number=86,
        name="superuser-learns-which-are-bad",
        steps=(
            bulk(
                told('{"status":"success","tracked":1,"invalid":1,"invalid_indices":[1]}'),
                requests=MIXED,
                token_auth=SUPERUSER,
            ),
        ),
        visits=ONE,
    ),
    Vector(
        number=86,
        name="writer-does-not-learn-which-are-bad",
        steps=(bulk(told(ONE_OF_EACH), requests=MIXED, token_auth=TOKEN),),
        visits=ONE,
    ),
    Vector(
        number=87,
        name="no-answer-wanted",
        steps=(bulk(told("", 204), requests=MIXED, send_image=0),),
        visits=ONE,
    ),
    Vector(
        number=88,
        name="custom-action-that-nobody-knows",
        steps=(bulk(told(ONE_OF_EACH), requests=[GOOD, f"?idsite={SITE}&rec=1&ca=1"]),),
        visits=ONE,
        differs="one bad entry does not lose its neighbours, and is no error of the server",
    ),
    Vector(
        number=89,
        name="objects",
        steps=(
            bulk(
                told('{"status":"success","tracked":2,"invalid":0}'),
                requests=[{}, {"idsite": SITE, "rec": 1, "url": PAGE, "ua": "Googlebot/2.1"}],
            ),
        ),
    ),
    Vector(
        number=90,
        name="not-json",
        steps=(
            Step(
                method="POST",
                body=b"{\"x\":'requests'",
                headers={},
                answer=told('{"status":"success","tracked":0,"invalid":0}'),
            ),
        ),
    ),
)
EXCLUSIONS_AND_PRIVACY = (
    Vector(number=91, name="bot", steps=(sent_with({"User_Agent": GOOGLEBOT}, ignored("bot")),)),
    Vector(
        number=91,
        name="bot-that-is-welcome",
        steps=(sent_with({"User_Agent": GOOGLEBOT}, bots=1),),
        visits=({"actions": 1, "os": "Bot"},),
    ),
    Vector(number=92, name="do-not-track-as-usual", steps=(sent_with({"DNT": "1"}),), visits=ONE),
    Vector(
        number=93,
        name="opted-out",
        steps=(sent_with({"Cookie": "matomo_ignore=ignore%3DKg%3D%3D"}, ignored("opt-out")),),
    ),
    Vector(
        number=94,
        name="excluded-address",
        site={"excluded_addresses": ("203.0.113.*",)},
        steps=(hit(answer=ignored("excluded-address")),),
    ),
    Vector(
        number=95,
        name="unknown-host",
        site={"exclude_unknown_urls": True},
        steps=(hit(url="https://sub.example.org/", answer=ignored("unknown-url")),),
    ),
    Vector(
        number=95,
        name="no-address-at-all",
        site={"exclude_unknown_urls": True},
        steps=(hit(url="", answer=ignored("unknown-url")),),
    ),
    Vector(number=96, name="prefetch", steps=(sent_with({"X_Moz": "prefetch"}, ignored("prefetch")),)),
    Vector(
        number=97,
        name="mask-of-a-long-address",
        steps=(sent_with({"X_Forwarded_For": "2001:db8:0:8d3:0:8a2e:70:7344"}),),
        visits=({"ip": "2001:db8::"},),
    ),
    Vector(
        number=92, name="do-not-track-means-nothing-here", steps=(sent_with({"DNT": "1"}),), visits=({"actions": 1},)
    ),
    Vector(
        number=92,
        name="do-not-track-switched-on",
        site={"dnt": "drop"},
        steps=(
            Step(
                query=query_of(),
                headers={"DNT": "1"},
                answer=Answer(headers={"tk": "N", "x-pegel": "ignored: do-not-track"}),
            ),
        ),
    ),
    Vector(
        number=98,
        name="without-cookies",
        site={"consent": "without-identifiers"},
        steps=(hit(_id=A), hit(DAY, _id=A)),
        visits=({"profilable": 0}, {"profilable": 0}),
        visitors=2,
    ),
    Vector(
        number=98,
        name="without-cookies-and-with-a-user",
        site={"consent": "without-identifiers"},
        steps=(hit(_id=A, uid="alice"),),
        visits=({"visitor": int("522b276a356bdf39", 16), "user_id": "alice"},),
    ),
    Vector(
        number=99,
        name="referrer-made-anonymous",
        site={"referrers": "host"},
        steps=(hit(urlref="https://foo.com/bar?x=1"),),
        visits=(
            {
                "referrer_type": "website",
                "referrer_name": "foo.com",
                "referrer_url": "https://foo.com/",
                "referrer_keyword": "",
            },
        ),
    ),
)
VECTORS = (*BULK, *EXCLUSIONS_AND_PRIVACY)
