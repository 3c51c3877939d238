"""Groups of values that some hits have: contents, products, purchases, and what else few requests carry.

In the spool each is a list: the loader says `Purchase(*values)`.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Item(NamedTuple):
    """An article of an order or cart."""

    sku: str
    name: str
    categories: Sequence[str]
    price: float
    quantity: int


class Purchase(NamedTuple):
    """An order, or what lies in the cart: then the order's id is empty. Amounts in the site's currency."""

    order_id: str
    revenue: float
    subtotal: float | None
    tax: float | None
    shipping: float | None
    discount: float | None
    items: Sequence[Item]


class Product(NamedTuple):
    """A product or category that was looked at."""

    sku: str
    name: str
    categories: Sequence[str]
    price: float | None


class Content(NamedTuple):
    """A piece of content that was seen or, with an interaction, used."""

    name: str
    piece: str
    target: str
    interaction: str


class Credit(NamedTuple):
    """To what a tracker ascribes conversions: a campaign, or the page before."""

    campaign: str
    keyword: str
    referrer: str


class Fetch(NamedTuple):
    """What a server says of a request that a bot made of it."""

    status: int | None
    size: int | None  # Bytes.
    milliseconds: int | None
    source: str
