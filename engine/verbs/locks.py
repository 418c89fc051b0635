"""What the lock ops do, and who stands in the way of one."""

from __future__ import annotations

from engine.model.cells import Machine
from engine.ops import Op
from engine.verbs.world import World, verb

FREE_SEM: tuple[str, ...] = ("",)
"""mmap_sem as a tuple: the writer's name or "", then the readers' names in order of arrival."""


def sem_cell(mm: str) -> str:
    """The cell of an mm's mmap_sem."""
    return f"lock/mmap_sem/{mm}"


def page_lock(page: int) -> str:
    """The cell of a page's lock."""
    return f"lock/page/{page:#x}"


def blockers(m: Machine, thread: str, op: Op) -> tuple[str, tuple[str, ...]] | None:
    """(lock, holders) if the op must wait, else None. A thread can block on itself: a deadlock."""
    if op.name in ("spin_lock", "lock_page"):
        lock = op.args[0] if op.name == "spin_lock" else page_lock(op.args[0])
        holder = m.get(lock)
        return (lock, (holder,)) if holder else None
    if op.name in ("down_read", "down_write"):
        lock = sem_cell(op.args[0])
        writer, *readers = m.get(lock, FREE_SEM)
        if writer:
            return lock, (writer,)
        if readers and op.name == "down_write":
            return lock, tuple(readers)
    return None


@verb
def down_read(m: Machine, w: World, t: str, mm: str) -> None:
    writer, *readers = m.look(sem_cell(mm)) or FREE_SEM
    m.put(sem_cell(mm), (writer, *readers, t))


@verb
def up_read(m: Machine, w: World, t: str, mm: str) -> None:
    writer, *readers = m.look(sem_cell(mm)) or FREE_SEM
    if t in readers:
        readers.remove(t)
    m.put(sem_cell(mm), (writer, *readers))


@verb
def down_write(m: Machine, w: World, t: str, mm: str) -> None:
    m.look(sem_cell(mm))
    m.put(sem_cell(mm), (t,))


@verb
def up_write(m: Machine, w: World, t: str, mm: str) -> None:
    m.look(sem_cell(mm))
    m.put(sem_cell(mm), FREE_SEM)


@verb
def spin_lock(m: Machine, w: World, t: str, lock: str) -> None:
    m.look(lock)
    m.put(lock, t)


@verb
def spin_unlock(m: Machine, w: World, t: str, lock: str) -> None:
    m.look(lock)
    m.put(lock, "")


@verb
def lock_page(m: Machine, w: World, t: str, page: int) -> None:
    m.look(page_lock(page))
    m.put(page_lock(page), t)


@verb
def trylock_page(m: Machine, w: World, t: str, page: int) -> int:
    if m.look(page_lock(page)):
        return 0
    m.put(page_lock(page), t)
    return 1


@verb
def unlock_page(m: Machine, w: World, t: str, page: int) -> None:
    m.look(page_lock(page))
    m.put(page_lock(page), "")
