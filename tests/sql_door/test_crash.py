"""kill -9 in the middle of transactions: each is there as a whole or not at all."""
from __future__ import annotations

import random
import threading

import psycopg

LEAVES = 4
ROUNDS = 4


def write(server, number: int, acknowledged: set[int], commits: threading.Semaphore) -> None:
    """Transactions that put a row into every leaf, until the server is gone."""
    try:
        with server.connect() as connection:
            while True:
                for leaf in range(LEAVES):
                    connection.execute("INSERT INTO t VALUES (%s, %s)", (leaf, number))
                connection.commit()
                acknowledged.add(number)
                commits.release()
                number += 1
    except psycopg.Error:
        pass


def test_transactions_are_whole_after_kill(start_server):
    choose = random.Random(7)
    acknowledged: set[int] = set()
    server = start_server()
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE t (leaf int, tx int) PARTITION BY LIST (leaf)")
        for leaf in range(LEAVES):
            connection.execute(f"CREATE TABLE t{leaf} PARTITION OF t FOR VALUES IN ({leaf})")
    for turn in range(ROUNDS):
        commits = threading.Semaphore(0)
        writers = [threading.Thread(target=write, args=(server, (turn * 2 + i) * 100_000, acknowledged, commits))
                   for i in range(2)]
        for writer in writers:
            writer.start()
        server.kill_amid(commits, choose)
        for writer in writers:
            writer.join()
        server = start_server()
        with server.connect(autocommit=True) as connection:
            rows = connection.execute("SELECT tx, count(*), count(DISTINCT leaf) FROM t GROUP BY tx").fetchall()
        assert all(row[1:] == (LEAVES, LEAVES) for row in rows)
        assert acknowledged <= {row[0] for row in rows}


def replace(server, number: int, acknowledged: list[int], commits: threading.Semaphore) -> None:
    """Transactions that replace a table and a leaf and note it, until the server is gone."""
    try:
        with server.connect() as connection:
            while True:
                connection.execute(f"DROP TABLE r; CREATE TABLE r AS SELECT {number} AS n")
                connection.execute("ALTER TABLE p DETACH PARTITION p1")
                connection.execute("DROP TABLE p1")
                connection.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
                connection.execute(f"INSERT INTO p VALUES (1, {number})")
                connection.execute(f"UPDATE noted SET n = {number}")
                connection.commit()
                acknowledged.append(number)
                commits.release()
                number += 1
    except psycopg.Error:
        pass


def test_definitions_and_rows_are_whole_after_kill(start_server):
    choose = random.Random(3)
    server = start_server()
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE noted (n int PRIMARY KEY)")
        connection.execute("INSERT INTO noted VALUES (0)")
        connection.execute("CREATE TABLE r AS SELECT 0 AS n")
        connection.execute("CREATE TABLE p (k int, n int) PARTITION BY LIST (k)")
        connection.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
        connection.execute("INSERT INTO p VALUES (1, 0)")
    noted = 0
    for _ in range(ROUNDS):
        acknowledged: list[int] = []
        commits = threading.Semaphore(0)
        writer = threading.Thread(target=replace, args=(server, noted + 1, acknowledged, commits))
        writer.start()
        server.kill_amid(commits, choose)
        writer.join()
        server = start_server()
        with server.connect(autocommit=True) as connection:
            noted = connection.execute("SELECT n FROM noted").fetchone()[0]
            assert connection.execute("SELECT n FROM r").fetchall() == [(noted,)]
            assert connection.execute("SELECT n FROM p").fetchall() == [(noted,)]
            assert connection.execute("SELECT n FROM p1").fetchall() == [(noted,)]
        assert noted >= acknowledged[-1]
