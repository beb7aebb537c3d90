"""Says whether two builds of the site are equal byte for byte, and where the first difference of each file stands.

    python tools/compare_sites.py SITE OTHER

`make reproduce` builds the book twice, with other seeds for hashes, time zones and locales, and calls it. The exit
status is 1 for a difference and 2 for a folder that is not there.
"""

from __future__ import annotations

import sys
from pathlib import Path

AROUND = 60
"""Bytes that are shown on each side of the first difference."""
NOT_PUBLISHED = (".buildinfo", ".doctrees")
"""What Sphinx keeps beside the site for its own next build."""


def files(site: Path) -> dict[str, Path]:
    """Every file of a site by its place in it."""
    paths = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    return {name: path for name, path in paths.items() if name.split("/")[0] not in NOT_PUBLISHED}


def difference(one: bytes, other: bytes) -> str | None:
    """The first place where two files differ, with what stands around it; None for equal ones."""
    if one == other:
        return None
    short = min(len(one), len(other))
    at = next((i for i in range(short) if one[i] != other[i]), short)
    around = (text[max(0, at - AROUND) : at + AROUND].decode("utf-8", "replace") for text in (one, other))
    return f"byte {at}: " + " | ".join(repr(text) for text in around)


def differences(site: Path, other: Path) -> list[str]:
    """A line for each file that is in one site alone or differs."""
    here, there = files(site), files(other)
    lines = [f"{name}: only in {site}" for name in sorted(here.keys() - there.keys())]
    lines += [f"{name}: only in {other}" for name in sorted(there.keys() - here.keys())]
    for name in sorted(here.keys() & there.keys()):
        found = difference(here[name].read_bytes(), there[name].read_bytes())
        if found is not None:
            lines.append(f"{name}: {found}")
    return lines


def main(*sites: str) -> int:
    """Compare them, print each difference, and say how many files are equal."""
    if len(sites) != 2 or not all(Path(site, "index.html").is_file() for site in sites):
        print(f"compare_sites takes two folders of built sites, got {' '.join(sites) or 'none'}", file=sys.stderr)
        return 2
    site, other = map(Path, sites)
    lines = differences(site, other)
    print("\n".join(lines))
    print(f"{len(lines)} of {len(files(site).keys() | files(other).keys())} files differ")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
