"""Blind review: until their own assessment is submitted, reviewers see a claim as if nobody had assessed it."""

from collections.abc import Mapping
from typing import Any

from api.rules.history import UNASSESSED

REVIEW = ("assessment", "status")
"""The resources whose events tell of assessments, or of what follows from them."""


def unassessed(claim: Mapping[str, Any]) -> dict[str, Any]:
    """The claim as it would be without any assessment; a withdrawn one is withdrawn all the same.

    >>> unassessed({"text": "x", "status": "disputed", "assessment_count": 2, "review_version": 3})["status"]
    'unverified'
    """
    standing = UNASSESSED if claim["status"] != "withdrawn" else {}
    hidden: dict[str, Any] = {**standing, "assessment_count": 0, "review_version": 0}
    return {**claim, **{name: value for name, value in hidden.items() if name in claim}}
