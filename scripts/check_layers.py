#!/usr/bin/env python3
"""Holds every #include of src/ and include/ to the room order of the architecture.

A room uses only rooms before it in ROOMS, and a folder of src/sql only folders before it in LAYERS. What is above the
room postgres alone uses src/postgres/compute: the rooms before sql link without it. Prints each include that breaks the
rule and exits 1.
"""
import pathlib
import re
import sys

ROOMS = [
    "weir", "types", "model", "format", "postgres", "commitlog", "storage", "placement", "gateway", "client", "access",
    "sql", "server", "cli",
]
# Of the room sql: a statement goes down from the session. What DuckDB is given and what it calls are one layer in two
# folders: the trees that are emitted read tables, whose indexes and checks are emitted expressions.
LAYERS = ["dialect", "remote", "catalog", "transaction", "access", "analyze", "duckdb", "engine", "system", "session"]
ONE_LAYER = {"duckdb", "engine"}
INCLUDE = re.compile(r'^\s*#include "([a-z_]+)/', re.MULTILINE)
COMPUTE = "postgres/compute"
SQL_INCLUDE = re.compile(r'^\s*#include "sql/([a-z_]+)/', re.MULTILINE)


def room_of(path: pathlib.Path, root: pathlib.Path) -> str:
    parts = path.relative_to(root).parts
    return "weir" if parts[0] == "include" else parts[1]


def above(layer: str, text: str) -> list[str]:
    """The layers of sql that a file of `layer` includes and must not."""
    return [used for used in SQL_INCLUDE.findall(text)
            if LAYERS.index(used) > LAYERS.index(layer) and {used, layer} != ONE_LAYER]


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    files = [f for top in ("include", "src") for f in (root / top).rglob("*") if f.suffix in (".h", ".cc")]
    broken = 0
    for file in sorted(files):
        room = room_of(file, root)
        text = file.read_text()
        for used in INCLUDE.findall(text):
            if used in ROOMS and ROOMS.index(used) > ROOMS.index(room):
                print(f"{file.relative_to(root)}: room '{room}' must not use '{used}'")
                broken += 1
        if room == "sql" and file.parent.name in LAYERS:
            for used in above(file.parent.name, text):
                print(f"{file.relative_to(root)}: the folder '{file.parent.name}' of sql must not use '{used}'")
                broken += 1
        of_sql = ROOMS.index(room) >= ROOMS.index("sql")
        if f'#include "{COMPUTE}/' in text and not of_sql and not file.is_relative_to(root / "src" / COMPUTE):
            print(f"{file.relative_to(root)}: only what is above the room postgres may use its folder compute")
            broken += 1
    print(f"{len(files)} files, {broken} includes against the room order")
    return 1 if broken or not files else 0


if __name__ == "__main__":
    sys.exit(main())
