"""`make bench-anchoring`: how well and how fast marks follow their text.

Quality is measured on texts before and after an edit, with spans whose place in the new text is known. A span is placed
right if it is where it belongs: exactly, if all its words were kept; by intersection over union of at least one half,
if they were edited or moved; nowhere, if they are gone. For each kind of span

- recall is the share of its spans that were placed right;
- precision is the share placed right of its spans that were given a place at all; for `gone`, which have none, it is
  the share that is really gone of all spans that were orphaned;
- `kept elsewhere` counts the spans that were said to be kept and are not where they belong;
- `kept on other words` counts those whose words are not even the same.

Speed is given as ratios to a floor measured in the same round: these machines are shared. The ratio is the median over
the rounds.
"""

import argparse
import gzip
import json
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Indel, Levenshtein

from api.text.alignment import align
from api.text.anchoring import Anchored, anchor
from api.text.units import CODE_POINT, UNITS, Ruler

DATA = Path(__file__).parents[2] / "shared" / "data" / "anchoring"
TO_REACH = {"intact": 1.0, "intact, repeated": 0.98, "edited": 0.985, "moved": 0.90, "gone": 0.93}
"""Least recall; `intact, repeated` are intact spans whose words stand several times in either text."""
OVERLAP = 0.5
ORPHANED = "orphaned"
SIZE, CLAIMS, CLAIM = 50_000, 500, 120
"""Code points of a text, how many spans are followed in it, and how long one is."""
GROWTH = (1, 2, 4, 8)
LONG, LONG_CLAIMS = 2_000_000, 10_000
SENTENCES = (
    "The mayor said on day {n} that the city had planted {n},000 trees since {y}. ",
    "In the register of the parks office, {n} of them stand in district {y}; the office calls that “a beginning”. ",
    "A spokesman for the opposition denied it and spoke of {n} trees.\n\n",
)

ROW = "| Aleppo | yes | 61 |\n"
MOST_GROWTH = 2.0

Stretch = tuple[int, int]


@dataclass
class Tally:
    """What became of the spans of one set of texts."""

    spans: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    kept_elsewhere: Counter[str] = field(default_factory=Counter)
    kept_on_other_words: int = 0

    def add(self, kind: str, is_right: bool, anchored: Anchored, has_same_words: bool) -> None:
        self.spans[kind] += 1
        self.right[kind] += is_right
        self.placed[kind if anchored.place else ORPHANED] += 1
        self.kept_elsewhere[kind] += anchored.outcome == "kept" and not is_right
        self.kept_on_other_words += anchored.outcome == "kept" and not has_same_words


@dataclass(frozen=True)
class Work:
    """Something to be done, and the floor that its time is a ratio to, which is at most `at_most`."""

    name: str
    do: Callable[[], object]
    floor: str
    bare: Callable[[], object]
    at_most: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="more .jsonl.gz files like the shared ones")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files = [*sorted(DATA.glob("*.jsonl.gz")), *options.files]
    if not files:
        print("Quality is skipped: it needs ../shared/data/anchoring, which is not here.\n")
    for file in files:
        report_quality(file.name, tally(file))
    rng = random.Random(1)
    report_speed(f"{CLAIMS} spans in {SIZE:,} code points", throughput(rng), options.rounds)
    report_growth(growth(rng), options.rounds)
    report_speed(f"{LONG_CLAIMS:,} spans in {LONG:,} code points, in and out", conversions(rng), options.rounds)


def tally(file: Path) -> Tally:
    found = Tally()
    for pair in read(file):
        old, new = pair["before"], pair["after"]
        alignment = align(old, new)
        for span in pair["spans"]:
            words = old[span["start"] : span["end"]]
            repeated = span["kind"] == "intact" and max(old.count(words), new.count(words)) > 1
            anchored = anchor(alignment, span["start"], span["end"])
            has_same_words = anchored.place is not None and new[slice(*anchored.place)] == words
            kind = "intact, repeated" if repeated else span["kind"]
            found.add(kind, is_right(span, anchored.place), anchored, has_same_words)
    return found


def read(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def is_right(span: dict[str, Any], place: Stretch | None) -> bool:
    gold = span["gold"]
    if place is None or gold is None:
        return place is gold
    common = min(place[1], gold[1]) - max(place[0], gold[0])
    union = max(place[1], gold[1]) - min(place[0], gold[0])
    return bool(common >= union * (1 if span["kind"] == "intact" else OVERLAP))


def throughput(rng: random.Random) -> list[Work]:
    old = documents(SIZE, rng)
    spans = claims(old, CLAIMS, rng)
    works = []
    for name, every in [("lightly edited", 2_000), ("heavily edited", 100)]:
        new = edited(old, len(old) // every, rng)
        work = partial(follow, old, new, spans)
        works.append(Work(name, work, "Indel.opcodes", partial(Indel.opcodes, old, new), 1.0))
        works.append(Work(name, work, "Levenshtein.opcodes", partial(Levenshtein.opcodes, old, new), 1.0))
    return works


def follow(old: str, new: str, spans: list[Stretch]) -> list[Anchored]:
    alignment = align(old, new)
    return [anchor(alignment, *span) for span in spans]


def growth(rng: random.Random) -> dict[str, list[Callable[[], object]]]:
    """By what the texts are like, the work on texts of growing size; spans grow in number with them."""
    kinds: dict[str, Callable[[int], str]] = {
        "documents": lambda size: documents(size, rng),
        "without line breaks": lambda size: documents(size, rng).replace("\n", " "),
        "one row repeated": lambda size: (ROW * (size // len(ROW) + 1))[:size],
    }
    works: dict[str, list[Callable[[], object]]] = {}
    for kind, make in kinds.items():
        works[kind] = []
        for times in GROWTH:
            old = make(SIZE * times)
            new = edited(old, len(old) // 2_000, rng)
            works[kind].append(partial(follow, old, new, claims(old, CLAIMS // 2 * times, rng)))
    return works


def conversions(rng: random.Random) -> list[Work]:
    text = "".join(rng.choices("The mayor planted é, ğ and 🌳. ", k=LONG))
    spans = claims(text, LONG_CLAIMS, rng)
    return [
        Work(unit, partial(convert, text, unit, spans), "str.encode", text.encode, 5.0 if unit == CODE_POINT else 80.0)
        for unit in UNITS
    ]


def convert(text: str, unit: str, spans: list[Stretch]) -> list[Stretch]:
    ruler = Ruler(text, unit)
    shown = [(ruler.in_unit(start), ruler.in_unit(end)) for start, end in spans]
    return [(ruler.in_code_points(start), ruler.in_code_points(end)) for start, end in shown]


def documents(size: int, rng: random.Random) -> str:
    """So many code points of the shared documents, in any order; of sentences if they are not here."""
    pieces = [pair["before"] for file in sorted(DATA.glob("*.jsonl.gz")) for pair in read(file)]
    rng.shuffle(pieces)
    text, n = "", 0
    while len(text) < size:
        text += f"{pieces[n]}\n\n" if n < len(pieces) else rng.choice(SENTENCES).format(n=n, y=2000 + n % 25)
        n += 1
    return text[:size]


def edited(text: str, edits: int, rng: random.Random) -> str:
    """The text after so many edits: words deleted, replaced or inserted, or up to 300 code points moved."""
    for _ in range(edits):
        at, length = rng.randrange(len(text)), rng.choice((0, 4, 8, 30))
        if rng.random() < 0.1:
            moved, text = text[at : at + 300], text[:at] + text[at + 300 :]
            at, length = rng.randrange(len(text)), 0
        else:
            moved = rng.choice(("", " not", " 14,000 ", " a few other words "))
        text = text[:at] + moved + text[at + length :]
    return text


def claims(text: str, count: int, rng: random.Random) -> list[Stretch]:
    starts = (rng.randrange(len(text) - CLAIM) for _ in range(count))
    return [(start, start + CLAIM) for start in starts]


def seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def report_quality(name: str, found: Tally) -> None:
    print(f"{name}\n{'spans':<28}{'number':>8}{'recall':>9}{'to reach':>10}{'precision':>11}{'kept elsewhere':>16}")
    for kind, to_reach in TO_REACH.items():
        if not found.spans[kind]:
            continue
        recall = found.right[kind] / found.spans[kind]
        precision = found.right[kind] / max(1, found.placed[ORPHANED if kind == "gone" else kind])
        figures = f"{found.spans[kind]:>8,}{recall:>9.1%}{to_reach:>10.1%}{precision:>11.1%}"
        print(f"{kind:<28}{figures}{found.kept_elsewhere[kind]:>16}")
    placed = {kind: number for kind, number in found.placed.items() if kind != ORPHANED}
    right = sum(found.right[kind] for kind in placed if kind != "gone")
    print(f"of {sum(placed.values()):,} spans given a place, {right / sum(placed.values()):.2%} are right")
    print(f"kept on other words: {found.kept_on_other_words} (to reach: 0)\n")


def report_speed(title: str, works: list[Work], rounds: int) -> None:
    times = [[(seconds(work.bare), seconds(work.do)) for work in works] for _ in range(rounds)]
    print(f"{title}; medians of {rounds} rounds\n{'work':<28}{'ms':>8}{'floor':>23}{'ms':>8}{'ratio':>8}{'at most':>9}")
    for work, measured in zip(works, zip(*times, strict=True), strict=True):
        bare, took = (1_000 * statistics.median(each) for each in zip(*measured, strict=True))
        ratio = statistics.median(took / bare for bare, took in measured)
        print(f"{work.name:<28}{took:>8.1f}{work.floor:>23}{bare:>8.1f}{ratio:>8.2f}{work.at_most:>9.2f}")
    print()


def report_growth(works: dict[str, list[Callable[[], object]]], rounds: int) -> None:
    sizes = [SIZE * times for times in GROWTH]
    print(f"Time per n log n, as a ratio to that of {SIZE:,} code points; medians of {rounds} rounds")
    print(f"{'n':<28}{''.join(f'{size:>10,}' for size in sizes)}{'at most':>9}")
    for kind, todo in works.items():
        rows = [
            [seconds(do) / (size * math.log(size)) for do, size in zip(todo, sizes, strict=True)] for _ in range(rounds)
        ]
        ratios = [statistics.median(row[n] / row[0] for row in rows) for n in range(len(sizes))]
        print(f"{kind:<28}{''.join(f'{ratio:>10.2f}' for ratio in ratios)}{MOST_GROWTH:>9.2f}")
    print()


if __name__ == "__main__":
    main()
