"""The Sphinx extension: the cache key follows the source, citations name a commit, unknown ids end the build."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import yaml
from sphinx.errors import ExtensionError
from sphinx.ext.napoleon import Config

from assocmem import language
from assocmem.claims import claims
from assocmem.claims.pages import CHAPTERS
from assocmem.claims.statements import SENTENCES, sentences
from assocmem.claims.views.errors import is_false
from bookext.errata import ORDER, errata, place_key
from bookext.guards import site_key, source_key
from bookext.ledger import counts
from bookext.links import find
from bookext.parts import corrects, dependents, error_kind, why
from bookext.provenance import REPOSITORY, Stamp, bibtex, source_link, stamp
from bookext.reference.api import (
    FIELD,
    fresh_names,
    listing,
    public_modules,
    public_names,
    read_variable,
    skip_field,
    texts,
)
from repository import ROOT


def test_cache_key_changes_with_source_pins_and_records(tmp_path: Path) -> None:
    for name in ("src/a.py", "src/a.yaml", "constraints.txt", "src/results/r.json"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("1", encoding="utf-8")
    keys = {source_key(tmp_path)}
    for name in ("src/a.py", "src/a.yaml", "constraints.txt", "src/results/r.json"):
        (tmp_path / name).write_text("2", encoding="utf-8")
        key = source_key(tmp_path)
        assert key not in keys, name
        keys.add(key)


def test_site_key_changes_with_pages_settings_and_source(tmp_path: Path) -> None:
    keys = {site_key(tmp_path)}
    for name in ("_config.yml", "_toc.yml", "book/a.md", "book/_static/a.css", "notebooks/a.md", "src/a.py"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("1", encoding="utf-8")
        key = site_key(tmp_path)
        assert key not in keys, name
        keys.add(key)


def test_unknown_claim_ends_the_build_with_near_matches() -> None:
    with pytest.raises(ExtensionError, match="P3-FIX"):
        find("P3-FXI")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_stamp_names_the_commit_its_date_and_later_changes(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("1", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a", "--date", "2026-01-02T00:00:00")
    clean = stamp(tmp_path)
    assert re.fullmatch("[0-9a-f]{40}", clean.commit)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", clean.date)
    assert clean.revision == clean.commit
    (tmp_path / "src" / "a.py").write_text("2", encoding="utf-8")
    stamp.cache_clear()
    assert stamp(tmp_path).changed
    assert stamp(tmp_path).revision == "main", "a link must not name a commit that lacks the line"
    assert "with later changes" in str(stamp(tmp_path))


def test_stamp_without_a_repository_or_inside_another_names_the_version_alone(tmp_path: Path) -> None:
    outside = tmp_path / "copy"
    outside.mkdir()
    git(tmp_path, "init", "-q")
    assert stamp(outside) == Stamp(stamp().version)
    assert stamp(outside).revision == "main"
    assert str(stamp(outside)) == f"version {stamp().version}"


def test_citation_names_claim_verdict_version_and_commit() -> None:
    entry = bibtex(claims["P3"], Stamp("1.2.3", "a" * 40, "2026-01-02"))
    parts = (
        "@misc{assocmem-p3,",
        "Claim P3",
        "(refuted)",
        "version = {1.2.3}",
        "date = {2026-01-02}",
        "year = {2026}",
        "commit aaaaaaaaaaaa of 2026-01-02",
        "/claims/p3.html}",
    )
    for part in parts:
        assert part in entry
    assert entry.count("{") == entry.count("}")
    bare = bibtex(claims["P3"], Stamp("1.2.3"))
    assert "date" not in bare
    assert "commit" not in bare
    assert bare.count("{") == bare.count("}")


def test_links_name_the_configured_repository() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == REPOSITORY


def test_every_check_has_a_link_to_its_line() -> None:
    for claim in claims.values():
        for check in claim.checks:
            link = source_link(check)
            assert link, check
            path, number = link.split("/blob/")[1].split("/", 1)[1].split("#L")
            lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
            assert re.search(r"\bdef |@|lambda", lines[int(number) - 1]), (link, lines[int(number) - 1])


def test_dependents_and_corrections_are_the_reverse_of_the_registry() -> None:
    for claim in claims.values():
        assert all(claim.id in dependents()[name] for name in claim.depends_on)
        assert all(claim.id in corrects()[name] for name in claim.corrected)
    assert sum(map(len, dependents().values())) == sum(len(set(c.depends_on)) for c in claims.values())


def test_a_box_says_why_in_two_sentences_at_most() -> None:
    long = [claim.id for claim in claims.values() if sentences(why(claim)) > SENTENCES]
    assert long == []
    mute = [claim.id for claim in claims.values() if claim.reason and not why(claim)]
    assert mute == []


def test_counts_add_up_and_errata_hold_every_refuted_statement_of_the_paper() -> None:
    assert sum(counts(claims.values()).values()) == len(claims)
    entries = [claim for chapter in CHAPTERS for claim in errata(chapter)]
    false = {c.id for c in claims.values() if c.origin == "paper" and c.wording != "implied" and is_false(c)}
    assert false <= {c.id for c in entries}
    assert not [c.id for c in entries if c.origin != "paper" or c.verdict in ("proved", "supported", "not yet treated")]


def test_errata_give_roots_before_consequences_and_slips_last_each_in_the_order_of_the_paper() -> None:
    for chapter in CHAPTERS:
        entries = errata(chapter)
        kinds = [ORDER.index(error_kind(claim)) for claim in entries]
        assert kinds == sorted(kinds)
        for kind in set(kinds):
            keys = [place_key(claim) for claim, own in zip(entries, kinds, strict=True) if own == kind]
            assert keys == sorted(keys)
    assert place_key(claims["P2"]) < place_key(claims["P3"])


def test_a_variable_s_docstring_is_prose_and_a_property_s_has_sections() -> None:
    app = SimpleNamespace(config=Config())
    prose = ["What counts: d >= 0."]
    read_variable(app, "data", "assocmem.x", None, None, prose)
    assert prose == ["\\ ", "What counts: d >= 0."]
    sections = ["The size: n.", "", "Raises", "------", "ValueError", "    If empty."]
    read_variable(app, "property", "assocmem.x.y", None, None, sections)
    assert sections == ["\\ ", "The size: n.", "", ":raises ValueError: If empty.", ""]
    for what, name in (("function", "assocmem.f"), ("data", "numpy.x")):
        lines = ["a: b"]
        read_variable(app, what, name, None, None, lines)
        assert lines == ["a: b"]


def test_reference_covers_every_public_module() -> None:
    modules = public_modules()
    assert len(modules) == len(set(modules))
    for room in ("memory", "theory", "figures", "language", "experiments"):
        for path in (ROOT / "src" / "assocmem" / room).rglob("*.py"):
            parts = path.relative_to(ROOT / "src").with_suffix("").parts
            if not any(part.startswith("_") for part in parts):
                assert ".".join(parts) in modules
    assert "assocmem.claims.registry" in modules
    assert not any(name.startswith("assocmem.memory._tiled") for name in modules)
    assert {"energy", "mchn_energy"} <= set(public_names("assocmem.memory"))


def test_reference_has_chapters_in_the_order_of_the_book_and_does_not_change_with_what_was_used() -> None:
    chapters = [name.split(".")[2] for name in public_modules() if re.fullmatch(r"assocmem\.theory\.[a-z]\w+", name)]
    order = ["exact", *(slugs[0] for slugs in CHAPTERS.values())]
    assert chapters == [name for name in order if name in chapters]
    before = texts()
    fresh_names.cache_clear()
    assert language.offline_corpus is not None  # Looked up, hence loaded and now an attribute of the room.
    assert texts() == before


def test_every_name_of_the_reference_stands_in_it_once() -> None:
    held = texts()
    for name in ("theory.partition.mean_weight", "theory.energies.sign_capacity", "figures.layers.trajectories"):
        assert f".. automodule:: assocmem.{name}\n" in held[name.replace(".", "-")]
    names = [
        word for text in held.values() for line in re.findall(r":members: (.*)", text) for word in line.split(", ")
    ]
    assert names.count("log_partition_law") == names.count("WalkLaw") == names.count("log_ball_integral") == 1


def test_reference_lists_every_module_with_a_link_to_its_page_in_a_fold() -> None:
    assert re.findall(r"\(\.\./api/(.*)\.md\): \S", listing()) == list(texts())
    outside = re.sub(r"^:::\{dropdown\}.*?^:::$", "", listing(), flags=re.M | re.S)
    assert "../api/" not in outside
    assert "### memory" in outside
    assert ":::{dropdown} theory.balance, " in listing()


def test_the_three_entry_points_come_before_the_list_of_modules() -> None:
    page = (ROOT / "book/api.md").read_text(encoding="utf-8")
    first, _, _ = page.partition("<!-- modules -->")
    assert [f"../api/{name}.md" in first for name in ("memory", "claims", "theory-balance-planner")] == [True] * 3
    assert set(re.findall(r"\.\./api/(.*?)\.md", first)) <= set(texts())
    assert first.count("{warning}") == 1


OF_BALLS = {"assocmem.theory.retrieval.storage_radius"}
"""Where the word has its own sense, the room that is left."""


def test_no_published_docstring_calls_a_package_a_room() -> None:
    for module, names in fresh_names().items():
        loaded = importlib.import_module(module)
        held = [loaded, *(getattr(loaded, name) for name in names)]
        text = "\n".join(inspect.getdoc(one) or "" for one in held if inspect.ismodule(one) or callable(one))
        assert module in OF_BALLS or not re.search(r"\b(the|this|all|each) rooms?\b", text, flags=re.I), module


def test_fields_that_their_class_describes_are_not_listed_twice() -> None:
    class Pair(NamedTuple):
        first: int

    def other() -> None: ...

    assert isinstance(Pair.first, FIELD)
    given = {"class": (Pair.first, other, Pair._asdict), "module": (other,)}
    skipped = [skip_field(None, what, "_asdict", obj, False, None) for what, objs in given.items() for obj in objs]
    assert skipped == [True, True, None, None]


@pytest.mark.parametrize("name", ["README.md", "book/how_to_read.md", "book/api.md"])
def test_python_on_a_page_of_prose_runs(name: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, name, "exec"), {})
