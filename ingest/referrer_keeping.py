"""What is kept of where a visit came from; its kind was told from the whole address (tracking specification, 10.3)."""

from ingest.address import ADDRESS
from ingest.referrer import Referrer
from sql.policies import Policy


def kept_referrer(referrer: Referrer, policy: Policy) -> Referrer:
    """Return a referrer as far as a policy allows to keep it; a campaign's name and keyword go or stay as a whole."""
    if referrer.type == "campaign" and not policy.campaigns:
        referrer = referrer_without_campaign(referrer)
    if policy.referrers == "all":
        return referrer
    keyword = referrer.keyword if referrer.type == "campaign" else ""
    if policy.referrers == "none":
        name = "" if referrer.type == "website" else referrer.name
        return referrer._replace(name=name, keyword=keyword, url="")
    cut = without_query if policy.referrers == "without-query" else host_alone
    return referrer._replace(keyword=keyword, url=cut(referrer.url))


def referrer_without_campaign(referrer: Referrer) -> Referrer:
    """Return the website that a campaign's visitor came from, if the address of one is known."""
    match = ADDRESS.match(referrer.url)
    return Referrer("website", match[2].lower(), "", referrer.url) if match else Referrer("direct", "", "", "")


def without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]


def host_alone(url: str) -> str:
    """Return `https://example.org/` of a longer address; one without a path stays as it is."""
    match = ADDRESS.match(url)
    if not match or not (match[3] or match[4] or match[5]):
        return url
    return f"{match[1]}://{match[2]}/" if match[1] else f"//{match[2]}/"
