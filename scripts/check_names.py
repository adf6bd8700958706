#!/usr/bin/env python3
"""Finds names that do not go together when the files of a room are compiled in batches.

Within a room, a function in an anonymous namespace must not have the name and the parameters of one in another file's,
and must not have the name of a function that one of the room's own headers declares, which it would hide.
"""
import collections
import pathlib
import re
import sys

ANONYMOUS = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"^(?:template <[^>]*>\n)?(?!using|return|namespace|struct|class|enum|case|else)"
                      r"[A-Za-z_][\w:<>,&*\s\[\]]*?[\s&*>](\w+)\(([^;{]*?)\)(?: const)?(?: noexcept)? ?(\{|;)",
                      re.MULTILINE)


def parameters(text: str) -> str:
    """The types alone: a parameter's name and its default say nothing."""
    types = []
    for part in re.split(r",(?![^<]*>)", text):
        part = part.split("=")[0].strip()
        types.append(re.sub(r"\s*\b\w+$", "", part) if " " in part or "&" in part or "*" in part else part)
    return ", ".join(re.sub(r"\s+", " ", one).replace("sql::", "").replace("postgres::", "") for one in types)


def functions(text: str):
    for match in FUNCTION.finditer(text):
        yield match.group(1), parameters(match.group(2))


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent / "src"
    found = 0
    for room in sorted({file.parent for file in root.rglob("*.cc")}):
        declared = {}
        for header in room.glob("*.h"):
            for name, _ in functions(header.read_text()):
                declared.setdefault(name, header.name)
        seen = collections.defaultdict(set)
        for file in sorted(room.glob("*.cc")):
            for block in ANONYMOUS.findall(file.read_text()):
                for name, types in functions(block):
                    seen[name, types].add(file.name)
                    if name in declared:
                        print(f"{file.relative_to(root)}: {name} hides the one of {declared[name]}")
                        found += 1
        for (name, types), files in seen.items():
            if len(files) > 1:
                print(f"{room.relative_to(root)}: {name}({types}) in {', '.join(sorted(files))}")
                found += 1
    print(f"{found} names that do not go together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
