"""`/metrics`: the numbers of the server for whoever watches it, on the private address and nowhere else."""

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.nodes import FORWARDED
from dashboard.query_guard import QueryGuard
from dashboard.surroundings import Surroundings

PATH = "/metrics"


class Watching:
    """The endpoint."""

    def __init__(self, queries: QueryGuard, surroundings: Surroundings) -> None:
        self.queries, self.measured = queries, surroundings.measured

    def routes(self) -> list[Route]:
        return [Route(PATH, self.answer, methods=["GET"])]

    async def answer(self, request: Request) -> Response:
        if any(name in request.headers for name in FORWARDED):
            return Response(status_code=404)
        accepted = request.headers.get("accept", "")
        told = await anyio.to_thread.run_sync(self.measured, accepted, self.queries.numbers())
        return Response(told.text, media_type=told.type)
