"""The cookie on the collector's domain with which somebody is not counted, set and deleted wherever it may be.

Two are set on https: one for all websites, and one for the website around the frame alone, which browsers also keep
that block cookies of third parties (Partitioned). Browsers tell both apart, so both must be deleted.
"""

from ingest.consent import OPT_OUT_COOKIES, cookie_names

KEPT_SECONDS = 946_080_000  # Thirty years; browsers make it as long as they allow.
OBJECTION = f"matomo_ignore=ignore%3DKg%3D%3D; Max-Age={KEPT_SECONDS}; Path=/"
VISITOR = "_pk_uid"  # An id that Matomo may have left on this domain.
# Framed pages get neither Strict nor Lax cookies of the collector.
SECURE = ("Secure; SameSite=None", "Secure; SameSite=None; Partitioned")
PLAIN = ("SameSite=Lax",)
# Ours, and that of installations which named none: the folder that the page is in.
PATHS = ("; Path=/", "")


def counts(cookie_header: str) -> bool:
    """Tell whether somebody with these cookies is counted."""
    return OPT_OUT_COOKIES.isdisjoint(cookie_names(cookie_header))


def changes(counted: bool, https: bool) -> list[str]:
    """Return the Set-Cookie lines that make somebody counted, or not."""
    attributes = SECURE if https else PLAIN
    if counted:
        return deletions(sorted(OPT_OUT_COOKIES), attributes)
    return [*(f"{OBJECTION}; {kind}" for kind in attributes), *deletions([VISITOR], attributes)]


def deletions(names: list[str], attributes: tuple[str, ...]) -> list[str]:
    return [f"{name}=; Max-Age=0{path}; {kind}" for name in names for path in PATHS for kind in attributes]
