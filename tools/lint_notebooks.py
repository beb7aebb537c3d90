"""Holds the notebooks to the style bars: short cells, no functions, alt text, no silenced or ignored cells.

Prints each fault and exits with 1 if there is one. `make lint` and the tests call it.
"""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

import jupytext

ROOT = Path(__file__).resolve().parents[1]
LONGEST, NINETIETH, MEDIAN = 15, 8, 3
TAGS = {"nbval-ignore-output", "nbval-skip", "raises-exception", "skip-execution"}
DEFINES = re.compile(r"^\s*(def|class)\s|\blambda\b", re.M)
PROSE_NUMBER = re.compile(r"(?<![\w.])\d+\.\d{2,}")


def faults(source: Path) -> list[str]:
    """Every breach of the bars in one MyST notebook."""
    out: list[str] = []
    sizes: list[int] = []
    for number, cell in enumerate(jupytext.read(source).cells):
        where = f"{source.name} cell {number}"
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```|\$[^$]*\$|`[^`]*`", "", cell.source, flags=re.S)
            out += [f"{where}: number {n} typed into prose" for n in PROSE_NUMBER.findall(prose) if n != "0.99"]
            continue
        lines = [line for line in cell.source.splitlines() if line.strip()]
        sizes.append(len(lines))
        if len(lines) > LONGEST:
            out.append(f"{where}: {len(lines)} lines, at most {LONGEST}")
        if DEFINES.search(cell.source):
            out.append(f"{where}: defines a function; logic lives in src/")
        if cell.source.rstrip().endswith(";"):
            out.append(f"{where}: a trailing ';' behaves differently under nbval")
        image = cell.metadata.get("mystnb", {}).get("image", {})
        if "plt.show" in cell.source and not image.get("alt"):
            out.append(f"{where}: figure without alt text")
        if "open(" in cell.source:
            out.append(f"{where}: opens a path")
        out += [
            f"{where}: tag {t} hides the cell from the comparison" for t in TAGS & set(cell.metadata.get("tags", []))
        ]
    if statistics.median(sizes) > MEDIAN or sorted(sizes)[int(0.9 * (len(sizes) - 1))] > NINETIETH:
        out.append(f"{source.name}: median and 90th percentile of lines must be <= {MEDIAN} and {NINETIETH}: {sizes}")
    return out


def main() -> int:
    """Lint all notebooks."""
    found = [fault for source in sorted((ROOT / "notebooks").glob("*.md")) for fault in faults(source)]
    print("\n".join(found) or "notebooks: no fault")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
