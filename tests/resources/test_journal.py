"""The journal: what is written of requests whose answers are out when the process is to end."""

import logging
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from api.settings import Settings
from app import create_app


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}"))
    yield app
    app.extensions["database"].close()


def begun(app: Flask) -> Any:
    """An answer that the server has yet to take."""
    answer: Iterable[bytes] = app.wsgi_app(EnvironBuilder("/healthz").get_environ(), lambda *_: lambda _: None)
    return answer


def test_a_process_ends_once_its_last_answer_is_written_down(own_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = begun(own_app)
    ending = threading.Thread(target=own_app.extensions["journal"].finish)
    ending.start()
    ending.join(0.1)
    assert ending.is_alive()
    with caplog.at_level(logging.DEBUG, "claimspan.request"):
        assert list(answer) == [b'{"status":"ok"}']
        answer.close()
    ending.join(10)
    assert not ending.is_alive()
    assert [record.message for record in caplog.records] == ["request"]


def test_an_answer_that_nobody_takes_keeps_no_process(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.journal.LAST_WORDS", 0.05)
    answer = begun(own_app)
    own_app.extensions["journal"].finish()
    answer.close()
