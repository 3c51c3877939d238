"""Templates become pages; everything that comes from outside is escaped."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard import wording
from dashboard.assets import Assets

TEMPLATES = Path(__file__).parent / "templates"
THEME_COOKIE = "pegel_theme"
THEMES = ("light", "dark")


class Renderer:
    """Renders templates with what every page needs."""

    def __init__(self, assets: Assets) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals |= {"asset": assets.url, "wording": wording}

    def page(
        self,
        request: Request,
        name: str,
        context: Mapping[str, object],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        theme = request.cookies.get(THEME_COOKIE)
        html = self.environment.get_template(name).render(context, theme=theme if theme in THEMES else "")
        return HTMLResponse(html, status, headers)
