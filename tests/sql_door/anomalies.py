"""The published anomalies, on tables of every kind, at every level.

    anomalies.py "host=127.0.0.1 port=5432 user=postgres dbname=postgres"

records the answers of a running PostgreSQL 15: schedules/anomalies.out, which is the same for every kind of table.
"""
from __future__ import annotations

import sys
from collections.abc import Iterator

import psycopg

import schedules

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

# No anomaly moves a row to another partition: that has schedules of its own.
KINDS = {
    "plain": ["CREATE TABLE t (id int PRIMARY KEY, v int, k int DEFAULT 0)"],
    "log": ["CREATE TABLE t (id int, v int, k int DEFAULT 0)"],
    "hash": ["CREATE TABLE t (id int PRIMARY KEY, v int, k int DEFAULT 0) PARTITION BY HASH (id)",
             "CREATE TABLE t0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
             "CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1)"],
    "range": ["CREATE TABLE t (id int PRIMARY KEY, v int, k int DEFAULT 0) PARTITION BY RANGE (id)",
              "CREATE TABLE ta PARTITION OF t FOR VALUES FROM (MINVALUE) TO (2)",
              "CREATE TABLE tb PARTITION OF t FOR VALUES FROM (2) TO (MAXVALUE)"],
    "two levels": ["CREATE TABLE t (id int, v int, k int DEFAULT 0) PARTITION BY RANGE (id)",
                   "CREATE TABLE ta PARTITION OF t FOR VALUES FROM (MINVALUE) TO (2) PARTITION BY LIST (k)",
                   "CREATE TABLE ta0 PARTITION OF ta FOR VALUES IN (0)",
                   "CREATE TABLE tb PARTITION OF t FOR VALUES FROM (2) TO (MAXVALUE) PARTITION BY LIST (k)",
                   "CREATE TABLE tb0 PARTITION OF tb DEFAULT"],
}


def prepare(control: psycopg.Connection, kind: str) -> None:
    control.execute("SET client_min_messages = error")
    control.execute(f"DROP SCHEMA IF EXISTS {schedules.SCHEMA} CASCADE")
    control.execute(f"CREATE SCHEMA {schedules.SCHEMA}")
    control.execute(f"SET search_path = {schedules.SCHEMA}")
    for statement in KINDS[kind]:
        control.execute(statement)


def answers(dsn: str, control: psycopg.Connection, level: str) -> Iterator[str]:
    """What the sessions answer in all of them, on the table that is there."""
    text = (schedules.FOLDER / "anomalies").read_text(encoding="utf-8")
    players: dict[str, schedules.Player] = {}
    try:
        for anomaly in schedules.read(text):
            yield f"== {anomaly.title}, {level}"
            control.execute("TRUNCATE t")
            control.execute("INSERT INTO t VALUES (1, 10), (2, 20)")
            names = sorted({name for name, _ in anomaly.steps})
            begun = [(name, f"BEGIN ISOLATION LEVEL {level}") for name in names]
            end = [(name, "COMMIT") for name in names]
            yield from schedules.play(dsn, control, players, [*begun, *anomaly.steps, *end])
            yield from (f"  {row}" for row in control.execute("SELECT id, v FROM t ORDER BY id").fetchall())
    finally:
        for player in players.values():
            player.end()


def main() -> int:
    with psycopg.connect(sys.argv[1], autocommit=True) as control:
        prepare(control, "plain")
        lines = [line for level in LEVELS for line in answers(sys.argv[1], control, level)]
        control.execute(f"DROP SCHEMA {schedules.SCHEMA} CASCADE")
    (schedules.FOLDER / "anomalies.out").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
