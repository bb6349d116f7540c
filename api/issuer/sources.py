"""Where the issuer's keys come from, and when they are looked for again: a file when it has changed, an address when
what came from it is old or lacks a key.

An address is asked by one thread at a time, and seldom: tokens of unknown keys, which anybody can make, cause no flood.
While it does not answer, the keys that are known go on working for a day.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import urllib3

from api.errors import SignInUnavailable
from api.issuer.keys import KeySet, read

log = logging.getLogger(__name__)

MOST_BYTES = 1024**2
CONNECT_SECONDS, READ_SECONDS, FETCH_SECONDS = 3, 3, 6
"""How long may pass until the address is connected, between two pieces of its answer, and in all."""
PATIENCE_SECONDS = 2
"""How long a thread waits for another's fetch because of a key that it does not know: made-up ones must not hold up
the whole service while the address is slow."""
RETRY_SECONDS = 5
"""Least time between two fetches when the last one failed."""
GRACE_SECONDS = 24 * 3600
"""How long keys are good after they were last found at their address."""
AWAY = "The keys of the sign-in service can't be had now; try again shortly."


class File:
    """Keys in a file, read again when it has changed."""

    def __init__(self, path: str):
        self._path = Path(path)
        self._lock = threading.Lock()
        self._seen = self._state()
        self._keys = read(self._path.read_bytes())

    def keys(self) -> KeySet:
        with self._lock:
            self._look()
            return self._keys

    def keys_again(self, _lacking: KeySet) -> KeySet:
        return self.keys()

    def _look(self) -> None:
        try:
            state = self._state()
            if state != self._seen:
                self._keys = read(self._path.read_bytes())
                self._seen = state
        except (OSError, ValueError) as error:
            log.error("the issuer's keys stay as they were, as %s can't be read: %s", self._path, error)

    def _state(self) -> tuple[int, int, int]:
        found = os.stat(self._path)
        return found.st_mtime_ns, found.st_size, found.st_ino


class Address:
    """Keys at an https address, kept for `lifetime` seconds."""

    def __init__(self, url: str, lifetime: float, pause: float, clock: Callable[[], float] = time.monotonic):
        self._url, self._lifetime, self._pause, self._clock = url, lifetime, pause, clock
        self._pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", maxsize=1)
        self._lock = threading.Lock()
        self._keys: KeySet = {}
        self._found_at = self._next_at = -float("inf")

    def keys(self) -> KeySet:
        """Raises: SignInUnavailable: the address does not answer, and has not for long."""
        now = self._clock()
        if not self._keys:
            self._fetch_in_turn({}, CONNECT_SECONDS + FETCH_SECONDS)
        elif now > self._found_at + self._lifetime and now >= self._next_at and self._lock.acquire(blocking=False):
            # One thread fetches; the others go on with what there is.
            try:
                self._fetch()
            finally:
                self._lock.release()
        if not self._keys or self._clock() > self._found_at + self._lifetime + GRACE_SECONDS:
            raise SignInUnavailable(AWAY)
        return self._keys

    def keys_again(self, lacking: KeySet) -> KeySet:
        """Keys that may be newer than these, which lack the one that is wanted."""
        self._fetch_in_turn(lacking, PATIENCE_SECONDS)
        return self._keys

    def _fetch_in_turn(self, lacking: KeySet, patience: float) -> None:
        """Fetches, unless another thread has meanwhile, or it is too soon."""
        if self._clock() < self._next_at and not self._lock.locked():
            return
        if not self._lock.acquire(timeout=patience):
            return
        try:
            if (not self._keys or self._keys is lacking) and self._clock() >= self._next_at:
                self._fetch()
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        try:
            self._keys = read(self._content())
            self._found_at = self._clock()
            self._next_at = self._found_at + self._pause
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._next_at = self._clock() + min(RETRY_SECONDS, self._pause)
            log.error("the issuer's keys could not be fetched from %s: %s", self._url, error)

    def _content(self) -> bytes:
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        headers = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
        end = time.monotonic() + FETCH_SECONDS
        response = self._pool.request(
            "GET", self._url, headers=headers, timeout=timeout, retries=False, redirect=False, preload_content=False
        )
        with closing(response):
            if response.status != 200:
                raise ValueError(f"expected status 200, found {response.status}")
            content = bytearray()
            while piece := response.read1(64 * 1024, decode_content=False):
                content += piece
                if len(content) > MOST_BYTES or time.monotonic() > end:
                    raise ValueError(f"expected at most {MOST_BYTES} bytes within {FETCH_SECONDS} s")
            return bytes(content)


Source = File | Address
