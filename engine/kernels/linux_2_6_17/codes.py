"""The numbers that handlers exchange (include/linux/mm.h and asm-generic/errno-base.h, 2.6.17)."""

VM_FAULT_OOM = 0
VM_FAULT_SIGBUS = 1
VM_FAULT_MINOR = 2
VM_FAULT_MAJOR = 3
VM_FAULT_WRITE = 0x10

NOPAGE_SIGBUS = 0
NOPAGE_OOM = -1
NOPAGE_REFAULT = -2

NOPFN_SIGBUS = -1
NOPFN_OOM = -2

ENOMEM = 12
EACCES = 13
EFAULT = 14
EINVAL = 22

ZERO_PAGE = 1
"""The page of zeroes that every anonymous read shares; pfn 1 in the model."""
