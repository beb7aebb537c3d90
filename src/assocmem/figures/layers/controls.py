"""The slider and the menu of the interactive figures of chapter 4."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def slider(values: Sequence[float], start: int, label: str) -> list[dict[str, object]]:
    """One step for each frame, named by its value; ``start`` is the step shown first."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    steps = [{"label": f"{v:g}", "method": "animate", "args": [[f"{v:g}"], still]} for v in values]
    return [{"active": start, "currentvalue": {"prefix": f"{label} = "}, "pad": {"t": 45}, "steps": steps}]


def menu(names: Collection[str], width: int) -> list[dict[str, object]]:
    """One button for each name, which shows its ``width`` traces and hides all others."""
    buttons = [
        {"label": name, "method": "restyle", "args": ["visible", [i // width == k for i in range(width * len(names))]]}
        for k, name in enumerate(names)
    ]
    return [{"buttons": buttons, "x": 1, "xanchor": "right", "y": 1.42, "yanchor": "top"}]
