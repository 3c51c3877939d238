"""Commands about websites, their goals and their custom dimensions."""

import argparse
from dataclasses import asdict, fields, replace
from functools import partial
from typing import Any

from sql.choices import CONSENTS, REFERRERS, SIGNALS
from sql.command import Call, Command, Row, argument, entries, optional, switch, table
from sql.dimensions import SCOPES, Dimension, DimensionFields, Extraction, NewDimension
from sql.entries import SITE_TYPES, NewSite, Site, SiteFields
from sql.goals import MATCH_ATTRIBUTES, PATTERN_TYPES, Goal, GoalFields, NewGoal
from sql.refusals import BadSite
from sql.registry import Registry, utc_now
from sql.retention import next_deletion
from sql.settings import PRESETS, Settings


def site_add(call: Call) -> Row:
    given = fields_given(SiteFields, call.arguments)
    site = NewSite(id=call.arguments.id, **{"preset": call.of(Settings).preset, **given})
    with call.registry() as registry:
        return site_row(registry.add_site(site))


def site_change(call: Call) -> Row:
    given = fields_given(SiteFields, call.arguments)
    if not given:
        raise BadSite("nothing to change: expected an option, such as --name")
    with call.registry() as registry:
        return site_row(registry.update_site(replace(registry.site(call.arguments.site), **given)))


def fields_given(cls: type[SiteFields | GoalFields | DimensionFields], arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was said about something, by its fields' names; the rest is as it was, or as it is usually."""
    given = {field.name: getattr(arguments, field.name) for field in fields(cls) if field.name in arguments}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def site_list(call: Call) -> list[Row]:
    with call.registry() as registry:
        return [site_row(site) for site in registry.sites()]


def site_row(site: Site) -> Row:
    return {"id": site.id, **asdict(site), "next_deletion": next_deletion(site, utc_now())}


def goal_add(call: Call) -> Row:
    given = call.arguments
    goal = NewGoal(site=given.site, id=given.id, **fields_given(GoalFields, given))
    with call.registry() as registry:
        return goal_row(registry.add_goal(goal))


def goal_list(call: Call) -> list[Row]:
    with call.registry() as registry:
        return [goal_row(goal) for goal in registry.goals(asked_site(call, registry))]


def goal_row(goal: Goal) -> Row:
    return {"site": goal.site, "id": goal.id, **asdict(goal)}


def dimension_add(call: Call) -> Row:
    given = call.arguments
    dimension = NewDimension(site=given.site, id=given.id, **fields_given(DimensionFields, given))
    with call.registry() as registry:
        return dimension_row(registry.add_dimension(dimension))


def dimension_list(call: Call) -> list[Row]:
    with call.registry() as registry:
        return [dimension_row(dimension) for dimension in registry.dimensions(asked_site(call, registry))]


def dimension_row(dimension: Dimension) -> Row:
    extractions = [extraction._asdict() for extraction in dimension.extractions]
    return {"site": dimension.site, "id": dimension.id, **asdict(dimension), "extractions": extractions}


def extraction(text: str) -> Extraction:
    """Return what `url=/blog/([^/]+)` says; the registry tells whether that can be used."""
    return Extraction._make(text.partition("=")[::2])


def asked_site(call: Call, registry: Registry) -> int | None:
    """Return the one site that was asked for, None for every one. Raises UnknownSite."""
    asked = call.arguments.site
    return None if asked is None else registry.site(asked).id


def site_text(site: Row, done: str = "added") -> str:
    return f"site {site['id']} {done}: {site['name']}, {site['urls'][0]} ({site['timezone']}, {site['currency']})"


def site_table(sites: list[Row]) -> str:
    return table([{name: site[name] for name in ("id", "name", "urls", "timezone", "currency")} for site in sites])


def goal_text(goal: Row) -> str:
    return f"goal {goal['id']} of site {goal['site']} added: {goal['name']}, reached by {reached_by(goal)}"


def goal_table(goals: list[Row]) -> str:
    return table([goal_line(goal) for goal in goals])


def goal_line(goal: Row) -> Row:
    shown_as_it_is = {name: goal[name] for name in ("site", "id", "name")}
    return {
        **shown_as_it_is,
        "reached by": reached_by(goal),
        "often": "each time" if goal["allow_multiple"] else "once per visit",
        "revenue": "of the event" if goal["event_value_as_revenue"] else f"{goal['revenue']:g}",
    }


def reached_by(goal: Row) -> str:
    if goal["match_attribute"] == "manually":
        return f"a request with idgoal={goal['id']}"
    return f"{goal['match_attribute']} {goal['pattern_type']} {goal['pattern']}"


def dimension_text(dimension: Row) -> str:
    return f"dimension {dimension['id']} of site {dimension['site']} added: {dimension['name']}, {dimension['scope']}"


def dimension_table(dimensions: list[Row]) -> str:
    return table([dimension_line(dimension) for dimension in dimensions])


def dimension_line(dimension: Row) -> Row:
    extractions = tuple(f"{each['dimension']}={each['pattern']}" for each in dimension["extractions"])
    return {name: dimension[name] for name in ("site", "id", "name", "scope", "active")} | {"extracted": extractions}


ID = argument("--id", type=int, metavar="N", help="number of the site, as its tracker sends it; default: the next one")
SITE = argument("--site", type=int, metavar="N", required=True, help="number of the site")
ONE_SITE = argument("--site", type=int, metavar="N", help="only this site; default: every one")
SITE_OPTIONS = (
    optional("--timezone", "such as Europe/Zurich or UTC+2; UTC if never given", metavar="Z"),
    optional("--currency", "three letters, such as CHF; USD if never given", metavar="C"),
    optional("--group", "websites of one group stand together", metavar="G"),
    optional("--type", "what it is; website if never given", choices=SITE_TYPES),
    switch("--ecommerce", "it sells something"),
    switch("--search", "find the words of its site search in the addresses of its pages; on if never given"),
    entries(
        "--search-keyword", "search_keywords", "P", "parameter with the words of a site search, instead of all sites'"
    ),
    entries("--search-category", "search_categories", "P", "parameter with the category of a site search, likewise"),
    switch("--keep-fragment", "keep what stands behind # in addresses; as for all sites if never given"),
    switch("--exclude-unknown-urls", "count only pages below its addresses"),
    entries("--exclude-address", "excluded_addresses", "A", "address not counted, or range: 203.0.113.0/24, 203.0.*.*"),
    entries(
        "--exclude-user-agent", "excluded_user_agents", "T", "part of a user agent that is not counted, or /regex/"
    ),
    entries("--exclude-parameter", "excluded_parameters", "P", "parameter removed from addresses, or /regex/"),
    entries("--exclude-referrer", "excluded_referrers", "H", "host that is no origin of visits, such as pay.example"),
    switch("--keep-bots", "keep what bots fetch, apart from visits"),
    switch("--exact-places", "look places up from the full address, in memory, not from the masked one"),
    optional("--preset", "privacy preset; README says what each keeps", choices=PRESETS),
    optional("--consent", "whose identifiers are kept; tracker if never given", choices=CONSENTS),
    optional("--dnt", "what the signal DNT does; ignore if never given", choices=SIGNALS),
    optional("--gpc", "what the signal Sec-GPC does; ignore if never given", choices=SIGNALS),
    optional("--referrers", "what is kept of the address a visit came from; all if never given", choices=REFERRERS),
    optional(
        "--retention-months",
        "delete visits and hits when they are older; 0: never, 25 if never given",
        type=int,
        metavar="M",
    ),
    entries(
        "--scrub",
        "scrubbed_patterns",
        "P",
        "parameter that is cut out of all addresses before they are kept, or /regex/",
    ),
    optional(
        "--fewest-visitors", "fold rows of reports with fewer visitors into one; 0: show all", type=int, metavar="K"
    ),
)
GOAL_OPTIONS = (
    argument("--id", type=int, metavar="N", help="number of the goal; default: the next one"),
    optional("--description", "what it is for", metavar="T"),
    optional("--match", "what reaches it; manually if not given", dest="match_attribute", choices=MATCH_ATTRIBUTES),
    optional("--pattern", "text to compare with; minutes for visit_duration", metavar="P"),
    optional("--type", "how to compare; contains if not given", dest="pattern_type", choices=PATTERN_TYPES),
    switch("--case-sensitive", "capital letters matter"),
    switch("--allow-multiple", "count it each time, not once per visit"),
    optional("--revenue", "what it is worth in the site's currency", type=float, metavar="R"),
    switch("--event-value-as-revenue", "it is worth the value of the event that reaches it"),
)
DIMENSION_OPTIONS = (
    argument("--id", type=int, metavar="N", help="number from 1 to 999, as trackers send it; default: the next one"),
    argument("--scope", choices=SCOPES, required=True, help="what has one value: the visit, or each action"),
    optional(
        "--extract",
        "where to find a value that was not sent: url=REGEX, action_name=REGEX or urlparam=NAME; may be repeated",
        dest="extractions",
        action="append",
        type=extraction,
        metavar="S=P",
    ),
    switch("--case-sensitive", "capital letters matter in these patterns; they do if never given"),
)
WEBSITE_COMMANDS = (
    Command(
        name="site add",
        help="measure a website",
        run=site_add,
        text=site_text,
        arguments=(
            argument("name", metavar="NAME", help="how reports call it"),
            argument("urls", metavar="URL", nargs="+", help="its addresses, the main one first"),
            ID,
            *SITE_OPTIONS,
        ),
    ),
    Command(
        name="site change",
        help="change what is given of a website, and nothing else",
        run=site_change,
        text=partial(site_text, done="changed"),
        arguments=(
            argument("site", type=int, metavar="N", help="number of the site"),
            optional("--name", "how reports call it", metavar="NAME"),
            optional("--url", "its address, the main one first; may be repeated", dest="urls", action="append"),
            *SITE_OPTIONS,
        ),
    ),
    Command(name="site list", help="show the websites", run=site_list, text=site_table),
    Command(
        name="goal add",
        help="count when visitors of a website do something",
        run=goal_add,
        text=goal_text,
        arguments=(SITE, argument("name", metavar="NAME", help="how reports call it"), *GOAL_OPTIONS),
    ),
    Command(name="goal list", help="show the goals", run=goal_list, text=goal_table, arguments=(ONE_SITE,)),
    Command(
        name="dimension add",
        help="keep a text of each visit or action of a website",
        run=dimension_add,
        text=dimension_text,
        arguments=(SITE, argument("name", metavar="NAME", help="how reports call it"), *DIMENSION_OPTIONS),
    ),
    Command(
        name="dimension list",
        help="show the custom dimensions",
        run=dimension_list,
        text=dimension_table,
        arguments=(ONE_SITE,),
    ),
)
