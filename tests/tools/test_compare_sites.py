"""Two sites are equal byte for byte, or each file that is not is named with the place of its first difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from compare_sites import differences, main

FILES = {"index.html": "<p>one</p>", "a/b.js": "x = 1", ".buildinfo": "anything"}


def site(folder: Path, **changed: str | None) -> Path:
    for name, text in {
        **FILES,
        **{key.replace("__", "/").replace("_", "."): text for key, text in changed.items()},
    }.items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_equal_sites_have_no_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(site(tmp_path / "1")), str(site(tmp_path / "2", _buildinfo="other"))) == 0
    assert "0 of 2 files differ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"a__b_js": "x = 2"}, "a/b.js: byte 4: 'x = 1' | 'x = 2'"),
        ({"a__b_js": "x = 10"}, "a/b.js: byte 5: 'x = 1' | 'x = 10'"),
        ({"a__b_js": None}, "a/b.js: only in "),
        ({"a__c_js": ""}, "a/c.js: only in "),
    ],
)
def test_each_difference_is_named(
    changed: dict[str, str | None], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = site(tmp_path / "1"), site(tmp_path / "2", **changed)
    (named,) = differences(one, other)
    assert named.startswith(line)
    assert main(str(one), str(other)) == 1
    assert named in capsys.readouterr().out


def test_what_is_no_site_is_refused(tmp_path: Path) -> None:
    assert main(str(tmp_path), str(site(tmp_path / "2"))) == 2
    assert main(str(site(tmp_path / "2"))) == 2
