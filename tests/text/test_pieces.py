"""Streams as they come: packed, in many pieces, or broken off."""

import gzip

import pytest

from api.errors import Malformed
from api.text.pieces import PIECE, inflated


def test_many_small_members_come_in_few_pieces() -> None:
    members = b"".join(gzip.compress(b"%d" % (n % 10), mtime=0) for n in range(5000))
    pieces = list(inflated(members[at : at + PIECE] for at in range(0, len(members), PIECE)))
    assert b"".join(pieces) == b"0123456789" * 500
    assert len(pieces) == 1


def test_what_came_before_a_stream_broke_is_given_first() -> None:
    packed = gzip.compress(b"a" * 1000, mtime=0)
    came: list[bytes] = []
    with pytest.raises(Malformed, match="cut off"):
        came.extend(inflated([packed[:-4]]))
    assert b"".join(came) == b"a" * 1000
