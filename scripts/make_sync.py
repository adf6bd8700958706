#!/usr/bin/env python3
"""Makes python/fluss/sync.py, the package for code without an event loop, from the source of the awaitable classes.

make_sync.py [--check]: --check changes nothing and ends with 1 when the file is not what would be made.
"""

import ast
import pathlib
import sys

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / "python" / "fluss"
# The classes by the module that has them.
CLASSES = {
    "_write": ["AppendWriter", "UpsertWriter", "TableAppend", "TableUpsert"],
    "_lookup": ["Lookuper", "PrefixLookuper", "TableLookup", "TablePrefixLookup"],
    "_scan": ["LogScanner", "BatchScanner"],
    "_table": ["TableScan", "FlussTable"],
    "_admin": ["FlussAdmin"],
    "_connection": ["FlussConnection"],
}
BLOCKING = {"WriteResultHandle", *(name for names in CLASSES.values() for name in names)}
SPECIAL = {"__arrow_c_schema__", "__arrow_c_stream__", "_repr_html_"}
# What a result that is both awaitable and usable at once becomes.
REAL = {"TableResult": "pa.Table", "FrameResult": "_DataFrame", "ScanRecords": "fluss.ScanRecords"}

HEAD = '''"""The package for code without an event loop: the same classes, every method blocks and returns plain values.

    from fluss.sync import FlussConnection

    with FlussConnection.open("data") as conn:
        print(conn.get_admin().list_tables("fluss"))
"""

# Made by scripts/make_sync.py from the awaitable classes: change those, or fluss/_blocking.py.

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import pyarrow as pa

import fluss
from fluss import _together as _together  # pyfluss's __init__.py would not say it
from fluss._blocking import Blocking, FlussConnectionBase, FlussTableBase, LogScannerBase, WriteResultHandle
from fluss._connection import Target
from fluss._lookup import Row
from fluss._progress import Progress

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation as _Relation
    from pandas import DataFrame as _DataFrame
    from polars import DataFrame as _PolarsFrame

__all__ = [
'''


class PublicNames(ast.NodeTransformer):
    """Names of the package as ``fluss.sync`` knows them."""

    def __init__(self, public: set[str]) -> None:
        self.public = public - BLOCKING

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.public:
            return ast.Attribute(ast.Name("fluss", ast.Load()), node.id, ast.Load())
        return node


def methods_of(name: str, classes: dict[str, ast.ClassDef]) -> dict[str, ast.stmt]:
    """The members of a class and before them those of its bases, by name."""
    found: dict[str, ast.stmt] = {}
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            found |= methods_of(base.id, classes)
    for member in classes[name].body:
        if isinstance(member, ast.FunctionDef):
            found[member.name] = member
        elif isinstance(member, ast.Assign) and isinstance(member.value, ast.Name):
            found[ast.unparse(member.targets[0])] = member
    return found


def parameters_of(function: ast.FunctionDef, names: PublicNames) -> tuple[list[str], list[str]]:
    """What the method takes, as it is declared and as it is passed on."""
    arguments = function.args
    older_name = arguments.kwarg is not None and arguments.kwarg.arg == "name"  # the older name of the first argument
    positional = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    declared, passed = [], []

    def add(argument: ast.arg, default: ast.expr | None, keyword: bool) -> None:
        text = f"{argument.arg}: {ast.unparse(names.visit(argument.annotation))}"
        declared.append(text if default is None else f"{text} = {literal(names.visit(default))}")
        passed.append(f"{argument.arg}={argument.arg}" if keyword else argument.arg)

    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        if argument.arg == "self":
            declared.append("self")
        else:
            add(argument, None if older_name and index == 1 else default, keyword=False)
    if arguments.kwonlyargs:
        declared.append("*")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        add(argument, default, keyword=True)
    if arguments.kwarg is not None and not older_name:
        declared.append(f"**{arguments.kwarg.arg}: Any")
        passed.append(f"**{arguments.kwarg.arg}")
    return declared, passed


def literal(node: ast.expr) -> str:
    text = ast.unparse(node)
    return f'"{text[1:-1]}"' if text.startswith("'") else text


def result_of(returns: ast.expr, call: str, names: PublicNames) -> tuple[str, str]:
    """The type that a blocking method gives, and the expression that gives it."""
    if isinstance(returns, ast.Subscript) and ast.unparse(returns.value) in ("Pending", "ListResult"):
        inner = ast.unparse(names.visit(returns.slice))
        if ast.unparse(returns.value) == "ListResult":
            return f"list[{inner}]", f"{call}.result()"
        return inner, f"{inner}({call}.wait_sync())" if inner in BLOCKING else f"{call}.wait_sync()"
    kind = ast.unparse(returns)
    if kind in REAL:
        return REAL[kind], f"{call}.result()"
    if kind == "SqlCall":
        return "fluss.SqlResult", f"self._rows({call})"
    if kind in BLOCKING:
        return kind, f"{kind}({call})"
    return ast.unparse(names.visit(returns)), call


def signature(name: str, declared: list[str], returns: str) -> list[str]:
    line = f"    def {name}({', '.join(declared)}) -> {returns}:"
    if len(line) <= 120:
        return [line]
    inner = ", ".join(declared)
    if len(inner) <= 112:
        return [f"    def {name}(", f"        {inner}", f"    ) -> {returns}:"]
    return [f"    def {name}(", *(f"        {one}," for one in declared), f"    ) -> {returns}:"]


def method(class_name: str, function: ast.FunctionDef, names: PublicNames) -> list[str]:
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    static = "staticmethod" in decorators
    declared, passed = parameters_of(function, names)
    target = f"fluss.{class_name}" if static else "self.awaitable"
    call = f"{target}.{function.name}" + ("" if "property" in decorators else f"({', '.join(passed)})")
    assert function.returns is not None
    returns, expression = result_of(function.returns, call, names)
    gives_itself = "return self" in ast.unparse(function).split("\n    ")
    body = [call, "return self"] if gives_itself else [expression if returns == "None" else f"return {expression}"]
    text = ast.get_docstring(function)
    lines = [f"    @{decorator}" for decorator in decorators]
    lines += signature(function.name, declared, returns)
    if text and "\n" not in text and not gives_itself:
        lines.append(f'        """{text}"""')
    for line in body:
        lines += wrapped(f"        {line}", passed)
    return [*lines, ""]


def wrapped(line: str, passed: list[str]) -> list[str]:
    if len(line) <= 120:
        return [line]
    arguments = ", ".join(passed)
    before, after = line.split(f"({arguments})")
    inner = [f"            {arguments}"] if len(arguments) <= 108 else [f"            {one}," for one in passed]
    return [f"{before}(", *inner, f"        ){after}"]


def made(name: str, classes: dict[str, ast.ClassDef], names: PublicNames) -> list[str]:
    base = {"LogScanner", "FlussTable", "FlussConnection"} & {name}
    lines = ["", "", "@final", f"class {name}({name}Base):" if base else f"class {name}(Blocking):"]
    lines += ['    __slots__ = ("awaitable",)', "", f"    def __init__(self, awaitable: fluss.{name}) -> None:"]
    lines += [f"        self.awaitable: fluss.{name} = awaitable", ""]
    members = methods_of(name, classes)
    for member in members.values():
        if isinstance(member, ast.Assign):
            if not ast.unparse(member.targets[0]).startswith("_"):
                lines += [f"    {ast.unparse(member)}", ""]
        elif not member.name.startswith("_") or member.name in SPECIAL:
            lines += method(name, member, names)
    if "__enter__" in members:
        lines += [f"    def __enter__(self) -> {name}:", "        return self", ""]
        lines += ["    def __exit__(self, *exception: Any) -> None:", "        self.awaitable.__exit__(*exception)", ""]
    return lines[:-1]


def main() -> int:
    public = {
        element.value
        for node in ast.parse((PACKAGE / "__init__.py").read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for element in node.value.elts
    }
    names = PublicNames(public)
    lines = [f'    "{name}",' for name in sorted(BLOCKING)] + ["]"]
    for module, of_module in CLASSES.items():
        tree = ast.parse((PACKAGE / f"{module}.py").read_text())
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        for name in of_module:
            lines += made(name, classes, names)
    text = HEAD + "\n".join(lines) + "\n"
    file = PACKAGE / "sync.py"
    if file.read_text() == text:
        return 0
    if sys.argv[1:] == ["--check"]:
        print("python/fluss/sync.py is not what scripts/make_sync.py makes of the awaitable classes: run it")
        return 1
    file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
