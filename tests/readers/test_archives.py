"""Archives from anybody: nothing in them is believed, and nothing but the fault is told."""

import random
import struct
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile
from zlib import crc32

import pytest

from api.errors import Malformed
from api.readers import readers
from api.readers.reader import Record, Terms
from tests.readers.files import ZIP, archive, brat


def read(body: bytes, name: str = "brat", longest: int = 1_000_000) -> list[Record]:
    return list(readers()[name].read([body], Terms(ZIP, longest, 32)))


def packed(files: dict[str, str], method: int) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", method) as zip:
        for name, content in files.items():
            zip.writestr(name, content)
    return held.getvalue()


def codes(records: list[Record]) -> list[str]:
    return [fault.code for record in records for fault in record.faults]


def test_names_are_names_and_lead_nowhere() -> None:
    (record, *others) = read(archive({"../../etc/passwd.txt": "x", "/root.txt": "y"}), "text")
    assert record.dossier is not None
    assert record.dossier["article"]["external_id"] == "../../etc/passwd"
    assert len(others) == 1


def test_what_desktops_add_and_folders_are_passed_over() -> None:
    files = {"__MACOSX/._a.txt": "x", "d/": "", "d/.DS_Store": "x", "d/a.txt": "x"}
    (record,) = read(archive(files), "text")
    assert record.dossier is not None
    assert (record.line, record.dossier["article"]["external_id"]) == (4, "d/a")


def test_encrypted_files_are_named() -> None:
    body = bytearray(archive({"a.txt": "secret", "b.txt": "open"}))
    body[6] |= 1
    body[body.index(b"PK\1\2") + 8] |= 1
    first, second = read(bytes(body), "text")
    assert (first.faults[0].code, second.faults) == ("encrypted", ())


def test_files_packed_in_rare_ways_are_named() -> None:
    assert codes(read(packed({"a.txt": "x" * 100}, ZIP_BZIP2), "text")) == ["unsupported"]


def test_a_file_that_inflates_beyond_the_limit_is_named_and_the_others_come_in() -> None:
    records = read(packed({"a.txt": "x" * 10_000_000, "b.txt": "y"}, ZIP_DEFLATED), "text")
    assert (codes(records), records[1].dossier is not None) == (["line_too_long"], True)


def test_an_archive_that_swells_beyond_all_measure_is_refused() -> None:
    bomb = packed({f"{n}.txt": "x" * 1_000_000 for n in range(40)}, ZIP_DEFLATED)
    with pytest.raises(Malformed, match="from one of the archive"):
        read(bomb, "text")


def test_a_directory_that_would_fill_the_memory_is_refused() -> None:
    body = archive({"a.txt": "x"})
    at = body.rindex(b"PK\5\6")
    with pytest.raises(Malformed, match="directory"):
        read(body[: at + 12] + struct.pack("<L", 2**31) + body[at + 16 :])


def test_a_name_twice_is_named() -> None:
    held = BytesIO()
    with ZipFile(held, "w") as zip:
        zip.writestr("a.txt", "x")
        zip.writestr("b.txt", "y")
    twice = held.getvalue().replace(b"b.txt", b"a.txt")
    assert codes(read(twice, "text")) == ["repeated"]


@pytest.mark.parametrize("seed", range(300))
def test_broken_archives_are_refused_or_told_never_more(seed: int) -> None:
    dice = random.Random(seed)
    body = bytearray(brat())
    for _ in range(dice.randrange(1, 6)):
        body[dice.randrange(len(body))] = dice.randrange(256)
    with suppress(Malformed):
        assert all(record.dossier or record.faults for record in read(bytes(body)))


def test_an_entry_without_a_name_is_no_text() -> None:
    sizes = (crc32(b"x"), 1, 1)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, *sizes, 0, 0) + b"x"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, *sizes, 0, 0, 0, 0, 0, 0, 0)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local), 0)
    assert codes(read(local + entry + end, "text")) == ["unexpected_file"]


def test_a_directory_that_is_told_elsewhere_is_not_looked_for() -> None:
    end = b"PK\5\6" + struct.pack("<4H2LH", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    with pytest.raises(Malformed, match="not told in the usual place"):
        read(b"x" * 200 + b"PK\6\7" + b"\0" * 16 + end)
