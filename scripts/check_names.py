#!/usr/bin/env python3
"""Finds names that do not go together when the files of a room are compiled in batches.

Within a room, a function in an anonymous namespace must not have the name and the parameters of one in another file's,
and must not have the name of a function that one of the room's own headers declares, which it would hide. Nor does a
type there have the name of another file's; aliases may, where they say the same.
"""
import collections
import pathlib
import re
import sys

ANONYMOUS = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"^(?:template <[^>]*>\n)?(?!using|return|namespace|struct|class|enum|case|else)"
                      r"[A-Za-z_][\w:<>,&*\s\[\]]*?[\s&*>](\w+)\(([^;{]*?)\)(?: const)?(?: noexcept)? ?(\{|;)",
                      re.MULTILINE)

TYPE = re.compile(r"^(?:(?:struct|class|enum class) (\w+)[^;\n]*\{|using (\w+) = ([^;]+);)", re.MULTILINE)


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


def types(text: str):
    """Each type's name, and what an alias stands for."""
    for match in TYPE.finditer(text):
        yield match.group(1) or match.group(2), match.group(3)


def types_apart(room: pathlib.Path):
    """Names of types that files of a room use for different things."""
    seen = collections.defaultdict(dict)
    for file in sorted(room.glob("*.cc")):
        for block in ANONYMOUS.findall(file.read_text()):
            for name, meaning in types(block):
                seen[name][file.name] = meaning or file.name
    return {name: sorted(files) for name, files in seen.items() if len(set(files.values())) > 1}


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
                for name, of in functions(block):
                    seen[name, of].add(file.name)
                    if name in declared:
                        print(f"{file.relative_to(root)}: {name} hides the one of {declared[name]}")
                        found += 1
        for (name, of), files in seen.items():
            if len(files) > 1:
                print(f"{room.relative_to(root)}: {name}({of}) in {', '.join(sorted(files))}")
                found += 1
        for name, files in types_apart(room).items():
            print(f"{room.relative_to(root)}: the type {name} in {', '.join(files)}")
            found += 1
    print(f"{found} names that do not go together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
