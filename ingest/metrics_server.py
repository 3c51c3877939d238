"""The metrics of processes that run apart from a dashboard, on a private address of their own."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.watched import Watched


def create_app(watched: Watched) -> Starlette:
    def metrics(request: Request) -> Response:
        told = watched.exposition(request.headers.get("accept", ""), {})
        return Response(told.text, media_type=told.type)

    def healthz(request: Request) -> Response:
        return JSONResponse({"ok": True})

    return Starlette(routes=[Route("/metrics", metrics, methods=["GET"]), Route("/healthz", healthz)])
