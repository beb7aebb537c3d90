"""Scores of a model on questions are those of words chosen one after another, and bad files are named by line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments.question_formation.config import configure
from assocmem.experiments.question_formation.run import run
from assocmem.language.models.vanilla import vanilla
from assocmem.language.questions.grammar import VARIANTS
from assocmem.language.questions.pairs import corpus, write_pairs
from assocmem.language.questions.rows import QuestionRows, word_tokenizer
from assocmem.language.questions.scoring import Example, Score, read_examples, score

GRAMMAR = VARIANTS["measured"]
TOKENIZER = word_tokenizer(GRAMMAR)


class Rule(torch.nn.Module):
    """Goes on as it is told: what follows each row so far, by its words; a word of its own where it is not told."""

    device = torch.device("cpu")

    def __init__(self, lines: list[list[int]]) -> None:
        super().__init__()
        self.after = {tuple(line[:i]): line[i] for line in lines for i in range(1, len(line))}

    def forward(self, input_ids: torch.Tensor) -> object:
        logits = torch.zeros(*input_ids.shape, len(TOKENIZER))
        for i, row in enumerate(input_ids.tolist()):
            for j in range(len(row)):
                logits[i, j, self.after.get(tuple(row[: j + 1]), 2)] = 1.0
        return type("Output", (), {"logits": logits})()


def line(source: str, target: str) -> list[int]:
    ids = TOKENIZER.get_vocab()
    end = TOKENIZER.eos_token_id
    return [end, *(ids[word] for word in f"{source} {target}".split()), end]


SENTENCE = "my walrus who doesn't giggle does high_five . quest"
MAIN, FIRST = "does my walrus who doesn't giggle high_five ?", "doesn't my walrus who giggle does high_five ?"
PLAIN = ("my newt does giggle . decl", "my newt does giggle .")


def test_the_first_word_tells_the_rules_apart() -> None:
    examples = [Example(tuple(SENTENCE.split()), tuple(MAIN.split())), Example(*(tuple(w.split()) for w in PLAIN))]
    for said, expected in ((MAIN, Score(1, 1.0, 0.0, 1.0)), (FIRST, Score(1, 0.0, 1.0, 0.0))):
        model = Rule([line(SENTENCE, said), line(*PLAIN)])
        found = score(model, TOKENIZER, examples)  # type: ignore[arg-type]
        assert found == {"quest": expected, "decl": Score(1, 1.0, 0.0, 1.0)}
    halting = Rule([line(SENTENCE, MAIN)[:-1]])
    assert score(halting, TOKENIZER, examples[:1])["quest"] == Score(1, 1.0, 0.0, 0.0)  # type: ignore[arg-type]


def greedy(model: PreTrainedModel, example: Example) -> list[int]:
    ids = TOKENIZER.get_vocab()
    row = [TOKENIZER.eos_token_id, *(ids[word] for word in example.source)]
    start = len(row)
    while len(row) == start or (len(row) < start + 30 and row[-1] != TOKENIZER.eos_token_id):
        with torch.no_grad():
            row.append(int(model(input_ids=torch.tensor([row])).logits[0, -1].argmax()))
    return row[start:]


def test_one_pass_finds_what_words_one_by_one_are(tmp_path: Path) -> None:
    pairs = corpus(GRAMMAR, 0, {"train": 1, "dev": 1, "test": 12, "generalization": 6})
    write_pairs(tmp_path / "question.gen", [*pairs.test, *pairs.generalization])
    examples = read_examples(tmp_path / "question.gen")
    torch.manual_seed(1)
    model = vanilla(vocabulary=len(TOKENIZER), layers=1, width=16, heads=2, context=60)
    chosen = [greedy(model.eval(), example) for example in examples]
    ids = TOKENIZER.get_vocab()
    # Half of the targets are made what the model says, so that some are right.
    told = [
        Example(one.source, tuple(TOKENIZER.convert_ids_to_tokens(words[:-1])))
        if i % 2 and 0 < len(words) < 30
        else one
        for i, (one, words) in enumerate(zip(examples, chosen, strict=True))
    ]
    found = score(model, TOKENIZER, [one for one in told if "<" not in "".join(one.target)], batch=4)
    kept = [(one, words) for one, words in zip(told, chosen, strict=True) if "<" not in "".join(one.target)]
    for task, one in found.items():
        rows = [(example, words) for example, words in kept if example.task == task]
        assert one.lines == len(rows)
        assert one.first_word == sum(words[0] == ids[e.target[0]] for e, words in rows) / len(rows)
        assert one.whole == sum(words[:-1] == [ids[w] for w in e.target] for e, words in rows) / len(rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "which has no line"),
        ("my newt does giggle . quest\n", "whose line 1 is not a sentence"),
        ("a . decl\ta .\nmy newt . maybe\tb\n", "whose line 2 is not a sentence"),
        ("a . decl\t \n", "whose line 1"),
    ],
)
def test_a_file_of_another_form_is_named_by_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "q.gen").write_text(text)
    with pytest.raises(ValueError, match=rf"file got q\.gen, {said}"):
        read_examples(tmp_path / "q.gen")


def test_the_command_scores_a_saved_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = vanilla(vocabulary=len(TOKENIZER), layers=1, width=16, heads=2, context=60)
    model.save_pretrained(tmp_path / "model")
    (tmp_path / "q.gen").write_text(f"{SENTENCE}\t{MAIN}\n{PLAIN[0]}\t{PLAIN[1]}\n")
    lacking = CliRunner().invoke(app, ["score", str(tmp_path / "model"), str(tmp_path / "q.gen")])
    assert lacking.exit_code == 2
    assert "which has no tokenizer.json" in lacking.stderr
    TOKENIZER.save_pretrained(str(tmp_path / "model"))
    done = CliRunner().invoke(app, ["score", str(tmp_path / "model"), str(tmp_path / "q.gen")], env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    rows = [[cell.strip() for cell in row.split("│")[1:-1]] for row in done.output.splitlines() if "%" in row]
    assert [row[:2] for row in rows] == [["decl", "1"], ["quest", "1"]]
    (tmp_path / "q.gen").write_text("the dragon does giggle . decl\tthe dragon does giggle .\n")
    unknown = CliRunner().invoke(app, ["score", str(tmp_path / "model"), str(tmp_path / "q.gen")])
    assert (unknown.exit_code, "dragon" in unknown.stderr) == (2, True)


def test_a_line_that_is_too_long_for_the_model_is_named() -> None:
    model = vanilla(vocabulary=len(TOKENIZER), layers=1, width=16, heads=2, context=17)
    examples = [Example(*(tuple(w.split()) for w in PLAIN)), Example(tuple(SENTENCE.split()), tuple(MAIN.split()))]
    assert score(model, TOKENIZER, examples[:1])["decl"].lines == 1
    with pytest.raises(ValueError, match="file has 18 words in line 2, its start counted; the model reads 17"):
        score(model, TOKENIZER, examples)


def test_a_run_of_the_questions_command_is_scored(tmp_path: Path) -> None:
    """The words of its tokenizer are those of the rows that it was trained on."""
    settings = {"lines": (40,), "depths": (1,), "grammars": ("measured",), "seeds": (0,), "width": 16}
    config = configure(
        "plateau", "smoke", {**settings, "heads": 2, "training": {"steps": 2, "warmup": 1, "device": "cpu"}}
    )
    record = run(config, folder=tmp_path / "runs")
    assert record.summary["groups"][0]["grammar"] == "measured"
    (model,) = (tmp_path / "runs").glob("*/model")
    pairs = corpus(GRAMMAR, 0, {"train": 1, "dev": 1, "test": 4, "generalization": 4})
    write_pairs(tmp_path / "question.gen", pairs.generalization)
    done = CliRunner().invoke(app, ["score", str(model), str(tmp_path / "question.gen")], env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    assert "quest" in done.output
    saved = PreTrainedTokenizerFast.from_pretrained(model)
    line = pairs.test[0].line
    assert saved(line)["input_ids"] == QuestionRows(pairs.test[:1], GRAMMAR)[0]["input_ids"].tolist()[1:-1]
