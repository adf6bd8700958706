"""Histories of transactions that append to lists and read them, and whether the isolation level allows them.

Half of the sessions are psycopg's, the others come over the Fluss protocol (conn.sql()).

Each transaction appends numbers that nobody else appends, and reads lists, so that what was read says who came before
whom. From a history follow the edges between its transactions:

    ww   the one has appended right before the other
    wr   the other has read what the one appended last
    rw   the one has read a list without what the other appended next

Levels forbid: what READ COMMITTED allows has no circle of ww and wr; REPEATABLE READ has none with a single rw either;
SERIALIZABLE has no circle at all.

    histories.py --seconds 60 --kills 10

runs long histories against a server that is killed now and then ($WEIR_BINARY, or the release build).
"""
from __future__ import annotations

import argparse
import contextlib
import itertools
import pathlib
import random
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

try:
    import fluss
    from fluss.sync import FlussConnection
except ImportError:  # then all sessions are psycopg's
    fluss = None

LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
KINDS = {
    "plain": ["CREATE TABLE {t} (k int PRIMARY KEY, list text)"],
    "log": ["CREATE TABLE {t} (k int, list text)"],
    "hash": ["CREATE TABLE {t} (k int PRIMARY KEY, list text) PARTITION BY HASH (k)",
             *(f"CREATE TABLE {{t}}{i} PARTITION OF {{t}} FOR VALUES WITH (MODULUS 2, REMAINDER {i})" for i in range(2))],
    "range": ["CREATE TABLE {t} (k int, list text) PARTITION BY RANGE (k)",
              "CREATE TABLE {t}0 PARTITION OF {t} FOR VALUES FROM (0) TO (3)",
              "CREATE TABLE {t}1 PARTITION OF {t} DEFAULT"],
}
KEYS = range(6)


@dataclass
class Transaction:
    number: int
    ended: str = "unknown"  # committed, failed, unknown
    appended: list[tuple[int, int]] = field(default_factory=list)  # key, number
    read: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)  # key, list


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(",") if word)


# --- checking


def orders(history: list[Transaction], final: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """How each list has grown; what was read is a beginning of it."""
    for transaction in history:
        own = defaultdict(list)
        for key, number in transaction.appended:
            own[key].append(number)
        for key, seen in transaction.read:
            others = tuple(n for n in seen if n not in own[key])
            assert others == final[key][:len(others)], f"{transaction.number} has read {seen} of {final[key]}"
    return final


def check_appends(history: list[Transaction], final: dict[int, tuple[int, ...]]) -> None:
    """What was acknowledged is there once, what has failed is not, and of one transaction all or nothing."""
    for key, numbers_of in final.items():
        assert len(set(numbers_of)) == len(numbers_of), f"doubled in {key}: {numbers_of}"
    there = {number for numbers_of in final.values() for number in numbers_of}
    for transaction in history:
        mine = {number for _, number in transaction.appended}
        assert transaction.ended != "committed" or mine <= there, f"lost of {transaction.number}: {mine - there}"
        assert transaction.ended != "failed" or not mine & there, f"of the failed {transaction.number}: {mine & there}"
        assert mine <= there or not mine & there, f"a part of {transaction.number}: {mine & there} of {mine}"


def edges(history: list[Transaction], final: dict[int, tuple[int, ...]]) -> tuple[set, set]:
    """ww and wr, then rw, of the transactions that are there."""
    writer = {number: t.number for t in history for _, number in t.appended}
    forward, against = set(), set()
    for order in final.values():
        forward |= {(writer[a], writer[b]) for a, b in itertools.pairwise(order)}
    for transaction in history:
        if transaction.ended != "committed":
            continue
        for key, seen in transaction.read:
            others = [n for n in seen if writer[n] != transaction.number]
            if others:
                forward.add((writer[others[-1]], transaction.number))
            following = [n for n in final[key][len(seen):] if writer[n] != transaction.number]
            if following and len(others) == len(seen):
                against.add((transaction.number, writer[following[0]]))
    return {e for e in forward if e[0] != e[1]}, {e for e in against if e[0] != e[1]}


def reached(graph: dict[int, set[int]], start: int) -> set[int]:
    seen, waiting = set(), [start]
    while waiting:
        for after in graph[waiting.pop()]:
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return seen


def circle(pairs: set[tuple[int, int]]) -> int | None:
    """A transaction that comes before itself."""
    graph = defaultdict(set)
    for before, after in pairs:
        graph[before].add(after)
    waiting = dict.fromkeys({t for pair in pairs for t in pair}, 0)
    for _, after in pairs:
        waiting[after] += 1
    free = [t for t, count in waiting.items() if count == 0]
    while free:
        one = free.pop()
        del waiting[one]
        for after in graph[one]:
            waiting[after] -= 1
            if waiting[after] == 0:
                free.append(after)
    return next(iter(waiting), None)


def check(level: str, history: list[Transaction], final: dict[int, tuple[int, ...]]) -> None:
    """Fails where the level does not allow the history."""
    check_appends(history, final)
    orders(history, final)
    forward, against = edges(history, final)
    assert circle(forward) is None, f"G1c through {circle(forward)}"
    if level == LEVELS[0]:
        return
    graph = defaultdict(set)
    for before, after in forward:
        graph[before].add(after)
    for reader, after in against:
        assert reader not in reached(graph, after), f"G-single of {reader} and {after}"
    if level == LEVELS[2]:
        assert circle(forward | against) is None, f"G2 through {circle(forward | against)}"


# --- running


class FlussSession:
    """A session over the Fluss protocol, in psycopg's words as far as they are needed here."""

    def __init__(self, address: str) -> None:
        try:
            self._connection = FlussConnection.open(address)
        except fluss.FlussError as error:
            raise psycopg.OperationalError(str(error)) from error

    def __enter__(self) -> FlussSession:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, text: str, parameters: tuple = ()):
        for number in range(len(parameters)):
            text = text.replace("%s", f"${number + 1}", 1)
        try:
            return self._connection.sql(text, parameters)
        except fluss.SqlError as error:
            kind = psycopg.errors.lookup(error.sqlstate) if error.sqlstate in ("40001", "40P01") else psycopg.OperationalError
            raise kind(str(error)) from error


class Run:
    """Threads that append and read, in one table at one level."""

    def __init__(self, table: str, level: str, seed: int) -> None:
        self.table, self.level = table, level
        self.history: list[Transaction] = []
        self._choose = random.Random(seed)
        self._lock = threading.Lock()
        self._next = itertools.count(1)

    def make(self, connection: psycopg.Connection, kind: str) -> None:
        for statement in KINDS[kind]:
            connection.execute(statement.format(t=self.table))
        connection.execute(f"INSERT INTO {self.table} SELECT k, '' FROM generate_series(0, {len(KEYS) - 1}) k")

    def _begin(self) -> tuple[Transaction, list[tuple[int, int | None]]]:
        with self._lock:
            transaction = Transaction(next(self._next))
            self.history.append(transaction)
            steps = []
            for _ in range(self._choose.randint(1, 4)):
                key = self._choose.choice(KEYS)
                steps.append((key, next(self._next) if self._choose.random() < 0.5 else None))
            return transaction, steps

    def _step(self, connection: psycopg.Connection, transaction: Transaction, key: int, number: int | None) -> None:
        if number is None:
            text = connection.execute(f"SELECT list FROM {self.table} WHERE k = %s", (key,)).fetchone()[0]
            transaction.read.append((key, numbers(text)))
        else:
            transaction.appended.append((key, number))
            connection.execute(f"UPDATE {self.table} SET list = list || %s WHERE k = %s", (f"{number},", key))

    def work(self, server, stop: threading.Event, over_fluss: bool) -> None:
        """Until it is told to stop, or the server is gone."""
        try:
            with FlussSession(server.fluss) if over_fluss else server.connect(autocommit=True) as connection:
                while not stop.is_set():
                    self._one(connection)
        except psycopg.OperationalError:
            pass

    def _one(self, connection: psycopg.Connection) -> None:
        transaction, steps = self._begin()
        try:
            connection.execute(f"BEGIN ISOLATION LEVEL {self.level}")
            for key, number in steps:
                self._step(connection, transaction, key, number)
            connection.execute("COMMIT")
            transaction.ended = "committed"
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            transaction.ended = "failed"
            connection.execute("ROLLBACK")

    def check(self, connection: psycopg.Connection) -> int:
        """How many transactions have committed."""
        rows = connection.execute(f"SELECT k, list FROM {self.table} ORDER BY k").fetchall()
        assert [k for k, _ in rows] == list(KEYS), f"{self.table}: {rows}"
        check(self.level, self.history, {k: numbers(text) for k, text in rows})
        return sum(t.ended == "committed" for t in self.history)


@contextlib.contextmanager
def play(runs: list[Run], server, seconds: float, threads: int = 2) -> Iterator[None]:
    """All runs at once for so long; then, while they go on, the body."""
    stop = threading.Event()
    workers = [threading.Thread(target=run.work, args=(server, stop, fluss is not None and (i + j) % 2 == 1))
               for i, run in enumerate(runs) for j in range(threads)]
    for worker in workers:
        worker.start()
    stop.wait(seconds)
    yield
    stop.set()
    for worker in workers:
        worker.join()


def main() -> int:
    from conftest import Server

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    runs = {f"{kind}_{level.split()[0].lower()}": (kind, level) for kind in KINDS for level in LEVELS}
    played = [Run(table, level, arguments.seed + i) for i, (table, (_, level)) in enumerate(runs.items())]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pathlib.Path(folder) / "data")
        with server.connect(autocommit=True) as connection:
            for run in played:
                run.make(connection, runs[run.table][0])
        for turn in range(arguments.kills + 1):
            with play(played, server, arguments.seconds / (arguments.kills + 1), threads=1):
                if turn < arguments.kills:
                    server.kill()
            if turn < arguments.kills:
                server = Server(pathlib.Path(folder) / "data")
            with server.connect(autocommit=True) as connection:
                counts = {run.table: run.check(connection) for run in played}
            print(turn, counts, flush=True)
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
