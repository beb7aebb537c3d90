"""The ledger: reads the statements (YAML), binds each to its checks, and answers for the verdicts.

``claims["P3"].check().verdict`` computes a verdict; ``claims["P3"].verdict`` is the stored one that the book
prints. Checks are imported when first needed, because sympy takes a moment to load.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from types import ModuleType
from typing import Any, cast

import yaml

from assocmem.claims import registration
from assocmem.claims.evidence import Check, Evidence, Mutant, Result
from assocmem.claims.pages import PAGES, Page
from assocmem.claims.statements import Argued, LedgerError, read
from assocmem.claims.verdicts import FIXED, KINDS, UNTREATED, decide
from assocmem.claims.views.errors import causes
from assocmem.claims.views.formal_statements import in_words, same_shape
from assocmem.claims.views.locations import Locations, locate
from assocmem.theory.exact.distances import PAPER, Distance, DistanceError, DistanceFunction, as_distance
from assocmem.theory.exact.properties import refuse_false_grants


class UnknownClaimError(KeyError):
    """A claim id that the ledger does not hold; the message lists near matches."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, repr=False)
class Claim:
    """One statement of the paper or of the book, with its stored verdict and its checks.

    Printed, it shows where all that belongs to it stands (see ``locations``). The fields are those of a file of
    statements; ``assocmem.claims.views.statement_schema.field_table`` says what each takes;
    ``ledger`` is the registry that holds it.
    """

    id: str
    title: str
    kind: str
    origin: str
    source: str
    versions: str
    differs: str | None
    wording: str | None
    quote: Mapping[str, str]
    statement: str
    chapter: int
    depends_on: tuple[str, ...]
    defined_by: tuple[str, ...]
    verdict: str
    condition_kind: str | None
    weight: str | None
    argued: Argued | None
    corrected: tuple[str, ...]
    formerly: tuple[str, ...]
    why: str
    note: str | None
    page: str
    ledger: Registry = field(repr=False, compare=False)

    def __repr__(self) -> str:
        return f"{self.id}: {self.title}\n  {'verdict':11}{self.verdict}\n{self.locations()}"

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, whole: the ``why`` and the ``note``."""
        return f"{self.why} {self.note}" if self.note else self.why

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that decide the claim, in the order they were written."""
        _load_checks(self.ledger)
        return registration.checks(self.id)

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        """Altered statements that the checks must reject."""
        _load_checks(self.ledger)
        treatment = registration.treatment(self.id)
        return treatment.mutants if treatment else ()

    @property
    def mutations(self) -> tuple[Mutant, ...]:
        """The mutants, by the name that ``claims.json`` gives them."""
        return self.mutants

    @cached_property
    def mutant_verdicts(self) -> dict[str, str]:
        """The verdict that the checks give each mutant, by what was altered; computed once a process."""
        return {mutant.name: self.check(mutant.formal).verdict for mutant in self.mutants}

    @property
    def formal(self) -> Any:
        """The machine-readable statement that every check takes; None while not yet treated."""
        _load_checks(self.ledger)
        treatment = registration.treatment(self.id)
        return treatment.formal if treatment else None

    @property
    def formal_help(self) -> str:
        """The shape of ``formal`` in words: what another one, for ``check``, must look like."""
        return in_words(self.formal)

    def locations(self) -> Locations:
        """Where the claim's statement, derivation, checks, mutants, tests and page stand, by file and line."""
        page = next(one for one in self.ledger._pages if one.slug == self.page)
        return locate(self.id, page, self.checks, registration.treatment(self.id))

    @property
    def takes_distance(self) -> bool:
        """Whether some check can be asked of another distance."""
        return any(c.takes_distance for c in self.checks)

    @cached_property
    def _result(self) -> Result:
        return self._run(self.formal, KINDS, PAPER)

    def check(
        self,
        formal: Any = None,
        *,
        kinds: tuple[str, ...] = KINDS,
        distance: str | DistanceFunction | Distance = PAPER,
        memory: str | DistanceFunction | Distance | None = None,
    ) -> Result:
        """Run the checks and compute the verdict.

        Parameters
        ----------
        formal : Any
            The formal statement to judge; the claim's own by default. An extender passes another to see whether the
            claim survives; ``formal_help`` says what it looks like.
        kinds : tuple[str, ...]
            Which kinds of checks to run, of ``assocmem.claims.verdicts.KINDS``; a part of them may yield another
            verdict.
        distance : str, callable or Distance
            The distance of which the claim is to be judged: a name ("l1", "euclidean", "linf"), a callable of two
            points, or a ``Distance`` with properties. With another than the paper's, the checks that take a distance
            run; if there is none the verdict is ``FIXED``.
        memory : str, callable or Distance, optional
            The old name of ``distance``.

        Returns
        -------
        Result
            The verdict, the stored one, and the evidence.

        Raises
        ------
        TypeError
            When both ``distance`` and ``memory`` are given, or what is given is no distance; a ``DistanceError`` (a
            TypeError) names a distance that raises or returns no exact number. Also for a formal statement that the
            checks cannot read.
        ValueError
            For an unknown name of a distance, an unknown kind of check or none; as FalseGrantError for a distance that
            is granted a property which certainly fails.
        """
        if isinstance(kinds, str) or not kinds or set(kinds) - set(KINDS):
            raise ValueError(f"kinds got {kinds!r}; takes a tuple of {', '.join(KINDS)}")
        if memory is not None:
            if distance is not PAPER:
                raise TypeError(
                    f"check got distance={distance!r} and memory={memory!r}, its old name; takes one of them"
                )
            distance = memory
        if formal is None and kinds == KINDS and distance is PAPER:
            return self._result
        judged = as_distance(distance)
        refuse_false_grants(judged)
        if formal is None:
            return self._run(self.formal, kinds, judged)
        try:
            return self._run(formal, kinds, judged)
        except (AttributeError, KeyError, IndexError, TypeError) as error:
            if isinstance(error, DistanceError) or same_shape(formal, self.formal):
                raise
            raise TypeError(f"formal of claim {self.id} got {formal!r}; takes {self.formal_help}") from error

    def _run(self, formal: Any, kinds: tuple[str, ...], distance: Distance) -> Result:
        if self.argued:
            return Result(self.id, self.verdict if distance is PAPER else FIXED, self.verdict, ())
        chosen = [c for c in self.checks if c.kind in kinds and (distance is PAPER or c.takes_distance)]
        evidence = tuple(Evidence(c, c.run(formal, distance)) for c in chosen)
        verdict = decide((e.check.kind, e.finding) for e in evidence)
        if distance is not PAPER and not self.takes_distance:
            verdict = FIXED
        return Result(self.id, verdict, self.verdict, evidence)

    def evidence(self) -> list[dict[str, Any]]:
        """The evidence as plain data (kind, summary, margin, ...); runs the checks once per process."""
        if self.argued:
            return [
                {"kind": "argued", "summary": self.reason, "source": self.argued.source, "basis": self.argued.basis}
            ]
        return [item.as_dict() for item in self.check().evidence]

    @property
    def causes(self) -> tuple[str, ...]:
        """The false statements that it rests on; of a false one: what it follows from."""
        return causes(self.id, self.ledger if self.ledger is claims else {**claims, **self.ledger})


FIELDS = tuple(field.name for field in fields(Claim) if field.name not in ("argued", "page", "ledger"))
"""What is published of a claim, beside its evidence, its mutants and what it follows from."""


class Registry(Mapping[str, Claim]):
    """All claims by id, in the order of their pages: the book's, or those of an extender beside the book.

    It is equal to itself alone.

    Parameters
    ----------
    pages : iterable of Page
        Where the statements and the checks are; of another package, ``Page(chapter, number, slug, root="mypackage")``.

    Raises
    ------
    LedgerError
        When a claim is first asked for: where a file of statements is not as it must be, and for an id that is taken,
        here or in the book.
    """

    _pages: tuple[Page, ...] = PAGES

    def __init__(self, pages: Iterable[Page]) -> None:
        self._pages = tuple(pages)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @cached_property
    def _claims(self) -> dict[str, Claim]:
        entries: dict[str, Claim] = {}
        others: Mapping[str, Claim] = {} if self is claims else claims
        for page in self._pages:
            for claim in _stated(page, self):
                if claim.id in entries or claim.id in others:
                    taken = (entries.get(claim.id) or others[claim.id]).page
                    raise LedgerError(f"claim id={claim.id!r} in {page.slug}.yaml is already taken, in {taken}.yaml")
                entries[claim.id] = claim
        return entries

    @cached_property
    def _merged(self) -> dict[str, str]:
        """The ids of statements that were merged into another, and its id."""
        return {old: claim.id for claim in self._claims.values() for old in claim.formerly}

    def __getitem__(self, key: str) -> Claim:
        """The claim of an id; an id that was merged into another gives that one.

        Raises
        ------
        UnknownClaimError
            If no statement has it; the message lists near matches.
        """
        try:
            return self._claims[self._merged.get(key, key)]
        except KeyError:
            raise UnknownClaimError(self.explain_missing(key)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def __contains__(self, key: object) -> bool:
        return key in self._claims or key in self._merged

    def near(self, key: str) -> list[str]:
        """Ids that look like ``key``, best first."""
        folded = {name.upper(): name for name in self._claims}
        hits = difflib.get_close_matches(str(key).upper(), list(folded), n=5, cutoff=0.4)
        return [folded[hit] for hit in hits]

    def explain_missing(self, key: str) -> str:
        """The error text for an unknown id."""
        near = self.near(key)
        hint = f"near matches: {', '.join(near)}" if near else "see `assocmem check` for all ids"
        return f"claim id {key!r} is not in the ledger; {hint}"

    def to_json(self) -> str:
        """The ledger as published in ``claims.json``: version, commit, date, and all claims with their checks run.

        ``assocmem.claims.views.published.schema`` describes it; the verdict of each mutant is in it, so the first call
        of a process takes a minute.
        """
        from assocmem.claims.views.published import document

        return document(self)

    def to_frame(self) -> Any:
        """The stored fields as a pandas DataFrame, a row a claim, its id the index; no check is run.

        Raises
        ------
        ModuleNotFoundError
            Where pandas is not installed; the package does not require it.
        """
        from assocmem.claims.views.published import frame

        return frame(self)


class _Package(Registry, ModuleType):
    """The package ``assocmem.claims`` as the registry of the book: one object under both names."""

    def __repr__(self) -> str:
        return "<the ledger: assocmem.claims>"


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same loader in C where PyYAML was built with it: a fifth of the time."""


def _stated(page: Page, ledger: Registry) -> list[Claim]:
    """The claims that a page's file of statements holds."""
    file = f"{page.slug}.yaml"
    try:
        found = yaml.load(page.statements.read_text(encoding="utf-8"), Loader=_LOADER) or {}
    except yaml.YAMLError as error:
        raise LedgerError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
    return [Claim(**row, chapter=page.number, page=page.slug, ledger=ledger) for row in read(found, file)]


@cache
def _load_checks(ledger: Registry) -> None:
    for page in ledger._pages:
        page.load_checks()
    _STATED.update(ledger)
    unknown = sorted(registration.registered() - _STATED - set(claims))
    if unknown:
        raise LedgerError(
            f"claim or check got the ids {unknown}, which no page states; {ledger.explain_missing(unknown[0])}"
        )


_STATED: set[str] = set()
"""The ids of all registries whose checks are loaded: what an extender registers is known beside the book."""


def _registry() -> Registry:
    package = sys.modules["assocmem.claims"]
    package.__class__ = _Package
    return cast(Registry, package)


claims = _registry()
"""The ledger of the book."""

__all__ = ["FIELDS", "UNTREATED", "Claim", "LedgerError", "Registry", "UnknownClaimError", "claims"]
