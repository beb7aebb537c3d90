"""Where the statements of the hand-laid pictures stand and what they are called; ``pictures.py`` draws them.

An arrow leads from a statement to one that rests on it, directly or through others that are not drawn.
"""

from __future__ import annotations

from assocmem.figures.argument import Layout, Statement

WHY = Layout(
    "Why Propositions 4 and 5 fall",
    {
        "EQ-ET": Statement(1, 0, "The layer energy", "printed as a density"),
        "EQ15-a": Statement(0, 1, "Step (a)", "energy at a pattern is 1/Z"),
        "P4-WZ": Statement(1, 1, "Step (b)", "exp(−E) integrates to Z"),
        "P4-SCALAR": Statement(2, 1, "log z + 1/z ≥ 1", "an inequality of numbers"),
        "P4": Statement(1, 2, "Proposition 4", "the loss is at least 1"),
        "P4-MIN": Statement(2, 2, "The optimum", "the loss is least at Z = 1"),
        "P5-Z1": Statement(1, 3, "Z = 1", "asks for N = O(D²)"),
        "P5": Statement(2, 3, "Proposition 5", "the best size is N = O(D²)"),
    },
    (
        ("EQ-ET", "EQ15-a"),
        ("EQ-ET", "P4-WZ"),
        ("EQ15-a", "P4"),
        ("P4-WZ", "P4"),
        ("P4-SCALAR", "P4"),
        ("P4", "P4-MIN"),
        ("P4-MIN", "P5"),
        ("P5-Z1", "P5"),
    ),
)
"""The eight statements between the energy of a layer and Proposition 5."""

ARGUMENT = Layout(
    "The argument of the paper, from Assumption 1 to Propositions 4 and 5",
    {
        "ASM1": Statement(0, 0, "Assumption 1", "samples become patterns"),
        "EQ10-d": Statement(1, 0, "Layers combine", "with a constant remainder c"),
        "EQ-ET": Statement(2, 0, "The layer energy", "printed as a density"),
        "EQ15-2": Statement(0, 1, "The loss", "log Z plus the mean energy"),
        "EQ15-a": Statement(1, 1, "Step (a)", "energy at a pattern is 1/Z"),
        "P4-WZ": Statement(2, 1, "Step (b)", "exp(−E) integrates to Z"),
        "P4-SCALAR": Statement(0, 2, "log z + 1/z ≥ 1", "an inequality of numbers"),
        "P4": Statement(1, 2, "Proposition 4", "the loss is at least 1"),
        "EQ14-LOW": Statement(2, 2, "Equation (14), left", "a lower bound on Z"),
        "P4-MIN": Statement(1, 3, "The optimum", "the loss is least at Z = 1"),
        "P5-Z1": Statement(2, 3, "Z = 1", "asks for N = O(D²)"),
        "P5": Statement(1, 4, "Proposition 5", "the best size is N = O(D²)"),
    },
    (
        ("ASM1", "EQ15-2"),
        ("EQ10-d", "EQ15-a"),
        ("EQ-ET", "EQ15-a"),
        ("EQ-ET", "P4-WZ"),
        ("EQ15-2", "EQ15-a"),
        ("EQ15-a", "P4"),
        ("P4-WZ", "P4"),
        ("P4-SCALAR", "P4"),
        ("P4", "P4-MIN"),
        ("EQ14-LOW", "P5-Z1"),
        ("P4-MIN", "P5"),
        ("P5-Z1", "P5"),
    ),
)
"""The twelve statements of the graph's page."""
