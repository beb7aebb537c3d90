"""``assocmem grid``: the protocol of chapter 10 as a sweep, and what its cells decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import failure, writable
from assocmem.cli.options import one_line_errors

if TYPE_CHECKING:
    from assocmem.experiments.records import Record


def grid(
    folder: Annotated[Path | None, typer.Argument(help="of the sweep whose cells are read", show_default=False)] = None,
    protocol: Annotated[
        str | None, typer.Option(help="print the protocol as a sweep on this data, gutenberg:BOOKS, and stop")
    ] = None,
    variant: Annotated[str | None, typer.Option(help="with --protocol: one of its variants, such as cosine")] = None,
    out: Annotated[Path, typer.Option(help="folder of the record")] = Path("results"),
) -> None:
    """Read all cells of a size grid by the paper's rule and decide about the exponent, or print the protocol.

    The paper reads N/D*^2 = const off models whose training loss comes near the least validation loss. Here every
    reading of that rule is taken from the same cells, with intervals, controls whose exponent is known, and rivals.

    Examples:

    assocmem grid --protocol gutenberg:books.tar.xz

    assocmem grid sweeps/protocol --out results

    Raises
    ------
    typer.Exit
        With status 2 where neither cells nor a protocol are asked for.
    """
    if (folder is None) == (protocol is None):
        raise failure("grid takes the folder of a sweep, or --protocol DATA")
    with one_line_errors([], ["folder", "protocol", "variant", "out"]):
        if protocol is not None:
            import yaml

            from assocmem.experiments.size_grid.protocol import sweep_file

            typer.echo(yaml.safe_dump(sweep_file(protocol, variant), sort_keys=False), nl=False)
            return
        assert folder is not None
        from assocmem.experiments.records import write
        from assocmem.experiments.size_grid.decided import decided

        with writable(out):
            record = decided(_cells(folder))
            _print(record)
            typer.echo(f"record: {write(record, out)}")


def _cells(folder: Path) -> list[Record]:
    """The records of the cells that are done."""
    from assocmem.experiments.records import read

    paths = sorted(folder.glob("cells/*/record.json"))
    if not paths:
        raise ValueError(f"folder got {folder}, which has no record of a cell; takes the folder of a sweep")
    return [read(path) for path in paths]


def _print(record: Record) -> None:
    from rich.console import Console
    from rich.table import Table

    console, summary = Console(width=None if Console().is_terminal else 120), record.summary
    table = Table("N", "log10 D*", "among the cells", title="Where the gap falls through 0.2")
    for one in summary["crossings"]:
        inside = "yes" if one["inside"] else "no: one more amount of data is to be run"
        table.add_row(f"{one['parameters']:,}", f"{one['log_tokens'] / 2.302585093:.3f}", inside)
    console.print(table)
    table = Table("law", "less likely by (twice the log-likelihood)")
    for name, less in summary["rivals"].items():
        table.add_row(name, f"{less:.1f}")
    console.print(table)
    console.print(f"{summary['decision']['verdict']}: {summary['decision']['sentence']}", soft_wrap=True)
