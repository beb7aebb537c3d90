"""A loss per token is a mean over a mean: how averaging in batches moves it, and how far fitted weights let it stray.

A line of template k costs h_k nats and has t_k predicted tokens; templates have the weights w_k. The loss per token is
R = sum w h / sum w t. If the weights move by small amounts dw that add up to 0, R moves by sum dw f with the influence
f = (h - R t)/sum w t; the entropy's own logarithms of w add nothing, as sum w d(log w) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Templates:
    """The templates of a grammar as numbers, a row each.

    Attributes
    ----------
    weights : numpy.ndarray
        Positive, with the sum 1.
    nats : numpy.ndarray
        What one of its lines costs a reader who knows the grammar.
    tokens : numpy.ndarray
        Predicted tokens of a line, its end among them.
    subjects, objects : numpy.ndarray
        The kind of the subject and of the object, numbered from 0.
    """

    weights: np.ndarray
    nats: np.ndarray
    tokens: np.ndarray
    subjects: np.ndarray
    objects: np.ndarray

    @property
    def length(self) -> float:
        """Expected predicted tokens of a line."""
        return float(self.weights @ self.tokens)

    @property
    def per_token(self) -> float:
        """All tokens weighed alike: the entropy of a line over its expected tokens."""
        return float(self.weights @ self.nats) / self.length

    @property
    def by_line(self) -> float:
        """The mean of the losses per token of single lines: short lines weigh as much as long ones."""
        return float(self.weights @ (self.nats / self.tokens))

    def in_batches(self, lines: int) -> float:
        """The mean over batches of the loss per token of a batch, up to terms of the order ``lines**-2``.

        Parameters
        ----------
        lines : int
            Of a batch.

        Returns
        -------
        float
            Nats per token; lower than ``per_token`` where longer lines cost more a token.

        Raises
        ------
        ValueError
            For lines < 1.
        """
        if lines < 1:
            raise ValueError(f"lines must be at least 1, got {lines}")
        away = self.tokens - self.length
        moved = self.per_token * float(self.weights @ away**2) - float(self.weights @ (self.nats * away))
        return self.per_token + moved / (lines * self.length**2)

    def standard_error(self, lines: int, left_out: tuple[int, int] | None = None) -> float:
        """Of ``per_token``, where the shares of the kinds of subjects and of objects are fitted to so many lines.

        Subject and object are independent of each other in the grammar, all else is taken as known. By the delta
        method, with the Fisher information of the shares.

        Parameters
        ----------
        lines : int
            Drawn from the grammar.
        left_out : tuple of int or None
            A subject and an object whose lines are not counted in the fit.

        Returns
        -------
        float
            Nats per token.

        Raises
        ------
        ValueError
            For lines < 1.
        """
        if lines < 1:
            raise ValueError(f"lines must be at least 1, got {lines}")
        kinds = np.column_stack(
            [self.subjects[:, None] == np.unique(self.subjects), self.objects[:, None] == np.unique(self.objects)]
        ).astype(float)
        influence = (self.nats - self.per_token * self.tokens) / self.length
        slope = kinds.T @ (self.weights * influence)  # The influence has mean 0, so this is a covariance.
        counted = np.ones(len(self.weights), dtype=bool)
        if left_out is not None:
            counted &= (self.subjects != left_out[0]) | (self.objects != left_out[1])
        used = self.weights * counted
        apart = kinds - used @ kinds / used.sum()
        information = lines * (apart * used[:, None]).T @ apart
        return float(np.sqrt(slope @ np.linalg.pinv(information, hermitian=True) @ slope))
