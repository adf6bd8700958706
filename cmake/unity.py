"""unity.py OUT_DIR NAME SOURCE_DIR SOURCE...: writes OUT_DIR/NAME_0.cc and so on, which include all sources of a room.

One large file compiles faster than the small ones it is made of, since the headers are read once. Two sources of a
folder share a file unless one has a name in its anonymous namespace that the other one has or uses. Prints the files,
one a line.
"""

import functools
import pathlib
import re
import sys
from collections.abc import Iterable

MAX_LINES = 4000  # of one file: enough to pay for the headers, and small enough for all cores to have something to do

NOISE = re.compile(r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
ANONYMOUS = re.compile(r"\bnamespace\s*\{")
TYPE = re.compile(r"\b(?:class|struct|enum(?:\s+class)?)\s+(\w+)\s*(?:final\s*)?[:{;]|\busing\s+(\w+)\s*=")
FUNCTION_OR_VARIABLE = re.compile(r"[\w>*&][\s&*]+([A-Za-z_]\w*)\s*(?:\(|(?:\[[^\]]*\]\s*)*[={;])()")
IMPORTED = re.compile(r"\busing\s+(?:[\w:]+::)?(\w+);|\bnamespace\s+(\w+)\s*=")
INCLUDED = re.compile(r'^#include "([\w/.]+)"', re.MULTILINE)
USED = re.compile(r"(?<![\w.:>])([A-Za-z_]\w*)|->\s*(?=\w)|(?<=[^\w-]>)([A-Za-z_]\w*)")


def outermost(text: str, start: int) -> str:
    """The text of a block that opens before `start`, less all blocks in it."""
    depth, kept = 1, []
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            break
        if depth == 1 or (depth == 2 and text[at] == "{"):
            kept.append(text[at])
    return "".join(kept)


def names_of(matches: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(name for match in matches for name in match if name)


@functools.cache
def read(path: pathlib.Path) -> str:
    return path.read_text()


@functools.cache
def used_in(path: pathlib.Path) -> frozenset[str]:
    return names_of(USED.findall(NOISE.sub('""', read(path))))


def headers_of(path: pathlib.Path, roots: list[pathlib.Path], found: set[pathlib.Path]) -> set[pathlib.Path]:
    """The project's headers that a file includes, and those that they include."""
    for name in INCLUDED.findall(read(path)):
        for header in (root / name for root in roots):
            if header not in found and header.exists():
                found.add(header)
                headers_of(header, roots, found)
    return found


class Source:
    def __init__(self, path: pathlib.Path, roots: list[pathlib.Path]) -> None:
        text = NOISE.sub('""', read(path))
        self.path = path
        self.lines = text.count("\n")
        self.headers = headers_of(path, roots, set())
        self.imported = names_of(IMPORTED.findall(text))
        block = "\n".join(outermost(text, match.end()) for match in ANONYMOUS.finditer(text))
        self.types = names_of(TYPE.findall(block)) | self.imported
        self.own = names_of(FUNCTION_OR_VARIABLE.findall(block)) | self.types
        self.used = used_in(path)

    def goes_with(self, other: "Source") -> bool:
        return self.path.parent == other.path.parent and not self.hides(other) and not other.hides(self)

    def hides(self, other: "Source") -> bool:
        """Whether a name that is this source's own, or imported here, means another thing in the other one."""
        seen = other.used - (other.imported & self.imported)  # saying `using` twice is no clash
        return bool(self.own & seen) or any(self.types & used_in(header) for header in other.headers - self.headers)


def groups(sources: list[Source]) -> list[list[Source]]:
    result: list[list[Source]] = []
    for source in sorted(sources, key=lambda one: -one.lines):
        for group in result:
            fits = sum(one.lines for one in group) + source.lines <= MAX_LINES
            if fits and all(source.goes_with(one) for one in group):
                group.append(source)
                break
        else:
            result.append([source])
    return result


def main() -> None:
    out, name, root = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    sources = [Source(pathlib.Path(path), [root / "src", root / "include"]) for path in sys.argv[4:]]
    for number, group in enumerate(groups(sources)):
        file = out / f"{name}_{number}.cc"
        text = "".join(f'#include "{source.path.relative_to(root)}"\n' for source in group)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
        print(file)


if __name__ == "__main__":
    main()
