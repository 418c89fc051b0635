"""The kernels, in order of history."""

from engine.errors import UnknownKernel
from engine.kernel import Kernel
from engine.kernels import (
    linux_2_6_16,
    linux_2_6_17,
    linux_2_6_18,
    linux_2_6_19,
    linux_2_6_20,
    nopfn_v1,
    nopfn_v2,
    nopfn_v3,
    nopfn_v4,
    nopfn_v5,
)

HISTORY: tuple[Kernel, ...] = tuple(
    module.KERNEL
    for module in (
        linux_2_6_16,
        linux_2_6_17,
        nopfn_v1,
        nopfn_v2,
        nopfn_v3,
        nopfn_v4,
        nopfn_v5,
        linux_2_6_18,
        linux_2_6_19,
        linux_2_6_20,
    )
)
KERNELS = {kernel.id: kernel for kernel in HISTORY}


def find_kernel(id: str) -> Kernel:
    """The kernel of this id; UnknownKernel if there is none."""
    if id not in KERNELS:
        raise UnknownKernel(
            "kernel", f"there is no kernel {id[:60]!r}", f"take one of {', '.join(KERNELS)}"
        )
    return KERNELS[id]
