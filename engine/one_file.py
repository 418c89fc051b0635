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
from engine.trace import Trace
from engine.trace_form import trace_json

FILE = HOME / "static" / "dist" / "one_file.html"
PLACE = re.compile(r"%%(\w+)%%")
NEVER_SAID = ("edit_", "game_", "matrix_", "sched_")
"""How the messages begin of parts of the page that are not in the file."""


def one_file(trace: Trace, at: int = 0, url: str = "") -> str:
    """The file's text. at: the step it opens at. url: the page's address, for a way to the whole.

    Raises NotBuilt where the front end is not built, and BadScenario for an impossible url.
    """
    if url and not re.fullmatch(r"https?://[^\s\"'<>]+", url):
        raise BadScenario("url", f"{url[:60]!r} is no address", "write https://host")
    parts = {
        "language": trace.words.language,
        "title": escape(content(trace.words.language).say(trace.scenario.title)),
        "read": readable(trace),
        "messages": _data(_said(trace)),
        "at": str(min(max(at, 0), len(trace.steps))),
        "url": escape(url.rstrip("/")),
        "trace": _data(trace_json(trace)),
    }
    return PLACE.sub(lambda place: parts[place[1]], _page())


def readable(trace: Trace) -> str:
    """The run to be read without script: HTML without looks, one step an item."""
    known = content(trace.words.language)
    title, story = known.say(trace.scenario.title), known.say(trace.scenario.story)
    head = f"<h1>{escape(title)}</h1>\n<p>{escape(plain(trace, story))}</p>"
    steps = "\n".join(_item(trace, number) for number in range(1, len(trace.steps) + 1))
    end = escape(plain(trace, trace_json(trace)["outcome"]["text"]))
    return f"{head}\n<ol>\n{steps}\n</ol>\n<p>{end}</p>"


def plain(trace: Trace, text: str) -> str:
    """A sentence without our markup; #9 becomes step 9."""
    step = trace.words.texts["page.step_n"]
    bare = text.replace("`", "")
    bare = re.sub(r"(?<![\w@])@(?=[A-Za-z])", "", bare)
    return re.sub(r"#(\d+)", lambda found: step.format(n=found[1]), bare)


def _item(trace: Trace, number: int) -> str:
    told = trace.steps[number - 1].narration
    words = [told.what, told.why, *(v.text for v in trace.verdicts.get(number, ()))]
    said = " ".join(escape(plain(trace, text)) for text in words if text)
    return f"<li>{said}</li>"


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
