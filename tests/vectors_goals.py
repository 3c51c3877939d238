"""Vectors 77 to 84: goals, carts and orders."""

from typing import Any

from tests.vectors import MINUTE, A, B, Vector, hit, refused

THANKS = "https://example.org/thanks"
GOAL = {"id": 1, "name": "Thanks", "match_attribute": "url", "pattern": "/thanks", "revenue": 5.0}
OFTEN = {**GOAL, "allow_multiple": True}
REFERRED: dict[str, Any] = {"_id": A, "urlref": "https://www.google.com/search?q=shop"}
ORDER: dict[str, Any] = {"idgoal": 0, "ec_id": "O1", "revenue": 10, "ec_items": '[["S1","N","C",10,1]]'}
FROM_GOOGLE = ({"referrer_type": "search", "referrer_name": "Google", "referrer_keyword": "shop", "converted": 1},)
ROW_OF_ITS_OWN = "the request keeps a row among the hits, which is no action"

VECTORS = (
    Vector(
        number=77,
        name="page-reaches-a-goal",
        goals=(GOAL,),
        steps=(hit(url=f"{THANKS}?sid=9#x"),),
        visits=({"converted": 1, "goals": [1]},),
        conversions=({"goal": 1, "revenue": 5.0, "page": "example.org/thanks", "prefix": 2},),
    ),
    Vector(
        number=77,
        name="goal-sees-parameters-that-are-not-stored",
        goals=({**GOAL, "pattern": "sid=9"},),
        steps=(hit(url=f"{THANKS}?sid=9#x"),),
        visits=({"converted": 1},),
        conversions=({"goal": 1, "page": "example.org/thanks"},),
    ),
    Vector(
        number=78,
        name="goal-counts-once-per-visit",
        goals=(GOAL,),
        steps=(hit(_id=A, url=THANKS), hit(5, _id=A, url=THANKS)),
        visits=({"actions": 2, "converted": 1},),
        conversions=({"goal": 1},),
    ),
    Vector(
        number=78,
        name="goal-counts-each-time",
        goals=(OFTEN,),
        steps=(hit(_id=A, url=THANKS), hit(5, _id=A, url=THANKS)),
        visits=({"actions": 2, "converted": 1},),
        conversions=({"goal": 1, "revenue": 5.0}, {"goal": 1, "revenue": 5.0}),
    ),
    Vector(
        number=79,
        name="goal-named-by-the-tracker",
        goals=(GOAL,),
        steps=(hit(idgoal=1, revenue="3.14159"),),
        visits=({"actions": 0, "converted": 1},),
        hits=({"action": "goal"},),
        conversions=({"goal": 1, "revenue": 3.14, "hit": 0},),
        differs=ROW_OF_ITS_OWN,
    ),
    Vector(
        number=80,
        name="revenue-that-is-no-number",
        goals=(GOAL,),
        steps=(hit(idgoal=1, revenue="abc"),),
        visits=({"actions": 0},),
        conversions=({"goal": 1, "revenue": 5.0},),
    ),
    Vector(number=80, name="unknown-goal", goals=(GOAL,), steps=(hit(idgoal=99, answer=refused("idgoal")),)),
    Vector(
        number=81,
        name="cart",
        steps=(hit(_id=A, idgoal=0, revenue=20, ec_items='[["S1","N","C",10,2]]'),),
        visits=({"actions": 0, "buyer": 2, "converted": 0},),
        conversions=({"goal": -1, "order_id": "", "revenue": 20.0, "items": 2},),
        items=({"sku": "S1", "name": "N", "categories": ["C"], "price": 10.0, "quantity": 2, "order_id": ""},),
    ),
    Vector(
        number=82,
        name="cart-becomes-the-order",
        steps=(
            hit(_id=A, idgoal=0, revenue=20, ec_items='[["S1","N","C",10,2]]'),
            hit(MINUTE, _id=A, **ORDER),
        ),
        visits=({"actions": 0, "buyer": 1, "converted": 1},),
        conversions=({"goal": 0, "order_id": "O1", "revenue": 10.0, "items": 1},),
        items=({"sku": "S1", "quantity": 1, "order_id": "O1"},),
    ),
    Vector(
        number=83,
        name="order-of-a-number-that-is-taken",
        steps=(hit(cid=A, **ORDER), hit(MINUTE, cid=B, **ORDER)),
        visits=({"converted": 1}, {"actions": 0}),
        conversions=({"order_id": "O1", "visitor": int(A, 16)},),
        items=({"sku": "S1", "visitor": int(A, 16)},),
        differs="answered with 200: the loader knows the orders, the collector asks nobody; counted as duplicate-order",
    ),
    Vector(
        number=84,
        name="order-due-to-a-remembered-campaign",
        steps=(hit(**REFERRED), hit(MINUTE, _id=A, _rcn="News", _rck="Top", **ORDER)),
        visits=FROM_GOOGLE,
        conversions=({"referrer_type": "campaign", "referrer_name": "news", "referrer_keyword": "top"},),
    ),
    Vector(
        number=84,
        name="order-due-to-a-remembered-website",
        steps=(hit(**REFERRED), hit(MINUTE, _id=A, _ref="https://de.wikipedia.org/wiki/X", **ORDER)),
        visits=FROM_GOOGLE,
        conversions=({"referrer_type": "website", "referrer_name": "de.wikipedia.org"},),
    ),
)
