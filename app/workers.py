"""Processes that search schedules, so that no search holds up a page.

A worker takes one task at a time over a pipe, tells how far it is, and can be told to stop. It is
started when first needed, and again if it dies. Memory is bounded for each.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any, Literal

from engine.errors import EngineError
from engine.explore import explore
from engine.explore.levels import reach
from engine.explore.matrix import matrix
from engine.scenario import Scenario

EVERY = 0.1
"""Seconds between two words of progress."""

Told = Callable[[str, Any], None]
"""Hears ("progress", (states, steps, seconds)), then one of done, refused, failed."""


@dataclass(frozen=True)
class Task:
    """One search. kernel: None for the table of all kernels. options: of what `kind` names."""

    scenario: dict[str, Any]
    kernel: str | None
    options: dict[str, Any]
    kind: Literal["explore", "reach"] = "explore"


class Worker:
    """One process, and the thread that listens to it."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.process: Any = None
        self.pipe: Connection | None = None
        self.task: Task | None = None
        self.unwanted: Task | None = None
        self.lock = Lock()

    def start(self, task: Task, told: Told) -> None:
        """Begin a task; `told` is called from a thread of ours."""
        Thread(target=self._follow, args=(task, told), daemon=True).start()

    def stop(self, task: Task) -> None:
        """Tell the process to give a task up, once it has it, if it is at it still."""
        self.unwanted = task
        Thread(target=self._stop, args=(task,), daemon=True).start()

    def _stop(self, task: Task) -> None:
        with self.lock, contextlib.suppress(OSError):
            if self.pipe and self.task is task:
                self.pipe.send(None)

    def close(self) -> None:
        """End the process, if it has been started."""
        with contextlib.suppress(AttributeError, ValueError):
            self.process.kill()

    def _follow(self, task: Task, told: Told) -> None:
        try:
            with self.lock:
                pipe = self._ready()
                pipe.send(task)
                self.task = task
                if self.unwanted is task:  # the wish was quicker than the process
                    pipe.send(None)
            while True:
                kind, what = pipe.recv()
                if kind != "progress":
                    with self.lock:
                        self.task = None
                told(kind, what)
                if kind != "progress":
                    return
        except (EOFError, OSError):
            self.close()
            self.process = self.pipe = None
            told("failed", "the search used more memory than it may, or was ended from outside")

    def _ready(self) -> Connection:
        """The way to the process, which is started if there is none. The lock is held."""
        if self.pipe is None or not self.process.is_alive():
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self.process = context.Process(
                target=serve, args=(theirs, self.memory), daemon=True, name="faultwalk-search"
            )
            self.process.start()
            theirs.close()
        return self.pipe


def serve(pipe: Connection, memory: int) -> None:
    """The life of a worker process."""
    _bounded(memory)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            task = pipe.recv()
            if task is not None:  # else it was told to stop what was done already
                pipe.send(_search(task, pipe))


def _search(task: Task, pipe: Connection) -> tuple[str, Any]:
    began = heard = time.monotonic()
    cells = (0, 0)

    def at(done: int, many: int) -> None:
        nonlocal cells
        cells = done, many

    def stop(states: int, steps: int) -> bool:
        nonlocal heard
        now = time.monotonic()
        if now - heard >= EVERY:
            heard = now
            pipe.send(("progress", (states, steps, round(now - began, 2), cells)))
        return pipe.poll() and pipe.recv() is None

    try:
        scenario = Scenario.model_validate(task.scenario)
        if task.kernel is None:
            return "done", matrix(scenario, stop=stop, at=at, **task.options)
        search = reach if task.kind == "reach" else explore
        return "done", search(scenario, task.kernel, stop=stop, **task.options)
    except EngineError as error:
        return "refused", (error.where, error.what, error.instead)
    except MemoryError:
        return "failed", "the search used more memory than it may"


def _bounded(memory: int) -> None:
    """Let the system refuse more memory than this; where it cannot, the states are the bound."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
