"""Which tokenizer turns a text into ids: one learned from the text at hand, GPT-2's, or one from local files."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from assocmem.language.pinned_revisions import ALIASES, PINNED
from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT, byte_pair_tokenizer
from assocmem.language.text.docstring_corpus import Corpus
from assocmem.language.text.token_files import Documents

__all__ = ["BOOK", "backend", "learned_tokenizer", "load_tokenizer", "start_of"]

BOOK = "book"
"""Names the tokenizer that is learned from the text at hand."""
LEARNED_FROM = 1 << 26
"""Characters that a tokenizer is learned from at most: whole documents from the beginning of the training part."""
DESCRIBED = ("tokenizer.json", "tokenizer_config.json")
"""What a folder of tokenizer files has, unless it has GPT-2's vocab.json and merges.txt alone."""
MARKS = (END_OF_TEXT, "<s>", "[CLS]", "</s>", "[SEP]")
"""What may mark the start of a document in a bare tokenizer.json, which does not say."""


def learned_tokenizer(train: Documents, vocabulary: int) -> PreTrainedTokenizerFast:
    """The book's byte-level BPE, learned from documents that are trained on.

    Parameters
    ----------
    train : Documents
        Gives them; the first 2^26 characters, and the document that these end in, are learned from.
    vocabulary : int
        As in :func:`~assocmem.language.text.byte_pair_tokenizer.byte_pair_tokenizer`.

    Returns
    -------
    PreTrainedTokenizerFast
        From the cache where it is there.
    """
    chosen, size, digest = [], 0, sha256()
    for name, text in train():
        chosen.append((name, text))
        digest.update(sha256(text.encode()).digest())
        size += len(text)
        if size >= LEARNED_FROM:
            break
    return byte_pair_tokenizer(Corpus(tuple(chosen), (), {}, digest.hexdigest()), vocabulary)


def load_tokenizer(spec: str, *, download: bool = False) -> PreTrainedTokenizerFast:
    """A tokenizer from the hub at a pinned revision, or from local files.

    Parameters
    ----------
    spec : str
        ``gpt2``, a folder of tokenizer files (or of GPT-2's two files), or a tokenizer.json.
    download : bool
        Whether GPT-2's may be fetched; else it comes from the local cache of the hub.

    Returns
    -------
    PreTrainedTokenizerFast
        It cuts nothing and fills nothing up.

    Raises
    ------
    ValueError
        For what is no tokenizer of the tokenizers library.
    OSError
        For what cannot be had.
    """
    path = Path(spec).expanduser()
    if path.is_file():
        return _from_file(spec, path)
    name = str(path) if path.is_dir() else ALIASES.get(spec, spec)
    if not path.is_dir() and name not in PINNED:
        raise ValueError(f"tokenizer got {spec!r}; takes {BOOK}, gpt2, a folder of tokenizer files or a tokenizer.json")
    if path.is_dir() and not any((path / file).is_file() for file in DESCRIBED):
        return _from_merges(spec, path)
    try:
        with silenced_transformers():
            tokenizer = AutoTokenizer.from_pretrained(
                name,
                revision=PINNED.get(name, "main"),
                local_files_only=path.is_dir() or not download,
                trust_remote_code=False,
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if path.is_dir():
            raise ValueError(f"tokenizer got {spec!r}, a folder without a tokenizer that can be read") from error
        way = "it cannot be fetched" if download else "download is off"
        raise OSError(f"tokenizer got {spec!r}, which is not in the local cache, and {way}; give a folder") from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast) or not len(tokenizer):
        raise ValueError(f"tokenizer got {spec!r}, which the tokenizers library cannot run (no tokenizer.json)")
    return _whole(tokenizer)


def _from_file(spec: str, path: Path) -> PreTrainedTokenizerFast:
    try:
        bare = Tokenizer.from_file(str(path))
    except Exception as error:  # The library raises plain Exception.
        raise ValueError(f"tokenizer got {spec!r}, which is no tokenizer.json") from error
    mark = next((one for one in MARKS if bare.token_to_id(one) is not None), None)
    return _whole(
        PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
            tokenizer_object=bare, bos_token=mark, eos_token=mark
        )
    )


def _from_merges(spec: str, path: Path) -> PreTrainedTokenizerFast:
    """GPT-2's two files alone."""
    try:
        bpe = models.BPE.from_file(str(path / "vocab.json"), str(path / "merges.txt"))
    except Exception as error:  # The library raises plain Exception.
        raise ValueError(
            f"tokenizer got {spec!r}, a folder without {', '.join(DESCRIBED)}, or vocab.json and merges.txt"
        ) from error
    bare = Tokenizer(bpe)
    bare.pre_tokenizer, bare.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    mark = END_OF_TEXT if bare.token_to_id(END_OF_TEXT) is not None else None
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bare, bos_token=mark, eos_token=mark
    )


def _whole(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same, cutting and filling up nothing."""
    backend(tokenizer).no_truncation()
    backend(tokenizer).no_padding()
    return tokenizer


def backend(tokenizer: PreTrainedTokenizerFast) -> Tokenizer:
    """The tokenizer of the tokenizers library that does the work."""
    inner = tokenizer.backend_tokenizer
    assert isinstance(inner, Tokenizer)
    return inner


def start_of(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The id that stands before every document: that of the start, else of the end of a text; None without either."""
    for one in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if isinstance(one, int):
            return one
    return None
