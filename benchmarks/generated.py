"""Dossiers as scripts send them, as many as one likes: articles of about 800 words, ten claims each, two links a claim.

Equal numbers and seeds give equal dossiers.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Any

VOCABULARY = """
a about after again against all almost also and année any are as at autumn bridge budget but by can centre
children church citizens city climate committee could council counted court crime days debt did doctors due
during each election energy every families fell few figures first for forest from gave given growth had half
harbour has have he health her highest hospital houses however if in income into is it its jobs journalists
just last later law less library made many market mayor measured meeting members million minister money months
more most museum neither new night no nobody not number of office officials often on once only or other our
over park parents parliament people percent places planned police poorer population prices private promised
public quarter railway rain record region rent repeated report residents river road rose said same school
season second she since so some spent spokesman statistics still street students such tax teachers than that
the their then there they third this three to town traffic trees twice two under union university until voters
wages was water we week were when where which while who winter with women work would written year years you
zürich città São-Paulo naïve “almost”
"""
WORDS = VOCABULARY.split()
SENTENCES, CLAIMS, LINKS = 55, 10, 2
STANCES = ("supports", "refutes", "context")
VERDICTS = ("true", "false", "half_true")
Made = dict[str, Any]


def dossiers(n: int, reviewers: Sequence[str] = (), seed: int = 1) -> Iterator[Made]:
    """So many dossiers in the native form, with an assessment of every claim by each of the reviewers."""
    random = Random(seed)
    for number in range(n):
        sentences = [_sentence(random) for _ in range(SENTENCES)]
        if number % 10 == 0:
            sentences[-1] += " 🌳"
        starts = [0, *accumulate(len(sentence) + 1 for sentence in sentences)]
        places = random.sample(range(SENTENCES), CLAIMS)
        yield {
            "article": _article(number, sentences, random),
            "claims": [_claim(f"{number}-{at}", starts[at], sentences[at], reviewers, random) for at in sorted(places)],
        }


def _sentence(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(10, 22))).capitalize() + "."


def _article(number: int, sentences: list[str], random: Random) -> Made:
    return {
        "external_id": f"article-{number}",
        "title": sentences[0],
        "url": f"https://news.example/{number}",
        "publisher": "The Morning Example",
        "byline": f"Reporter {random.randrange(50)}",
        "language": "en",
        "published_at": f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
        "metadata": {"section": "city", "words": sum(sentence.count(" ") + 1 for sentence in sentences)},
        "text": " ".join(sentences),
    }


def _claim(name: str, start: int, sentence: str, reviewers: Sequence[str], random: Random) -> Made:
    return {
        "external_id": f"claim-{name}",
        "spans": [{"start": start, "end": start + len(sentence), "exact": sentence}],
        "text": f"In the words of the speaker: {sentence}",
        "context": "Said in the town hall, in answer to a question about the year before.",
        "language": "en",
        "claimant": {"name": f"Speaker {random.randrange(500)}", "kind": "person", "job_title": "Councillor"},
        "claimed_at": "2026-03-02",
        "location": "DE",
        "types": ["numerical"],
        "tags": random.sample(WORDS, 2),
        "evidence": [_link(name, n, random) for n in range(LINKS)],
        "assessments": [_assessment(reviewer, random) for reviewer in reviewers],
    }


def _link(name: str, n: int, random: Random) -> Made:
    return {
        "url": f"https://statistics.example/{name}/{n}",
        "title": f"Statistical yearbook, table {random.randrange(1000)}",
        "publisher": "Office of Statistics",
        "published_at": "2026-02-11",
        "excerpt": _sentence(random),
        "stance": random.choice(STANCES),
    }


def _assessment(reviewer: str, random: Random) -> Made:
    return {
        "reviewer": reviewer,
        "verdict": random.choice(VERDICTS),
        "rationale": _sentence(random),
        "confidence": round(random.random(), 2),
    }
