"""A server for the examples: the binary is $WEIR_BINARY, or the release build."""
from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "release" / "weir")).resolve()


@dataclasses.dataclass
class Server:
    fluss: str  # HOST:PORT
    host: str
    port: str

    @property
    def dsn(self) -> str:
        return f"host={self.host} port={self.port} user=weir dbname=fluss"

    @property
    def url(self) -> str:
        return f"postgres://weir@{self.host}:{self.port}/fluss"

    def psql(self, *arguments: str, cwd: pathlib.Path, database: str = "fluss") -> str:
        """What psql prints."""
        address = ("-h", self.host, "-p", self.port, "-U", "weir", "-d", database)
        return run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *address, *arguments, cwd=cwd)


def run(*command: object, cwd: pathlib.Path, timeout: int = 120, **environment: str) -> str:
    """What a command prints to standard output; it must not fail."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
                          capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("server")
    with open(directory / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [BINARY, "server", "--data", directory / "data", "--listen", "127.0.0.1:0", "--sql", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True)
    addresses = {}
    for line in process.stdout:
        found = re.search(r" on (127\.0\.0\.1:\d+)( for SQL)?$", line.rstrip())
        addresses["sql" if found.group(2) else "fluss"] = found.group(1)
        if len(addresses) == 2:
            break
    assert len(addresses) == 2, (directory / "log").read_text()
    yield Server(addresses["fluss"], *addresses["sql"].split(":"))
    process.terminate()
    assert process.wait(60) == 0
