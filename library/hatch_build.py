"""What the package takes from the rest of the project: its requirements, and the built page."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Requirements(MetadataHookInterface):
    """The requirements of the app are those of the package."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Read them without their pins, which are for clones."""
        lines = (Path(self.root) / "requirements/app.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]


class FrontEnd(BuildHookInterface[Any]):
    """Builds the page where it is not built yet, as a clone does on its first start."""

    def initialize(self, *_: Any) -> None:
        """Without Node and without a network the package has everything but the page."""
        clone = runpy.run_path(str(Path(self.root) / "faultwalk"))
        try:
            with clone["set_up"]():
                clone["build_front_end"]()
        except SystemExit:
            self.app.display_warning("the page is not in this package: it could not be built")
