#!/usr/bin/env python3
"""Records which leaves a running PostgreSQL 15 reads of random partition trees: pruning.expected.

    record_pruning.py "host=127.0.0.1 port=5432 user=postgres dbname=postgres"

The file holds the statements that make and fill each tree, and a line for each filter: the leaves that are read, and
the filter.
"""
from __future__ import annotations

import pathlib
import random
import re
import sys

import psycopg

TREES = 16
FILTERS = 30
ROWS = 25
DEEPEST = 3
VALUES = {
    "int": [str(i) for i in range(-3, 25)],
    "bigint": [str(i) for i in range(20)] + ["5000000000"],
    "text": ["''", "'a'", "'B'", "'b'", "'c'", "'ca'", "'d'", "'zz'", "'é'"],
    "varchar(5)": ["''", "'a'", "'B'", "'b'", "'c'", "'ca'", "'d'", "'zz'"],
    "char(3)": ["''", "'a'", "'B'", "'b'", "'c'", "'ca'", "'d'", "'zz'"],
    "date": [f"'2024-{month:02}-{day:02}'" for month in range(1, 8) for day in (1, 15)],
    "timestamp": [f"'2024-{month:02}-01 12:00:00.5'" for month in range(1, 8)],
    "timestamptz": [f"'2024-{month:02}-01 00:00:00+02'" for month in range(1, 8)],
    "numeric": ["0", "1.5", "2", "2.50", "3.75", "10", "11.1"],
    "float8": ["0", "1.5", "2", "2.5", "3.75", "10", "'NaN'", "'-Infinity'"],
    "boolean": ["true", "false"],
    "uuid": [f"'0000000{i}-0000-0000-0000-000000000000'" for i in range(9)],
    "interval": ["'1 day'", "'2 days'", "'3 days'", "'1 mon'"],
}
OTHER_TYPES = {"int": ["bigint", "numeric"], "date": ["timestamp"], "timestamp": ["date"]}


def leaves_read(connection: psycopg.Connection, query: str) -> set[str]:
    plan = "\n".join(row[0] for row in connection.execute("EXPLAIN (COSTS OFF) " + query))
    return set(re.findall(r"Seq Scan on (\S+)", plan))


class Tree:
    """A random tree of partitions, and filters over its columns."""

    def __init__(self, name: str, chance: random.Random, ordered: dict[str, list[str]]) -> None:
        self.name, self.chance, self.ordered = name, chance, ordered
        self.columns = {f"c{i}": kind for i, kind in enumerate(chance.sample(list(VALUES), chance.randint(2, 4)))}
        self.statements: list[str] = []
        self.made = 0
        strategy, key = self.some_key()
        columns = ", ".join(f"{column} {kind}" for column, kind in self.columns.items())
        self.statements.append(f"CREATE TABLE {name} ({columns}) PARTITION BY {strategy} ({', '.join(key)})")
        self.add_partitions(name, strategy, key, 1)

    def some_key(self) -> tuple[str, list[str]]:
        strategy = self.chance.choice(["RANGE", "RANGE", "LIST", "HASH"])
        width = 1 if strategy == "LIST" else min(len(self.columns), self.chance.choice([1, 1, 2, 3]))
        return strategy, self.chance.sample(list(self.columns), width)

    def add_partitions(self, parent: str, strategy: str, key: list[str], level: int) -> None:
        for bound in self.bounds(strategy, key):
            self.made += 1
            child = f"{self.name}_p{self.made}"
            statement = f"CREATE TABLE {child} PARTITION OF {parent} {bound}"
            if level == DEEPEST or self.chance.random() < 0.5:
                self.statements.append(statement)
                continue
            below, its_key = self.some_key()
            self.statements.append(f"{statement} PARTITION BY {below} ({', '.join(its_key)})")
            self.add_partitions(child, below, its_key, level + 1)

    def bounds(self, strategy: str, key: list[str]) -> list[str]:
        some = {"RANGE": self.ranges, "LIST": self.lists, "HASH": self.hashes}[strategy](key)
        return some + (["DEFAULT"] if strategy != "HASH" and self.chance.random() < 0.5 else [])

    def ranges(self, key: list[str]) -> list[str]:
        values = self.ordered[self.columns[key[0]]]
        places = sorted(self.chance.sample(range(len(values)), min(len(values), self.chance.randint(2, 5))))
        edges = [values[place] for place in places]
        edges = ["MINVALUE"] * (self.chance.random() < 0.3) + edges + ["MAXVALUE"] * (self.chance.random() < 0.3)
        found = []
        for low, high in zip(edges, edges[1:]):
            if self.chance.random() < 0.15:
                continue
            lows, highs = [low], [high]
            for column in key[1:]:
                value = self.chance.choice(["MINVALUE", self.chance.choice(self.ordered[self.columns[column]])])
                lows.append("MINVALUE" if "MINVALUE" in lows else value)
                highs.append("MAXVALUE" if "MAXVALUE" in highs else "MINVALUE")
            found.append(f"FOR VALUES FROM ({', '.join(lows)}) TO ({', '.join(highs)})")
        return found

    def lists(self, key: list[str]) -> list[str]:
        values = list(self.ordered[self.columns[key[0]]]) + ["NULL"] * (self.chance.random() < 0.4)
        self.chance.shuffle(values)
        found = []
        while values and len(found) < 4:
            taken, values = values[: self.chance.randint(1, 3)], values[3:]
            found.append(f"FOR VALUES IN ({', '.join(taken)})")
        return found

    def hashes(self, _key: list[str]) -> list[str]:
        modulus = self.chance.randint(2, 4)
        kept = [remainder for remainder in range(modulus) if self.chance.random() < 0.85]
        return [f"FOR VALUES WITH (MODULUS {modulus}, REMAINDER {remainder})" for remainder in kept]

    def row(self) -> str:
        values = ("NULL" if self.chance.random() < 0.1 else self.chance.choice(VALUES[kind])
                  for kind in self.columns.values())
        return f"({', '.join(values)})"

    def filter(self, depth: int = 0) -> str:
        kind = self.chance.random()
        if depth == 2 or kind < 0.55:
            return self.test()
        if kind < 0.95:
            return f"({self.filter(depth + 1)} {'AND' if kind < 0.78 else 'OR'} {self.filter(depth + 1)})"
        return f"NOT ({self.filter(depth + 1)})"

    def test(self) -> str:
        column = self.chance.choice(list(self.columns))
        kind = self.columns[column]

        def value() -> str:
            return self.chance.choice(VALUES[kind])

        def typed() -> str:
            return f"{value()}::{self.chance.choice([kind, *OTHER_TYPES.get(kind, [])])}"

        def array(length: int) -> str:
            return f"ARRAY[{', '.join(value() for _ in range(length))}]::{kind}[]"

        forms = [
            lambda: f"{column} {self.chance.choice(['=', '<', '<=', '>', '>=', '<>'])} {value()}",
            lambda: f"{column} {self.chance.choice(['=', '<', '>='])} {typed()}",
            lambda: f"{typed()} {self.chance.choice(['=', '<', '>='])} {column}",
            lambda: f"{column} IN ({value()}, {value()})",
            lambda: f"{column} NOT IN ({value()}, {value()})",
            lambda: f"{column} = ANY ({array(3)})",
            lambda: f"{column} > ALL ({array(2)})",
            lambda: f"{column} BETWEEN {value()} AND {value()}",
            lambda: f"{column} IS {self.chance.choice(['NULL', 'NOT NULL'])}",
            lambda: f"{column} IS NOT DISTINCT FROM {value()}",
        ]
        if kind == "boolean":
            forms += [lambda: column, lambda: f"NOT {column}",
                      lambda: f"{column} IS {self.chance.choice(['', 'NOT '])}"
                              f"{self.chance.choice(['TRUE', 'FALSE', 'UNKNOWN'])}"] * 3
        weights = [6, 3, 2, 3, 1, 2, 1, 2, 2, 1] + [2] * (len(forms) - 10)
        return self.chance.choices(forms, weights)[0]()


def in_order(connection: psycopg.Connection, kind: str) -> list[str]:
    """Each value once, ascending."""
    rows = ", ".join(f"($q${value}$q$, {value}::{kind})" for value in VALUES[kind])
    query = f"SELECT min(text) FROM (VALUES {rows}) AS known(text, value) GROUP BY value ORDER BY value"
    return [row[0] for row in connection.execute(query)]


def record(connection: psycopg.Connection, number: int, ordered: dict[str, list[str]]) -> list[str]:
    tree = Tree(f"tree_{number}", random.Random(number), ordered)
    for statement in tree.statements:
        connection.execute(statement)
    lines = list(tree.statements)
    for _ in range(ROWS):
        statement = f"INSERT INTO {tree.name} VALUES {tree.row()}"
        try:
            connection.execute(statement)
        except psycopg.errors.CheckViolation:
            continue
        lines.append(statement)
    for _ in range(FILTERS):
        condition = tree.filter()
        query = f"SELECT * FROM {tree.name} WHERE {condition}"
        read = sorted(leaves_read(connection, query), key=lambda leaf: int(leaf.rsplit("_p")[-1]))
        rows = len(connection.execute(query).fetchall())
        lines.append(f"{rows} of {','.join(leaf.removeprefix(tree.name + '_') for leaf in read)}: {condition}")
    return lines


def main() -> int:
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute("DROP SCHEMA IF EXISTS pruning CASCADE")
        connection.execute("CREATE SCHEMA pruning")
        connection.execute("SET search_path = pruning")
        ordered = {kind: in_order(connection, kind) for kind in VALUES}
        lines = [line for number in range(TREES) for line in record(connection, number, ordered)]
        connection.execute("DROP SCHEMA pruning CASCADE")
    (pathlib.Path(__file__).parent / "pruning.expected").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
