"""Functions here that no kernel has: pieces of longer ones, and what stands for a whole path."""

PARTS = {
    "handle_present_pte": "handle_pte_fault",
    "early_cow": "do_no_page",
    "can_reuse_anon": "do_wp_page",
    "lock_and_count": "do_wp_page",
    "wp_page_mkwrite": "do_wp_page",
    "wp_page_reuse": "do_wp_page",
    "wp_page_copy": "do_wp_page",
    "cow_new_page": "do_wp_page",
    "zap_present_pte": "zap_pte_range",
    "zap_under_mmap_sem": "do_munmap",
    "mmap_remap": "mmap_mem",
}
"""Each with the kernel's function that holds the same lines, docs/known-differences.md."""


def real_name(function: str) -> str:
    """The kernel's function that these lines are in."""
    return PARTS.get(function, function)
