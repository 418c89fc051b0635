"""Which moves may change places: two orders are the same if nobody else could tell.

Moves that depend on each other keep the order of the revision's handler. All else may be done in
any order: what two handlers of the same kernel do differently here (do_anonymous_page counts
before it stores, do_no_page after) shows that it is no matter.
"""

from __future__ import annotations

LOOKS = frozenset({"find_vma", "read_pte", "read_truncate_count", "can_share", "check"})
"""What is found decides what is done after."""

BARRIERS = frozenset({"down_read", "up_read", "spin_lock", "spin_unlock", "walk"})
"""What is done under a lock is done under that lock."""

ENDS = frozenset({"ret", "iret", "bad_area"})
"""After these nothing is left to do."""

STORES = frozenset({"set_pte", "establish", "access_flags", "clear", "flush"})
ASKS = frozenset({"nopage", "nopfn"})
ALLOCS = frozenset({"alloc_page", "alloc_zeroed"})


def dependent(one: str, other: str) -> bool:
    """Whether `one`, which the handler does first, must come before `other`."""
    (a, _, about), (b, _, also) = one.partition("."), other.partition(".")
    if {a, b} & ENDS:
        return True
    if a in BARRIERS or b in BARRIERS:
        return not (_loose(one) or _loose(other))
    if a in LOOKS or b in LOOKS:
        return not (a in LOOKS and b in LOOKS) and one != "get.zero"
    if a in ASKS or b in ASKS:
        return b in ASKS or bool({a, b} & ALLOCS) or (a in ASKS and about == also)
    if a in STORES or b in STORES:
        return {a, b} <= STORES or bool({a, b} & {"remove_rmap", "put", "get"})
    if "put" in (a, b) and a != b:
        return about.partition(".")[0] == also.partition(".")[0]
    return False


def _loose(move: str) -> bool:
    """A reference to a page may be dropped, and one to ZERO_PAGE taken, with any lock or none."""
    return move.startswith("put.") or move == "get.zero"
