"""What if in words: its messages, and the title and the story of a fork."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from engine.messages import Messages

LONGEST_TITLE, LONGEST_STORY = 120, 1200
"""What a scenario can hold of each (engine/scenario.py)."""

ROOM = 10
"""What a title leaves for the words that make it a fork's."""


def sentence(words: Messages, key: str, /, **fields: Any) -> str:
    """The message whatif.`key`."""
    return words.say(f"whatif.{key}", **fields)


def after(words: Messages, key: str, at: int, /, **fields: Any) -> str:
    """The message that says what was changed; before the first step it needs no step."""
    if not at:
        return sentence(words, f"{key}_first", **fields)
    return sentence(words, key, step=f"#{at}", **fields)


def names(words: Messages, threads: Sequence[str]) -> str:
    """@A, @B and @C."""
    *most, last = [f"@{thread}" for thread in threads]
    return words.all_of([words.listed(most), last]) if most else last


def title(words: Messages, before: str) -> str:
    """The fork's title; a fork's fork has the same."""
    start, _, end = words.texts["whatif.title"].partition("{title}")
    if _is_fork(words, before):
        return before
    room = LONGEST_TITLE - max(ROOM, len(start) + len(end))
    return sentence(words, "title", title=before[:room])


def story(words: Messages, title: str, before: str, said: str) -> str:
    """The fork's story, in plain words: what was changed, newest first, and in which run."""
    start = before if _is_fork(words, title) else sentence(words, "story_of", title=title)
    return sentence(words, "story", said=plain(words, said), before=start)[:LONGEST_STORY]


def _is_fork(words: Messages, title: str) -> bool:
    start, _, end = words.texts["whatif.title"].partition("{title}")
    return title.startswith(start) and title.endswith(end)


def plain(words: Messages, text: str) -> str:
    """A sentence without the markup of captions."""
    bare = re.sub(r"`|@(?=[A-Za-z])", "", text)
    return re.sub(r"#(\d+)", lambda step: sentence(words, "step", n=step[1]), bare)
