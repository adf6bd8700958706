#!/usr/bin/env python3
"""Holds every #include of src/ and include/ to the room order of the architecture.

A room uses only rooms before it in ROOMS; prints each include that breaks the rule and exits 1.
"""
import pathlib
import re
import sys

ROOMS = [
    "weir", "types", "model", "format", "postgres", "commitlog", "storage", "placement", "gateway", "client", "access",
    "sql", "server", "cli",
]
INCLUDE = re.compile(r'^\s*#include "([a-z_]+)/', re.MULTILINE)


def room_of(path: pathlib.Path, root: pathlib.Path) -> str:
    parts = path.relative_to(root).parts
    return "weir" if parts[0] == "include" else parts[1]


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    files = [f for top in ("include", "src") for f in (root / top).rglob("*") if f.suffix in (".h", ".cc")]
    broken = 0
    for file in sorted(files):
        room = room_of(file, root)
        for used in INCLUDE.findall(file.read_text()):
            if used in ROOMS and ROOMS.index(used) > ROOMS.index(room):
                print(f"{file.relative_to(root)}: room '{room}' must not use '{used}'")
                broken += 1
    print(f"{len(files)} files, {broken} includes against the room order")
    return 1 if broken or not files else 0


if __name__ == "__main__":
    sys.exit(main())
