"""Where larger is better and where it is not: a fitted law at equal data and equal compute, and a peak of the error."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import ONE, TWO, Plate, sheet
from assocmem.theory.cross_entropy import larger_models
from assocmem.theory.cross_entropy.fitted_laws import PAPER_CHINCHILLA, FittedLaw
from assocmem.theory.what_stands import linear_risk


def same_data_or_compute(law: FittedLaw = PAPER_CHINCHILLA) -> Plate:
    """Loss over the number of parameters, once with the data fixed and once with the product of both."""
    sizes = np.logspace(9, 12.5, 60)
    parameters, tokens = larger_models.SMALL
    data, compute = law.loss(sizes, tokens), law.loss(sizes, parameters * tokens / sizes)
    with sheet(3.2) as (figure, ax):
        ax.plot(sizes, data, "--", color=TWO, label="same data")
        ax.plot(sizes, compute, "-", color=ONE, label="same compute")
        ax.set(xscale="log", xlabel="parameters $N$", ylabel="nats per token")
        label_ends(ax, [Label("same data", float(data[-1]), TWO), Label("same compute", float(compute[-1]), ONE)])
        return Plate(
            figure,
            alt="Loss of a fitted law over the number of parameters, on a logarithmic axis. With the data fixed the "
            f"curve falls throughout, to {data[-1]:.2f}; with the compute fixed it falls to {compute.min():.2f} and "
            f"rises again, to {compute[-1]:.2f}.",
        )


def peak(samples: int = 10, features: int = 40) -> Plate:
    """Expected error of a linear fit over the number of its parameters, for so many samples."""
    counts = [p for p in range(1, features + 1) if abs(p - samples) > 1]
    errors = [float(linear_risk.risk(samples, p, features=features)) for p in counts]
    with sheet(3.2) as (figure, ax):
        ax.plot(counts, errors, "o", color=ONE, ms=5, label="expected error")
        ax.axvline(samples, color=TWO, lw=1.2, ls="--", label="as many parameters as samples")
        ax.set(yscale="log", xlabel="parameters $p$", ylabel="expected error")
        ax.yaxis.set_major_locator(FixedLocator([1, 2, 5]))
        ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.legend(frameon=False)
        return Plate(
            figure,
            alt=f"Expected error over the number of parameters for {samples} samples, on a logarithmic axis. It rises "
            f"from {errors[0]:.2f} to a peak at {samples} parameters and falls beyond it, to {errors[-1]:.2f} at "
            f"{features}.",
        )
