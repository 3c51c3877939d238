"""What the API refuses, and how it says so: a code for programs, a sentence and a hint for people."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from dashboard import DashboardError


class Refusal(DashboardError):
    """Raised if a request is not answered; `hint` says what would be."""

    status = 400
    code = "bad_request"

    def __init__(
        self, message: str, hint: str = "", parameter: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.parameter = message, hint, parameter
        self.headers = dict(headers or {})

    def response(self) -> Response:
        return refused(self.status, self.code, self.message, self.hint, self.parameter, self.headers)


class BadInput(Refusal):
    """Raised if a parameter cannot be understood."""

    code = "bad_parameter"

    def __init__(self, parameter: str, message: str, hint: str = "") -> None:
        super().__init__(f"{parameter}: {message}", hint, parameter)


class Unauthenticated(Refusal):
    """Raised if a request has no token, or one that is nobody's."""

    status = 401
    code = "unauthenticated"


class Forbidden(Refusal):
    """Raised if the token is not for this."""

    status = 403
    code = "forbidden"


class NotThere(Refusal):
    """Raised if there is nothing of this name or number that the token may see."""

    status = 404
    code = "not_found"


class TooLarge(Refusal):
    """Raised if a body is larger than any question."""

    status = 413
    code = "too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most} bytes.", parameter="body")


class TooManyRequests(Refusal):
    """Raised if a token is used more often than it may be."""

    status = 429
    code = "too_many_requests"


class NotNow(Refusal):
    """Raised if the server cannot answer right now."""

    status = 503
    code = "unavailable"


class TooExpensive(NotNow):
    """Raised if an answer would take more time, memory or rows than a question may; a partial one is never given."""

    code = "too_expensive"


# What is refused before it comes to an endpoint, by status.
CODES = {404: "not_found", 405: "method_not_allowed", 500: "broken"}


def refused(  # noqa: PLR0913
    status: int, code: str, message: str, hint: str = "", parameter: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    error = {"code": code, "message": message, "hint": hint or None, "parameter": parameter or None}
    return JSONResponse({"error": error}, status, dict(headers or {}))
