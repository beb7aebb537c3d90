"""Says that the pages that speak of a claim were looked at after its verdict changed, and keeps the reason.

Without an id it lists the verdicts that changed, each with the pages and claims to look at. With ids and a reason it
writes the change into ``src/assocmem/claims/views/history.yaml`` and the verdict into ``reviews/verdicts.yaml``.

    python tools/verdict_changed.py
    python tools/verdict_changed.py P5 --reason "A bound that excludes nothing is empty, not conditional."
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))

from assocmem.claims import claims
from assocmem.claims.views.history import history
from bookext.verdict_lock import LOCK, changed, locked, report

ROOT = Path(__file__).resolve().parents[1]
HISTORY = Path("src/assocmem/claims/views/history.yaml")
LONGEST = 300


def head(path: Path) -> str:
    """The comment at the top of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("#")) + "\n"


def write(names: list[str], reason: str, root: Path = ROOT) -> list[str]:
    """Enter the changes of these claims; those that are new or gone only leave or enter the list of verdicts.

    Raises
    ------
    ValueError
        For a claim whose verdict has not changed, and a reason that is empty or too long.
    """
    now = {claim.id: claim.verdict for claim in claims.values()}
    before = locked(root)
    moved = changed(before, now)
    idle = [name for name in names if name not in moved]
    if idle:
        raise ValueError(f"the verdict of {', '.join(idle)} has not changed; changed are {', '.join(moved) or 'none'}")
    if not 0 < len(reason.strip()) <= LONGEST:
        raise ValueError(f"the reason has {len(reason.strip())} characters; takes 1 to {LONGEST}")
    until = subprocess.run(["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    entries = {name: [vars(change) for change in changes] for name, changes in history().items()}
    for name in names:
        was, is_now = moved[name]
        if was != "new" and is_now != "gone":
            entries.setdefault(name, []).append(
                {
                    "date": f"{datetime.now(UTC):%Y-%m-%d}",
                    "was": was,
                    "now": is_now,
                    "until": until.stdout.strip(),
                    "reason": reason.strip(),
                }
            )
        before = {**before, name: is_now}
    path = root / HISTORY
    order = {name: index for index, name in enumerate(now)}
    kept = {name: entries[name] for name in sorted(entries, key=lambda name: order.get(name, len(order)))}
    path.write_text(head(path) + yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=118), encoding="utf-8")
    lines = [f"{name}: {before[name]}\n" for name in now if name in before]
    (root / LOCK).write_text(head(root / LOCK) + "".join(lines), encoding="utf-8")
    return names


def main() -> int:
    """List what changed, or enter it; 1 where something is left to be looked at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", help="claims whose pages were looked at")
    parser.add_argument("--reason", default="", help="why their verdict changed, in a sentence")
    given = parser.parse_args()
    try:
        if given.ids:
            write(given.ids, given.reason)
        left = report()
    except ValueError as error:  # A file of the ledger that cannot be read is one.
        print(error, file=sys.stderr)
        return 2
    print("\n".join(left) or "every page that speaks of a verdict has been looked at since it changed")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
