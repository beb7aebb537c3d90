"""``assocmem balance``: how many parameters each law of chapter 7 recommends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from assocmem.cli.options import takes_settings
from assocmem.settings import Whole, read, setting, settings_class


@settings_class()
class PlannedModel:
    """What a model is planned for; where a size is None, that of Table 3 is taken.

    A call raises ValueError that begins with the name of the setting.
    """

    tokens: Annotated[float, setting("training tokens D, such as 1.4e12", gt=0, le=1e30)]
    context: Annotated[Whole | None, setting("tokens of a sequence, T_max; 1024 if not given", gt=0)] = None
    layers: Annotated[Whole | None, setting("layers l, where a law holds the depth fixed; 8 if not given", gt=0)] = None
    factor: Annotated[float, setting("A of equation (2), where a law holds the depth fixed", gt=0)] = 12.0
    aspect: Annotated[
        float | None, setting("A l d_emb/T_max, where a law holds it fixed; Table 3's, row 2, if not given", gt=0)
    ] = None


def configure(overrides: Mapping[str, Any]) -> PlannedModel:
    """The settings of a plan.

    Parameters
    ----------
    overrides : Mapping
        Values by the name of the setting.

    Returns
    -------
    PlannedModel
        The settings, checked.
    """
    return read(PlannedModel, {}, overrides)


@takes_settings(PlannedModel, configure)
def balance(settings: PlannedModel) -> None:
    """How many parameters each law of chapter 7 recommends for a number of tokens, and its exponent there.

    Examples:

    assocmem balance --tokens 1.4e12

    assocmem balance --tokens 3e8 --layers 8 --context 1024
    """
    from rich.console import Console
    from rich.table import Table

    from assocmem.theory.balance.planner import Shape, laws, local_exponent

    sizes = {name: getattr(settings, name) for name in ("context", "layers", "factor", "aspect")}
    shape = Shape(**{name: size for name, size in sizes.items() if size is not None})
    table = Table("law", "parameters N", "N grows like D^p, p =", title=f"{settings.tokens:.4g} tokens")
    for name, law in laws(shape).items():
        table.add_row(name, f"{float(law(settings.tokens)):.4g}", f"{float(local_exponent(law, settings.tokens)):.2f}")
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    console.print("The laws disagree by orders of magnitude; chapter 7 says what each rests on.", style="dim")
