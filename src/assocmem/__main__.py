"""Lets ``python -m assocmem`` do what the ``assocmem`` command does."""

from __future__ import annotations

from assocmem.cli import main

main()
