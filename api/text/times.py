"""Times as people know them: a day, or a moment in UTC (RFC 3339)."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def day_or_moment(text: str) -> str:
    """`text` in its normal form: a day stays a day, a moment is carried to UTC.

    >>> day_or_moment("2016-12-08"), day_or_moment("2016-12-08T20:00:00+02:00")
    ('2016-12-08', '2016-12-08T18:00:00Z')

    Raises:
        ValueError: neither an RFC 3339 full-date nor a date-time with its offset.
    """
    if DAY.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    at = moment(text)
    return at.replace(tzinfo=None).isoformat() + "Z"


@lru_cache(maxsize=1024)
def precise(at: datetime) -> str:
    """A moment in UTC as text of fixed width, which sorts as time does.

    >>> precise(datetime(2026, 3, 2, 10, tzinfo=UTC))
    '2026-03-02T10:00:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """An RFC 3339 date-time in UTC.

    Raises:
        ValueError: it is none, or leaves the years 1 to 9999.
    """
    if not MOMENT.fullmatch(text):
        raise ValueError("not an RFC 3339 date-time")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None
