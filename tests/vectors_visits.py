"""Vectors 47 to 62: which hits make one visit, and who the visitor is."""

import json

from tests.vectors import (
    DAY,
    HOUR,
    MINUTE,
    NUMBER_OF_A,
    NUMBER_OF_B,
    A,
    B,
    Step,
    Vector,
    hit,
    query_of,
    told,
)

ALICE, BOB = 0x522B276A356BDF39, 0x48181ACD22B3EDAE
SPRING, SUMMER = "https://example.org/?mtm_campaign=Spring", "https://example.org/?mtm_campaign=Summer"
NEWSLETTER = "https://example.org/?utm_campaign=Spring"
MIDNIGHT_IN_NEW_YORK = 16 * HOUR
MANY = [f"?{query_of(_id=A, send_image=0)}"] * 10_000
MANY_AT_ONCE = Step(
    method="POST",
    body=json.dumps({"requests": MANY}).encode(),
    headers={},
    answer=told('{"status":"success","tracked":10000,"invalid":0}'),
)

VECTORS = (
    Vector(
        number=47,
        name="two-pages-ten-seconds",
        steps=(hit(_id=A, url="https://example.org/1"), hit(10, _id=A, url="https://example.org/2")),
        visits=({"actions": 2, "duration": 11},),
        hits=(
            {"page": "example.org/1", "position": 1, "previous_page": ""},
            {
                "page": "example.org/2",
                "position": 2,
                "previous_page": "example.org/1",
                "seconds_since_previous": 10,
            },
        ),
    ),
    Vector(
        number=48,
        name="no-id-and-a-gap-of-exactly-half-an-hour",
        steps=(hit(), hit(30 * MINUTE)),
        visits=({"returning": 0}, {"returning": 1, "visit_count": 2, "seconds_since_last": 1800}),
        visitors=1,
    ),
    Vector(
        number=49,
        name="no-id-and-a-gap-of-a-second-more",
        steps=(hit(), hit(30 * MINUTE + 1)),
        visits=({"returning": 0}, {"returning": 0, "visit_count": 1}),
        visitors=2,
    ),
    Vector(
        number=50,
        name="back-after-five-days",
        steps=(hit(_id=A), hit(5 * DAY, _id=A)),
        visits=(
            {"returning": 0, "visit_count": 1},
            {"returning": 1, "visit_count": 2, "seconds_since_first": 432_000},
        ),
        visitors=1,
    ),
    Vector(
        number=51,
        name="midnight-where-the-site-is",
        site={"timezone": "America/New_York"},
        steps=(hit(MIDNIGHT_IN_NEW_YORK - 10, _id=A), hit(MIDNIGHT_IN_NEW_YORK + 10, _id=A)),
        visits=({"actions": 1}, {"actions": 1}),
    ),
    Vector(
        number=52,
        name="heartbeat-lengthens-a-visit",
        steps=(hit(_id=A), hit(20 * MINUTE, _id=A, ping=1)),
        visits=({"actions": 1, "duration": 1201, "last_at": "2026-05-13 12:00:00"},),
    ),
    Vector(
        number=52,
        name="heartbeat-keeps-no-visit-alive",
        steps=(hit(_id=A), hit(20 * MINUTE, _id=A, ping=1), hit(35 * MINUTE, _id=A)),
        visits=({"actions": 1, "duration": 1201}, {"actions": 1, "started": "2026-05-13 12:35:00"}),
    ),
    Vector(
        number=53,
        name="heartbeat-after-the-visit",
        steps=(hit(_id=A), hit(40 * MINUTE, _id=A, ping=1)),
        visits=({"actions": 1, "duration": 0, "last_at": "2026-05-13 12:00:00"},),
    ),
    Vector(
        number=54,
        name="two-ids-behind-one-browser",
        steps=(hit(_id=A), hit(MINUTE, _id=B)),
        visits=({"actions": 2, "visitor": NUMBER_OF_B},),
    ),
    Vector(
        number=54,
        name="two-ids-behind-one-browser-of-an-intranet",
        site={"type": "intranet"},
        steps=(hit(_id=A), hit(MINUTE, _id=B)),
        visits=({"actions": 1, "visitor": NUMBER_OF_A}, {"actions": 1, "visitor": NUMBER_OF_B}),
    ),
    Vector(
        number=55,
        name="two-ids-that-are-enforced",
        steps=(hit(cid=A), hit(MINUTE, cid=B)),
        visits=({"visitor": NUMBER_OF_A}, {"visitor": NUMBER_OF_B}),
    ),
    Vector(
        number=56,
        name="visit-asked-for",
        steps=(hit(_id=A), hit(MINUTE, _id=A, new_visit=1)),
        visits=({"visit_count": 1}, {"visit_count": 2}),
        visitors=1,
    ),
    Vector(
        number=57,
        name="out-of-order",
        steps=(hit(0, _id=A), hit(10 * MINUTE, _id=A), hit(10 * MINUTE, _id=A, cdt="2026-05-13 12:05:00")),
        visits=({"actions": 3, "last_at": "2026-05-13 12:10:00", "duration": 301},),
    ),
    Vector(
        number=58,
        name="campaign-ends-only-a-visit-that-has-one",
        steps=(hit(_id=A), hit(5 * MINUTE, _id=A, url=SPRING), hit(10 * MINUTE, _id=A, url=SUMMER)),
        visits=(
            {"actions": 2, "referrer_type": "campaign", "referrer_name": "spring"},
            {"actions": 1, "referrer_type": "campaign", "referrer_name": "summer"},
        ),
    ),
    Vector(
        number=59,
        name="campaign-repeated-within-the-site",
        steps=(
            hit(_id=A, url=NEWSLETTER, urlref="https://news.example.net/"),
            hit(MINUTE, _id=A, url=NEWSLETTER, urlref="https://example.org/"),
        ),
        visits=({"actions": 2, "referrer_name": "spring", "referrer_keyword": "news.example.net"},),
    ),
    Vector(
        number=60,
        name="two-users-one-after-the-other",
        steps=(hit(_id=A), hit(MINUTE, _id=A, uid="alice"), hit(2 * MINUTE, _id=A, uid="bob")),
        visits=(
            {"actions": 2, "user_id": "alice", "visitor": ALICE},
            {"actions": 1, "user_id": "bob", "visitor": BOB},
        ),
    ),
    Vector(
        number=61,
        name="visit-of-an-event-has-no-entry",
        steps=(hit(_id=A, e_c="V", e_a="P"),),
        visits=({"entry_action": "", "entry_page": "", "entry_title": ""},),
    ),
    Vector(
        number=61,
        name="page-after-an-event-is-the-entry",
        steps=(hit(_id=A, e_c="V", e_a="P"), hit(MINUTE, _id=A, action_name="Home")),
        visits=({"actions": 2, "entry_action": "pageview", "entry_page": "example.org/", "entry_title": ""},),
    ),
    Vector(
        number=62,
        name="full-visit",
        steps=(MANY_AT_ONCE, hit(MINUTE, _id=A)),
        visits=({"actions": 10_000}, {"actions": 1, "returning": 0, "visit_count": 1}),
    ),
)
