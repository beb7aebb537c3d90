"""``assocmem train``: train a causal language model on one's own text, model and devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assocmem.cli.shared import check_folder, fail
from assocmem.experiments.ranks import is_first
from assocmem.experiments.records import SCALES, Record, write

OPTIONS = {"learning_rate": "--lr"}
"""Settings whose option has another name than the setting."""
RARE = (
    "vocabulary",
    "inner",
    "norm",
    "dropout",
    "train_tokens",
    "held_out_share",
    "lines",
    "betas",
    "epsilon",
    "weight_decay",
    "clip",
    "log_every",
    "evaluate_every",
    "save_every",
    "keep",
    "workers",
    "exact",
    "mirror",
)
"""Settings without an option of their own."""
DATA = (
    "docstrings, questions[:GRAMMAR], gutenberg:84,1342 (fetched), gutenberg:PATH (books: .txt, folder, .tar.xz), "
    "a text file, a folder of .txt files, or a folder of token files"
)
MODEL = (
    "gpt2, vanilla or openelm (of --layers, --width, --heads), openelm:1 to openelm:3 (the paper's), or a folder "
    "with a config.json: that architecture with fresh weights; code in the folder is not run"
)


def train(
    scale: Annotated[str, typer.Option(help="preset: smoke (seconds), local (minutes) or paper (a GPU)")] = "smoke",
    data: Annotated[str | None, typer.Option(help=DATA)] = None,
    words: Annotated[bool | None, typer.Option(help="books as lower-case words without punctuation")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="book (learned from the text), gpt2, folder, or file")] = None,
    download: Annotated[bool | None, typer.Option(help="gpt2's tokenizer may be fetched from the hub")] = None,
    model: Annotated[str | None, typer.Option(help=MODEL)] = None,
    layers: Annotated[int | None, typer.Option(help="of the model")] = None,
    width: Annotated[int | None, typer.Option(help="of the model")] = None,
    heads: Annotated[int | None, typer.Option(help="of attention")] = None,
    context: Annotated[int | None, typer.Option(help="tokens of a row")] = None,
    steps: Annotated[int | None, typer.Option(help="updates")] = None,
    tokens_budget: Annotated[float | None, typer.Option(help="tokens trained on in all, in place of --steps")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="tokens of an update, over all devices")] = None,
    micro: Annotated[int | None, typer.Option(help="rows that a device takes at once; gradients add up")] = None,
    lr: Annotated[float | None, typer.Option(help="largest learning rate")] = None,
    warmup: Annotated[int | None, typer.Option(help="updates in which it rises; a tenth if not given")] = None,
    schedule: Annotated[str | None, typer.Option(help="cosine, linear or constant_with_warmup")] = None,
    precision: Annotated[str | None, typer.Option(help="float32 or bfloat16 (weights stay float32)")] = None,
    compile: Annotated[bool | None, typer.Option(help="torch.compile")] = None,
    shard: Annotated[str | None, typer.Option(help="none, or full (FSDP, under torchrun)")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or auto")] = None,
    seed: Annotated[int | None, typer.Option(help="of weights and order")] = None,
    held_out_tokens: Annotated[int | None, typer.Option(help="the held-out loss is over at most so many")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help=f"NAME=VALUE, repeatable: {', '.join(RARE)}")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file with the same settings; options go before it")] = None,
    show: Annotated[bool, typer.Option("--show", help="print all settings as such a file, and stop")] = False,
    out: Annotated[Path, typer.Option(help="folder of the record and the run with its model")] = Path("runs"),
    tokens: Annotated[Path | None, typer.Option(help="folder for token files; the cache if not given")] = None,
) -> None:
    """Train a causal language model from fresh weights and report its held-out loss, also in bits per byte.

    The same command goes on where a run was cut off. On several GPUs: torchrun --nproc-per-node=N -m assocmem train ...
    A part of the text is held out by document (by a hash of its text; of a single document, the tail).
    Rows of --context tokens overlap by one, so that each token is predicted once in a pass.
    Nothing is fetched unless gutenberg:NUMBERS or --download asks for it.
    """
    given = {
        "data": data,
        "words": words,
        "tokenizer": tokenizer,
        "download": download,
        "model": model,
        "layers": layers,
        "width": width,
        "heads": heads,
        "context": context,
        "steps": steps,
        "tokens_budget": tokens_budget,
        "batch_tokens": batch_tokens,
        "micro": micro,
        "learning_rate": lr,
        "warmup": warmup,
        "schedule": schedule,
        "precision": precision,
        "compile": compile,
        "shard": shard,
        "device": device,
        "seed": seed,
        "held_out_tokens": held_out_tokens,
    }
    console = Console(stderr=True)
    if scale not in SCALES:
        raise _fail(console, f"scale got {scale!r}; takes one of {', '.join(SCALES)}")
    try:
        asked = _file(config) | _pairs(set_ or ()) | {name: value for name, value in given.items() if value is not None}
        record = None if _shown(scale, asked, show) else _run(scale, asked, out, tokens, console)
    except KeyboardInterrupt:
        raise _fail(console, "stopped; the same command goes on where it was", 130) from None
    except FloatingPointError as error:
        raise _fail(console, str(error), 1) from None
    except (OSError, ValueError) as error:
        raise _fail(console, str(error)) from None
    if record is not None:
        Console().print(_table(record))
        Console().print(f"model: {out / record.name / 'model'}", soft_wrap=True)
        Console().print(f"record: {write(record, out)}", soft_wrap=True)


def _run(scale: str, asked: dict[str, Any], out: Path, tokens: Path | None, console: Console) -> Record | None:
    """The record, or None in a process of torchrun that writes nothing."""
    from assocmem.experiments.training.config import configure
    from assocmem.experiments.training.run import run

    config = configure(scale, asked)
    check_folder(out)

    def report(line: str) -> None:
        if is_first():
            console.print(line, style="dim", soft_wrap=True, highlight=False)

    record = run(config, report, out=out, tokens=tokens, progress=console.is_terminal)
    return record if is_first() else None


def _shown(scale: str, asked: dict[str, Any], show: bool) -> bool:
    if show:
        import json
        from dataclasses import asdict

        import yaml

        from assocmem.experiments.training.config import configure

        settings = {name: value for name, value in asdict(configure(scale, asked)).items() if name != "scale"}
        print(yaml.safe_dump(json.loads(json.dumps(settings)), sort_keys=False), end="")
    return show


def _file(path: Path | None) -> dict[str, Any]:
    """The settings of a YAML file."""
    if path is None:
        return {}
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"config got {path}, which is not YAML: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise OSError(f"config got {path}, which cannot be read: {error.strerror}") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise ValueError(f"config got {path}; takes names of settings with their values")
    return found


def _pairs(texts: Any) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in RARE:
            raise ValueError(f"set got {text!r}; takes NAME=VALUE with a name among {', '.join(RARE)}")
        found[name] = value
    return found


def _fail(console: Console, message: str, status: int = 2) -> typer.Exit:
    """One line; a setting at its beginning is named as its option."""
    name, space, rest = message.partition(" ")
    setting = name.partition("=")[0]
    if setting in ("scale", "config", "set", "tokens", *train.__annotations__, *OPTIONS):
        option = OPTIONS.get(setting, f"--{setting.replace('_', '-')}")
        message = f"{option}{name[len(setting) :]}{space}{rest}"
    elif setting in RARE:
        message = f"--set {message}"
    return fail(console, message, status)


def _table(record: Record) -> Table:
    table = Table("measure", "value", title=record.name)
    found = record.summary
    rows = [
        ("held-out loss, nats per token", found["held_out_nats"], ".4f"),
        ("the same, bits per byte of text", found["bits_per_byte"], ".4f"),
        ("entropy of the grammar, nats per token", found["floor_nats"], ".4f"),
        ("training loss, nats per token", found["last_loss_nats"], ".4f"),
        ("parameters", found["parameters"], ",d"),
        ("passes over the training rows", found["passes"], ".3g"),
        ("tokens per second", found["tokens_per_second"], ",.0f"),
        ("model FLOP utilization", found["mfu"], ".1%"),
    ]
    for name, value, form in rows:
        if value is not None:
            table.add_row(name, format(value, form))
    return table
