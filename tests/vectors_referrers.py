"""Vectors 63 to 76: where a visit comes from."""

from typing import NamedTuple

from tests.vectors import Vector, hit

PAGE = "https://example.org/p"


class Came(NamedTuple):
    """What a visit says of where it came from."""

    type: str
    name: str = ""
    keyword: str = ""
    url: str | None = None  # None: the address that was sent.


def came(number: int, name: str, urlref: str, expected: Came, url: str = PAGE) -> Vector:
    kept = urlref if expected.url is None else expected.url
    return Vector(
        number=number,
        name=name,
        steps=(hit(url=url, urlref=urlref),),
        visits=(
            {
                "referrer_type": expected.type,
                "referrer_name": expected.name,
                "referrer_keyword": expected.keyword,
                "referrer_url": kept,
            },
        ),
    )


GOOGLE = "https://www.google.com/"
DIRECT = Came("direct", url="")
VECTORS = (
    came(63, "search-engine", f"{GOOGLE}search?q=Foo+Bar", Came("search", "Google", "foo bar")),
    came(64, "search-engine-that-hides-the-keyword", GOOGLE, Came("search", "Google")),
    came(
        65,
        "website",
        "https://news.example.com/a?utm_source=z&b=1#x",
        Came("website", "news.example.com", url="https://news.example.com/a?b=1"),
    ),
    came(
        66,
        "campaign-with-keyword-of-a-search-engine",
        "https://www.bing.com/search?q=zap",
        Came("campaign", "nl", "zap"),
        f"{PAGE}?utm_source=NL",
    ),
    came(
        67,
        "campaign-before-source-and-medium",
        "https://x.com/",
        Came("campaign", "spring", "x.com"),
        f"{PAGE}?utm_source=NL&utm_campaign=Spring&utm_medium=mail",
    ),
    came(
        68,
        "campaign-of-the-fragment-goes-first",
        "https://r.example/",
        Came("campaign", "h", "r.example"),
        f"{PAGE}?mtm_campaign=Q#mtm_campaign=H",
    ),
    came(69, "campaign-in-the-fragment", "", Came("campaign", "h", "k"), f"{PAGE}#mtm_campaign=H&mtm_kwd=K"),
    Vector(
        number=70,
        name="campaign-as-parameter",
        steps=(hit(mtm_campaign="Direct Param", mtm_kwd="KK"),),
        visits=({"referrer_type": "campaign", "referrer_name": "direct param", "referrer_keyword": "kk"},),
    ),
    came(71, "own-host", "https://WWW.Example.org/q", Came("direct", url="https://www.example.org/q")),
    came(72, "social-network-in-the-query", "https://foo.net/?to=https://facebook.com/x", Came("social", "Facebook")),
    came(73, "referrer-to-be-ignored", f"{GOOGLE}search?q=a", DIRECT, f"{PAGE}?ignore_referrer=1"),
    Vector(
        number=74,
        name="folder-of-another-site",
        elsewhere=({"urls": ("https://other.org/two",)},),
        steps=(hit(url=PAGE, urlref="https://other.org/two/x"),),
        visits=({"referrer_type": "website", "referrer_name": "other.org/two", "referrer_keyword": ""},),
    ),
    Vector(
        number=75,
        name="excluded-referrer",
        site={"excluded_referrers": ("paypal.com",)},
        steps=(hit(url=PAGE, urlref="https://www.paypal.com/x"),),
        visits=({"referrer_type": "direct", "referrer_url": ""},),
    ),
    came(76, "referrer-that-is-no-address", "not a url", DIRECT),
    Vector(
        number=76,
        name="app",
        steps=(hit(url=PAGE, urlref="android-app://com.google.android.gm/"),),
        visits=({"referrer_type": "website", "referrer_name": "com.google.android.gm"},),
    ),
)
