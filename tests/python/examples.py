"""Runs code blocks of documents: one after another, in one namespace, top-level await allowed."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def python_blocks(document: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of each Python block."""
    text = document.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def compile_block(source: str, filename: str, line: int = 1) -> Any:
    return compile("\n" * (line - 1) + source, filename, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def run_example(source: str, namespace: dict[str, Any], filename: str = "<example>") -> None:
    """Runs a block inside the running event loop."""
    code = compile_block(source, filename)
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        await result


def run_document(document: Path, namespace: dict[str, Any]) -> int:
    """Runs all blocks of a document. Blocks that await share a loop; others run without one."""
    count = 0
    with asyncio.Runner() as runner:
        for line, source in python_blocks(document):
            code = compile_block(source, str(document), line)
            if code.co_flags & inspect.CO_COROUTINE:
                runner.run(eval(code, namespace))
            else:
                exec(code, namespace)
            count += 1
    return count


class Printed:
    """Stands in for print(): keeps what was printed, and ends an endless loop after `limit` calls."""

    class Enough(Exception):
        pass

    def __init__(self, limit: int | None = None) -> None:
        self.items: list[Any] = []
        self._limit = limit

    def __call__(self, *values: Any) -> None:
        for value in values:
            str(value)  # as print does: a result that is still under way is waited for
        self.items.append(values[0] if len(values) == 1 else values)
        if self._limit is not None and len(self.items) >= self._limit:
            raise self.Enough
