"""A lesson held against the engine: what it says of runs, and which of its answers are right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import engine
from app.explain import Trouble, nearest
from app.glossary import terms
from app.lessons.form import Held, Lesson, Part, Question, Run, Shot, Statement, Task
from engine import Scenario, Trace
from engine.errors import EngineError, TookTooLong
from engine.explore.levels import levels
from engine.shown import step_of, unshown
from engine.whatif import fork


@cache
def gallery() -> dict[str, Scenario]:
    """The scenarios that every lesson may use."""
    return dict(engine.gallery())


class Bench:
    """Runs what a lesson names, each run once."""

    def __init__(self, own: Mapping[str, Scenario] | None = None, language: str = "en") -> None:
        self.own, self.language = dict(own or {}), language
        self.traces: dict[Run, Trace] = {}

    def scenario(self, name: str) -> Scenario:
        """The scenario of this name: the lesson's own goes first. Raises EngineError."""
        known = {**gallery(), **self.own}
        if name not in known:
            what = f"there is no scenario {name!r}"
            raise EngineError("scenario", what, nearest(name, list(known)))
        return known[name]

    def trace(self, run: Run) -> Trace:
        """The run itself. Raises EngineError."""
        key = Run(**{name: getattr(run, name) for name in Run.model_fields if name != "at"})
        if key not in self.traces:
            self.traces[key] = self._made(key)
        return self.traces[key]

    def _made(self, run: Run) -> Trace:
        scenario = self.scenario(run.scenario)
        trace = engine.run(scenario, run.kernel, run.schedule, self.language)
        if run.change is None:
            return trace
        made = fork(trace, step_of(trace, run.change.at), run.change.edit)
        return engine.run(made.scenario, run.kernel, None, self.language)

    def step(self, run: Run) -> int:
        """The step to open a run at. Raises EngineError."""
        return step_of(self.trace(run), run.at) if run.at else 0

    def unshown(self, run: Run, said: Statement) -> list[str]:
        """What the statement says and the run does not show."""
        return unshown(self.trace(run), said.said())

    def right(self, question: Question) -> list[int]:
        """The choices that are right; there should be one. Raises EngineError."""
        if question.answer is not None:
            return [question.answer]
        assert question.run is not None
        judged = [(n, choice.shows) for n, choice in enumerate(question.choices)]
        return [n for n, shows in judged if shows and not self.unshown(question.run, shows)]


def troubles(lesson: Lesson) -> list[Trouble]:
    """Everything that a lesson says and the engine does not show, with its place in the lesson."""
    return list(Judge(lesson).all())


class Judge:
    """Goes through a lesson from top to bottom."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson, self.bench = lesson, Bench(lesson.scenes)

    def all(self) -> Iterator[Trouble]:
        """Every trouble."""
        for name, part in self.lesson.parts().items():
            yield from self.part(name, part)
        for n, word in enumerate(self.lesson.words):
            if word not in terms():
                yield Trouble(
                    f"words[{n}]", "is no term of the glossary", nearest(word, [*terms()])
                )
        slides = self.lesson.slides
        for n, slide in enumerate(slides.steps):
            run = Run(scenario=slides.scenario, kernel=slides.kernel, at=slide.at)
            yield from self.opens(f"slides.steps[{n}].at", run)

    def part(self, name: str, part: Part) -> Iterator[Trouble]:
        """Those of one part."""
        for n, question in enumerate(part.questions):
            yield from self.question(f"{name}.questions[{n}]", question)
        for n, shot in enumerate(part.scenes):
            yield from self.shot(f"{name}.scenes[{n}]", shot)
        for n, task in enumerate(part.tasks):
            yield from self.task(f"{name}.tasks[{n}]", task)
        for n, held in enumerate(part.holds):
            yield from self.holds(f"{name}.holds[{n}]", held)

    def question(self, where: str, question: Question) -> Iterator[Trouble]:
        """A prediction: one right answer, and wrong ones that are right where they say so."""
        if question.run is None:
            return
        yield from self.opens(f"{where}.run", question.run)
        try:
            right = self.bench.right(question)
        except TookTooLong:
            raise
        except EngineError as error:
            yield Trouble(f"{where}.run", error.what, error.instead)
            return
        if len(right) != 1:
            yield Trouble(where, self._how_many(question, right), "change what the choices show")
        for n, choice in enumerate(question.choices):
            here = f"{where}.choices[{n}].right_in"
            if choice.right_in and choice.shows and n not in right:
                yield from self.holds(here, Held(**dict(choice.right_in), shows=choice.shows))

    def _how_many(self, question: Question, right: list[int]) -> str:
        assert question.run is not None
        if right:
            return f"choices {', '.join(str(n) for n in right)} are all right by this run"
        shows = question.choices[0].shows
        first = self.bench.unshown(question.run, shows)[0] if shows else ""
        return f"no choice is right by this run; of the first: {first}"

    def shot(self, where: str, shot: Shot) -> Iterator[Trouble]:
        """A scene: kernels of one column run alike, and break the rules that are named."""
        for names, under in shot.under.items():
            here, kernels = f"{where}.under[{names}]", names.split()
            for place in (under.at, *under.also):
                run = Run(scenario=shot.scenario, kernel=kernels[0], at=place)
                yield from self.opens(here, run)
            run = Run(scenario=shot.scenario, kernel=kernels[0])
            said = Statement(alike=tuple(kernels[1:]), breaks=under.breaks, step=(under.at,))
            yield from self.holds(here, Held(**dict(run), shows=said))
            yield from self._breaks_no_more(here, run, under.breaks)

    def _breaks_no_more(self, where: str, run: Run, told: tuple[str, ...]) -> Iterator[Trouble]:
        try:
            rules = self.bench.trace(run).invariants
        except EngineError:
            return  # told already
        for rule in rules:
            if not rule["holds"] and rule["id"] not in told:
                yield Trouble(where, f"rule {rule['id']} breaks too", "add it to `breaks`")

    def task(self, where: str, task: Task) -> Iterator[Trouble]:
        """A task: it opens, and what is found is so."""
        yield from self.opens(f"{where}.open", task.open)
        known = [level.id for level in levels()]
        if task.level is not None and task.level not in known:
            yield Trouble(f"{where}.level", "is no level of the game", nearest(task.level, known))
        for n, held in enumerate(task.holds):
            yield from self.holds(f"{where}.holds[{n}]", held)

    def holds(self, where: str, held: Held) -> Iterator[Trouble]:
        """A statement about a run."""
        try:
            self.bench.step(held)
            for why in self.bench.unshown(held, held.shows):
                name = f"{held.scenario} under {held.kernel}"
                yield Trouble(where, f"{name} does not show it: {why}", "change what is said")
        except TookTooLong:
            raise
        except EngineError as error:
            yield Trouble(where, error.what, error.instead)

    def opens(self, where: str, run: Run) -> Iterator[Trouble]:
        """A link to a step."""
        try:
            self.bench.step(run)
        except TookTooLong:
            raise
        except EngineError as error:
            yield Trouble(where, error.what, error.instead)
