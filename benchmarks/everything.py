"""A site that uses whatever a collector decides about, and traffic that makes it decide: hits of every kind."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ingest.app import Resources
from ingest.hit import Hit
from ingest.lists.folder import ListsFolder
from ingest.segments import SegmentReader, segments, size_of
from ingest.settings import Settings
from sql.dimensions import NewDimension
from sql.goals import NewGoal
from sql.registry import NewSite, Registry

SETTINGS = Settings(
    trusted_proxies=("127.0.0.1", "10.0.0.0/8", "fd00::/8"),
    exclude_requests=("e_c==test", "url=@/admin"),
)
SITE = NewSite(
    name="Shop",
    urls=("https://example.org", "https://shop.example.org/de", "https://example.net"),
    ecommerce=True,
    exclude_unknown_urls=True,
    excluded_addresses=(
        *(f"203.0.113.{number}" for number in range(50)),
        *(f"198.51.{number}.0/24" for number in range(30)),
        *(f"192.0.{number}.*" for number in range(10)),
        *(f"2001:db8:{number:x}::/48" for number in range(10)),
    ),
    excluded_user_agents=(*(f"ExampleMonitor-{number}/" for number in range(48)), r"/^Load ?\d+/", "/tester$/"),
    excluded_parameters=(*(f"state{number}" for number in range(18)), "session", "/^hash_.*/"),
    excluded_referrers=tuple(f"https://pay{number}.example" for number in range(10)),
)
GOALS = (
    NewGoal(site=1, name="Subscribed", revenue=5),
    NewGoal(site=1, name="Read terms", match_attribute="url", pattern="/terms"),
    NewGoal(site=1, name="Saw offers", match_attribute="title", pattern="Offer", allow_multiple=True),
    NewGoal(site=1, name="Took catalogue", match_attribute="file", pattern=r"\.pdf$", pattern_type="regex"),
    NewGoal(site=1, name="Watched", match_attribute="event_category", pattern="Videos", pattern_type="exact"),
)
DIMENSIONS = tuple(
    NewDimension(site=1, name=f"Dimension {number}", scope="visit" if number <= 2 else "action")
    for number in range(1, 6)
)
SPAMMERS = 2_500  # Hosts, as many as the community's list has.


def resources(directory: Path) -> Resources:
    """Return a collector's resources below a directory; the site is made the first time."""
    registry = Registry(directory / "registry.sqlite")
    lists = directory / "lists"
    if not registry.sites():
        registry.add_site(SITE)
        for goal in GOALS:
            registry.add_goal(goal)
        for dimension in DIMENSIONS:
            registry.add_dimension(dimension)
        lists.mkdir()
        (lists / "spammers.txt").write_text("".join(f"spam-{number}.example\n" for number in range(SPAMMERS)))
    return Resources(directory / "spool", registry, ListsFolder(lists))


def kept(spool: Path) -> Counter[str]:
    """Return how many hits of each kind lie in a spool, and how many requests were not kept for which reason."""
    counts: Counter[str] = Counter()
    for _, hits, dropped in records(spool):
        counts.update(hit[Hit._fields.index("kind")] for hit in hits)
        for _, reason, number in dropped:
            counts[f"dropped: {reason}"] += number
    return counts


def records(spool: Path) -> Iterator[Any]:
    for path in segments(spool):
        reader = SegmentReader(path, Hit._fields)
        for frame in reader.frames(0, size_of(path), whole=True):
            yield orjson.loads(frame.payload)


# A thousand visitors at a time behind a proxy, five hits each. Of 20 hits 13 are page views, every fifth begins a visit
# that a campaign led to, and one in 50 is excluded.
LUA = r"""
local n = 0
local function escape(text)
  return (text:gsub("[^%w%-_.~]", function(c) return string.format("%%%02X", c:byte()) end))
end
local hints = escape('{"architecture":"x86","bitness":"64","brands":[{"brand":"Chromium","version":"142"},'
  .. '{"brand":"Google Chrome","version":"142"},{"brand":"Not_A Brand","version":"99"}],"fullVersionList":'
  .. '[{"brand":"Chromium","version":"142.0.7444.60"},{"brand":"Google Chrome","version":"142.0.7444.60"}],'
  .. '"mobile":false,"model":"","platform":"Windows","platformVersion":"15.0.0"}')
local items = escape('[["B-1","Boots",["Shoes","Winter"],49.5,2],["L-7","Laces","Shoes",4,1]]')
local timings = "&pf_net=12&pf_srv=34&pf_tfr=5&pf_dm1=100&pf_dm2=120&pf_onl=3"
local of_visit = "&dimension1=member&dimension2=de"
local dimensions = of_visit .. "&dimension3=shoes&dimension4=winter%20sale&dimension5=b"
local referrers = {
  "https%3A%2F%2Fwww.google.com%2F", "https%3A%2F%2Fwww.example.net%2Flinks", "https%3A%2F%2Fexample.org%2F",
  "https%3A%2F%2Fduckduckgo.com%2F%3Fq%3Dboots", "",
}
local kinds = {
  [13] = "&ca=1&e_c=Videos&e_a=play&e_n=Trailer&e_v=2.5" .. dimensions,
  [14] = "&ca=1&e_c=Basket&e_a=open&e_v=3" .. dimensions,
  [15] = "&search=red%20boots&search_cat=shoes&search_count=4" .. dimensions,
  [16] = "&link=https%3A%2F%2Fother.example%2Fboots%3Fa%3Db" .. dimensions,
  [17] = "&ca=1&c_n=Banner&c_p=banner.png&c_t=https%3A%2F%2Fexample.org%2Foffers" .. of_visit,
  [18] = of_visit .. "&idgoal=0&revenue=103&ec_st=99&ec_tx=16.61&ec_sh=5&ec_items=" .. items .. "&ec_id=",
  [19] = "&idgoal=1&revenue=7.5" .. of_visit,
}
request = function()
  n = n + 1
  local visitor = math.floor(n / 5000) * 1000 + n % 1000
  local kind = n % 20
  local more = kinds[kind] or timings .. dimensions
  if kind == 18 then more = more .. (n % 40 == 18 and "A-" .. n or "") end
  local campaign = n % 5 == 0
  local path = string.format(
    "/matomo.php?action_name=Offer%%20%d%%20%%E2%%80%%93%%20Shop&idsite=1&rec=1&r=%06d&h=12&m=34&s=56"
    .. "&url=https%%3A%%2F%%2Fexample.org%%2Farticles%%2F%d%%3Fsession%%3D%d%s&urlref=%s"
    .. "&_id=%016x&_idn=1&send_image=0%s&_refts=0&pdf=1&qt=0&realp=0&wma=0&fla=0&java=0&ag=0&cookie=1"
    .. "&res=1920x1080&pv_id=aB%04d&uadata=%s%s",
    n % 500, n % 999983, n % 500, n, campaign and "%26utm_campaign%3Dmay" or "", referrers[n % 5 + 1], visitor,
    campaign and "&_rcn=may" or "", n % 9999, hints, more)
  local address = string.format("%d.%d.%d.%d", 77 + visitor % 7, visitor % 251, visitor % 241, visitor % 239)
  if n % 50 == 7 then address = "203.0.113." .. n % 50 end
  local agent = string.format("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    .. "Chrome/%d.0.0.0 Safari/537.36", 110 + visitor % 33)
  return wrk.format("GET", path, {["User-Agent"] = agent, ["Accept-Language"] = "de-CH,de;q=0.9,en;q=0.8",
    ["X-Forwarded-For"] = address .. ", 10.1.2.3"})
end
"""
