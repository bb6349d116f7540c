"""Offset units: what a client counts when it says where a span begins.

Python and Ruby count code points; JavaScript, Java and C# count UTF-16 code units; Go and Rust count UTF-8 bytes.
"""

from bisect import bisect_right
from itertools import accumulate

CODE_POINT = "codepoint"
_ENCODINGS = {"utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1)}
UNITS = (CODE_POINT, *_ENCODINGS)
STEP = 128
"""Code points between two marks of a ruler: what a conversion looks at, after a binary search."""


class Ruler:
    """One text's offsets in one unit. Making it reads the text once; a conversion then costs O(log n).

    >>> ruler = Ruler("a🌳b", "utf16")
    >>> [ruler.in_unit(at) for at in (0, 1, 2, 3)], ruler.in_code_points(3)
    ([0, 1, 3, 4], 2)
    """

    def __init__(self, text: str, unit: str):
        self.text, self.unit = text, unit
        self._encoding, self._width = _ENCODINGS.get(unit, ("", 1))
        starts = range(0, len(text), STEP) if self._encoding else ()
        self._marks = [0, *accumulate(len(self._encoded(at, at + STEP)) // self._width for at in starts)]
        self.length = self._marks[-1] if self._encoding else len(text)
        self._is_plain = self.length == len(text)

    def in_unit(self, at: int) -> int:
        """The offset that is `at` in code points."""
        if self._is_plain:
            return at
        mark = at // STEP
        return self._marks[mark] + len(self._encoded(mark * STEP, at)) // self._width

    def in_code_points(self, at: int) -> int:
        """The offset in code points that is `at` in the unit, which lies within the text.

        Raises:
            InsideCharacter: it lies between the halves of a surrogate pair or the bytes of one character.
        """
        if self._is_plain:
            return at
        mark = bisect_right(self._marks, at, hi=len(self._marks) - 1) - 1
        before = self._encoded(mark * STEP, (mark + 1) * STEP)[: (at - self._marks[mark]) * self._width]
        try:
            return mark * STEP + len(before.decode(self._encoding))
        except UnicodeDecodeError as error:
            raise InsideCharacter from error

    def _encoded(self, start: int, end: int) -> bytes:
        return self.text[start:end].encode(self._encoding)


class InsideCharacter(ValueError):
    """An offset that no character of the text begins at."""


class Rulers(dict[str, Ruler]):
    """The rulers of one text by unit, each made when it is first asked for."""

    def __init__(self, text: str):
        self.text = text

    def __missing__(self, unit: str) -> Ruler:
        return self.setdefault(unit, Ruler(self.text, unit))
