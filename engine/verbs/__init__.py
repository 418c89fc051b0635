"""What each op does to the machine."""

from engine.verbs import hardware, locks, mappings, pages, tables
from engine.verbs.locks import blockers
from engine.verbs.world import VERBS, Source, World

__all__ = [
    "VERBS",
    "Source",
    "World",
    "blockers",
    "hardware",
    "locks",
    "mappings",
    "pages",
    "tables",
]
