"""What holds of every page that states claims: one test a rule, whose message names all ids that break it.

A page's test file says ``class TestPage(PageRules): slug = "..."``; what it says of its own claims stands below that.
Verdicts are computed once a process and a page's rules all run in the process of its file.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from assocmem.claims import Claim, Finding, Location, claims, registration
from assocmem.claims.pages import BY_SLUG, Page
from assocmem.claims.verdicts import KINDS, UNTREATED
from repository import ROOT

COMPUTING = (
    "assocmem.theory.",
    "assocmem.memory.",
    "assocmem.experiments.",
    "assocmem.language.",
    "assocmem.claims.views.derived",
)
"""Where the functions stand that compute something, be it from the verdicts of other claims."""
BOX = re.compile(r"^```{claim(?:-box)?} (\S+)(?: (\S+))?$", flags=re.MULTILINE)
"""The directive that shows a claim on a page, alone or with what holds in its place."""


def rule(check: Callable[[Claim], str | None]) -> Callable[[PageRules], None]:
    """Make a test of what is wrong with one claim: it passes when nothing is wrong with any of the page."""

    def test(self: PageRules) -> None:
        wrong = {claim.id: text for claim in self.claims() if (text := check(claim)) is not None}
        assert not wrong, "\n".join(
            [f"{len(wrong)} claims of {self.slug}: {check.__doc__}", *map(": ".join, wrong.items())]
        )

    test.__doc__ = check.__doc__
    return test


def treated(check: Callable[[Claim], str | None]) -> Callable[[PageRules], None]:
    """Make a test of the claims that checks decide."""

    def only(claim: Claim) -> str | None:
        return None if claim.verdict == UNTREATED or claim.argued else check(claim)

    only.__doc__ = check.__doc__
    return rule(only)


def notebook(page: Page) -> Path | None:
    """The page's source, by its slug; None for a page that is still to be written."""
    named = [path for path in (ROOT / "notebooks").glob("*.md") if path.stem.partition("_")[2] == page.slug]
    return named[0] if named else None


def modules(page: Page) -> list[Path]:
    """The files with the page's checks."""
    folder = ROOT / "src/assocmem/claims" / page.chapter
    single = folder / f"{page.slug}.py"
    return [single] if single.is_file() else sorted((folder / page.slug).glob("*.py"))


def repeated_keys(path: Path) -> Iterator[str]:
    """Names that a dictionary of the file holds twice, so that the later one hides the earlier: a mutant lost."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            names = Counter(key.value for key in node.keys if isinstance(key, ast.Constant))
            yield from (f"{path.name}, line {node.lineno}: {name!r}" for name, count in names.items() if count > 1)


def mutant_faults(claim: Claim) -> Iterator[str]:
    """What is wrong with the verdicts that the checks give the mutants of a claim."""
    for mutant in claim.mutants:
        verdict = claim.check(mutant.formal).verdict
        if verdict in (claim.verdict, "inconsistent"):
            yield f"{mutant.name!r} is {verdict}"
        elif claim.verdict.startswith("proved") and (verdict == "undecided") != mutant.uncovered:
            yield f"{mutant.name!r} is {verdict}, though {'' if mutant.uncovered else 'not '}marked as uncovered"
        elif claim.verdict.startswith(("reproduced", "measured")) and verdict != "not reproduced":
            yield f"{mutant.name!r} is {verdict}"


@cache
def _remembering() -> tuple[Any, ...]:
    """The functions of the rooms that compute which remember what they gave."""
    modules = [module for name, module in sys.modules.items() if name.startswith(COMPUTING)]
    return tuple({id(v): v for m in modules for v in vars(m).values() if hasattr(v, "cache_info")}.values())


def computes(run: Callable[[], Finding]) -> bool:
    """Whether what is run calls something that computes, or decides nothing.

    Parameters
    ----------
    run : callable
        Returns a finding.

    Returns
    -------
    bool
        False when it decides without one call of a function of the rooms that compute, or of sympy: then it only
        compares what was typed with what was typed.
    """
    called: set[str] = set()

    def note(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and frame.f_globals.get("__name__", "").startswith((*COMPUTING, "sympy.")):
            called.add(frame.f_code.co_name)

    before = sum(f.cache_info().hits for f in _remembering())
    sys.setprofile(note)
    try:
        finding = run()
    finally:
        sys.setprofile(None)
    remembered = sum(f.cache_info().hits for f in _remembering()) - before
    return bool(called or remembered) or finding.outcome == "undecided"


class PageRules:
    """The rules; a subclass names its page by ``slug``."""

    slug: str

    def page(self) -> Page:
        """The page."""
        return BY_SLUG[self.slug]

    def claims(self) -> list[Claim]:
        """The page's claims."""
        return [claim for claim in claims.values() if claim.page == self.slug]

    def test_the_page_states_claims(self) -> None:
        assert self.claims()

    @treated
    @staticmethod
    def test_what_a_check_finds_is_computed(claim: Claim) -> str | None:
        """what a check finds must hang on something computed; a reading of words or sources is argued, without check"""
        mute = [check.name for check in claim.checks if not computes(lambda check=check: check.run(claim.formal))]
        return f"{', '.join(mute)}: compares what was typed with what was typed" if mute else None

    @treated
    @staticmethod
    def test_the_stored_verdict_is_the_computed_one(claim: Claim) -> str | None:
        """the stored verdict must be the computed one"""
        result = claim.check()
        if result.verdict == claim.verdict:
            return None
        return f"stored {claim.verdict}, computed {result.verdict}, from {[e.as_dict() for e in result.evidence]}"

    @treated
    @staticmethod
    def test_every_mutant_changes_the_verdict(claim: Claim) -> str | None:
        """a mutant must change the verdict, and the checks of what is proved must refute it unless it is uncovered"""
        return "; ".join(mutant_faults(claim)) or None

    @treated
    @staticmethod
    def test_one_check_proves_a_claim(claim: Claim) -> str | None:
        """one check must prove a claim, so that its failure shows"""
        evidence = claim.check().evidence
        proving = [e.check.name for e in evidence if e.finding.outcome in ("holds", "enumerated")]
        return None if len(proving) <= 1 else f"{proving}: one that fails would be hidden by the others"

    @treated
    @staticmethod
    def test_a_treated_claim_has_formal_statement_checks_and_mutants(claim: Claim) -> str | None:
        """a treated claim must have a formal statement, a check and a mutant"""
        parts = {"formal statement": claim.formal is not None, "check": claim.checks, "mutant": claim.mutants}
        return ", ".join(f"no {word}" for word, there in parts.items() if not there) or None

    @rule
    @staticmethod
    def test_an_untreated_or_argued_claim_has_nothing(claim: Claim) -> str | None:
        """an untreated claim, and one that is argued, must have neither checks nor a formal statement"""
        there = claim.checks or registration.treatment(claim.id)
        return "has some" if (claim.verdict == UNTREATED or claim.argued) and there else None

    @rule
    @staticmethod
    def test_checks_say_how_and_for_what_they_decide(claim: Claim) -> str | None:
        """a check must have a kind, a scope and a docstring, and a name of its own"""
        mute = [c.name for c in claim.checks if c.kind not in KINDS or not c.scope.strip() or not c.summary.strip()]
        twice = [name for name, count in Counter(check.name for check in claim.checks).items() if count > 1]
        return "; ".join([*(f"{name} lacks one" for name in mute), *(f"{name} twice" for name in twice)]) or None

    @rule
    @staticmethod
    def test_what_is_not_proved_points_to_a_corrected_form_or_says_why_not(claim: Claim) -> str | None:
        """what is not proved as printed must have a corrected form or a note"""
        untrue = claim.verdict in ("refuted", "proved with a condition")
        return "has neither" if untrue and not (claim.corrected or claim.reason) else None

    @rule
    @staticmethod
    def test_a_claim_has_its_box_on_its_own_page_if_anywhere(claim: Claim) -> str | None:
        """a claim that has a box must have one on the page that states it"""
        boxes = [path for path in sorted((ROOT / "notebooks").glob("*.md")) if claim.id in _boxes(path)]
        home = notebook(BY_SLUG[claim.page])
        return None if not boxes or home in boxes else f"stands on {[path.stem for path in boxes]} only"

    @rule
    @staticmethod
    def test_checks_and_formal_statement_lie_in_the_pages_modules(claim: Claim) -> str | None:
        """the checks and the formal statement of a claim must lie in the modules of its page"""
        files = modules(BY_SLUG[claim.page])
        treatment = registration.treatment(claim.id)
        used = {Path(inspect.getsourcefile(inspect.unwrap(c.function)) or "") for c in claim.checks}
        used |= {Path(treatment.file)} if treatment else set()
        strange = sorted(str(path) for path in used if path.resolve() not in files)
        return ", ".join(strange) or None

    @treated
    @staticmethod
    def test_everything_that_belongs_to_a_claim_is_reached(claim: Claim) -> str | None:
        """statement, derivation, checks, mutants, tests and page must be reached from the id, each at its line"""
        places = claim.locations()._asdict()
        missing = [f"no {word}" for word, there in places.items() if not there]
        marks = {"statement": f"id: {claim.id}", "checks": "@check(", "mutants": "claim(", "page": ""}
        marked = [(place, mark) for word, mark in marks.items() for place in places[word]]
        marked += [(place, place.name.split(" ")[0]) for place in places["derivation"] if "@" not in _line(place)]
        astray = [f"{place} does not hold {mark!r}" for place, mark in marked if mark not in _line(place)]
        return "; ".join(missing + astray) or None

    def test_no_mutant_hides_another(self) -> None:
        twice = [name for path in modules(self.page()) for name in repeated_keys(path)]
        assert not twice, twice


def _line(place: Location) -> str:
    return (ROOT / place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]


def _boxes(path: Path) -> list[str]:
    return [name for pair in BOX.findall(path.read_text(encoding="utf-8")) for name in pair if name]
