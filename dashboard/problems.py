"""What people read when a page cannot be shown, and what they can do about it."""

import logging
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from dashboard.auth import LoginNeeded
from dashboard.login import to_login
from dashboard.period import BadPeriod
from dashboard.query_guard import GONE, ReaderGone, TooBusy
from dashboard.rendering import Renderer
from dashboard.security import HEADERS
from sql.clickhouse import DatabaseUnavailable, QuestionEnded
from sql.registry import RegistryUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A page that says what went wrong."""

    title: str
    text: str
    retry: bool = False


UNAVAILABLE = Problem(
    "The numbers are not available right now",
    "The database does not answer. Nothing is lost: visits are still being recorded and will appear later.",
    retry=True,
)
BUSY = Problem(
    "Too many people ask at once",
    "Everybody gets an answer in turn, and the queue is full right now. Please try again in a few seconds.",
    retry=True,
)
PROBLEMS = {
    403: Problem("That is not yours to change", "Only somebody who administers the website may do that."),
    404: Problem("There is nothing here", "The page does not exist, or you may not see it."),
    405: Problem("That does not work here", "This page only shows things; nothing can be sent to it."),
    413: Problem("That was too much", "What was sent is larger than any form of ours."),
    500: Problem("Something went wrong", "The mistake is ours. It has been logged; please try again.", retry=True),
    503: UNAVAILABLE,
}
UNEXPECTED = Problem("That did not work", "The request could not be understood.")


class Problems:
    """Answers for everything that goes wrong."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer

    def handlers(self) -> dict[type[Exception] | int, ExceptionHandler]:
        return {
            HTTPException: self.refused,
            BadPeriod: self.bad_period,
            LoginNeeded: self.login_needed,
            DatabaseUnavailable: self.unavailable,
            QuestionEnded: self.ended,
            TooBusy: self.busy,
            ReaderGone: self.gone,
            RegistryUnavailable: self.unavailable,
            Exception: self.broken,
        }

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return self._page(request, error.status_code, PROBLEMS.get(error.status_code, UNEXPECTED))

    async def bad_period(self, request: Request, error: Exception) -> Response:
        return self._page(request, 400, Problem("No such period", f"{error}."))

    async def login_needed(self, request: Request, _: Exception) -> Response:
        return to_login(request)

    async def unavailable(self, request: Request, error: Exception) -> Response:
        log.warning("page unavailable error=%s", error)
        return self._page(request, 503, UNAVAILABLE)

    async def ended(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, QuestionEnded)
        log.warning("page not answered error=%s", error)
        return self._page(request, 503, Problem("That was too much to ask", error.reason))

    async def busy(self, request: Request, _: Exception) -> Response:
        return self._page(request, 503, BUSY)

    async def gone(self, request: Request, _: Exception) -> Response:
        return Response(status_code=GONE)

    async def broken(self, request: Request, _: Exception) -> Response:
        return self._page(request, 500, PROBLEMS[500])

    def _page(self, request: Request, status: int, problem: Problem) -> Response:
        # Our middleware stands inside the handler of unforeseen errors, so its headers are given here too.
        headers = HEADERS | ({"Retry-After": "5"} if problem.retry else {})
        return self.renderer.page(request, "problem.html", {"problem": problem, "status": status}, status, headers)
