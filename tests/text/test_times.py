"""A day stays a day; a moment is carried to UTC."""

import pytest

from api.text.times import day_or_moment


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("2016-12-08", "2016-12-08"),
        ("2016-12-08T18:00:00Z", "2016-12-08T18:00:00Z"),
        ("2016-12-08t18:00:00z", "2016-12-08T18:00:00Z"),
        ("2016-12-08T18:00:00.500Z", "2016-12-08T18:00:00.500000Z"),
        ("2016-12-08T18:00:00.000Z", "2016-12-08T18:00:00Z"),
        ("2016-12-08T00:30:00+02:00", "2016-12-07T22:30:00Z"),
    ],
)
def test_the_normal_form(given: str, normal: str) -> None:
    assert day_or_moment(given) == normal


@pytest.mark.parametrize(
    "given",
    [
        "",
        "yesterday",
        "2016",
        "2016-13-01",
        "2016-02-30",
        "20161208",
        "2016-W49-4",
        "2016-12-08T18:00:00",
        "2016-12-08 18:00:00Z",
        "2016-12-08T18:00Z",
        "2016-12-08T25:00:00Z",
        "0001-01-01T00:00:00+12:00",
        "٢٠١٦-12-08",
    ],
)
def test_anything_else_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"day|month|date-time|years|hour|format"):
        day_or_moment(given)
