"""Money moved by sessions of all kinds while Fluss clients write the same tables: no reading is torn, nothing is lost."""
from __future__ import annotations

import itertools
import random
import threading

import psycopg
import pytest
from psycopg import errors

fluss = pytest.importorskip("fluss")

ACCOUNTS = 8
CLIENTS = range(100, 104)  # accounts that Fluss clients replace, each by the same
TOTAL = 100 * (ACCOUNTS + len(CLIENTS))
TABLES = {
    "plain": ["CREATE TABLE accounts (id int PRIMARY KEY, v int, n int)"],
    "range": ["CREATE TABLE accounts (id int PRIMARY KEY, v int, n int) PARTITION BY RANGE (id)",
              "CREATE TABLE accounts_low PARTITION OF accounts FOR VALUES FROM (0) TO (4)",
              "CREATE TABLE accounts_rest PARTITION OF accounts FOR VALUES FROM (4) TO (100)",
              "CREATE TABLE accounts_fluss PARTITION OF accounts DEFAULT"],
}
LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")


def connect_by_fluss(server):
    return fluss.sync.FlussConnection.open(server.fluss)


class Moves:
    def __init__(self, server, database: str) -> None:
        self.server, self.database = server, database
        self.stop = threading.Event()
        self.failures: list[BaseException] = []
        self.moved = itertools.count()

    def guard(self, work, *arguments) -> threading.Thread:
        def run() -> None:
            try:
                work(*arguments)
            except BaseException as failure:  # told by the test
                self.failures.append(failure)
                self.stop.set()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def move(self, number: int) -> None:
        """Binary parameters or text, prepared or not, one message or several, each at another level."""
        choose = random.Random(number)
        prepares = 0 if number % 2 and number % 3 != 2 else None
        with self.server.connect(self.database, autocommit=True, prepare_threshold=prepares) as conn:
            while not self.stop.is_set():
                source, target = choose.sample(range(ACCOUNTS), 2)
                try:
                    if number % 3 == 2:
                        conn.execute(f"BEGIN; UPDATE accounts SET v = v - 5, n = n + 1 WHERE id = {source};"
                                     f"UPDATE accounts SET v = v + 5, n = n + 1 WHERE id = {target}; COMMIT")
                    else:
                        conn.execute(f"BEGIN ISOLATION LEVEL {LEVELS[number % 3]}")
                        for account, sum_ in ((source, -5), (target, 5)):
                            conn.execute("UPDATE accounts SET v = v + %s, n = n + 1 WHERE id = %s", (sum_, account))
                        conn.execute("COMMIT")
                    next(self.moved)
                except (errors.SerializationFailure, errors.DeadlockDetected):
                    conn.execute("ROLLBACK")

    def read(self) -> None:
        with self.server.connect(self.database, autocommit=True) as conn:
            while not self.stop.is_set():
                assert conn.execute("SELECT count(*), sum(v) FROM accounts WHERE id < 100").fetchall() == [
                    (ACCOUNTS, 100 * ACCOUNTS)]

    def move_by_fluss(self, number: int) -> None:
        """The same over the Fluss protocol."""
        choose = random.Random(number)
        with connect_by_fluss(self.server) as conn:
            while not self.stop.is_set():
                source, target = choose.sample(range(ACCOUNTS), 2)
                try:
                    conn.sql(f"BEGIN ISOLATION LEVEL {LEVELS[number % 3]}")
                    for account, sum_ in ((source, -5), (target, 5)):
                        conn.sql(f"UPDATE {self.database}.accounts SET v = v + $1, n = n + 1 WHERE id = $2", [sum_, account])
                    conn.sql("COMMIT")
                    next(self.moved)
                except fluss.SqlError as error:
                    assert error.sqlstate in ("40001", "40P01"), error
                    conn.sql("ROLLBACK")

    def read_by_fluss(self) -> None:
        with connect_by_fluss(self.server) as conn:
            while not self.stop.is_set():
                rows = conn.sql(f"SELECT count(*), sum(v) FROM {self.database}.accounts WHERE id < 100").fetchall()
                assert rows == [(ACCOUNTS, 100 * ACCOUNTS)]

    def replace(self, client, table: str) -> None:
        with client.get_table(f"{self.database}.{table}").new_upsert().create_writer() as writer:
            while not self.stop.is_set():
                for account in CLIENTS:
                    writer.upsert({"id": account, "v": 100, "n": 0})
                writer.flush()


@pytest.mark.parametrize("kind", TABLES)
def test_no_money_is_lost(server, database, client, conn, kind):
    for statement in TABLES[kind]:
        conn.execute(statement)
    conn.execute("INSERT INTO accounts SELECT g, 100, 0 FROM generate_series(0, 7) g")
    conn.execute("INSERT INTO accounts SELECT g, 100, 0 FROM generate_series(100, 103) g")
    moves = Moves(server, database)
    table = "accounts_fluss" if kind == "range" else "accounts"
    threads = [moves.guard(moves.move, number) for number in range(6)]
    threads += [moves.guard(moves.move_by_fluss, number) for number in range(2)]
    threads += [moves.guard(moves.read), moves.guard(moves.read_by_fluss), moves.guard(moves.replace, client, table)]
    moves.stop.wait(0.5)
    moves.stop.set()
    for thread in threads:
        thread.join()
    assert not moves.failures
    committed = next(moves.moved)
    assert committed > 0
    assert conn.execute("SELECT count(*), sum(v), sum(n) FROM accounts").fetchall() == [
        (ACCOUNTS + len(CLIENTS), TOTAL, 2 * committed)]


def test_a_lost_connection_gives_its_locks_back(server, database, conn):
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    conn.execute("INSERT INTO t VALUES (1)")
    gone = server.connect(database)
    gone.execute("UPDATE t SET id = 2")
    gone.execute("CREATE TABLE n (i int)")
    gone.pgconn.finish()  # without a word
    conn.execute("SET lock_timeout = '30s'")
    assert conn.execute("UPDATE t SET id = 3").rowcount == 1
    conn.execute("CREATE TABLE n (i int)")
    with pytest.raises(psycopg.OperationalError):
        gone.execute("COMMIT")
