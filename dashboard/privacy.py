"""The page "Privacy" of a site: what holds, what its presets keep, how to change it, and which conditions are met."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from importlib.metadata import version

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.auth import administers
from dashboard.conditions import assessment
from dashboard.configuration import Configuration, configuration_of
from dashboard.pages import Pages, Visit
from dashboard.privacy_changes import changed, consequences
from dashboard.privacy_words import PRESET_WORDS, QUESTIONS, preset_lines
from dashboard.regimes import REGIMES, regime_named
from dashboard.standing import bar, standing
from dashboard.surroundings import Surroundings
from sql.choices import MOST_MONTHS
from sql.entries import MOST_FEWEST
from sql.policies import POLICIES, STRICTEST
from sql.refusals import BadSite, UnknownSite
from sql.registry import PRESETS, Registry, Site

log = logging.getLogger(__name__)

PANEL = "privacy"
MOST_FIELDS = 100

# Runs one change after another, each when the hits before it are loaded.
Change = Callable[[Callable[[], object]], Awaitable[object]]
Form = Mapping[str, str]


class Privacy:
    """The page of whoever may view the site, with a form for those who administer it."""

    def __init__(self, pages: Pages, registry: Registry, surroundings: Surroundings, change: Change) -> None:
        self.pages, self.registry, self.surroundings, self.change = pages, registry, surroundings, change

    async def page(self, request: Request) -> Response:
        visit = await self.pages.visit(request)
        return await self._shown(request, visit, values_of(visit.site))

    async def send(self, request: Request) -> Response:
        """Change the site, unless something gets laxer or lost that nobody said yes to yet."""
        visit = await self.pages.visit(request)
        if not administers(visit.user, visit.site.id):
            raise HTTPException(403)
        form, agreed = await form_of(request)
        try:
            doubts = consequences(visit.site, changed(visit.site, form), visit.now.date())
            if not agreed.issuperset(doubts):
                return await self._asked_again(request, visit, form, doubts)
            await self.change(partial(self._change, visit, form))
        except UnknownSite:
            raise HTTPException(404) from None
        except BadSite as error:
            return await self._shown(request, visit, {**values_of(visit.site), **form}, f"{error}.")
        return RedirectResponse(f"{visit.asked.url(PANEL)}&saved=1", 303)

    async def _asked_again(self, request: Request, visit: Visit, form: Form, doubts: list[str]) -> Response:
        frame = await self.pages.frame(request, visit, PANEL)
        return self.pages.renderer.page(request, "privacy_sure.html", {**frame, "doubts": doubts, "values": form})

    def _change(self, visit: Visit, form: Form) -> None:
        """Change what the site is by now; somebody else may have been here meanwhile."""
        site = self.registry.update_site(changed(self.registry.site(visit.site.id), form))
        log.info("privacy changed site=%d user=%d preset=%s", site.id, visit.user.id, site.preset)

    async def _shown(self, request: Request, visit: Visit, values: Form, problem: str = "") -> Response:
        configuration = await self._configuration(visit)
        context = {
            "standing": standing(configuration),
            "bar": bar(configuration),
            "presets": {preset: PRESET_WORDS[preset] for preset in PRESETS},
            "lines": preset_lines(),
            "questions": QUESTIONS,
            "floors": floors(visit.site.preset),
            "assessments": [assessment(regime, configuration) for regime in REGIMES],
            "own": visit.site.preset,
            "administers": administers(visit.user, visit.site.id),
            "values": values,
            "limits": {"months": MOST_MONTHS, "fewest": MOST_FEWEST},
            "problem": problem,
            "saved": not problem and "saved" in request.query_params,
        }
        frame = await self.pages.frame(request, visit, PANEL)
        return self.pages.renderer.page(request, "privacy.html", {**frame, **context}, 400 if problem else 200)

    async def assessment(self, request: Request) -> Response:
        """Answer with the conditions of one regime on a page that can be printed and signed."""
        visit = await self.pages.visit(request)
        configuration = await self._configuration(visit)
        regime = regime_named(request.query_params.get("regime", visit.site.preset))
        context = {
            "site": visit.site,
            "asked": visit.asked,
            "now": visit.now,
            "assessment": assessment(regime, configuration),
            "standing": standing(configuration),
            "version": version("pegel"),
        }
        return self.pages.renderer.page(request, "assessment.html", context)

    async def _configuration(self, visit: Visit) -> Configuration:
        ask = partial(configuration_of, visit.site, self.registry, self.surroundings, visit.now)
        return await self.pages.gate.ask(ask)


def floors(preset: str) -> dict[str, int]:
    """Return the least strict choice that has an effect under a preset, by question."""
    floor = POLICIES.get(preset, STRICTEST)
    return {question.name: question.choices.index(getattr(floor, question.name)) for question in QUESTIONS}


def values_of(site: Site) -> Form:
    """Return a site as the form's fields."""
    chosen = {name: str(getattr(site, name)) for name in ("preset", *(question.name for question in QUESTIONS))}
    return chosen | {
        "retention-months": str(site.retention_months),
        "fewest-visitors": str(site.fewest_visitors),
        "exact-places": "1" if site.exact_places else "",
        "scrubbed-patterns": "\n".join(site.scrubbed_patterns),
    }


async def form_of(request: Request) -> tuple[Form, set[str]]:
    """Return the fields of the form, and what somebody agreed to who was asked."""
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    agreed = {value for name, value in pairs if name == "agreed"}
    known = dict.fromkeys(("exact-places", "scrubbed-patterns", "retention-months", "fewest-visitors"), "")
    return known | {name: value for name, value in pairs if name != "agreed"}, agreed
