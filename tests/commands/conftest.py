"""A server to speak to, and somebody who has no database of their own."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from api.settings import Settings
from app import create_app
from benchmarks.server import claimspan
from tests.asking import TOKEN, ask

numbers = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the real server, for all tests that leave it as it is."""
    with claimspan(f"sqlite:///{tmp_path_factory.mktemp('server') / 'x.db'}", TOKEN, workers=2) as port:
        yield port


@pytest.fixture
def project(server: int) -> str:
    """A new project there."""
    slug = f"p-{next(numbers)}"
    assert ask(server, "POST", "/v1/projects", {"slug": slug, "name": slug})[0] == 201
    return slug


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Flask]:
    """The command line of somebody else."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'none.db'}"))
    with closing(app.extensions["database"]):
        yield app
