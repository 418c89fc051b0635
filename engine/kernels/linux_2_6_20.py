"""Linux 2.6.20, 4 February 2007: as 2.6.19, as far as modelled."""

from engine.kernels import linux_2_6_19

KERNEL = linux_2_6_19.KERNEL.revise("2.6.20", "2007-02-04", "Linux 2.6.20: as 2.6.19")
