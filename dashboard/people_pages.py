"""The page "People" of a site: somebody is found there, exported, and erased after a second look."""

from datetime import UTC
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard.auth import administers
from dashboard.pages import Pages, Visit
from dashboard.people import Found, People
from sql.people import BadIdentity, Who, checked_who

PANEL = "people"
PATH = f"/sites/{{site}}/{PANEL}"
KINDS = {
    "visitor": "Visitor id",
    "user": "User id",
    "order": "Order number",
}
MOST_FIELDS = 10


class PeoplePages:
    """The page, for those who administer the site. Whom it is about is sent in forms, and stands in no address."""

    def __init__(self, pages: Pages, people: People) -> None:
        self.pages, self.people = pages, people

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.page, methods=["GET"]),
            Route(PATH, self.find, methods=["POST"]),
            Route(f"{PATH}/export", self.export, methods=["POST"]),
            Route(f"{PATH}/erase", self.erase, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        return await self.shown(request, await self.visit(request))

    async def find(self, request: Request) -> Response:
        visit = await self.visit(request)
        try:
            who = who_in(await form_of(request), visit.site.id)
        except BadIdentity as error:
            return await self.shown(request, visit, problem=f"{error}.")
        return await self.shown(request, visit, await self.people.found(request, who))

    async def export(self, request: Request) -> Response:
        visit, who = await self.named(request)
        found = await self.people.found(request, who)
        name = f"pegel-person-{visit.site.id}-{visit.now:%Y-%m-%d}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        pieces = self.people.exported(request, found, visit.user.email)
        return StreamingResponse(pieces, media_type="application/json", headers=headers)

    async def erase(self, request: Request) -> Response:
        visit, who = await self.named(request, sure=True)
        case = await self.people.erase(who, visit.user.email)
        return RedirectResponse(f"{visit.asked.path(PANEL)}?erased={case.id}#done", 303)

    async def visit(self, request: Request) -> Visit:
        """Raises HTTPException 403 for somebody who may only look."""
        visit = await self.pages.visit(request)
        if not administers(visit.user, visit.site.id):
            raise HTTPException(403)
        return visit

    async def named(self, request: Request, sure: bool = False) -> tuple[Visit, Who]:
        """Return who asks about whom. Raises HTTPException 400 for a form that is not ours or not confirmed."""
        visit = await self.visit(request)
        form = await form_of(request)
        if sure and form.get("sure") != "yes":
            raise HTTPException(400)
        try:
            return visit, who_in(form, visit.site.id)
        except BadIdentity as error:
            raise HTTPException(400) from error

    async def shown(self, request: Request, visit: Visit, found: Found | None = None, problem: str = "") -> Response:
        zone = ZoneInfo(visit.site.timezone)
        context = {
            **await self.pages.frame(request, visit, PANEL),
            "kinds": KINDS,
            "found": found,
            "problem": problem,
            "cases": await self.people.cases(visit.site.id),
            "erased": request.query_params.get("erased", ""),
            "local": lambda moment: f"{moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(zone):%Y-%m-%d %H:%M}",
        }
        return self.pages.renderer.page(request, "people.html", context, 400 if problem else 200)


async def form_of(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
        return {name: str(value) for name, value in form.items()}


def who_in(form: dict[str, str], site: int) -> Who:
    """Raises BadIdentity."""
    return checked_who(form.get("kind", ""), form.get("id", ""), site)
