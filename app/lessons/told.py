"""A lesson as its page receives it: texts, links to steps, scenes told, answers computed."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.content import content, texts
from app.explain import troubles as explained
from app.lessons.form import Lesson, Part, Question, Run, Shot, Slides, Task
from app.lessons.judge import Bench
from app.problems import Problem, of_validation
from app.settings import ROOT
from app.story import scene_told, short
from engine.errors import BadScenario, EngineError
from engine.explore.levels import find_level
from engine.gallery import plain_data
from engine.messages import ENGLISH, messages
from engine.share import encode_link
from engine.trace import Trace

FOLDER = ROOT / "stories" / "lessons"
MODES = {"predict": "predict", "whatif": "whatif", "schedules": "schedules"}
"""Tools that are modes of the stage, as its addresses have them."""


def read_lesson(text: bytes) -> Lesson:
    """The lesson in a file. Raises Problem, which names each place and what to write there."""
    try:
        data = plain_data(text, "lesson")
    except BadScenario as error:
        sentence = f"{error.where}: {error.what}; {error.instead}"
        found = explained([_as_finding(error)], None)
        raise Problem(422, "The lesson cannot be read", sentence, found, "bad-lesson") from None
    try:
        return Lesson.model_validate(data)
    except ValidationError as error:
        problem = of_validation(error, data, Lesson)
        problem.title, problem.kind = "The lesson cannot be used", "bad-lesson"
        raise problem from None


def _as_finding(error: EngineError) -> dict[str, Any]:
    return {"type": "bad", "loc": (), "msg": "", "input": None, "ctx": {"error": error}}


@cache
def source(id: str) -> bytes | None:
    """The file of a lesson, as it is written; None if there is no such lesson."""
    file = files().get(id)
    return file.read_bytes() if file else None


@cache
def files() -> dict[str, Path]:
    """The files of the lessons by their ids, in order."""
    found = sorted(FOLDER.glob("*.yaml"))
    return {file.stem.partition("-")[2]: file for file in found}


@cache
def lessons() -> dict[str, Lesson]:
    """The lessons of the house, in order."""
    return {id: read_lesson(file.read_bytes()) for id, file in files().items()}


@texts("lessons")
def written() -> dict[str, Any]:
    """The lessons' texts by their ids."""
    return {id: _texts(lesson) for id, lesson in lessons().items()}


def _texts(lesson: Lesson) -> dict[str, Any]:
    told: dict[str, Any] = {"title": lesson.title}
    told |= {"goals": list(lesson.goals), "needs": list(lesson.needs)}
    for name, part in lesson.parts().items():
        told[name] = {
            "says": part.says,
            "questions": [question_texts(q) for q in part.questions],
            "tasks": [{"do": task.do, "found": task.found} for task in part.tasks],
        }
    return {**told, "slides": [slide.says for slide in lesson.slides.steps]}


def place(ask: str, text: str) -> bytes:
    """By which choices are put in order: it follows from the words, and tells nothing."""
    return sha256(f"{ask} {text}".encode()).digest()


def question_texts(question: Question) -> dict[str, Any]:
    """A question's texts, for overlays."""
    choices = [{"text": choice.text, "because": choice.because} for choice in question.choices]
    return {"ask": question.ask, "choices": choices}


@cache
def told(id: str, language: str = ENGLISH) -> dict[str, Any]:
    """A lesson of the house for its page."""
    return Teller(lessons()[id], language).lesson()


class Teller:
    """Makes what the page shows of one lesson."""

    def __init__(self, lesson: Lesson, language: str = ENGLISH) -> None:
        self.of, self.language = lesson, language
        self.bench, self.words = Bench(lesson.scenes, language), messages(language)

    def lesson(self) -> dict[str, Any]:
        """All of it. Raises EngineError for what the engine cannot run."""
        return {
            "head": self.of,
            "parts": [(name, self.part(part)) for name, part in self.of.parts().items()],
            "slides": self.slides(self.of.slides),
        }

    def part(self, part: Part) -> dict[str, Any]:
        """One of the five."""
        return {
            "says": part.says,
            "questions": [self.question(question) for question in part.questions],
            "scenes": [self.shot(shot) for shot in part.scenes],
            "tasks": [self.task(task) for task in part.tasks],
        }

    def question(self, question: Question) -> dict[str, Any]:
        """A prediction, its right answer computed."""
        right = self.bench.right(question)
        choices = [
            {
                "n": n,
                "text": choice.text,
                "right": n in right,
                "because": choice.because,
                "there": self.there(choice.right_in)
                if choice.right_in and n not in right
                else None,
            }
            for n, choice in enumerate(question.choices)
        ]
        choices.sort(key=lambda choice: place(question.ask, str(choice["text"])))
        there = self.there(question.run, "predict") if question.run else None
        return {"ask": question.ask, "there": there, "choices": choices, "source": question.source}

    def there(self, run: Run, mode: str = "play") -> dict[str, Any]:
        """A link to a run on the stage, and what to call it."""
        trace = self.bench.trace(run)
        title = self.bench.scenario(run.scenario).title
        return {"href": self.stage(run, trace, mode), "title": title, "kernel": short(run.kernel)}

    def stage(self, run: Run, trace: Trace, mode: str) -> str:
        """The address of a run on the stage, at its step and in this mode."""
        own = run.scenario in self.of.scenes or run.schedule or run.change
        if own:
            what = encode_link(trace.scenario, trace.witness)
        else:
            what = f"s={run.scenario}&k={run.kernel}"
        more = f"&m={mode}" if mode != "play" else ""
        return f"/#{what}&t={self.bench.step(run)}{more}"

    def shot(self, shot: Shot) -> dict[str, Any]:
        """A scene in columns, as the thread's page tells it."""
        scene = {
            "scenario": shot.scenario,
            "under": {
                names: {"at": under.at, "with": under.also} for names, under in shot.under.items()
            },
        }
        own = shot.scenario in self.of.scenes
        stage = self.own_stage if own else None
        made = scene_told(self.bench.scenario(shot.scenario), scene, self.words, stage)
        return {**made, "own": own}

    def own_stage(self, trace: Trace) -> str:
        """The address of a run of one of the lesson's own scenes."""
        return f"/#{encode_link(trace.scenario, trace.witness)}"

    def task(self, task: Task) -> dict[str, Any]:
        """Something to do, and where."""
        title = self.bench.scenario(task.open.scenario).title
        kernel = short(task.open.kernel)
        if task.level is not None:
            title = find_level(task.level).title
        there = {"href": self.address(task), "title": title, "kernel": kernel}
        return {"do": task.do, "found": task.found, "tool": task.tool, "there": there}

    def address(self, task: Task) -> str:
        """The address of the tool, open at what the task is about."""
        name, kernel = task.open.scenario, task.open.kernel
        if task.tool == "compare":
            return f"/compare#s={name},k={kernel}~s={name},k={task.other}"
        if task.tool == "matrix":
            return f"/matrix#s={name}"
        if task.tool == "game":
            return f"/play#l={task.level}&k={kernel}"
        href = self.stage(task.open, self.bench.trace(task.open), MODES.get(task.tool, "play"))
        return href.replace("/#", "/edit#", 1) if task.tool == "editor" else href

    def slides(self, slides: Slides) -> dict[str, Any]:
        """Steps and texts of the snippet; what comes first is the slide's own step."""
        run = Run(scenario=slides.scenario, kernel=slides.kernel)
        trace, said = self.bench.trace(run), content(self.language).say
        fragments: list[dict[str, Any]] = [
            {
                "step": self.bench.step(run.model_copy(update={"at": slide.at})),
                "says": said(slide.says),
            }
            for slide in slides.steps
        ]
        first = max(0, fragments[0]["step"] - 1)
        src = self.stage(run, trace, "play").replace("&t=0", "")
        title = said(self.bench.scenario(slides.scenario).title)
        label = f"{title}, {short(slides.kernel)}"
        return {"src": src, "first": first, "fragments": fragments, "label": label}
