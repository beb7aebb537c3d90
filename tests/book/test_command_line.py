"""The page of the command line: every command is on it, every line on it can be typed, defaults are the real ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click import Context
from sphinx.errors import ExtensionError

from assocmem.cli import COMMANDS
from assocmem.experiments.attention.config import PRESETS
from assocmem.language.pinned_revisions import PINNED
from bookext.reference import commands
from repository import ROOT

PAGE = (ROOT / "book/command_line.md").read_text(encoding="utf-8")
PAGES = [*sorted((ROOT / "notebooks").glob("*.md")), *sorted((ROOT / "book").glob("*.md")), ROOT / "README.md"]


def typed(text: str) -> list[str]:
    """Every line of a page that calls the command, in blocks and directives, under torchrun and from `.venv`, too."""
    whole = text.replace("\\\n", " ")
    found = re.findall(r"^(?:\S*torchrun .*-m |\S*/)?(assocmem .*)$", whole, flags=re.M)
    return [line for line in found if not re.match(r"assocmem (--help|COMMAND)", line)]


LINES = sorted({line for page in PAGES for line in typed(page.read_text(encoding="utf-8"))})


def refusal(line: str) -> str:
    """What is wrong with a line that is typed: options are parsed and settings are checked, and nothing is run."""
    line = re.sub(r"\s(#|>\s).*", "", line)  # A remark, or the file that the output goes to.
    name, *rest = commands.words(line)
    one = commands.command(name)
    if any(option.name == "show" for option in one.params):
        status, _, errors = commands.output(f"{line} --show")
        return errors if status else ""
    with one.make_context(name, rest, parent=Context(commands.group())):
        return ""


def test_every_command_is_on_the_page_with_a_line_that_calls_it() -> None:
    assert sorted(re.findall(r"^```\{command\} (\S+)$", PAGE, flags=re.M)) == sorted(COMMANDS)
    for name in COMMANDS:
        assert f"## assocmem {name}\n" in PAGE
        assert any(line.startswith(f"assocmem {name}") for line in typed(PAGE))


@pytest.mark.parametrize("line", LINES)
def test_a_line_on_a_page_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text("layers: 6\n", encoding="utf-8")
    assert refusal(line) == ""


def test_a_line_that_is_wrong_is_seen() -> None:
    assert len(typed(PAGE)) > len(COMMANDS)
    assert "--first" in refusal("assocmem attention --first 200")
    with pytest.raises(Exception, match="--nonsense"):
        refusal("assocmem check P3 --nonsense")
    with pytest.raises(ExtensionError, match="none of assocmem's"):
        refusal("assocmem chek P3")


def test_defaults_are_those_of_the_presets() -> None:
    given = commands.defaults("attention")
    assert given["texts"] == " / ".join(str(PRESETS[scale].get("texts", 8)) for scale in commands.SCALES)
    assert given["device"] == "cpu"
    assert commands.defaults("balance")["tokens"] == "required"
    assert commands.defaults("train")["data"].endswith(" / required")


def test_a_section_has_the_sentence_the_line_its_output_and_every_option() -> None:
    text = commands.section("balance", "assocmem balance --tokens 1e9", run=True)
    assert text.startswith(COMMANDS["balance"])
    assert "1e+09 tokens" in text
    for option in ("--tokens", "--context", "--layers", "--factor", "--aspect"):
        assert f"| `{option}` |" in text
    with pytest.raises(ExtensionError, match="ends with 2"):
        commands.section("balance", "assocmem balance --tokens -1", run=True)


def test_the_page_names_the_versions_of_python_and_the_commit_that_the_package_names() -> None:
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", wanted).groups()
    named = re.search(r"^Python (.*) and git", PAGE, flags=re.M)[1]
    assert [int(minor) for minor in re.findall(r"3\.(\d+)", named)] == list(range(int(low), int(high)))
    assert PINNED["openai-community/gpt2"] in PAGE


def test_the_page_stands_before_the_chapters() -> None:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [Path(chapter["file"]).name for chapter in parts[0]["chapters"]]
    assert files.index("command_line") == files.index("how_to_read") + 1
