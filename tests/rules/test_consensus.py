"""Where a claim stands follows from the votes alone."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.consensus import Outcome, Policy, Settled, Vote, settle

policies = st.builds(Policy, st.integers(1, 9), st.sampled_from(["unanimous", "majority"]))
verdicts = st.lists(st.sampled_from(["true", "false", "mixed"]), max_size=9)


def votes(*verdicts: str) -> list[Vote]:
    return [Vote(f"a{n}", f"reviewer{n}", verdict) for n, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("policy", "given", "expected"),
    [
        (Policy(), votes(), Outcome("unverified")),
        (Policy(), votes("true"), Outcome("resolved", Settled("true", "sole", "reviewer0", ("a0",)))),
        (Policy(), votes("true", "true"), Outcome("resolved", Settled("true", "unanimous", None, ("a0", "a1")))),
        (Policy(), votes("true", "false"), Outcome("disputed")),
        (Policy(2), votes("true"), Outcome("in_review")),
        (Policy(2), votes("true", "true"), Outcome("resolved", Settled("true", "unanimous", None, ("a0", "a1")))),
        (Policy(3, "unanimous"), votes("true", "true", "false"), Outcome("disputed")),
        (
            Policy(3, "majority"),
            votes("true", "false", "true"),
            Outcome("resolved", Settled("true", "majority", None, ("a0", "a2"))),
        ),
        (Policy(2, "majority"), votes("true", "false"), Outcome("disputed")),
        (Policy(4, "majority"), votes("true", "true", "false", "mixed"), Outcome("disputed")),
    ],
)
def test_settling(policy: Policy, given: list[Vote], expected: Outcome) -> None:
    assert settle(policy, given) == expected


@given(policies, verdicts)
def test_a_resolution_names_exactly_the_assessments_that_carry_it(policy: Policy, verdicts: list[str]) -> None:
    outcome = settle(policy, votes(*verdicts))
    assert (outcome.settled is not None) == (outcome.status == "resolved")
    if outcome.settled:
        carrying = [f"a{n}" for n, verdict in enumerate(verdicts) if verdict == outcome.settled.verdict]
        assert list(outcome.settled.assessments) == carrying
        assert 2 * len(carrying) > len(verdicts) >= policy.required_assessments


@given(policies, verdicts, st.randoms())
def test_the_order_of_the_votes_does_not_matter(policy: Policy, verdicts: list[str], random: Random) -> None:
    shuffled = votes(*verdicts)
    random.shuffle(shuffled)
    one, other = settle(policy, votes(*verdicts)), settle(policy, shuffled)
    assert one.status == other.status
    assert (one.settled and one.settled.verdict) == (other.settled and other.settled.verdict)
