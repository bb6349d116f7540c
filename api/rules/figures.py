"""Figures of agreement: a number with what it rests on, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient (1 is perfect), the items it was worked out from, and the ratings of those items.

    `reason` is a sentence, given exactly when `value` is None.
    """

    value: float | None
    items: int
    ratings: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a coefficient lies with the confidence `level`; `samples` is how many resamples had a value.

    `reason` is a sentence, given exactly when `low` and `high` are None.
    """

    low: float | None
    high: float | None
    level: float
    samples: int
    reason: str | None = None
