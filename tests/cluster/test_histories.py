"""Lists that transactions of two SQL servers append to while the servers are killed, and what a Fluss client sees of them:
sql_door/histories.py says what the levels allow."""
from __future__ import annotations

import itertools
import os
import random
import sys
import threading
import time

import pytest

from conftest import ADDRESS, ROOT
from test_failures import wait_for_cluster

sys.path.insert(0, str(ROOT / "tests" / "sql_door"))

from histories import KEYS, LEVELS, Run, numbers, play

fluss = pytest.importorskip("fluss.sync")
Config = pytest.importorskip("fluss").Config

SECONDS = float(os.environ.get("CLUSTER_SECONDS", "10"))
SEED = int(os.environ.get("CLUSTER_SEED", "1"))
RUNS = int(os.environ.get("CLUSTER_RUNS", "1"))
KINDS = ("plain", "log", "range")


class InTurn:
    """Connections go to one server after the other; those over the Fluss protocol are SQL servers of their own."""

    fluss = ADDRESS

    def __init__(self, servers, database: str) -> None:
        self._turn = itertools.cycle(servers)
        self._lock = threading.Lock()
        self._database = database

    def connect(self, **options):
        with self._lock:
            server = next(self._turn)
        return server.connect(self._database, **options)


class FlussReader:
    """Looks lists up, key by key, as long as it is told to."""

    def __init__(self, database: str, table: str) -> None:
        self.seen: list[tuple[int, tuple[int, ...]]] = []
        self.failed: Exception | None = None
        self._path = f"{database}.{table}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            with fluss.FlussConnection.create(Config({"bootstrap.servers": ADDRESS})) as connection:
                lookuper = connection.get_table(self._path).new_lookup().create_lookuper()
                for key in itertools.cycle(KEYS):
                    if self._stop.is_set():
                        return
                    self.seen.append((key, numbers(lookuper.lookup([key])["list"])))
                    time.sleep(0.01)
        except Exception as error:  # the test tells of it
            self.failed = error

    def finish(self) -> None:
        self._stop.set()
        self._thread.join()
        if self.failed:
            raise self.failed


def make_runs(servers, database: str, seed: int) -> list[Run]:
    runs = []
    with servers[0].connect(database, autocommit=True) as connection:
        for number, (kind, level) in enumerate(itertools.product(KINDS, LEVELS)):
            runs.append(Run(f"{kind}_{level.split()[0].lower()}", level, 100 * seed + number))
            runs[-1].make(connection, kind)
    return runs


def test_histories_are_what_their_levels_allow(servers, database):
    runs = make_runs(servers, database, SEED)
    reader = FlussReader(database, "plain_read")
    turns = 4
    for turn in range(turns):
        with play(runs, InTurn(servers, database), SECONDS / turns):
            if turn < turns - 1:
                servers[turn % 2].kill()
        if turn < turns - 1:
            servers[turn % 2].start()
        for server in servers:
            with server.connect(database, autocommit=True) as connection:
                committed = [run.check(connection) for run in runs]
    assert all(committed)
    reader.finish()
    with servers[1].connect(database, autocommit=True) as connection:
        final = {key: numbers(text) for key, text in connection.execute("SELECT k, list FROM plain_read")}
    for key, seen in reader.seen:
        assert seen == final[key][:len(seen)], f"a Fluss client has seen {seen} of {final[key]}"
    assert reader.seen


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_histories_hold_whatever_process_dies(servers, database, fluss_servers, seed):
    """$CLUSTER_RUNS of them, each with deaths of its own: SQL servers, tablet servers, the coordinator."""
    choose = random.Random(seed)
    runs = make_runs(servers, database, seed)
    victims = ["first", "second", *(name for name in fluss_servers.names() if name != "zookeeper")]
    for victim in [*choose.sample(victims, 2), choose.choice(victims[:2])]:
        with play(runs, InTurn(servers, database), choose.uniform(0.3, 0.5) * SECONDS / 2):
            if victim in ("first", "second"):
                servers[victim == "second"].kill()
            else:
                fluss_servers.kill(victim)
        if victim in ("first", "second"):
            servers[victim == "second"].start()
        else:
            fluss_servers.launch(victim)
        for server in servers:
            wait_for_cluster(server, database, "SELECT " + ", ".join(f"(SELECT count(*) FROM {r.table})" for r in runs))
            with server.connect(database, autocommit=True) as connection:
                committed = [run.check(connection) for run in runs]
    assert any(committed)
