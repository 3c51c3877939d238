"""What goals, orders and carts of a batch leave behind: conversions and items (tracking specification, 7.7 and 8)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from ingest.campaign import Campaign, stored
from ingest.goals import Goals
from ingest.hit import Hit
from ingest.parts import Credit, Item, Purchase
from ingest.referrer import Referrer
from ingest.visits import Arrival, Visit, referrer_of
from sql.goals import Goal

ORDER, CART = 0, -1  # In place of a goal's number.
ORDERED, LEFT_A_CART, ORDERED_THEN_LEFT_A_CART = 1, 2, 3
WITHOUT_ACTION = frozenset({"goal", "order", "cart"})
CREDITED = frozenset({"website", "search", "social", "assistant"})
CENT = Decimal("0.01")
EXACT = 1e13  # Beyond it, a floating point number does not know its cents.
MOST_ITEMS = 2**32 - 1
NO_GOALS = Goals(())

COLUMNS = (
    *("site", "started", "visit", "id", "at", "visitor", "goal", "order_id"),
    *("revenue", "subtotal", "tax", "shipping", "discount", "items"),
    *("hit", "page", "prefix", "pageviews_before"),
    *("referrer_type", "referrer_name", "referrer_keyword", "dimensions"),
)
ITEM_COLUMNS = (
    *("site", "started", "visit", "id", "conversion", "order_id", "at", "visitor"),
    *("sku", "name", "categories", "price", "quantity", "deleted"),
)


class Orders(Protocol):
    """Remembers the numbers of orders: none counts twice on a site."""

    def order_taken(self, site: int, order_id: str) -> bool: ...

    def take_order(self, site: int, order_id: str) -> None: ...


class Occasion(NamedTuple):
    """A hit that may convert, its visit with that hit in it, and who gets the credit."""

    arrival: Arrival
    visit: Visit
    position: int  # The id that follows from the hit's place in the spool, whether or not `hits` has a row of it.
    credit: Callable[[], Referrer]


class Amounts(NamedTuple):
    """What a conversion is worth; a goal has a revenue and nothing else."""

    order_id: str
    revenue: float
    subtotal: float | None = None
    tax: float | None = None
    shipping: float | None = None
    discount: float | None = None
    items: int = 0


class Conversions:
    """The conversions and items of one batch; a row that changes again is replaced, so that each comes once, whole."""

    def __init__(self, orders: Orders, goals: Mapping[int, Goals]) -> None:
        self.orders = orders
        self.goals = goals
        self.rows: dict[int, tuple[Any, ...]] = {}
        self.items: dict[int, tuple[Any, ...]] = {}

    def take(self, arrival: Arrival, visit: Visit, position: int, credit: Callable[[], Referrer]) -> str:
        """Note what a hit converts, and in its visit that it does. Return why it counts for nothing, '' if all is well.

        `position` is the hit's id by its position in the spool: conversions get their ids from it, the same ones each
        time. `credit` is asked for only if there is a conversion.
        """
        hit, occasion = arrival.hit, Occasion(arrival, visit, position, credit)
        if hit.kind in ("order", "cart"):
            return self.buy(occasion, Purchase(*hit.purchase)) if hit.purchase else ""
        for goal in self.reached(occasion):
            if goal.allow_multiple or goal.id not in visit.goals:
                self.convert(occasion, goal)
        return ""

    def reached(self, occasion: Occasion) -> Sequence[Goal]:
        """Return the goal that a request names, else those that its action reaches (specification 8.2)."""
        hit, action = occasion.arrival.hit, occasion.arrival.action
        goals = self.goals.get(hit.site, NO_GOALS)
        if hit.kind == "goal":
            named = goals.by_id.get(hit.goal)
            return (named,) if named else ()
        return goals.reached(hit, action, (hit.at // 1000 - occasion.visit.started // 1000) / 60)

    def convert(self, occasion: Occasion, goal: Goal) -> None:
        visit = occasion.visit
        visit.converted = 1
        if goal.id not in visit.goals:
            visit.goals = [*visit.goals, goal.id]
        amounts = Amounts("", revenue_of(occasion.arrival.hit, goal))
        self.put(occasion, conversion_id(occasion.position, goal.id), goal.id, amounts)

    def buy(self, occasion: Occasion, purchase: Purchase) -> str:
        """Note an order or the state of a cart; an order makes its own of the visit's open cart (specification 8.5)."""
        hit, visit = occasion.arrival.hit, occasion.visit
        if hit.kind == "cart":
            visit.buyer = (
                ORDERED_THEN_LEFT_A_CART if visit.buyer in (ORDERED, ORDERED_THEN_LEFT_A_CART) else LEFT_A_CART
            )
            self.fill(occasion, purchase, CART)
            return ""
        visit.buyer, visit.converted = ORDERED, 1
        if self.orders.order_taken(hit.site, purchase.order_id):
            return "duplicate-order"
        self.orders.take_order(hit.site, purchase.order_id)
        self.fill(occasion, purchase, ORDER)
        visit.cart, visit.cart_items = 0, []
        return ""

    def fill(self, occasion: Occasion, purchase: Purchase, goal: int) -> None:
        """Put a purchase into the row of the visit's open cart, or into a new one."""
        visit = occasion.visit
        items = [item_of(values) for values in purchase.items]
        visit.cart = visit.cart or conversion_id(occasion.position, goal)
        self.put(occasion, visit.cart, goal, amounts_of(purchase, items, goal))
        kept = merged(items, {str(values[0]) for values in visit.cart_items})
        gone = [Item(*values) for values in visit.cart_items if values[0] not in kept]
        for item in kept.values():
            self.put_item(occasion, purchase.order_id, item, deleted=0)
        for item in gone:
            self.put_item(occasion, purchase.order_id, item, deleted=1)
        visit.cart_items = [list(item) for item in kept.values()]

    def put(self, occasion: Occasion, id: int, goal: int, amounts: Amounts) -> None:
        (hit, action, *_), visit = occasion.arrival, occasion.visit
        credit = occasion.credit()
        # fmt: off
        self.rows[id] = (
            visit.site, visit.started, visit.id, id, hit.at, visit.visitor, goal, *amounts,
            0 if hit.kind in WITHOUT_ACTION else occasion.position, *action.page, visit.pageviews,
            credit.type, credit.name, credit.keyword, visit.dimensions,
        )
        # fmt: on

    def put_item(self, occasion: Occasion, order_id: str, item: Item, deleted: int) -> None:
        visit = occasion.visit
        id = hashed(f"{visit.cart} {item.sku}")
        place = (visit.site, visit.started, visit.id, id, visit.cart, order_id, occasion.arrival.hit.at, visit.visitor)
        self.items[id] = (*place, *item, deleted)

    def columns(self, version: int) -> dict[str, tuple[Any, ...]]:
        """Return the columns of `conversions`; the batch's number is the version of its rows."""
        return columns_of(COLUMNS, self.rows, version)

    def item_columns(self, version: int) -> dict[str, tuple[Any, ...]]:
        """Return the columns of `order_items`."""
        return columns_of(ITEM_COLUMNS, self.items, version)


def columns_of(names: Sequence[str], rows: Mapping[int, tuple[Any, ...]], version: int) -> dict[str, tuple[Any, ...]]:
    columns = dict(zip(names, zip(*rows.values(), strict=True), strict=True))
    return {**columns, "version": (version,) * len(rows)}


def conversion_id(position: int, goal: int) -> int:
    return hashed(f"{position} {goal}")


def hashed(text: str) -> int:
    """Return 64 bits of a hash; never 0, which means none."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") or 1


def revenue_of(hit: Hit, goal: Goal) -> float:
    """Return what reaching a goal is worth: what the event or the request says, else what the goal says."""
    if goal.event_value_as_revenue and hit.event_value is not None:
        return to_cents(hit.event_value)
    return to_cents(goal.revenue if hit.revenue is None else hit.revenue)


def amounts_of(purchase: Purchase, items: Sequence[Item], goal: int) -> Amounts:
    """Return the amounts of an order or, with less in it, of a cart (specification 8.3)."""
    revenue, count = to_cents(purchase.revenue), min(sum(item.quantity for item in items), MOST_ITEMS)
    if goal == CART:
        return Amounts("", revenue, items=count)
    subtotal, tax, shipping, discount = (None if amount is None else to_cents(amount) for amount in purchase[2:6])
    return Amounts(purchase.order_id, revenue, subtotal, tax, shipping, discount, count)


def item_of(values: Sequence[Any]) -> Item:
    """Return an item as it is stored: with whole cents, and as many pieces as a column can count."""
    item = Item(*values)
    return item._replace(price=to_cents(item.price), quantity=min(max(item.quantity, 0), MOST_ITEMS))


def merged(items: Sequence[Item], known: set[str]) -> dict[str, Item]:
    """Return one item for each SKU: the last one of those that lay in the cart already, of new ones the first."""
    kept: dict[str, Item] = {}
    for item in items:
        if item.sku in known or item.sku not in kept:
            kept[item.sku] = item
    return kept


def to_cents(amount: float) -> float:
    """Round to two decimals as people do: 0.125 becomes 0.13."""
    if abs(amount) >= EXACT or amount != amount:
        return amount
    return float(Decimal(repr(amount)).quantize(CENT, ROUND_HALF_UP))


def credit_of(hit: Hit, visit: Visit, classify: Callable[[str], Referrer]) -> Referrer:
    """Return to what a conversion is due (specification 7.7).

    That may be what brought the visitor earlier: the tracker remembers it, and `classify` says what its address is.
    """
    campaign, keyword, address = Credit(*hit.credit) if hit.credit else Credit("", "", "")
    if campaign:
        return Referrer("campaign", *stored(Campaign(campaign, keyword)), "")
    if address and not (visit.referrer_type == "campaign" and visit.referrer_name):
        earlier = classify(address)
        if earlier.type in CREDITED:
            return earlier
    return referrer_of(visit)
