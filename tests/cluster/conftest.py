"""SQL servers on one Apache Fluss cluster, which scripts/test-cluster has started: $FLUSS_ADDRESS is its coordinator,
$FLUSS_DIRECTORY what scripts/fluss-node keeps of it. The binary is $WEIR_BINARY, or the release build."""
from __future__ import annotations

import itertools
import os
import pathlib
import re
import signal
import subprocess
import time

import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = str(pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve())
ADDRESS = os.environ.get("FLUSS_ADDRESS", "")

_numbers = itertools.count(1)


class SqlServer:
    """A `weir server` on the cluster, on a port of its own choice, which it keeps when it is started again."""

    def __init__(self, log: pathlib.Path) -> None:
        self.port = 0
        self._log = log
        self.start()

    def start(self) -> None:
        with open(self._log, "a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [BINARY, "server", "--sql", f"127.0.0.1:{self.port}", "--connect", ADDRESS],
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = self._process.stdout.readline()
        address = re.search(r" on 127\.0\.0\.1:(\d+) for SQL$", line.rstrip())
        assert address, line + self._log.read_text()
        self.port = int(address.group(1))

    def connect(self, database: str = "postgres", **options) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user="tester", dbname=database, connect_timeout=30,
                               **options)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(60) == 0, self._log.read_text()


class FlussServers:
    """The processes of a cluster; `settings`: what scripts/fluss-node was told of it, beside the environment."""

    def __init__(self, directory: str, **settings: str) -> None:
        self.directory = pathlib.Path(directory)
        self._environment = {**os.environ, **settings}

    def start(self) -> str:
        """The coordinator's address."""
        return self._run("start", capture_output=True, text=True).stdout.strip()

    def stop(self) -> None:
        self._run("stop")

    def names(self) -> list[str]:
        return sorted(file.stem for file in self.directory.glob("*.pid"))

    def kill(self, name: str) -> None:
        number = int((self.directory / f"{name}.pid").read_text())
        os.kill(number, signal.SIGKILL)
        while pathlib.Path(f"/proc/{number}/stat").exists():
            if pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
            time.sleep(0.05)

    def launch(self, name: str) -> None:
        self._run("launch", name)

    def _run(self, command: str, *arguments: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run([str(ROOT / "scripts" / "fluss-node"), command, str(self.directory), *arguments],
                              env=self._environment, check=True, **options)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name == "test_versions.py")


@pytest.fixture(scope="session")
def fluss() -> FlussServers:
    if not ADDRESS:
        pytest.skip("scripts/test-cluster starts the cluster")
    return FlussServers(os.environ["FLUSS_DIRECTORY"])


@pytest.fixture(scope="session")
def fluss_servers(fluss) -> FlussServers:
    """The same where a module has that name."""
    return fluss


@pytest.fixture(scope="session")
def servers(fluss, tmp_path_factory):
    logs = tmp_path_factory.mktemp("servers")
    both = [SqlServer(logs / "first.log"), SqlServer(logs / "second.log")]
    yield both
    for server in both:
        server.stop()


@pytest.fixture
def database(servers) -> str:
    name = f"db{next(_numbers)}_{os.getpid()}"
    with servers[0].connect(autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def sessions(servers, database):
    """One on each server."""
    both = [server.connect(database) for server in servers]
    yield both
    for connection in both:
        connection.close()
