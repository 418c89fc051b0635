"""Drivers and files as the fault path meets them. What they answer is the scenario's choice."""

from engine.ops import (
    nopage_call,
    nopage_ret,
    nopfn_call,
    nopfn_ret,
    page_mkwrite_call,
    page_mkwrite_ret,
)


def nopfn(k, vma, address):
    """A driver's ->nopfn: (pfn, type), as the scenario says; may sleep, holds no pte lock."""
    yield nopfn_call(vma.id, address)
    pfn, type = yield nopfn_ret(vma.driver, vma.id, address)
    return pfn, type


def nopage(k, vma, address):
    """->nopage of a file or driver: answers (page, VM_FAULT_MINOR or _MAJOR), a reference taken."""
    yield nopage_call(vma.id, address)
    page, type = yield nopage_ret(vma.file or vma.driver, vma.id, address)
    return page, type


def page_mkwrite(k, vma, page):
    """->page_mkwrite: the file is told before a page becomes writable; negative means no."""
    yield page_mkwrite_call(vma.id, page)
    answer = yield page_mkwrite_ret(vma.file, page)
    return answer
