"""An error speaks of settings as they are typed, wherever it names them; words that only look like one stay."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.cli.options import _as_typed

TYPED = {"length": "--length", "batch_tokens": "--batch-tokens", "text": "--data", "out": "--out"}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("length got 96; only 0 of 1 documents", "--length got 96; only 0 of 1 documents"),
        ("length=96: too long", "--length=96: too long"),
        ("text got x; no length of text is out of reach", "--data got x; no length of text is out of reach"),
        ("it takes a multiple of length=48, got 100", "it takes a multiple of --length=48, got 100"),
        ("give length or batch_tokens", "give length or --batch-tokens"),
        ("no folder /a/batch_tokens or 'batch_tokens'", "no folder /a/batch_tokens or 'batch_tokens'"),
        ("batch_tokens_all and my-length=3", "batch_tokens_all and my-length=3"),
        ("lengthy", "lengthy"),
        ("", ""),
    ],
)
def test_settings_are_named_as_they_are_typed(message: str, shown: str) -> None:
    assert _as_typed(message, TYPED) == shown


def test_without_a_setting_a_message_stays() -> None:
    assert _as_typed("length=96", {}) == "length=96"


def test_a_command_names_both_options_that_do_not_agree() -> None:
    done = CliRunner().invoke(app, ["train", "--context", "48", "--batch-tokens", "100", "--show"])
    assert done.exit_code == 2
    assert done.stderr == "assocmem: --batch-tokens must be a multiple of --context=48, got 100\n"
