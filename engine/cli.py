"""The engine on the command line: `python -m engine WORD ...`, each word with --json."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from engine import searched, text
from engine.compare import compare
from engine.errors import BadLink, BadScenario, EngineError
from engine.gallery import MAX_BYTES, parse_scenario
from engine.home import public_url
from engine.library import scenario_from
from engine.present import KINDS, present
from engine.scenario import Scenario
from engine.share import decode_content, encode_link
from engine.source import kernels_json
from engine.trace import Trace, run
from engine.trace_form import trace_json

FINE, DOES_NOT_HOLD, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do what one command line says; answers the exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.act(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except EngineError as error:
        print(f"faultwalk: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return FINE
    except OSError as error:
        print(f"faultwalk: cannot write: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_INPUT
    return code


def parser() -> argparse.ArgumentParser:
    """The words and their options."""
    top = argparse.ArgumentParser(prog="faultwalk", description="Linux page faults, step by step.")
    words = top.add_subparsers(dest="word", required=True, metavar="WORD")
    _word(words, "kernels", kernels, "list the kernels and what each changed")
    one = _word(words, "run", run_one, "play a scenario and print its trace", scenario=True)
    one.add_argument("--schedule", help='"A until set_pte_at#1; B until end", or letters: 8A4B')
    one.add_argument("--as", dest="form", choices=list(KINDS), help="write it in this form")
    one.add_argument("--at", type=_count, metavar="N", help="the step to point at")
    one.add_argument("--quiz", action="store_true", help="tell nothing after that step")
    one.add_argument("--url", metavar="URL", help="where the page is served, for a way to it")
    one.add_argument("--link", action="store_true", help="print only the link to this run")
    every = _word(words, "explore", explore, "try every schedule", scenario=True)
    every.add_argument("--exists", metavar="EXPR", help="ask whether some run comes out so")
    every.add_argument("--no-por", action="store_true", help="no partial-order reduction")
    every.add_argument("--no-symmetry", action="store_true", help="no symmetry reduction")
    every.add_argument("--seconds", type=_seconds, metavar="S", help="stop after so long")
    every.add_argument("--max-preemptions", type=_count, metavar="N")
    every.add_argument("--max-states", type=_count, metavar="N", default=200_000)
    rows = _word(words, "conform", conform, "compare with what real kernels did")
    rows.add_argument("file", metavar="FILE", help="oracle rows, JSON Lines, maybe gzip")
    rows.add_argument("--revision", nargs="+", action="extend", metavar="K")
    rows.add_argument("--jobs", type=_count, metavar="N")
    link = _word(words, "link", make_link, "make a link, or read one: link decode z1...")
    link.add_argument("what", nargs="+", metavar="SCENARIO | decode LINK")
    link.add_argument("--kernel", metavar="K")
    link.add_argument("--schedule")
    two = _word(
        words, "compare", compare_two, "run under two kernels: where they part", scenario=True
    )
    two.add_argument("--other", metavar="K", required=True, help="the kernel to compare with")
    two.add_argument("--schedule")
    later = _word(words, "import", not_built, "not built yet")
    later.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return top


def _word(
    words: Any, name: str, act: Callable[[Any], int], help: str, scenario: bool = False
) -> argparse.ArgumentParser:
    word: argparse.ArgumentParser = words.add_parser(name, help=help, description=help)
    word.set_defaults(act=act)
    word.add_argument("--json", action="store_true", help="print JSON")
    if scenario:
        word.add_argument(
            "scenario", metavar="SCENARIO", help="a file, - for stdin, a gallery id, or a link"
        )
        word.add_argument("--kernel", metavar="K", help="instead of the scenario's own")
    return word


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) > 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{word!r} is no count")
    return int(word)


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds")
    return seconds


def kernels(options: Any) -> int:
    """The history."""
    if options.json:
        return _json(kernels_json())
    for kernel in kernels_json():
        nothing = "nothing that is modelled" if kernel["parent"] else "the beginning"
        changed = ", ".join(kernel["changes"]) or nothing
        print(f"{kernel['id']:<10} {kernel['date']}  {kernel['title']}\n{'':23}{changed}")
    return FINE


def run_one(options: Any) -> int:
    """One schedule; exit 1 if the scenario says what must come out and it does not."""
    trace = run(find_scenario(options.scenario), options.kernel, options.schedule)
    if options.form:
        view = view_of(options.scenario)
        at, quiz = options.at or view.get("t", 0), options.quiz or view.get("m") == "predict"
        served = public_url("") if options.url is None else options.url.rstrip("/")
        url = f"{served}/#{encode_link(trace.scenario, trace.witness)}" if served else ""
        sys.stdout.buffer.write(present(trace, options.form, at, quiz, url))
    elif options.link:
        print(encode_link(trace.scenario, trace.witness))
    elif options.json:
        _json(trace_json(trace))
    else:
        _print(text.lines(trace))
    wrong = [] if options.schedule else _unmet(trace)
    for sentence in wrong:
        print(f"not as expected: {sentence}", file=sys.stderr)
    return DOES_NOT_HOLD if wrong else FINE


def _unmet(trace: Trace) -> list[str]:
    """What the scenario expects of this kernel, by its own schedule, and did not get."""
    from engine.expectations import unmet

    if trace.kernel.id not in trace.scenario.expect:
        return []
    return unmet(trace.scenario, trace.kernel.id, trace)


def explore(options: Any) -> int:
    """Every schedule; exit 1 if an invariant breaks in one, or if what was asked for is in none."""
    from engine.explore import explore as search

    found = search(
        find_scenario(options.scenario),
        options.kernel,
        max_states=options.max_states,
        max_preemptions=options.max_preemptions,
        exists=options.exists,
        order=not options.no_por,
        symmetry=not options.no_symmetry,
        seconds=options.seconds,
    )
    if options.json:
        _json(found)
    else:
        _print(searched.lines(found))
    if "exists" in found:
        return FINE if found["exists"]["holds"] else DOES_NOT_HOLD
    return DOES_NOT_HOLD if found["violations"] else FINE


def conform(options: Any) -> int:
    """Real kernels' rows; exit 1 if any disagrees or the engine reaches what no row has."""
    from engine.conform import conform_file

    report = conform_file(options.file, options.revision, jobs=options.jobs)
    if options.json:
        _json(report)
    else:
        for name in ("rows", "agree", "disagree", "unexpected", "skipped"):
            print(f"{name:<12} {report[name]}")
        print(f"{'out of scope':<12} {sum(report['out_of_scope'].values())}")
        _print(json.dumps(difference) for difference in report["differences"])
    return DOES_NOT_HOLD if report["disagree"] or report["unexpected"] else FINE


def make_link(options: Any) -> int:
    """A link from a scenario, or the scenario in a link."""
    if options.what[0] == "decode":
        return _decode(options.what[1:])
    if len(options.what) > 1:
        raise BadScenario("link", f"{len(options.what)} words", "name one scenario, or decode LINK")
    scenario = find_scenario(options.what[0])
    trace = run(scenario, options.kernel, options.schedule)
    link = encode_link(trace.scenario, trace.witness)
    if options.json:
        return _json({"link": link})
    print(link)
    return FINE


def _decode(links: list[str]) -> int:
    if len(links) != 1:
        raise BadLink("link decode", f"{len(links)} links", "give one link, z1. and what follows")
    scenario, check = decode_content(links[0])
    return _json({"scenario": scenario.content(), "check": check})


def compare_two(options: Any) -> int:
    """Two runs side by side; exit 1 if they differ."""
    scenario = find_scenario(options.scenario)
    found = compare(scenario, options.kernel or scenario.kernel, options.other, options.schedule)
    if options.json:
        _json(found)
    elif found["same"]:
        print(f"{found['kernels'][0]} and {found['kernels'][1]} do the same")
    else:
        for kernel, first in zip(found["kernels"], found["first"], strict=True):
            place = f"step {first['step']}: {first['event']}" if first else "has ended"
            print(f"{kernel:<10} {place}")
        _print(text.plain(words) for words in found["text"])
    return FINE if found["same"] else DOES_NOT_HOLD


def not_built(options: Any) -> int:
    """Words that are promised for later."""
    print(f"faultwalk: {options.word} is not built yet", file=sys.stderr)
    return BAD_INPUT


def find_scenario(name: str) -> Scenario:
    """The scenario in a file, on stdin, in a link, or of the gallery."""
    if name == "-":
        return parse_scenario(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin")
    return scenario_from(name)


def view_of(name: str) -> dict[str, Any]:
    """The step and the mode of a link that is more than its content: {"t": 14, "m": "predict"}."""
    fields = dict(part.partition("=")[::2] for part in name.split("&")[1:])
    if not fields.get("t", "0").isdecimal():
        del fields["t"]
    return {**fields, "t": int(fields["t"][:6])} if "t" in fields else fields


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _json(data: Any) -> int:
    print(json.dumps(data, indent=1, ensure_ascii=False))
    return FINE
