"""For the page of truth: .venv/bin/python -m benchmarks.conformance ROWS... > docs/conformance.json

ROWS are oracle files (.jsonl or .jsonl.gz). Everything the page says in numbers comes from here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.conform import conform_file
from engine.conform.stamp import stamp
from engine.explore import explore
from engine.kernels import KERNELS
from engine.scenario import Scenario

KEPT = ("rows", "agree", "disagree", "unexpected", "out_of_scope", "skipped", "by_kernel",
        "by_vma", "by_arch")  # fmt: skip


def main(files: list[str]) -> int:
    """Compare each file with the engine and print what came out."""
    if not files:
        print(__doc__, file=sys.stderr)
        return 2
    told = {
        "measured": datetime.now(UTC).date().isoformat(),
        "engine": stamp(),
        "kernels": list(KERNELS),
        "files": [compared(Path(file)) for file in files],
        "broken": caught(),
    }
    print(json.dumps(told, indent=1))
    return 0


def compared(file: Path) -> dict[str, Any]:
    """One file: its name, what names its bytes, and the counts."""
    report = conform_file(file)
    counts = {key: report[key] for key in KEPT}
    beyond = report["beyond"]["outcomes"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"name": file.name, "sha256": digest, **counts, "beyond": beyond}


def caught() -> list[dict[str, Any]]:
    """The kernels that the tests break on purpose, and which rules catch each in some schedule.

    A rule that the sound kernel breaks in the same scene as well does not count.
    """
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    from broken_kernels import CASES

    told = []
    for case in CASES:
        KERNELS[case.kernel.id] = case.kernel
        rules = _broken_rules(case.scene, case.kernel.id) - _broken_rules(case.scene, case.sound)
        del KERNELS[case.kernel.id]
        what = (case.broken.__doc__ or "").partition("\n")[0]
        told.append(
            {
                "what": what,
                "function": case.replaces,
                "kernel": case.sound,
                "caught_by": sorted(rules),
            }
        )
    return told


def _broken_rules(scene: Scenario, kernel: str) -> set[str]:
    return {violation["invariant"] for violation in explore(scene, kernel)["violations"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
