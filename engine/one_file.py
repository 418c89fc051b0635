"""A run as one HTML file: trace, script, style and fonts in it, so that it plays without a server.

The build leaves the page in static/dist/one_file.html, its policy with the hashes of its script and
style included; what is put in here is data. Without script the file is the run as a list.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from engine.content import content
from engine.errors import BadScenario, NotBuilt
from engine.home import HOME
from engine.reading import Line, reading, title_of, verdict_of
from engine.text import plain as unmarked
from engine.trace import Trace
from engine.trace_form import trace_json

FILE = HOME / "static" / "dist" / "one_file.html"
PLACE = re.compile(r"%%(\w+)%%")
NEVER_SAID = (
    *("drift_", "edit_", "find_", "game_", "matrix_", "network", "place_", "predict_", "sched_"),
    *("search_", "versions_", "welcome", "whatif_"),
)
"""How the messages begin of parts of the page that are not in the file."""


def one_file(trace: Trace, at: int = 0, url: str = "") -> str:
    """The file's text. at: the step it opens at. url: where the run is on the whole page, if known.

    Raises NotBuilt where the front end is not built, and BadScenario for an impossible url.
    """
    if url and not re.fullmatch(r"https?://[^\s\"'<>]+", url):
        raise BadScenario("url", f"{url[:60]!r} is no address", "write https://host")
    parts = {
        "language": trace.words.language,
        "title": escape(title_of(trace)),
        "read": readable(trace),
        "messages": _data(_said(trace)),
        "at": str(min(max(at, 0), len(trace.steps))),
        "url": escape(url),
        "trace": _data(trace_json(trace)),
    }
    return PLACE.sub(lambda place: parts[place[1]], _page())


def readable(trace: Trace) -> str:
    """The run to be read without script: HTML without looks, one step an item."""
    story = content(trace.words.language).say(trace.scenario.story)
    steps = "\n".join(f"<li>{_words(trace, line)}</li>" for line in reading(trace))
    head = f"<h1>{escape(title_of(trace))}</h1>\n<p>{escape(plain(trace, story))}</p>"
    return f"{head}\n<ol>\n{steps}\n</ol>\n<p>{escape(plain(trace, verdict_of(trace)))}</p>"


def plain(trace: Trace, text: str) -> str:
    """A sentence without our markup; #9 becomes step 9."""
    step = trace.words.texts["page.step_n"]
    return re.sub(r"#(\d+)", lambda found: step.format(n=found[1]), unmarked(text))


def _words(trace: Trace, line: Line) -> str:
    said = [line.what, line.why, *line.rules, *line.notes]
    return " ".join(escape(plain(trace, text)) for text in said if text)


def _page() -> str:
    try:
        return FILE.read_text(encoding="utf-8")
    except OSError:
        raise NotBuilt(
            "html", "the page is not built", "build it with node static/build.mjs"
        ) from None


def _said(trace: Trace) -> dict[str, str]:
    said = {k: text for k, text in trace.words.texts.items() if k.startswith("page.")}
    bare = {key.removeprefix("page."): text for key, text in said.items()}
    return {key: text for key, text in bare.items() if not key.startswith(NEVER_SAID)}


def _data(value: Any) -> str:
    """JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
