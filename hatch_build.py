"""Builds the browser assets into a wheel, so that `pip install .` gives a dashboard that looks as it should."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = ("dashboard/static/manifest.json", "ingest/built/matomo.js")
NPM_COMMANDS = (["ci"], ["run", "build"])


class AssetsHook(BuildHookInterface[Any]):
    """Runs npm before a wheel is made, unless the assets are there or `PEGEL_SKIP_NPM=1` says not to."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install runs from the checkout, where `make setup` builds the assets.
        if self.target_name == "wheel" and version != "editable" and os.environ.get("PEGEL_SKIP_NPM") != "1":
            self.build_missing_assets()

    def build_missing_assets(self) -> None:
        root = Path(self.root)
        if all((root / file).is_file() for file in BUILT):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "npm is missing: expected Node.js 20 or later to build the browser assets;"
                " set PEGEL_SKIP_NPM=1 to install without them"
            )
        for arguments in NPM_COMMANDS:
            subprocess.run([npm, *arguments], cwd=root, check=True)
