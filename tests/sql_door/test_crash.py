"""kill -9 in the middle of transactions: each is there as a whole or not at all."""
from __future__ import annotations

import random
import threading

import psycopg

LEAVES = 4
ROUNDS = 4


def write(server, number: int, acknowledged: set[int]) -> None:
    """Transactions that put a row into every leaf, until the server is gone."""
    try:
        with server.connect() as connection:
            while True:
                for leaf in range(LEAVES):
                    connection.execute("INSERT INTO t VALUES (%s, %s)", (leaf, number))
                connection.commit()
                acknowledged.add(number)
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
        writers = [threading.Thread(target=write, args=(server, (turn * 2 + i) * 100_000, acknowledged)) for i in range(2)]
        for writer in writers:
            writer.start()
        threading.Event().wait(choose.uniform(0.3, 1.0))
        server.kill()
        for writer in writers:
            writer.join()
        server = start_server()
        with server.connect(autocommit=True) as connection:
            rows = connection.execute("SELECT tx, count(*), count(DISTINCT leaf) FROM t GROUP BY tx").fetchall()
        assert all(row[1:] == (LEAVES, LEAVES) for row in rows)
        assert acknowledged <= {row[0] for row in rows}
    assert acknowledged
