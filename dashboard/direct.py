"""How commands ask a dashboard: at the address that was given and nowhere else, because a token goes with it."""

from urllib.request import HTTPRedirectHandler, build_opener


class NoRedirects(HTTPRedirectHandler):
    """Follows none: wherever it leads to would be sent the token."""

    def redirect_request(self, *_: object) -> None:
        return None


opened_directly = build_opener(NoRedirects).open
