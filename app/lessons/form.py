"""The form of a lesson: five parts, predictions whose right answer is computed, and slides."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.invariants import INVARIANTS
from engine.kernels import KERNELS
from engine.listing import LEVELS
from engine.ops import OPS
from engine.scenario import UNSEEN, Scenario, misfit

PARTS = ("predict", "run", "investigate", "modify", "make")
"""What a lesson consists of, in order."""

TOOLS = ("play", "predict", "whatif", "schedules", "compare", "matrix", "editor", "game")
PLACE = re.compile(r"[A-Za-z][\w-]* (?P<op>[A-Za-z_]+)#\d+( \w+)?")


def _visible(text: str) -> str:
    found = UNSEEN.search(text)
    if found:
        raise ValueError(f"character {found.start() + 1} cannot be seen; leave it out")
    return text


def _place(text: str) -> str:
    found = PLACE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no place; write it as 'A set_pte_at#1 fill'")
    if found["op"] not in OPS:
        raise ValueError(f"there is no op {found['op']!r}; see the steps of the run as text")
    return text


def _kernel(id: str) -> str:
    if id not in KERNELS:
        raise ValueError(f"there is no kernel {id!r}; one of {', '.join(KERNELS)}")
    return id


def _rule(id: str) -> str:
    if id not in INVARIANTS:
        raise ValueError(f"there is no rule {id!r}; one of {', '.join(INVARIANTS)}")
    return id


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Short = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_visible)]
Text = Annotated[str, Field(min_length=1, max_length=900), AfterValidator(_visible)]
Place = Annotated[str, Field(max_length=80), AfterValidator(_place)]
Kernel = Annotated[str, Field(max_length=40), AfterValidator(_kernel)]
Rule = Annotated[str, Field(max_length=40), AfterValidator(_rule)]
Thread = Annotated[str, Field(max_length=24)]
Words = Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=40)]


class Strict(BaseModel):
    """Unknown fields are errors; values never change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Statement(Strict):
    """What a run shows: see engine/shown.py for each key. At least one of them."""

    step: Annotated[tuple[Place, ...], Field(max_length=12)] = ()
    never: Annotated[tuple[Place, ...], Field(max_length=12)] = ()
    order: Annotated[tuple[Place, ...], Field(max_length=6)] = ()
    handlers: dict[Thread, Words] = {}
    faults: dict[Thread, int] = {}
    returns: dict[Thread, Words] = {}
    saw: dict[Thread, Words] = {}
    pte: Annotated[dict[str, Annotated[str, Field(max_length=60)]], Field(max_length=8)] = {}
    after: Place | None = None
    signals: dict[Thread, str] = {}
    bug: str | None = None
    stale: tuple[int, ...] | None = None
    stuck: tuple[str, ...] | None = None
    breaks: tuple[Rule, ...] = ()
    keeps: tuple[Rule, ...] = ()
    alike: Annotated[tuple[Kernel, ...], Field(max_length=12)] = ()
    differs: Annotated[tuple[Kernel, ...], Field(max_length=12)] = ()
    some: Annotated[str, Field(max_length=300)] | None = None
    none: Annotated[str, Field(max_length=300)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Statement:
        if not set(self.said()) - {"after"}:
            raise ValueError("it says nothing; name what the run shows, as step, pte or returns")
        return self

    def said(self) -> dict[str, Any]:
        """What it says, by key."""
        return self.model_dump(exclude_unset=True)


class Change(Strict):
    """A fork of the run, as What if makes it: an edit at a place, "answer:SIGBUS" or "kill:A"."""

    at: Place
    edit: Annotated[str, Field(max_length=80)]


class Run(Strict):
    """A run: a scenario of the gallery, or of the lesson's own, under a kernel.

    schedule: in place of the scenario's. change: what What if changes then. at: the step to open.
    """

    scenario: Id
    kernel: Kernel
    schedule: Annotated[str, Field(max_length=400)] | None = None
    change: Change | None = None
    at: Place | None = None


class Held(Run):
    """A run, and what it shows: a lesson's sentences rest on these."""

    shows: Statement


class Choice(Strict):
    """An answer that a class may give. shows: what would have to be so; the engine judges it.

    right_in: for a wrong one, a run in which the same statement is true.
    """

    text: Short
    shows: Statement | None = None
    because: Text
    right_in: Run | None = None


class Question(Strict):
    """A prediction. Its right answer is the choice whose statement its run shows, and no other's.

    answer: for what no run decides, the number of the right choice; source: who says so.
    """

    ask: Text
    run: Run | None = None
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=5)]
    answer: Annotated[int, Field(ge=0, le=4)] | None = None
    source: Short | None = None

    @model_validator(mode="after")
    def _can_be_judged(self) -> Question:
        if self.answer is None:
            if self.run is None:
                raise ValueError("it has no run; name the scenario and kernel that decide it")
            for n, choice in enumerate(self.choices):
                if choice.shows is None:
                    path = ("choices", n, "shows")
                    raise misfit(path, "is missing; say what the run shows if this is right")
        elif self.source is None or self.answer >= len(self.choices):
            raise ValueError("an answer given by hand is the number of a choice, with its source")
        return self


class Under(Strict):
    """What kernels that run a scene alike show of it; as in the thread's story."""

    at: Place
    also: Annotated[tuple[Place, ...], Field(max_length=6)] = ()
    breaks: tuple[Rule, ...] = ()


class Shot(Strict):
    """A scene told in the text. under: kernels, separated by spaces, that run it alike."""

    scenario: Id
    under: Annotated[dict[str, Under], Field(min_length=1, max_length=4)]

    @model_validator(mode="after")
    def _known_kernels(self) -> Shot:
        for names in self.under:
            for kernel in names.split():
                _kernel(kernel)
        return self


class Task(Strict):
    """Something to do with a tool. found: what comes of it, kept back until it is asked for.

    other: the kernel to compare with. level: of the game.
    """

    do: Text
    tool: Literal[TOOLS] = "play"  # type: ignore[valid-type]
    open: Run
    other: Kernel | None = None
    level: Id | None = None
    found: Text
    holds: Annotated[tuple[Held, ...], Field(max_length=6)] = ()

    @model_validator(mode="after")
    def _has_its_other(self) -> Task:
        if (self.tool == "compare") != (self.other is not None):
            raise ValueError("compare has another kernel, and nothing else has; set `other` so")
        if (self.tool == "game") != (self.level is not None):
            raise ValueError("the game has a level, and nothing else has; set `level` so")
        return self


class Part(Strict):
    """One of the five parts. holds: what its sentences rest on."""

    says: Text
    questions: Annotated[tuple[Question, ...], Field(max_length=4)] = ()
    scenes: Annotated[tuple[Shot, ...], Field(max_length=3)] = ()
    tasks: Annotated[tuple[Task, ...], Field(max_length=4)] = ()
    holds: Annotated[tuple[Held, ...], Field(max_length=12)] = ()


class Slide(Strict):
    """A fragment of a slide: the step that it shows, and what is said there."""

    at: Place
    says: Short


class Slides(Strict):
    """A run for a deck of slides, and the steps at which it stops."""

    scenario: Id
    kernel: Kernel
    steps: Annotated[tuple[Slide, ...], Field(min_length=1, max_length=8)]


class Lesson(Strict):
    """A walkthrough of a few minutes. needs: what one should know; after: lessons before it.

    words: terms of the glossary. scenes: scenarios of its own, by name.
    """

    lesson: Literal[1] = 1
    id: Id
    title: Short
    level: Literal[LEVELS]  # type: ignore[valid-type]
    minutes: Annotated[int, Field(ge=1, le=90)]
    goals: Annotated[tuple[Short, ...], Field(min_length=1, max_length=5)]
    needs: Annotated[tuple[Short, ...], Field(max_length=5)] = ()
    after: Annotated[tuple[Id, ...], Field(max_length=5)] = ()
    words: Annotated[tuple[str, ...], Field(max_length=12)] = ()
    predict: Part
    run: Part
    investigate: Part
    modify: Part
    make: Part
    slides: Slides
    scenes: Annotated[dict[Id, Scenario], Field(max_length=4)] = {}

    @model_validator(mode="after")
    def _parts_have_their_purpose(self) -> Lesson:
        if not self.predict.questions:
            raise misfit(("predict", "questions"), "are missing; a lesson begins with a prediction")
        if not self.run.scenes:
            raise misfit(("run", "scenes"), "are missing; name a scene to run")
        return self

    def parts(self) -> dict[str, Part]:
        """The five parts by name."""
        return {name: getattr(self, name) for name in PARTS}
