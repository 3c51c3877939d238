"""Whether a visitor said no: the opt-out cookie of the analytics server's domain.

Any value of the cookie counts, also that of installations older than Matomo 4 (tracking specification, section 16).
"""

OPT_OUT_COOKIES = frozenset({"matomo_ignore", "piwik_ignore"})


def opted_out(cookies: str) -> bool:
    """Tell whether a Cookie header carries the opt-out."""
    if "_ignore" not in cookies:
        return False
    names = (pair.partition("=")[0].strip() for pair in cookies.split(";"))
    return not OPT_OUT_COOKIES.isdisjoint(names)
