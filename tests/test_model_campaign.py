"""The model campaign proves itself: it finds a bug that is planted. `.ci/run` has it pass where there is none."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_campaign_finds_that_half_is_taken_for_a_majority() -> None:
    options = ["--engine", "sqlite", "--steps", "600", "--seed", "2", "--plant", "majority_of_half"]
    command = [sys.executable, "-m", "tests.campaigns.model", *options]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "1 mismatches" in found.stdout
    assert "expected {'stands': ('disputed'" in found.stdout
    assert "state.vote(" in found.stdout, "the steps that led there are told"
