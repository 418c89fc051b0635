"""Linux 2.6.16, 20 March 2006: as far as modelled, the fault path that 2.6.17 has."""

from engine.kernels import linux_2_6_17

KERNEL = linux_2_6_17.KERNEL.revise("2.6.16", "2006-03-20", "Linux 2.6.16: as 2.6.17")
