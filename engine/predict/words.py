"""Every sentence of the questions, as templates by key. @A is a thread, `code` code, #9 a step."""

from __future__ import annotations

from typing import Any

WORDS = {
    # --- which handler runs next
    "handler.ask.absent": "{who} {does}s {place} and is about to read the pte, which has no frame "
    "yet. Which function of `{kernel}` is called to fill it?",
    "handler.ask.present": "{who} {does}s {place} and found a frame in the pte at {dispatch}, "
    "without the lock. It looks again under `ptl`. What comes next?",
    "handler.do_no_pfn": "`do_no_pfn`, which asks the driver's `->nopfn` for a frame number",
    "handler.do_no_page": "`do_no_page`, which asks `->nopage` for a `struct page`",
    "handler.do_anonymous_page": "`do_anonymous_page`, which provides zeroes",
    "handler.do_swap_page": "`do_swap_page`, which reads the page back",
    "handler.do_file_page": "`do_file_page`, which asks `->populate`",
    "handler.do_wp_page": "`do_wp_page`, which copies a write-protected page or makes it writable",
    "handler.retry": "none: it gives way, and the access is tried again",
    "handler.right.do_no_pfn": "The pte is empty at {step} and the vma `{vma}` has `->nopfn`, but "
    "no `->nopage`.",
    "handler.right.do_no_pfn.first": "`{vma}` has both methods, and `{kernel}` looks for `->nopfn` "
    "first; `->nopage` is never asked.",
    "handler.right.do_no_page": "The pte is empty at {step} and the vma `{vma}` has `->nopage`.",
    "handler.right.do_no_page.first": "`{vma}` has both methods, and `{kernel}` looks for "
    "`->nopage` first; `->nopfn` is never asked.",
    "handler.right.do_anonymous_page": "The pte is empty at {step} and nobody provides pages for "
    "the vma `{vma}`.",
    "handler.right.do_anonymous_page.unasked": "`{kernel}` knows no `->nopfn` and finds no "
    "`->nopage` in `{vma}`, so it takes the device's mapping for anonymous memory.",
    "handler.right.do_swap_page": "The pte read at {step} is not present but not empty either: it "
    "names a swap slot.",
    "handler.right.do_file_page": "The pte read at {step} holds the offset of a file page.",
    "handler.right.do_wp_page": "The pte is as it was, present but read-only ({step}), and this is "
    "a write.",
    "handler.right.retry": "The pte is not what it was at {dispatch}: somebody changed it before "
    "{step}. The access finds out by itself what to do.",
    "handler.wrong.do_no_pfn.second": "`{vma}` has `->nopfn` too, but `{kernel}` looks for "
    "`->nopage` first.",
    "handler.wrong.do_no_pfn.unknown": "The driver `{owner}` has `->nopfn`, but `{kernel}` has no "
    "`do_no_pfn` that would call it.",
    "handler.wrong.do_no_page.second": "`{vma}` has `->nopage` too, but `{kernel}` looks for "
    "`->nopfn` first.",
    "handler.wrong.do_no_page.no_method": "`{vma}` has no `->nopage` to ask.",
    "handler.wrong.do_no_page.slot": "`->nopage` is for an empty pte; this one names a swap slot.",
    "handler.wrong.do_no_page.present": "`->nopage` is for an empty pte; this one has a frame.",
    "handler.wrong.do_anonymous_page.owner": "Zeroes are for mappings whose `vm_ops` provide "
    "nothing; `{vma}` has a method of its own.",
    "handler.wrong.do_anonymous_page.slot": "Zeroes are for a pte that was never filled; this one "
    "remembers where its page went.",
    "handler.wrong.do_anonymous_page.present": "Zeroes are for an empty pte; this one has a frame.",
    "handler.wrong.do_swap_page.empty": "A page in swap leaves its slot in the pte; this pte is "
    "empty.",
    "handler.wrong.do_wp_page.empty": "It is a {does}, but `do_wp_page` is for a pte that has a "
    "frame and is read-only; this one is empty.",
    "handler.wrong.do_wp_page.slot": "`do_wp_page` is for a pte that has a frame; this one names a "
    "swap slot.",
    "handler.wrong.do_wp_page.changed": "That would take the same pte as before; it has changed "
    "since {dispatch}.",
    "handler.wrong.retry.present": "It gives way only if the pte has changed; nobody has touched "
    "it since {dispatch}.",
    # --- what the pte holds
    "pte.empty": "empty",
    "pte.frame.ro": "frame {frame}, read-only",
    "pte.frame.rw": "frame {frame}, writable",
    "pte.frame.rwd": "frame {frame}, writable and dirty",
    "pte.device.ro": "frame {frame}, read-only",
    "pte.device.rw": "frame {frame}, writable",
    "pte.device.rwd": "frame {frame}, writable and dirty",
    "pte.cut.ro": "frame {frame}, read-only",
    "pte.cut.rw": "frame {frame}, writable",
    "pte.cut.rwd": "frame {frame}, writable and dirty",
    "pte.copy.ro": "a copy in a new frame, read-only",
    "pte.copy.rw": "a copy in a new frame, writable",
    "pte.copy.rwd": "a copy in a new frame, writable and dirty",
    "pte.page.ro": "the file's own page, read-only",
    "pte.page.rw": "the file's own page, writable",
    "pte.page.rwd": "the file's own page, writable and dirty",
    "pte.zero.ro": "the zero page that all share, read-only",
    "pte.zero.rw": "the zero page that all share, writable",
    "pte.zero.rwd": "the zero page that all share, writable and dirty",
    "pte.fresh.ro": "a new frame of zeroes, read-only",
    "pte.fresh.rw": "a new frame of zeroes, writable",
    "pte.fresh.rwd": "a new frame of zeroes, writable and dirty",
    "pte.swap.ro": "the page read back, read-only",
    "pte.swap.rw": "the page read back, writable",
    "pte.swap.rwd": "the page read back, writable and dirty",
    "race.ask": "{who} found the pte of {place} empty at {seen} and has got frame {mine} for it. "
    "Meanwhile {rival} has put {theirs} there ({filled}). What is in the pte when {who} has made "
    "up its mind?",
    "race.own.own": "The last writer wins: {who} relies on the empty pte it saw at {seen}; "
    "`{handler}` of `{kernel}` does not look again before it stores, at {decided}.",
    "race.own.first": "The last writer does not win here: at {decided} {who} looks again under "
    "`ptl`, finds {rival}'s frame and drops {mine}.",
    "race.first.first": "The first writer wins: at {decided} {who} looks again under `ptl`, finds "
    "what {rival} stored at {filled}, and drops {mine}.",
    "race.first.own": "The first writer would win if {who} looked again under `ptl`. `{kernel}` "
    "does not, and stores over what {rival} put there at {filled}.",
    "race.empty.own": "Nobody takes {rival}'s entry out first, or flushes it: one store replaces "
    "the other.",
    "race.empty.first": "Nobody takes {rival}'s entry out: who comes second changes nothing.",
    "race.mixed.own": "A store replaces the whole entry, frame and rights together.",
    "race.mixed.first": "Who gives way changes nothing, not even the rights or the dirty bit of "
    "{rival}'s entry.",
    "fill.ask.pfn": "The driver answers {who}'s {does} of {place} with {answer}{type} ({named}). "
    "What is in the pte when this fault is decided?",
    "fill.ask.private_pfn": "{place} is mapped privately. The driver answers {who}'s {does} with "
    "{answer}{type} ({named}). What is in the pte when this fault is decided?",
    "fill.ask.private": "{place} is a private mapping of a file, and {who} {does}s. The file has "
    "named its page ({named}). What is in the pte when this fault is decided?",
    "fill.ask.shared": "{place} is a shared mapping of a file, and {who} {does}s. The file has "
    "named its page ({named}). What is in the pte when this fault is decided?",
    "fill.ask.swap": "{who} {does}s {place}, which is in swap. What is in the pte when this fault "
    "is decided?",
    "fill.ask.none": "{who} {does}s {place}, where nothing is mapped yet. What is in the pte when "
    "this fault is decided?",
    "fill.type": " and {type} in `*type`",
    "fill.wrong.nothing": "Nothing is stored: the fault ends at {step} before it comes to the pte.",
    "fill.wrong.empty.plain": "Nothing fails here, so the pte is filled at {step}.",
    "fill.wrong.empty.error": "A negative answer is no error by itself: `{kernel}` knows its "
    "errors by value, and takes {answer} for a frame, at {step}.",
    "fill.wrong.empty.type": "What the driver leaves in `*type` is only what the fault returns; "
    "`{kernel}` stores the frame all the same, at {step}.",
    "fill.wrong.empty.wide": "`{kernel}` does not check the frame's number; it stores what there "
    "is room for, at {step}.",
    "fill.wrong.cut": "The frame's number fits: this pte has room for all of its bits.",
    "fill.wrong.copy": "`do_no_pfn` copies nothing, private mapping or not: it maps the very frame "
    "that the driver named ({named}).",
    "fill.wrong.rights": "The rights come from `vm_page_prot` of `{vma}` and, for a write, from "
    "`maybe_mkwrite`; nothing else is asked at {step}.",
    "fill.wrong.whole": "The number is {frame}, but the pte's frame has no room for its upper "
    "bits; they are lost at {step}.",
    "fill.wrong.do_no_page.private_write.page:rw": "Then everybody who uses the file would see "
    "{who}'s private write; `do_no_page` copies first.",
    "fill.wrong.do_no_page.private_write.page:ro": "Mapping the page read-only and copying later "
    "is what happens after a read; a write to an empty pte is copied at once.",
    "fill.wrong.do_no_page.private_write.copy:rw": "A copy was to be made, but it did not come "
    "to that.",
    "fill.wrong.do_no_page.private_read.page:rw": "A private page stays read-only until the first "
    "write, so that the write can be caught and copied.",
    "fill.wrong.do_no_page.private_read.page:ro": "Here `vm_page_prot` gives more than that.",
    "fill.wrong.do_no_page.private_read.copy:rw": "A private mapping does not mean a copy: a read "
    "shares the file's page, only a write copies.",
    "fill.wrong.do_no_page.shared_write.page:rw": "Something was to be stored, but not with these "
    "rights.",
    "fill.wrong.do_no_page.shared_write.page:ro": "This fault is a write already: the pte is made "
    "writable and dirty at once.",
    "fill.wrong.do_no_page.shared_write.copy:rw": "The mapping is shared: a write is meant for the "
    "file's page itself.",
    "fill.wrong.do_no_page.shared_read.page:rw": "The first write is to be noticed, so "
    "`vm_page_prot` of `{vma}` comes without the right to write.",
    "fill.wrong.do_no_page.shared_read.page:ro": "`vm_page_prot` of a shared writable mapping "
    "lets writes through at once, and nobody asked to notice the first.",
    "fill.wrong.do_no_page.shared_read.copy:rw": "The mapping is shared: nobody gets a copy.",
    "fill.wrong.do_anonymous_page.private_read.fresh:rw": "A read needs no memory of its own: all "
    "who only read share the zero page.",
    "fill.wrong.do_anonymous_page.private_read.fresh:ro": "A read needs no memory of its own: all "
    "who only read share the zero page.",
    "fill.wrong.do_anonymous_page.private_read.zero:rw": "Then {who} could write into everybody's "
    "zeroes; `vm_page_prot` of a private mapping comes without the right to write.",
    "fill.wrong.do_anonymous_page.private_read.zero:ro": "Here `vm_page_prot` gives more than "
    "that.",
    "fill.wrong.do_anonymous_page.private_write.zero:ro": "This is a write: it gets a page of its "
    "own at once.",
    "fill.wrong.do_anonymous_page.private_write.zero:rw": "The zero page is never written: a write "
    "gets a page of its own.",
    "fill.wrong.do_anonymous_page.private_write.fresh:ro": "It is for a write, so `maybe_mkwrite` "
    "makes the pte writable at once.",
    "fill.wrong.do_anonymous_page.private_write.fresh:rw": "The vma does not allow writes.",
    "fill.wrong.do_anonymous_page.shared_read.fresh:rw": "A read gets no memory of its own: "
    "`do_anonymous_page` maps the zero page.",
    "fill.wrong.do_anonymous_page.shared_read.fresh:ro": "A read gets no memory of its own: "
    "`do_anonymous_page` maps the zero page.",
    "fill.wrong.do_anonymous_page.shared_read.zero:ro": "It should be, but `vm_page_prot` of a "
    "shared writable mapping comes with the right to write, and nobody takes it away.",
    "fill.wrong.do_anonymous_page.shared_read.zero:rw": "The vma does not allow writes.",
    "fill.wrong.do_anonymous_page.shared_write.zero:ro": "This is a write: it gets a new page.",
    "fill.wrong.do_anonymous_page.shared_write.zero:rw": "This is a write: it gets a new page.",
    "fill.wrong.do_anonymous_page.shared_write.fresh:ro": "It is for a write, so `maybe_mkwrite` "
    "makes the pte writable at once.",
    "fill.wrong.do_anonymous_page.shared_write.fresh:rw": "The vma does not allow writes.",
    "fill.wrong.do_swap_page.swap:rw.copy": "Somebody else still needs the page or its slot, so "
    "{who} may not write there.",
    "fill.wrong.do_swap_page.swap:rw.swap": "This is a read, and `vm_page_prot` of a private "
    "mapping comes without the right to write.",
    "fill.wrong.do_swap_page.swap:ro.copy": "So it is only for a moment: this is a write, and "
    "`do_swap_page` goes on into `do_wp_page` before the fault is over.",
    "fill.wrong.do_swap_page.swap:ro.swap": "Nobody else needs the page or its slot, so a write "
    "gets it at once, without a second fault.",
    "fill.wrong.do_swap_page.copy:rw.swap": "Nobody who still needs the page would see this "
    "access change it, so nothing is copied.",
    "fill.wrong.do_swap_page.fresh:rw": "Then what was swapped out would be lost; the slot in the "
    "pte says where it is.",
    # --- writes to read-only ptes, fork, mprotect
    "wp.ask": "{who} writes {place}, whose pte has frame {frame} read-only. What does "
    "`do_wp_page` leave in the pte?",
    "wp.copy": "a copy in a new frame, writable and dirty",
    "wp.reuse": "frame {frame} as before, now writable and dirty",
    "wp.kept": "frame {frame}, still read-only: the write is refused",
    "wp.empty": "nothing: it is emptied, and the access faults again",
    "wp.copy.private.wrong": "Nobody else needs the page, so a copy would be a waste; it is made "
    "writable where it is.",
    "wp.copy.shared.wrong": "The mapping is shared: the write is meant for the page itself.",
    "wp.reuse.private.wrong": "The frame is not {who}'s alone, so writing there would change what "
    "others see.",
    "wp.reuse.shared.wrong": "That would be right for a page of the mapping; here a copy was put.",
    "wp.kept.private.wrong": "The mapping may be written; read-only was only how the kernel "
    "notices the first write.",
    "wp.kept.shared.wrong": "The mapping may be written; read-only was only how the kernel "
    "notices the first write.",
    "wp.empty.private.wrong": "Any gap is closed within this fault: at {step} the pte has a frame.",
    "wp.empty.shared.wrong": "Nothing is taken out; at {step} the pte still has its frame.",
    "fork.ask": "{who} forks, and comes to a pte with frame {frame}. What is in the pte of "
    "`{child}` for the same page afterwards?",
    "fork.copy": "a copy in a new frame, writable",
    "fork.shared_rw": "the same frame {frame}, writable",
    "fork.shared_ro": "the same frame {frame}, read-only",
    "fork.empty": "nothing: `{child}` faults when it needs the page",
    "fork.copy.wrong": "`fork` copies page tables, not pages; a private page is copied at the "
    "first write, a shared one never.",
    "fork.shared_rw.wrong": "Then each would see what the other writes; both ptes become "
    "read-only, so that the first write is caught.",
    "fork.shared_ro.wrong": "Nothing is to be caught here: the mapping is shared, and both may "
    "write the same frame.",
    "fork.empty.wrong": "Leaving it out is for mappings that a fault can fill again; this one is "
    "copied entry by entry.",
    "mprotect.ask": "{who} changes the rights of `{vma}` to {rights}, and comes to a pte that has "
    "frame {frame}. What is in the pte afterwards?",
    "mprotect.rights.rw": "read and write",
    "mprotect.rights.ro": "read only",
    "mprotect.rights.none": "none",
    "mprotect.rw": "frame {frame}, writable{dirty}",
    "mprotect.dirty": " and dirty",
    "mprotect.ro": "frame {frame}, read-only",
    "mprotect.none": "frame {frame}, which no access may use",
    "mprotect.empty": "empty: the next access fills it again",
    "mprotect.rw.wrong": "The pte gets `vm_page_prot`, which need not have all that the vma "
    "allows: the first write may still have to be caught.",
    "mprotect.ro.wrong": "The pte gets `vm_page_prot` of the new rights, and that says otherwise.",
    "mprotect.none.wrong": "The mapping may still be used; only without any rights would the pte "
    "shut everybody out.",
    "mprotect.empty.wrong": "The entry is taken out only for a moment; the same frame is put back.",
    "remap.ask": "{who} maps `{vma}`, and the driver calls `remap_pfn_range` for it. What comes of "
    "that?",
    "remap.mapped": "the ptes are filled at once, before anybody touches a page",
    "remap.refused": "it is refused, and the call fails",
    "remap.later": "nothing yet: each pte is filled by the first fault on it",
    "remap.mapped.right": "It stores one pte after the other, from {step} on; later touches do not "
    "fault for want of a frame.",
    "remap.refused.right": "The mapping is private and may become writable, and the driver asks "
    "for a part of it only: then `vm_pgoff` could not tell frames from copies.",
    "remap.mapped.wrong": "It comes to no store: at {step} the call is over.",
    "remap.refused.wrong": "Nothing speaks against it: the first pte is filled at {step}.",
    "remap.later.wrong": "That is what `->nopfn` was made for; `remap_pfn_range` leaves nothing to "
    "faults.",
    # --- locks
    "lock.ask.sem": "{who} takes its first step into a fault, and {holder} has had {lock}{taken}. "
    "Does {who} get it?",
    "lock.ask.own": "After its next step {who} will want {lock}, which {holder} has had{taken}. "
    "What then?",
    "lock.ask.other": "{who} is about to want {lock}, and {holder} gets there first. What does "
    "{who} do?",
    "lock.shares": "it gets the lock too: both may have it at once",
    "lock.waits": "it waits until the lock is given back",
    "lock.forever": "it waits, and the lock is never given back",
    "lock.unlocked": "it goes on without the lock",
    "lock.shares.right": "Both take {lock} for reading: it keeps the vmas as they are, and two "
    "faults may run side by side. Only a writer would wait.",
    "lock.shares.wrong": "{lock} has one holder here, {holder}; there is no sharing it.",
    "lock.waits.right": "{holder} has {lock}; {who} gets no further until {got}.",
    "lock.waits.wrong": "{holder} never gives {lock} back in this run.",
    "lock.waits.shared": "{holder} has {lock} only for reading, and so wants {who}: faults do not "
    "exclude each other, which is why ptes need a lock of their own.",
    "lock.forever.right": "{who} waits for {holder}, which never gives {lock} back in this run.",
    "lock.forever.wrong": "{holder} gives {lock} back, and {who} goes on at {got}.",
    "lock.unlocked.wrong": "What {lock} protects may not be looked at without it.",
    "mode.ask.fault": "{who} enters the kernel by a page fault and needs its address space to keep "
    "still. How does it take `mmap_sem`?",
    "mode.ask.call": "{who} enters the kernel by a system call that changes its address space. How "
    "does it take `mmap_sem`?",
    "mode.read": "for reading: other faults may run beside it",
    "mode.write": "for writing: no fault may run beside it",
    "mode.never": "not at all: the lock of the pte is enough",
    "mode.read.right": "A fault only looks at the vmas; it is enough that nobody changes them. "
    "What it does to ptes is guarded by `ptl`.",
    "mode.write.right": "It may change vmas, and nobody may look at them meanwhile.",
    "mode.read.wrong": "Readers may look at the vmas while {who} changes them; so they must wait.",
    "mode.write.wrong": "That would make faults wait for each other, even for a slow driver; a "
    "fault changes no vma, so reading is enough.",
    "mode.never.wrong": "`ptl` guards ptes; the vmas are guarded by `mmap_sem` alone.",
    # --- what a fault returns
    "end.ask.named": "{who}'s fault at {place} was answered with {answer}{type} ({named}). How "
    "does it end?",
    "end.ask.plain": "How does {who}'s fault at {place} end?",
    "end.MINOR": "it returns `VM_FAULT_MINOR`",
    "end.MAJOR": "it returns `VM_FAULT_MAJOR`",
    "end.SIGBUS": "it returns `VM_FAULT_SIGBUS`",
    "end.OOM": "it returns `VM_FAULT_OOM`",
    "end.BUG": "it does not return: an assertion fails and the kernel oopses",
    "end.SIGSEGV": "in `SIGSEGV`, before any handler is asked",
    "end.odd": "it returns {code}, which is no code that anybody knows",
    "end.wrong.oops": "It comes to no return: the assertion at {step} is met first.",
    "end.wrong.refused": "No handler is asked: the vma, or the lack of one, decides at {step}.",
    "end.wrong.BUG": "No assertion of `{kernel}` fails before {step}.",
    "end.wrong.MAJOR": "That is for faults that wait for a disk, or whose driver says so; neither "
    "is so here.",
    "end.wrong.fails": "That would mean that the page is there now, or that the access may simply "
    "be tried again; {step} says that it may not.",
    "end.wrong.type": "`{kernel}` does not pass on what the driver leaves in `*type`.",
    "end.wrong.kept": "`{kernel}` returns what the driver leaves in `*type`, and does not ask "
    "whether it is a code at all.",
    "end.wrong.counted": "The access is tried again, as after `VM_FAULT_MINOR`, but {step} counts "
    "it as a fault that waited.",
    "end.wrong.taken": "`{kernel}` knows its errors by value, and {answer} is none of them: it was "
    "taken for a frame.",
    "end.wrong.other": "The fault does fail, but {step} says with which code.",
    "end.wrong.fine": "Nothing fails in this fault: there is a frame, and at {step} it is told so.",
    # --- what an access reaches
    "access.ask.stale": "{who} {does}s {place} again. What does this access come to?",
    "access.ask.present": "{who} {does}s {place}, whose pte has a frame. What does this access "
    "come to?",
    "access.ask.killed": "Another thread has sent `SIGKILL`, and {who} comes to its {does} of "
    "{place}. What does it come to?",
    "access.ask.after": "The fault is over, and {who} tries its {does} of {place} again. What does "
    "it come to?",
    "access.frame": "it reaches frame {frame}",
    "access.fault": "it faults",
    "access.signal": "`SIGSEGV`: the access is not allowed",
    "access.killed": "nothing: {who} dies before it",
    "access.killed.right": "{told}",
    "access.killed.wrong": "A signal that kills is delivered on the way back to user mode, before "
    "the next access.",
    "access.fault.right": "{told}",
    "access.through.wrong": "The pte has that frame, but it does not let this access through.",
    "access.signal.wrong": "The pte refuses, but the vma allows it: the kernel will put the pte "
    "right.",
    "access.stale.right": "{told} No flush has reached this CPU, so it does not look at the pte.",
    "access.stale.other": "That is what the pte says, but the CPU does not look: its TLB still has "
    "the old entry, and no flush happens by itself.",
    "access.fault.stale": "The TLB still has an entry for the page, so there is no walk and no "
    "fault, whatever the pte says.",
    "access.walk.right": "{told}",
    "access.walk.other": "Both threads use one page table: what counts is the pte, not which frame "
    "{who}'s own fault was told.",
    "access.fault.walk": "The pte is filled and allows it, whoever filled it.",
    # --- rules
    "rule.ask": "Which of these is broken by the time this run has ended?",
    "rule.none": "none of these rules",
    "rule.broken": "{text}.",
    "rule.none.right": "All rules that the kernel is answerable for hold to the end of this run.",
    "rule.none.wrong": "One of them is broken, at {step}.",
    "rule.tlb_agrees.held": "It holds: whenever nobody is mid-way here, no TLB contradicts the "
    "page table.",
    "rule.overwrite.held": "It holds: no present pte is given another frame here without a flush.",
    "rule.cow_isolation.held": "It holds: no private write of this run lands where others see it.",
    "rule.counts.held": "It holds: in the end the counters are what the page tables say.",
    "rule.lost_dirty.held": "It holds: no dirty pte becomes clean here while its frame stays.",
    "rule.no_deadlock.held": "It holds: every thread of this run gets what it waits for.",
    "rule.locks.held": "It holds: each change here is made under its lock, and each lock is given "
    "back by its holder.",
    "rule.freed_page.held": "It holds: nothing that was freed is still mapped or used.",
    # --- all schedules
    "any.ask.mended": "Under `{kernel}` this same schedule breaks nothing of the kind. Is there "
    "any other schedule there that breaks this rule? “{rule}”",
    "any.ask.kept": "This schedule keeps the rule: “{rule}” Is there any other schedule under "
    "`{kernel}` that breaks it?",
    "any.yes": "yes, some schedule breaks it",
    "any.no": "no, it holds in every order of steps",
    "any.yes.right": "The shortest is `{schedule}`: {text}.",
    "any.yes.wrong": "All {states} states that the threads can reach together were looked at; it "
    "is broken in none.",
    "any.no.right": "All {states} states that the threads can reach together under `{kernel}` were "
    "looked at; it is broken in none.",
    "any.no.wrong": "One schedule is enough, and the search found one.",
    # --- scenes
    "scene.kernel": "The same run under `{kernel}`",
    "scene.schedule": "The schedule that was found, under `{kernel}`",
    "scene.gallery": "{title}, under `{kernel}`",
}


def say(key: str, **params: Any) -> str:
    """The sentence of this key, filled in."""
    return WORDS[key].format(**params)
