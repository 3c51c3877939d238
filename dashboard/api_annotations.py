"""Annotations: what people note about days of their sites.

Whoever may see a site may note something; changing and deleting it is for whoever wrote it and for administrators.
Programs call with tokens, so the author is a token, and its name is shown.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from dashboard.api_access import AccessDenied, at_site, at_sites
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import BadParameter, MissingParameter
from dashboard.period import Kind, Period, containing
from dashboard.reporting.periods import MOST, day_of, kind_of, periods_of
from sql.annotations import MAX_ID, Annotation, NewAnnotation
from sql.entries import Site, Token

Row = dict[str, object]

NO_DATE = ("", "false", "0")


def add(call: Call) -> Row:
    site = call.registry.site(call.site)
    day = day_of(call.parameters.required("date"), today(call, site))
    author = writer(call)
    added = NewAnnotation(
        site=site.id,
        day=day,
        note=call.parameters.required("note"),
        starred=call.parameters.flag("starred"),
        author=author.name,
        token=author.id,
    )
    return row(call, call.registry.add_annotation(added))


def writer(call: Call) -> Token:
    """Return the token of whoever writes. Raises AccessDenied for one that is only for reading."""
    token = call.caller.token
    if token is None or token.scopes:
        raise AccessDenied("This token is limited to other things than writing annotations.")
    return token


def save(call: Call) -> Row:
    """Change what was given, and nothing else."""
    annotation = own(call)
    if call.parameters.given("date"):
        day = day_of(call.parameters.text("date"), today(call, call.registry.site(call.site)))
        annotation = replace(annotation, day=day)
    if call.parameters.given("note"):
        annotation = replace(annotation, note=call.parameters.text("note"))
    if call.parameters.given("starred"):
        annotation = replace(annotation, starred=call.parameters.flag("starred"))
    return row(call, call.registry.update_annotation(annotation))


def delete(call: Call) -> None:
    call.registry.delete_annotation(call.site, own(call).id)


def delete_all(call: Call) -> None:
    call.registry.delete_annotations(call.registry.site(call.site).id)


def one(call: Call) -> Row:
    return row(call, asked(call))


def of_dates(call: Call) -> dict[str, list[Row]]:
    """Return annotations by site; without a date all there are."""
    found = {}
    for site in sites(call):
        periods = asked_periods(call, site)
        bounds = (periods[0].first, periods[-1].last) if periods else (None, None)
        annotations = call.registry.annotations([site.id], *bounds)
        found[str(site.id)] = [row(call, annotation) for annotation in annotations]
    return found


def counts(call: Call) -> dict[str, list[list[object]]]:
    """Return for each site the first days of periods, and how many annotations each has, starred ones too."""
    if not call.parameters.given("date"):
        raise MissingParameter("date")
    with_text = call.parameters.flag("getAnnotationText")
    found: dict[str, list[list[object]]] = {}
    for site in sites(call):
        periods = parts_of(asked_periods(call, site))
        bounds = (periods[0].first, periods[-1].last) if periods else (None, None)
        annotations = call.registry.annotations([site.id], *bounds)
        found[str(site.id)] = [[str(period.first), count(period, annotations, with_text)] for period in periods]
    return found


def count(period: Period, annotations: Iterable[Annotation], with_text: bool) -> Row:
    inside = [annotation for annotation in annotations if period.first <= annotation.day <= period.last]
    counted: Row = {"count": len(inside), "starred": sum(annotation.starred for annotation in inside)}
    return {**counted, "note": inside[0].note} if with_text and len(inside) == 1 else counted


def parts_of(periods: list[Period]) -> list[Period]:
    """Return the days of a range, and other periods as they are."""
    if not periods or periods[0].kind != "range":
        return periods
    return [containing("day", day) for day in periods[0].dates()]


def asked_periods(call: Call, site: Site) -> list[Period]:
    """Return the periods that are asked for, the earliest first; `lastN` ends with the one of the date."""
    text = call.parameters.text("date").strip()
    if text.lower() in NO_DATE:
        return []
    kind = kind_of(call.parameters.text("period").strip() or "day")
    count = call.parameters.count("lastN")
    if not count:
        return periods_of(kind, text, today(call, site))
    return last_periods("day" if kind == "range" else kind, day_of(text, today(call, site)), count)


def last_periods(kind: Kind, day: date, count: int) -> list[Period]:
    found = [containing(kind, day)]
    while len(found) < min(count, MOST[kind]):
        found.append(found[-1].previous())
    return found[::-1]


def sites(call: Call) -> list[Site]:
    if call.sites:
        return [call.registry.site(id) for id in call.sites]
    return call.caller.sites("view", call.registry.sites())


def today(call: Call, site: Site) -> date:
    return call.now.astimezone(ZoneInfo(site.timezone)).date()


def asked(call: Call) -> Annotation:
    """Return the annotation that a call is about. Raises UnknownAnnotation."""
    return call.registry.annotation(call.registry.site(call.site).id, number(call))


def number(call: Call) -> int:
    text = call.parameters.required("idNote").strip()
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= MAX_ID):
        raise BadParameter("idNote", text, "the number of an annotation, such as 7")
    return int(text)


def own(call: Call) -> Annotation:
    """Return the annotation that a call wants to change. Raises AccessDenied if it may not."""
    annotation = asked(call)
    writer(call)
    if not may_change(call, annotation):
        raise AccessDenied("Only its author and administrators of the website may change or delete an annotation.")
    return annotation


def may_change(call: Call, annotation: Annotation) -> bool:
    token = call.caller.token
    is_author = token is not None and token.id == annotation.token
    return is_author or call.caller.may("admin", annotation.site)


def row(call: Call, annotation: Annotation) -> Row:
    return {
        "id": annotation.id,
        "idsite": annotation.site,
        "date": str(annotation.day),
        "note": annotation.note,
        "starred": int(annotation.starred),
        "user": annotation.author,
        "canEditOrDelete": int(may_change(call, annotation)),
        "idNote": annotation.id,
    }


METHODS = (
    Method("Annotations.add", at_site("view"), add),
    Method("Annotations.save", at_site("view"), save),
    Method("Annotations.delete", at_site("view"), delete),
    Method("Annotations.deleteAll", at_site("superuser"), delete_all),
    Method("Annotations.get", at_site("view"), one),
    Method("Annotations.getAll", at_sites("view"), of_dates),
    Method("Annotations.getAnnotationCountForDates", at_sites("view"), counts),
)
