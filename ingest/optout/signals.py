"""Whether a browser's signal alone keeps a visitor out of the statistics, so that there is nothing left to choose."""

from collections.abc import Mapping

from sql.policies import policy_of
from sql.registry import Site, Snapshot


def keeps_out(headers: Mapping[str, str], site: str, snapshot: Snapshot) -> bool:
    """Tell whether nothing is recorded of who sends these headers: on this site, or on all if it is none of ours."""
    dnt = headers.get("dnt", "")[:1] == "1" or headers.get("x-do-not-track") == "1"
    gpc = headers.get("sec-gpc") == "1"
    sites = sites_meant(site, snapshot)
    return bool(sites) and all(drops(one, dnt, gpc) for one in sites)


def sites_meant(site: str, snapshot: Snapshot) -> list[Site]:
    known = snapshot.sites.get(int(site)) if site.isascii() and site.isdigit() and len(site) < 11 else None
    return [known] if known else list(snapshot.sites.values())


def drops(site: Site, dnt: bool, gpc: bool) -> bool:
    policy = policy_of(site)
    return (dnt and policy.dnt == "drop") or (gpc and policy.gpc == "drop")
