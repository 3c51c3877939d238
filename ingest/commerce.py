"""What was bought or looked at: the ecommerce parameters (tracking specification, 2.7, 8.3 and 8.4)."""

from collections.abc import Iterator, Mapping

from ingest.kinds import Kind
from ingest.parts import Item, Product, Purchase
from ingest.tracking import LONGEST_TEXT, TrackingRequest, loads, loose_number, parsed_number, scalar_text, tidy

MOST_ITEMS = 1000
MOST_CATEGORIES = 5
MOST_PIECES = 2**32 - 1  # What a column can count.
LONGEST_ORDER = 100  # Letters.
PRODUCT_NAMES = ("_pks", "_pkn", "_pkc", "_pkp")
PRODUCT_SLOTS = ("2", "3", "4", "5")  # Of page variables, in which old trackers sent what was looked at.


def purchase_of(request: TrackingRequest, kind: Kind) -> Purchase | None:
    """Return the order or the cart of a request, None if it has none."""
    if kind not in ("order", "cart"):
        return None
    amount = request.number if kind == "order" else nothing
    return Purchase(
        request.text("ec_id", 4 * LONGEST_ORDER)[:LONGEST_ORDER] if kind == "order" else "",
        request.decimal("revenue") or 0.0,
        amount("ec_st"),
        amount("ec_tx"),
        amount("ec_sh"),
        amount("ec_dt"),
        list(items_in(request.structure("ec_items"))),
    )


def nothing(_: str) -> None:
    """A cart has no tax, shipping and the like (specification 8.3)."""


def items_in(sent: object) -> Iterator[Item]:
    """Yield the articles of a list; one without SKU is none, and what is no list holds none."""
    entries = list(sent.values()) if isinstance(sent, dict) else sent  # PHP writes a list with a gap as an object.
    for entry in entries[:MOST_ITEMS] if isinstance(entries, list) else []:
        if not isinstance(entry, list) or not entry:
            continue
        sku, name, category, price, quantity = [*entry, "", "", "", ""][:5]
        if text := joined(sku):
            yield Item(text, joined(name), categories_in(category), price_of(price), quantity_of(quantity))


def joined(value: object) -> str:
    """Return a text; several become one."""
    texts = map(scalar_text, value) if isinstance(value, list) else [scalar_text(value)]
    return tidy(", ".join(text for text in texts if text), LONGEST_TEXT)


def categories_in(value: object) -> list[str]:
    """Return at most five categories; blank ones and `0` are none."""
    texts = map(scalar_text, value) if isinstance(value, list) else [scalar_text(value)]
    return [text for text in (tidy(text, LONGEST_TEXT) for text in texts) if text not in ("", "0")][:MOST_CATEGORIES]


def price_of(value: object) -> float:
    """Return a price; 0 for what is no number, such as one with a comma (specification 8.4)."""
    text = scalar_text(value).strip()
    return 0.0 if "," in text else parsed_number(text) or 0.0


def quantity_of(value: object) -> int:
    return max(-MOST_PIECES, min(int(loose_number(scalar_text(value))) or 1, MOST_PIECES))


def product_of(request: TrackingRequest, variables: Mapping[str, list[str]] | None) -> Product | None:
    """Return the product or category that was looked at, None if there is none."""
    if not variables and request.parameters.keys().isdisjoint(PRODUCT_NAMES):
        return None
    given = request.parameters.get
    sent = {name: value for name in PRODUCT_NAMES if (value := given(name)) not in (None, "")}
    if not sent and variables:
        pairs = [variables[slot] for slot in PRODUCT_SLOTS if slot in variables]
        sent = {name: value for name, value in pairs if name in PRODUCT_NAMES and value}
    if not sent:
        return None
    price = scalar_text(sent.get("_pkp"))
    product = Product(
        joined(sent.get("_pks")),
        joined(sent.get("_pkn")),
        categories_in(decoded_list(sent.get("_pkc"))),
        loose_number(price) if price else None,
    )
    return product if any(product[:3]) or price else None


def decoded_list(category: object) -> object:
    """Return the list that a JSON text says, and what is no list as it is."""
    if not isinstance(category, str) or not category.startswith('["'):
        return category
    found = loads(category.encode("utf-8", "replace"))
    return found if isinstance(found, list) else category
