"""`weir server --sql` as clients of PostgreSQL see it: the binary is $WEIR_BINARY, or the release build."""
from __future__ import annotations

import itertools
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve())
START_LIMIT_S = 60

_numbers = itertools.count(1)


class Server:
    """A server on ports of its own choice. `within`: a command that becomes the server."""

    def __init__(self, directory: pathlib.Path, *options: str, within: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.fluss = self.port = None
        self._log = open(directory.with_suffix(".log"), "a", encoding="utf-8")
        self._process = subprocess.Popen(
            [*within, BINARY, "server", "--data", str(directory), "--listen", "127.0.0.1:0", "--sql", "127.0.0.1:0",
             *options],
            stdout=subprocess.PIPE, stderr=self._log, text=True)
        self._read_addresses()

    def _read_addresses(self) -> None:
        for line in self._process.stdout:
            address = re.search(r" on (127\.0\.0\.1:(\d+))( for SQL)?$", line.rstrip())
            assert address, line
            if address.group(3):
                self.port = int(address.group(2))
                return
            self.fluss = address.group(1)
        self._log.flush()
        raise AssertionError("the server did not start:\n" + self.directory.with_suffix(".log").read_text())

    def connect(self, database: str = "fluss", user: str = "tester", **options) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user=user, dbname=database, **options)

    def psql(self, *arguments: str, database: str = "fluss", code: int = 0, text: str | None = None,
             user: str = "tester", **settings: str) -> str:
        """What psql prints, errors and notices among the rest. `settings`: of its environment, as PGPASSWORD."""
        environment = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": user,
                       "PGDATABASE": database, "PSQLRC": "/dev/null", "LC_ALL": "C.UTF-8", **settings}
        done = subprocess.run(["psql", "-X", *arguments], env=environment, input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == code, f"exit status {done.returncode}\n{done.stdout}"
        return done.stdout

    def dump(self, *arguments: str) -> str:
        """What pg_dump writes."""
        environment = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "tester"}
        return subprocess.run(["pg_dump", *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True,
                              timeout=120).stdout

    def log(self) -> str:
        return self.directory.with_suffix(".log").read_text()

    def await_log(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while self.log().count(text) < times:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def most_memory(self) -> int:
        """The most bytes that it had in memory at a time."""
        with open(f"/proc/{self._process.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def kill_amid(self, commits: threading.Semaphore, choose: random.Random) -> None:
        """At some moment after a few of the commits, however long they take."""
        for _ in range(choose.randint(1, 4)):
            assert commits.acquire(timeout=120)
        time.sleep(choose.uniform(0, 0.3))
        self.kill()

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.terminate()
        return self._end()

    def wait(self) -> int:
        """Of a server that has been told to stop."""
        return self._end()

    def _end(self) -> int:
        code = self._process.wait(60)
        self._process.stdout.close()
        self._log.close()
        return code


@pytest.fixture
def binary() -> str:
    return BINARY


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("door") / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture
def database(server) -> str:
    """A database that no other test has."""
    name = f"door{next(_numbers)}"
    with server.connect(autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def conn(server, database):
    with server.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def client(server):
    """A Fluss client of the same server."""
    fluss = pytest.importorskip("fluss")
    from fluss.sync import FlussConnection

    with FlussConnection.create(fluss.Config({"bootstrap.servers": server.fluss})) as connection:
        yield connection


@pytest.fixture
def start_server(tmp_path):
    """Starts servers on one directory, one after another."""
    running = []

    def start(*options: str) -> Server:
        running.append(Server(tmp_path / "data", *options))
        return running[-1]

    yield start
    for one in running:
        if one._process.poll() is None:
            one.stop()
