"""How fast a token may send: a bucket that holds so many requests at once and fills up evenly.

All that has to be kept of a bucket is the moment at which it is full again (the generic cell rate algorithm of
ITU-T I.371). Times are microseconds.
"""

from dataclasses import dataclass

SECOND = 1_000_000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Policy:
    """`per_minute` requests on average, `burst` of them at once after a pause."""

    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        """How long the bucket takes to make up for one request."""
        return MINUTE // self.per_minute

    @property
    def capacity(self) -> int:
        """How long it takes to fill up from nothing."""
        return self.burst * self.interval

    @property
    def slack(self) -> int:
        """No bucket takes longer to fill up. What says so is of another clock or policy, and is not heeded."""
        return self.capacity + SECOND


@dataclass(frozen=True, slots=True)
class Quota:
    """What a request left in the bucket; if it was not granted, it took nothing."""

    policy: Policy
    granted: bool
    full_in: int

    @property
    def remaining(self) -> int:
        """How many more there may be at once.

        >>> Quota(Policy(60, 10), True, 3 * SECOND).remaining
        7
        """
        return max(0, (self.policy.capacity - self.full_in) // self.policy.interval)

    @property
    def wait(self) -> int:
        """Seconds until there may be one more, at least 1: for who was refused.

        >>> Quota(Policy(60, 10), False, 9_500_000).wait, Quota(Policy(6, 1), False, 7_200_000).wait
        (1, 8)
        """
        return max(1, _seconds(self.full_in + self.policy.interval - self.policy.capacity))

    @property
    def reset(self) -> int:
        """Seconds until the bucket is full; for who was refused, until there may be one more."""
        return _seconds(self.full_in) if self.granted else self.wait

    @property
    def window(self) -> int:
        """Seconds in which an empty bucket fills up."""
        return max(1, _seconds(self.policy.capacity))


def _seconds(time: int) -> int:
    return -(-time // SECOND)
