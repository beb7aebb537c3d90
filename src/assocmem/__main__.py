"""The ``assocmem`` command, also as ``python -m assocmem``: runs it, or says in one line which extra it lacks."""

from __future__ import annotations

import sys

EXTRAS = {
    "attention": "language",
    "balance": "theory",
    "check": "all",
    "grammar": "theory",
    "grid": "language",
    "models": "gguf",
    "questions": "sweep",
    "radius": "language",
    "score": "language",
    "sweep": "sweep",
    "train": "language",
}
"""What brings all that a command may need."""
LACKING = 2
"""Exit status where it is not installed, as for bad input."""


def main() -> None:
    """Entry point of the console script."""
    try:
        from assocmem.cli import main as run

        run()
    except ModuleNotFoundError as error:
        top = (error.name or "").partition(".")[0]
        if top in ("", "assocmem", *sys.stdlib_module_names):
            raise
        command = next((word for word in sys.argv[1:] if word in EXTRAS), None)
        what = "the command" if command is None else f"assocmem {command}"
        extra = EXTRAS.get(command or "", "all")
        print(f"assocmem: {what} needs {top}, which is not there: pip install 'assocmem[{extra}]'", file=sys.stderr)
        sys.exit(LACKING)


if __name__ == "__main__":
    main()
