"""What a thread has on its account at a node: locks it holds, flushes it owes, pfns it was told.

A node stands for all the answers that a thread has seen, so everything here follows from the node
alone. (Should nodes ever be merged on less than all answers, accounts must be part of the merge.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.model.pte import PAGE_MASK, pte_present
from engine.ops import Op
from engine.unfold import Node
from engine.verbs.locks import page_lock, sem_cell


class Debt(NamedTuple):
    """A page to be flushed. pte: what was there, if known. at_once: before ptl is released."""

    pte: int | None
    at_once: bool


class Account(NamedTuple):
    """held: lock -> "spin", "page", "read" or "write". debts: (mm, page) -> Debt.

    pfns: (driver, vma, address) -> the first pfn that the driver answered this thread.
    """

    held: dict[str, str]
    debts: dict[tuple[str, int], Debt]
    pfns: dict[tuple[str, str, int], int]

    def spinlocks(self) -> list[str]:
        """The spinlocks held."""
        return [lock for lock, mode in self.held.items() if mode == "spin"]


NOTHING = Account({}, {}, {})
MANY = 100
"""Debts that make an account large: a run has thousands of nodes with thousands of debts each."""
KEPT = 32
"""How many large accounts are kept; a run needs two for each thread."""


class Accounts:
    """The account of every node, worked out from its parent's; large ones are soon forgotten."""

    def __init__(self) -> None:
        self.known: dict[Node, Account] = {}
        self.large: deque[Node] = deque()

    def of(self, node: Node) -> Account:
        """The account at this node, before its op."""
        path = []
        at: Node | None = node
        while at is not None and at not in self.known:
            path.append(at)
            at = at.parent
        account = NOTHING if at is None else self.known[at]
        for child in reversed(path):
            if child.parent is not None:
                account = after(account, child.parent, child.answer)
            self._keep(child, account)
        return account

    def _keep(self, node: Node, account: Account) -> None:
        self.known[node] = account
        if len(account.debts) > MANY:
            self.large.append(node)
            if len(self.large) > KEPT:
                del self.known[self.large.popleft()]


def after(account: Account, node: Node, answer: Any) -> Account:
    """The account when the op of `node` has been answered. Debts end where user mode begins."""
    assert node.op is not None
    if not node.stack and account.debts:
        account = account._replace(debts={})
    held = held_after(account.held, node.op, answer)
    if held is not account.held:
        return account._replace(held=held)
    entry = ENTRIES.get(node.op.name)
    return entry(account, node.op, answer) if entry else account


def owe(account: Account, op: Op, pte: int | None, at_once: bool) -> Account:
    """One more page to flush, unless nothing was mapped there."""
    if pte is not None and not pte_present(pte):
        return account
    page = op.args[0], op.args[1] >> 12
    return account._replace(debts={**account.debts, page: Debt(pte, at_once)})


def pay(account: Account, mm: str, first: int, end: int) -> Account:
    """The pages from `first` up to `end` (in bytes) are flushed."""
    left = {
        place: debt
        for place, debt in account.debts.items()
        if not (place[0] == mm and first <= place[1] << 12 < end)
    }
    return account._replace(debts=left)


def told(account: Account, op: Op, answer: Any) -> Account:
    """A driver has named a pfn, if it is one."""
    if answer[0] < 0 or op.args in account.pfns:
        return account
    return account._replace(pfns={**account.pfns, op.args: answer[0]})


Entry = Callable[[Account, Op, Any], Account]
EVERYWHERE = 1 << 64

ENTRIES: dict[str, Entry] = {
    "ptep_set_wrprotect": lambda a, op, pte: owe(a, op, pte, at_once=False),
    "ptep_get_and_clear": lambda a, op, pte: owe(a, op, pte, at_once=False),
    "ptep_clear_flush": lambda a, op, _: owe(a, op, None, at_once=True),
    "ptep_establish": lambda a, op, _: owe(a, op, op.args[2], at_once=True),
    "flush_tlb_page": lambda a, op, _: pay(a, op.args[0], op.args[1] & PAGE_MASK, op.args[1] + 1),
    "flush_tlb_range": lambda a, op, _: pay(a, *op.args),
    "flush_tlb_mm": lambda a, op, _: pay(a, op.args[0], 0, EVERYWHERE),
    "tlb_finish_mmu": lambda a, op, _: pay(a, op.args[0], 0, EVERYWHERE),
    "nopfn_ret": told,
}
"""What each op besides the lock ops does to its thread's account."""

TAKES: dict[str, tuple[Callable[[Any], str], str]] = {
    "spin_lock": (str, "spin"),
    "lock_page": (page_lock, "page"),
    "trylock_page": (page_lock, "page"),
    "down_read": (sem_cell, "read"),
    "down_write": (sem_cell, "write"),
}
"""Each op that takes a lock: how its argument names the lock, and how it is then held."""

DROPS: dict[str, Callable[[Any], str]] = {
    "spin_unlock": str,
    "unlock_page": page_lock,
    "up_read": sem_cell,
    "up_write": sem_cell,
}
"""Each op that releases a lock, and how its argument names it."""


def held_after(held: dict[str, str], op: Op, answer: Any) -> dict[str, str]:
    """The locks held when the op has been answered so: lock -> mode."""
    if op.name in TAKES and (answer or op.name != "trylock_page"):
        name, mode = TAKES[op.name]
        return {**held, name(op.args[0]): mode}
    if op.name in DROPS:
        lock = DROPS[op.name](op.args[0])
        return {k: v for k, v in held.items() if k != lock}
    return held
