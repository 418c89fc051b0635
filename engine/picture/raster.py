"""A card as PNG, drawn by resvg with fonts of our own, so that it looks the same everywhere."""

from __future__ import annotations

from engine.errors import BadScenario
from engine.picture.card import card
from engine.picture.measure import FONTS, drawable, files
from engine.trace import Trace


def png(trace: Trace, at: int = 0, ask: str | None = None) -> bytes:
    """The card as a PNG. Characters that our fonts lack are taken from the system's, if it has any.

    Raises BadScenario where resvg is not installed.
    """
    try:
        import resvg_py
    except ImportError:
        raise BadScenario("png", "resvg-py is not installed", "install it, or take svg") from None
    svg = card(trace, at, ask, both=False)
    ours = drawable(svg)
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=ours,
        font_files=[str(path) for font in FONTS for path in files(font)],
        sans_serif_family="Inter",
        monospace_family="JetBrains Mono",
    )
