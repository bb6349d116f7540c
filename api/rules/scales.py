"""Rating scales: the ordered verdicts a project uses. A new preset is one entry here.

Sources: `averitec` are the four labels of AVeriTeC (Schlichtkrull et al. 2023), `fever` the
three of FEVER (Thorne et al. 2018). `six_point` is the six-step scale that US desks made common.
"""

from collections.abc import Iterable
from typing import Any, Literal

TruthClass = Literal["true", "false", "mixed", "unverifiable"]
TRUTH_CLASSES: tuple[TruthClass, ...] = ("true", "false", "mixed", "unverifiable")
Scale = dict[str, Any]
"""`{name, values: [{value, label, number | None, truth_class}]}`, in the order of the scale."""


def _scale(name: str, *rows: tuple[str, str, float | None, TruthClass]) -> Scale:
    keys = ("value", "label", "number", "truth_class")
    return {"name": name, "values": [dict(zip(keys, row, strict=True)) for row in rows]}


PRESETS: dict[str, Scale] = {
    scale["name"]: scale
    for scale in (
        _scale(
            "six_point",
            ("true", "True", 6, "true"),
            ("mostly_true", "Mostly true", 5, "true"),
            ("half_true", "Half true", 4, "mixed"),
            ("mostly_false", "Mostly false", 3, "mixed"),
            ("false", "False", 2, "false"),
            ("pants_on_fire", "Pants on fire", 1, "false"),
        ),
        _scale(
            "averitec",
            ("supported", "Supported", None, "true"),
            ("refuted", "Refuted", None, "false"),
            ("not_enough_evidence", "Not enough evidence", None, "unverifiable"),
            ("conflicting_evidence", "Conflicting evidence/cherry-picking", None, "mixed"),
        ),
        _scale(
            "fever",
            ("supported", "Supported", None, "true"),
            ("refuted", "Refuted", None, "false"),
            ("not_enough_info", "Not enough info", None, "unverifiable"),
        ),
        _scale(
            "basic",
            ("true", "True", 3, "true"),
            ("mixed", "Partly true", 2, "mixed"),
            ("false", "False", 1, "false"),
            ("unverifiable", "Can't be verified", None, "unverifiable"),
        ),
    )
}
DEFAULT = "six_point"


def verdicts(scale: Scale) -> list[str]:
    return [entry["value"] for entry in scale["values"]]


def dropped(scale: Scale, used: Iterable[str]) -> list[str]:
    """The verdicts in use that `scale` no longer has."""
    return sorted(set(used) - set(verdicts(scale)))
