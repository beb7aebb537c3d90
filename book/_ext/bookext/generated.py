"""Pages that are written from the package before Sphinx looks for files: one a claim, one a module.

They stand in folders of their own, which git ignores, and not in the table of contents, which would exclude them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def write(app: Sphinx, config: Any, folder: str, pages: Mapping[str, str]) -> None:
    """Write the pages of a folder of the sources; what has not changed stays, and what is not wanted goes.

    Parameters
    ----------
    app : Sphinx
        Knows where the sources lie.
    config : Config
        Its list of what is excluded loses the folder.
    folder : str
        The folder, below the sources.
    pages : mapping
        The text of each page by its name without suffix.
    """
    place = Path(app.srcdir) / folder
    place.mkdir(exist_ok=True)
    wanted = {place / f"{name}.md": text for name, text in pages.items()}
    for path in set(place.glob("*.md")) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    # From the second build on the table of contents has excluded these files, which it does not list.
    config.exclude_patterns = [name for name in config.exclude_patterns if not name.startswith(f"{folder}/")]
