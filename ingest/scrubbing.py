"""What no address is kept with: e-mail addresses, tokens, session ids, passwords, and what a site names itself.

All of it is cut out before the spool, so that it is on no disk. A parameter goes as a whole, name and value; elsewhere
a word stands in for what was found.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from ingest.patterns import Pattern, delimited
from sql.policies import Policy
from sql.query_names import CAMPAIGN_KEYWORDS, CAMPAIGN_NAMES, CLICK_IDS

REMOVED = "(removed)"
# Parameters of everybody, in small letters and without hyphens, underscores and the like. `sid` is none of them: goals
# may ask for it, and the loader takes it out of pages and referrers (tracking specification, 4.4).
SECRETS = frozenset(
    {
        *(
            "token",
            "tokenauth",
            "authtoken",
            "accesstoken",
            "refreshtoken",
            "idtoken",
            "csrftoken",
            "xsrftoken",
            "csrf",
        ),
        *("resettoken", "logintoken", "invitetoken", "apitoken", "apikey", "auth", "authorization", "bearer", "jwt"),
        *("secret", "clientsecret", "samlresponse", "otp", "signature", "sig"),
        *("password", "passwd", "pass", "pwd", "passphrase", "newpassword", "oldpassword", "userpassword"),
        *("passwort", "kennwort", "motdepasse", "contrasena", "senha", "haslo", "wachtwoord"),
        *("session", "sessionid", "sessid", "sessiontoken", "phpsessid", "jsessionid", "aspsessionid"),
        *("aspnetsessionid", "cfid", "cftoken"),
        *("email", "emailaddress", "mail", "usermail", "useremail", "customeremail", "mailto"),
    }
)
MAKERS = ("mtm", "matomo", "pk", "piwik", "utm")
PARTS_OF_CAMPAIGNS = ("source", "medium", "content", "cid", "clid", "group", "placement")
MORE_OF_CAMPAIGNS = (
    *(f"{maker}_{part}" for maker in MAKERS for part in PARTS_OF_CAMPAIGNS),
    *("utm_id", "utm_source_platform", "utm_creative_format", "utm_marketing_tactic"),
    *("gad_source", "gad_campaignid", "gclsrc", "mc_cid", "mc_eid"),
)
NAME = r"[A-Za-z0-9_.~\-\[\]]{1,100}|(?:[A-Za-z0-9_.~\-]|%5B|%5D|%2D|%5F){1,100}"
# In the query, behind `;` in the path, or in the fragment; and the same inside of another parameter's value.
PARAMETER = re.compile(rf"([?&#])({NAME})=[^&;#]*|(;)({NAME})=[^&;#?]*", re.IGNORECASE)
INNER = re.compile(rf"(%3F|%26|%3B|%23)({NAME})%3D(?:[^%&;#]|%(?!26|3B|23))*", re.IGNORECASE)
LEFT_OVER = re.compile(r"(?<=[?#])[&;]+|[?&;#]+\Z|[?&;]+(?=#)")
USER = re.compile(r"(?<=//)[^/?#@]*@")
LETTER = r"(?:[A-Za-z0-9.!*_+~\-]|%2B|%2D|%2E|%5F)"
EMAIL = re.compile(
    rf"(?<!%)(?<!%.){LETTER}{{1,64}}(?:@|%40|%2540)[A-Za-z0-9][A-Za-z0-9.\-]{{0,250}}\.[A-Za-z]{{2,24}}", re.IGNORECASE
)
# What JSON Web Tokens look like, wherever they stand.
SIGNED = re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?")


class Scrubber:
    """What one site's addresses are kept without; remembers some answers, in memory alone."""

    def __init__(self, names: Iterable[str], patterns: tuple[Pattern, ...]) -> None:
        self.names = frozenset(map(str.lower, names))
        self.patterns = patterns
        self.closely = lru_cache(4096)(self._closely)

    def scrub(self, address: str) -> str:
        """Return an address, or any text that may be one, without its secrets."""
        if not address:
            return ""
        # Where there is none of these, nothing can be hidden, unless a site's own pattern finds it: most hits end here.
        if "=" in address or "@" in address or "%" in address or "eyJ" in address or self.patterns:
            return self.closely(address)
        return address

    def _closely(self, address: str) -> str:
        kept = self.without_parameters(address)
        if "@" in kept:
            kept = USER.sub("", kept, count=1)
        if "@" in kept or "%40" in kept or "%2540" in kept:
            kept = EMAIL.sub(REMOVED, kept)
        if "eyJ" in kept:
            kept = SIGNED.sub(REMOVED, kept)
        return without_patterns(kept, self.patterns)

    def hides(self, name: str) -> bool:
        """Tell whether a parameter is a secret; of `user[email]`, each part is a name."""
        parts = [part.rstrip("]") for part in unquote(name.lower()).split("[")]
        return any(part in self.names or "".join(filter(str.isalnum, part)) in SECRETS for part in parts)

    def without_parameters(self, address: str) -> str:
        shorter = PARAMETER.sub(self.kept, address)
        if "%3" in shorter:
            shorter = INNER.sub(self.kept_inside, shorter)
        return LEFT_OVER.sub("", shorter) if len(shorter) < len(address) else address

    def kept(self, match: re.Match[str]) -> str:
        if not self.hides(match[2] or match[4]):
            return match[0]
        return match[1] if match[1] in ("?", "#") else ""

    def kept_inside(self, match: re.Match[str]) -> str:
        return f"{match[1]}{REMOVED}" if self.hides(match[2]) else match[0]


@lru_cache(1024)
def scrubber_of(entries: tuple[str, ...], campaigns: bool, click_ids: bool) -> Scrubber:
    """Return what a site's addresses are kept without; an entry `/…/` is a regular expression, others are names."""
    patterns = tuple(pattern for entry in entries if (pattern := delimited(entry, ignore_case=True)))
    names = [entry for entry in entries if not delimited(entry)]
    if not campaigns:
        names += [*CAMPAIGN_NAMES, *CAMPAIGN_KEYWORDS, *MORE_OF_CAMPAIGNS]
    if not (campaigns and click_ids):
        names += CLICK_IDS
    return Scrubber(names, patterns)


def scrubber_for(entries: tuple[str, ...], policy: Policy) -> Scrubber:
    return scrubber_of(entries, policy.campaigns, policy.click_ids)


def without_patterns(address: str, patterns: Iterable[Pattern]) -> str:
    """Replace what a site's patterns find; where there is no time to look, only the host stays."""
    for pattern in patterns:
        replaced = pattern.replaced(address, REMOVED)
        if replaced is None:
            return "/".join(address.split("/", 3)[:3]) if "//" in address else REMOVED
        address = replaced
    return address
