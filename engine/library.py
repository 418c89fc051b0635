"""Faultwalk from Python: runs and searches as values that show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any, Self

from engine import searched, text
from engine.errors import NotBuilt
from engine.explore import explore as search
from engine.gallery import gallery, load_scenario_file, scenario_of
from engine.home import public_url
from engine.messages import ENGLISH, messages
from engine.one_file import one_file, plain, readable
from engine.reading import title_of, verdict_of
from engine.scenario import Scenario
from engine.share import decode_content, encode_link
from engine.table import table
from engine.trace import Schedule, Trace
from engine.trace import run as play
from engine.trace_form import trace_json

What = Scenario | str | Path | Mapping[str, Any]
"""A scenario, or what names one: the id of one of the gallery, a file, a link, plain data."""

FRAME = (
    '<iframe srcdoc=\'{page}\' title="{title}" width="100%" height="780" style="border: 0" '
    'allowfullscreen sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
)
LEFT = "text-align: left"
MANY = 20
"""Outcomes that a notebook lists."""


class Run(Trace):
    """A finished run. str() tells it step by step; in a notebook it plays."""

    @classmethod
    def of(cls, trace: Trace) -> Self:
        """The same trace, able to show itself."""
        return cls(**{field.name: getattr(trace, field.name) for field in fields(trace)})

    @property
    def link(self) -> str:
        """What a link to the run holds: z1. and what follows."""
        return encode_link(self.scenario, self.witness)

    def address(self, at: int = 0, url: str | None = None) -> str:
        """A link to a step of the run, on the page served at `url` (else see `public_url`)."""
        return f"{(url or public_url()).rstrip('/')}/#{self.link}&t={at}"

    def json(self) -> dict[str, Any]:
        """The trace as the command line prints it."""
        return trace_json(self)

    def csv(self) -> str:
        """The run as a table, a step a row. See `engine.table`."""
        return table(self)

    def html(self, at: int = 0, url: str | None = None) -> str:
        """One HTML file that plays the run without a server, opened at a step.

        url: where the page is served, for a way to it; none if not given here or by
        FAULTWALK_PUBLIC_URL. Raises NotBuilt where the front end is not built.
        """
        served = public_url("") if url is None else url.rstrip("/")
        return one_file(self, at, f"{served}/#{self.link}" if served else "")

    def __repr__(self) -> str:
        broken = [rule["id"] for rule in self.invariants if not rule["holds"]]
        what = f", breaks {', '.join(broken)}" if broken else ""
        title = f"{self.scenario.title!r} under {self.kernel.id}"
        return f"<Run {title}: {len(self.steps)} steps{what}>"

    def __str__(self) -> str:
        return "\n".join(text.lines(self))

    def _repr_html_(self) -> str:
        """How it ends in a sentence, for notebooks that are not trusted; then the player."""
        title, end = title_of(self), plain(self, verdict_of(self))
        head = f"<p><b>{escape(title)}</b> ({escape(self.kernel.id)}). {escape(end)}</p>"
        try:
            page = self.html()
        except NotBuilt:
            return readable(self)
        # between single quotes the many double ones of the JSON stay as they are
        quoted = page.replace("&", "&amp;").replace("'", "&#39;")
        return head + FRAME.format(page=quoted, title=escape(title))


class Found(dict[str, Any]):
    """What a search found: the answer of `faultwalk explore --json`; in a notebook a table."""

    def __init__(self, answer: Mapping[str, Any], scenario: Scenario, kernel: str) -> None:
        super().__init__(answer)
        self.scenario, self.kernel = scenario, kernel

    def run(self, way: Mapping[str, Any]) -> Run:
        """The run of one of its violations or outcomes, or of what was asked for (exists.way)."""
        return run(self.scenario, self.kernel, way["schedule"])

    def __repr__(self) -> str:
        return "\n".join(searched.lines(self))

    def _repr_html_(self) -> str:
        """What breaks and what can come of it, each with a schedule and a link."""
        say = messages(ENGLISH).say
        rows = [_row(text.plain(v["text"]), v, "✕ ") for v in self["violations"]]
        rows += [_row(_came(outcome), outcome) for outcome in self["outcomes"][:MANY]]
        names = [say(f"notebook.{name}") for name in ("comes", "schedule", "replay")]
        head = "".join(f'<th scope="col" style="{LEFT}">{name}</th>' for name in names)
        told = escape(searched.extent(self))
        more = self["outcomes_in_all"] - MANY
        rest = f"<p>{say('notebook.more', n=more)}</p>" if more > 0 else ""
        title = f"<b>{escape(self.scenario.title)}</b> ({escape(self.kernel)})"
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        return f"<p>{title}. {told}</p>{table}{rest}"


def run(
    scenario: What,
    kernel: str | None = None,
    schedule: Schedule = None,
    language: str = ENGLISH,
) -> Run:
    """Play a scenario to its end. See `engine.trace.run`; a scenario may also be named."""
    return Run.of(play(scenario_from(scenario), kernel, schedule, language))


def explore(scenario: What, kernel: str | None = None, **options: Any) -> Found:
    """Try every schedule. See `engine.explore.explore`, which lists the options."""
    found = scenario_from(scenario)
    return Found(search(found, kernel, **options), found, kernel or found.kernel)


def scenario_from(what: What) -> Scenario:
    """The scenario that is meant. Raises BadScenario or BadLink."""
    if isinstance(what, Scenario):
        return what
    if isinstance(what, Mapping):
        return scenario_of(dict(what), "scenario")
    if isinstance(what, str):
        if what.startswith("z1.") or "#z1." in what:
            return decode_content(what)[0]
        known = dict(gallery())
        if what in known:
            return known[what]
    return load_scenario_file(what)


def _row(what: str, way: Mapping[str, Any], sign: str = "") -> str:
    say = messages(ENGLISH).say
    link = f"{public_url()}/#{way['link']}&t={way['steps']}" if way["link"] else ""
    words = say("notebook.steps", n=way["steps"])
    anchor = f'<a href="{escape(link)}" target="_blank" rel="noopener">{words}</a>'
    parts = (
        sign + escape(what),
        f"<code>{escape(way['schedule'])}</code>",
        anchor if link else words,
    )
    return "<tr>" + "".join(f'<td style="{LEFT}">{part}</td>' for part in parts) + "</tr>"


def _came(outcome: Mapping[str, Any]) -> str:
    """A: MINOR; B: SIGBUS (B's write before A's read)"""
    told = []
    for thread, codes in outcome["returns"].items():
        ends = [outcome["signals"].get(thread), outcome["bugs"].get(thread)]
        stuck = ["stuck"] if thread in outcome["stuck"] else []
        told.append(f"{thread}: {', '.join([*codes, *filter(None, ends), *stuck]) or '-'}")
    why = "; ".join(text.plain(order) for order in outcome["because"])
    return "; ".join(told) + (f" ({why})" if why else "")
