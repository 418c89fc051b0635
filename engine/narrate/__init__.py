"""What each step does and why, in two short sentences."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.ledger import Ledger, Moment
from engine.ops import OPS


class Narration(NamedTuple):
    """Words for a step, with a stable template key and the parameters that filled it."""

    key: str
    params: dict[str, Any]
    what: str
    why: str


def narrate(moment: Moment, ledger: Ledger) -> Narration:
    """The words for a step."""
    doc = OPS[moment.op].doc.partition("\n")[0]
    return Narration(moment.op, {}, f"@{moment.thread}: `{moment.op}`. {doc}", "")
