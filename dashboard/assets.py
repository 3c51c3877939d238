"""Scripts, styles and flags that the build made; a name with its content's hash may be kept by browsers forever."""

import json
import logging
import os
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "static"
MANIFEST = "manifest.json"
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """Where the built files are; without a build there are none, and pages do without."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        try:
            self.names: dict[str, str] = json.loads((folder / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            log.warning("browser files not built folder=%s hint=%r", folder, "npm ci && npm run build")
            self.names = {}

    def url(self, name: str) -> str:
        """Return the address of a built file, such as `app.css`; empty if it was not built."""
        return f"/static/{self.names[name]}" if name in self.names else ""

    def text(self, name: str) -> str:
        """Return what a built file says; empty if it was not built."""
        return (self.folder / self.names[name]).read_text("utf-8") if name in self.names else ""

    def served(self) -> "HashedFiles":
        return HashedFiles(directory=self.folder, check_dir=False)


class HashedFiles(StaticFiles):
    """Static files whose names change with their content."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = FOREVER
        return response
