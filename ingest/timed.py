"""Counts the answers of an application, and how long they took."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.meter import GONE, Handler, Meter


class Timed:
    """An application whose answers are counted."""

    def __init__(self, app: ASGIApp, meter: Meter, handler: Handler) -> None:
        self.app, self.meter, self.handler = app, meter, handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter_ns(), GONE

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            status = 500
            raise
        finally:
            self.meter.answered(self.handler, status, began)
