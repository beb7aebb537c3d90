"""Makes a page of the book with everything that the build and the tests ask of one, and says what remains to be done.

    python tools/new_chapter.py 12_my_slug "What my chapter asks"      a chapter of its own
    python tools/new_chapter.py 08a_my_slug "A page of chapter 8"      a page under a chapter that is there
    python tools/new_chapter.py 12_my_slug "A guide" --no-claims       a page that states nothing

It writes the notebook and its line in _toc.yml and, but for --no-claims, the line in claims/pages.py and the files of
statements and of tests; the module of checks comes with the first check. All is looked at before anything is written,
so that a refusal leaves nothing behind.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from pathlib import Path

from lint_notebooks import HEADER

ROOT = Path(__file__).resolve().parents[1]
STEM = re.compile(r"(\d{2})([a-z]?)_([a-z][a-z0-9_]*)")
MODELINE = "# yaml-language-server: $schema=../views/statements.schema.json\n"
TEXT = """
# {number}. {title}

What does this page ask?
Say it in a sentence or two, and say why a reader should want to know.

## An example

Begin with one case that can be followed by hand.

```{{code-cell}} ipython3
print("the case, in words: replace this cell")
```

## In general

State what holds of every case, show the derivation, and show the box of each claim:

% ```{{claim}} X-MY-ID
% ```

## Takeaway

One sentence that a reader will remember.
"""
TESTS = '''"""The claims of the page ``{slug}`` (chapter {number})."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "{slug}"
'''


def planned(root: Path, stem: str, title: str, *, claims: bool = True) -> dict[Path, str]:
    """The files of the page, and those that get a line for it, by path; a ValueError says why there can be none."""
    match = STEM.fullmatch(stem)
    if match is None:
        raise ValueError(f"NN_slug got {stem!r}; takes two digits, a letter for a subpage, and a slug, as 12a_my_slug")
    if not title.strip() or not title.isprintable() or '"""' in title:
        raise ValueError(f"title got {title!r}; takes words, in one line")
    number, letter, slug = int(match[1]), match[2], match[3]
    if keyword.iskeyword(slug):
        raise ValueError(f"NN_slug got {stem!r}; {slug!r} is a word of Python, and no module can bear it")
    contents = root / "_toc.yml"
    notebooks = {path.stem: path for path in (root / "notebooks").glob("*.md")}
    for other in notebooks:
        if other.partition("_")[2] == slug or other.partition("_")[0] == match[1] + letter:
            raise ValueError(f"NN_slug got {stem!r}; its number or slug is taken by notebooks/{other}.md")
    files = {
        root / "notebooks" / f"{stem}.md": HEADER + TEXT.format(number=f"{number}{letter}", title=title),
        contents: _with_entry(contents.read_text(encoding="utf-8"), match[1], letter, stem),
    }
    if claims:
        files |= _files_of_claims(root, number, letter, slug, title)
    taken = [path for path in files if path.exists() and path.name not in ("_toc.yml", "pages.py")]
    if claims and letter == "":  # A folder beside a module of that name would hide it.
        room = root / "src" / "assocmem" / "claims" / slug
        rooms = (room, room.with_suffix(".py"), root / "tests" / "claims" / slug)
        taken += [path for path in rooms if path.exists()]
    if taken:
        raise ValueError(f"NN_slug got {stem!r}; {taken[0].relative_to(root)} is there already")
    return files


def _files_of_claims(root: Path, number: int, letter: str, slug: str, title: str) -> dict[Path, str]:
    pages = root / "src" / "assocmem" / "claims" / "pages.py"
    text = pages.read_text(encoding="utf-8")
    line = re.search(rf'^    {number}: \("(\w+)"(.*)\),$', text, re.M)
    if letter and line is None:
        raise ValueError(f"NN_slug got a subpage of chapter {number}, which has no claims; give --no-claims")
    if line is not None:
        inside = line[0][: line[0].rindex(")")].rstrip(",")
        text, chapter = text.replace(line[0], f'{inside}, "{slug}"),'), line[1]
    else:
        last = [*re.finditer(r"^    (\d+): \(.*\),\n", text, re.M)][-1]
        if number <= int(last[1]):
            raise ValueError(f"NN_slug got chapter {number}; a new one comes after {last[1]}")
        text, chapter = text[: last.end()] + f'    {number}: ("{slug}",),\n' + text[last.end() :], slug
    room, tests = pages.parent / chapter, root / "tests" / "claims" / chapter
    files = {
        pages: text,
        room / f"{slug}.yaml": f"{MODELINE}# Chapter {number}{letter}: {title}.\npaper: []\n\nbook: []\n",
        tests / f"test_{slug}.py": TESTS.format(slug=slug, number=f"{number}{letter}"),
    }
    if not (room / "__init__.py").exists():
        raw = "r" if "\\" in title else ""
        files[room / "__init__.py"] = f'{raw}"""Chapter {number}: {title}."""\n'
    return files


def _with_entry(contents: str, number: str, letter: str, stem: str) -> str:
    """The table of contents with the page: a subpage last in its chapter, a chapter behind the one before it."""
    chapters = [*re.finditer(r"^ {6}- file: notebooks/(\d{2})_\w+\n((?: {8,}.*\n)*)", contents, re.M)]
    if letter:
        own = next((one for one in chapters if one[1] == number), None)
        if own is None:
            raise ValueError(f"NN_slug got {stem!r}; there is no chapter {number} in _toc.yml")
        sections = "" if own[2] else "        sections:\n"
        return contents[: own.end()] + f"{sections}          - file: notebooks/{stem}\n" + contents[own.end() :]
    before = max((one for one in chapters if one[1] < number), key=lambda one: one[1], default=None)
    if before is None:
        raise ValueError(f"NN_slug got {stem!r}; a chapter comes after another one, the first of which is 01")
    return contents[: before.end()] + f"      - file: notebooks/{stem}\n" + contents[before.end() :]


def main() -> int:
    """Write the files, or say in a line why not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stem", metavar="NN_slug", help="number and name of the page, as 12_my_slug or 08a_my_slug")
    parser.add_argument("title", help="of the page")
    parser.add_argument("--no-claims", action="store_true", help="the page states nothing that a check could decide")
    asked = parser.parse_args()
    try:
        files = planned(ROOT, asked.stem, asked.title, claims=not asked.no_claims)
    except ValueError as error:
        print(f"new_chapter: {error}", file=sys.stderr)
        return 2
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    print(f"What remains: write the page, then tools/reference.py {asked.stem}, make lint, make test, make book.")
    if not asked.no_claims:
        print("State its claims in the .yaml and check them in a .py of that name beside it, as CONTRIBUTING.md says.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
