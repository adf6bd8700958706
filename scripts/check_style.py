#!/usr/bin/env python3
"""Two habits of the C++ code.

Lines have 120 characters at most, but within raw strings. A switch over an enumeration of our own names every kind,
without a `default:`, so that the compiler shows each place that a new kind needs.
"""
import pathlib
import re
import sys

LONGEST = 120
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.DOTALL)
CASE = re.compile(r"^\s*case ((?:\w+::)*)k[A-Z]\w*:")
# Of others (OIDs, libpg_query's nodes), or open: a peer of another version may send a code that has no name here.
OPEN = {"ErrorCode", "ApiKey", "Node", "oid"}


def long_lines(text: str):
    raw = set()
    for match in RAW_STRING.finditer(text):
        raw.update(range(text.count("\n", 0, match.start()), text.count("\n", 0, match.end()) + 1))
    for number, line in enumerate(text.split("\n")):
        if len(line) > LONGEST and number not in raw:
            yield number + 1, f"has {len(line)} characters, {LONGEST} are the most"


def open_switches(text: str):
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not re.match(r"\s*default:", line):
            continue
        indent = len(line) - len(line.lstrip())
        for above in reversed(lines[:number]):
            if above.strip() and len(above) - len(above.lstrip()) < indent:
                break
            match = CASE.match(above)
            scopes = match.group(1).split("::") if match and len(above) - len(above.lstrip()) == indent else []
            if len(scopes) > 1 and not OPEN.intersection(scopes):
                yield number + 1, f"`default:` in a switch over {'::'.join(scopes[:-1])}: name every kind"
                break


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    found = 0
    for folder in ("src", "include", "python", "tests", "bench", "examples"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".cc", ".h"):
                continue
            text = file.read_text()
            for number, problem in sorted([*long_lines(text), *open_switches(text)]):
                print(f"{file.relative_to(root)}:{number}: {problem}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
