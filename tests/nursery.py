"""Where the servers of tests come from: a process that has loaded the application once, and forks.

To load it, and to fill the caches that every server fills with the same, takes seconds; a fork
takes none. One line of JSON asks for a server, by its environment, or for the end of one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

# What the application needs is imported where it is used: a server's searches are processes that
# import this module again.


def main() -> None:
    """Answer line by line; when nobody asks any more, end with all that was born here."""
    load()
    living: dict[int, int] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        told = stopped(asked["stop"], living) if "stop" in asked else born(**asked, living=living)
        print(json.dumps(told), flush=True)
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def load() -> None:
    """What a server does before its first visitor comes, but for what its settings change."""
    import app.__main__
    import app.main  # noqa: F401
    import engine
    from engine.predict import questions_json

    questions_json(engine.run(engine.gallery()[0][1]))


def born(env: dict[str, str], port: str, living: dict[int, int]) -> dict[str, Any]:
    """A server, and the line that it says first, which is empty if it did not start."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        become_server(writes, env, port)
    os.close(writes)
    living[pid] = reads
    with os.fdopen(reads, closefd=False) as says:
        return {"pid": pid, "said": says.readline()}


def become_server(stdout: int, env: dict[str, str], port: str) -> None:
    """Be what `python -m app --port PORT` is in this environment."""
    import app.__main__

    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(stdout, 1)
    os.environ.clear()
    os.environ.update(env)
    code = 1
    try:
        code = app.__main__.main(["--port", port])
    finally:
        sys.stdout.flush()
        os._exit(code)


def stopped(pid: int, living: dict[int, int]) -> dict[str, Any]:
    """The end of a server that was born here: asked for first, then made."""
    os.kill(pid, signal.SIGTERM)
    late = time.monotonic() + 10
    while not os.waitpid(pid, os.WNOHANG)[0]:
        if time.monotonic() > late:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    os.close(living.pop(pid))
    return {"pid": pid}


if __name__ == "__main__":
    main()
