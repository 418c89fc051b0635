"""Scenarios made to a size."""

from __future__ import annotations

from engine import Scenario

ANON = ["VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE", "VM_MAYEXEC"]
STEPS_OF_A_WRITE = 19
DEVICE = ["VM_READ", "VM_WRITE", "VM_SHARED", "VM_MAYREAD", "VM_MAYWRITE", "VM_MAYSHARE"]


def long_scenario(steps: int) -> Scenario:
    """Threads that write to fresh anonymous pages in turn: about this many steps."""
    writes = max(2, round(steps / STEPS_OF_A_WRITE))
    threads = min(8, max(2, -(-writes // 64)))
    each = -(-writes // threads)
    return Scenario.model_validate(
        {
            "title": "many faults",
            "processes": [
                {
                    "vmas": [{"name": "m", "start": "0x40000000", "pages": 1024, "flags": ANON}],
                    "threads": [
                        {
                            "name": f"T{t}",
                            "do": [{"write": f"m[{t * each + n}]"} for n in range(each)],
                        }
                        for t in range(threads)
                    ],
                }
            ],
            "schedule": [{"run": f"T{t}"} for t in range(threads)],
        }
    )


def crowded_scenario() -> Scenario:
    """About 10,000 steps that leave 2,000 ptes: a device is mapped whole, pages are touched."""
    data = long_scenario(7200).content()
    data["drivers"] = {"fb": {"base": "0x70000"}}
    process = data["processes"][0]
    process["vmas"].append(
        {"name": "fb", "start": "0x50000000", "pages": 1680, "flags": DEVICE, "driver": "fb"}
    )
    process["threads"][0]["do"] = [{"remap": "fb", "base": "0x70000"}, {"read": "fb[0]"}]
    return Scenario.model_validate(data)
