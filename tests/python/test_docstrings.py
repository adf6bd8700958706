"""Every public name has a docstring with an example, and the examples give what they say: in `fluss` as they stand, in
`fluss.sync` without awaiting."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io

import pytest

import fluss
import fluss.sync

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NAMES = [name for name in fluss.__all__ if not isinstance(getattr(fluss, name), int)]


def examples_of(thing):
    return doctest.DocTestParser().get_examples(thing.__doc__ or "")


def described(columns, **options):
    keys = options.pop("primary_keys", None)
    return fluss.TableDescriptor(fluss.Schema.from_dict(columns, primary_keys=keys), **options)


TABLES = {
    "orders": described({"id": "bigint", "region": "string", "amount": "double"}),
    "regions": described({"id": "bigint", "region": "string"}, partition_keys=["region"]),
    "users": described({"id": "int", "name": "string", "score": "int"}, primary_keys=["id"]),
    "visits": described({"user": "int", "at": "bigint", "page": "string"}, primary_keys=["user", "at"],
                        bucket_keys=["user"]),
}
ROWS = {
    "orders": [[1, "EU", 10.0], [2, "US", 20.0]],
    "users": [[1, "Ann", 10], [2, "Ben", 20]],
    "visits": [[7, 1, "/"], [7, 2, "/about"], [8, 1, "/"]],
}


def fill(conn):
    """What examples find: `conn` is of fluss.sync."""
    admin = conn.get_admin()
    for name, descriptor in TABLES.items():
        admin.create_table(f"fluss.{name}", descriptor)
    admin.create_partition("fluss.regions", {"region": "EU"})
    for name, rows in ROWS.items():
        table = conn.get_table(f"fluss.{name}")
        for row in rows:
            table.new_upsert().upsert(row) if table.has_primary_key() else table.new_append().append(row)
    conn.flush()


def check(thing, namespace, run):
    checker = doctest.OutputChecker()
    for example in examples_of(thing):
        out = io.StringIO()
        code = compile(example.source, "<example>", "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        with contextlib.redirect_stdout(out):
            run(code, namespace)
        assert checker.check_output(example.want, out.getvalue(), FLAGS), (example.source, out.getvalue())


@pytest.mark.parametrize("name", NAMES)
def test_examples(name):
    thing = getattr(fluss, name)
    assert examples_of(thing), f"{name} has no example"
    with asyncio.Runner() as runner, fluss.sync.FlussConnection.open() as conn:
        fill(conn)
        namespace = {"fluss": fluss, "conn": conn.awaitable, "admin": conn.awaitable.get_admin()}
        for table in ROWS:
            namespace[table] = conn.get_table(f"fluss.{table}").awaitable

        def run(code, names):
            if code.co_flags & inspect.CO_COROUTINE:
                runner.run(eval(code, names))
            else:
                exec(code, names)

        check(thing, namespace, run)


@pytest.mark.parametrize("name", fluss.sync.__all__)
def test_examples_without_awaiting(name):
    thing = getattr(fluss.sync, name)
    assert examples_of(thing), f"{name} has no example"
    assert "await " not in thing.__doc__

    class Blocking:
        """Names of the package as the face without an event loop has them."""

        def __getattr__(self, attribute):
            return getattr(fluss.sync, attribute, None) or getattr(fluss, attribute)

    with fluss.sync.FlussConnection.open() as conn:
        fill(conn)
        namespace = {"fluss": Blocking(), "conn": conn, "admin": conn.get_admin()}
        for table in ROWS:
            namespace[table] = conn.get_table(f"fluss.{table}")
        check(thing, namespace, lambda code, names: exec(code, names))


@pytest.mark.parametrize("module", [fluss, fluss.sync], ids=["fluss", "fluss.sync"])
def test_every_method_has_its_sentence(module):
    missing = []
    for name in module.__all__:
        thing = getattr(module, name)
        if not inspect.isclass(thing):
            continue
        for member in dir(thing):
            value = inspect.getattr_static(thing, member)
            inherited = getattr(getattr(thing, member, None), "__objclass__", None) in (BaseException, object, int)
            if member.startswith("_") or inherited or not (callable(value) or isinstance(value, (property, staticmethod))):
                continue
            if not inspect.getdoc(getattr(thing, member)):
                missing.append(f"{name}.{member}")
    assert not missing


ONLY_AWAITABLE = {"batches_until_latest"}  # a generator for `async for`


@pytest.mark.parametrize("name", fluss.sync.__all__)
def test_both_faces_take_the_same(name):
    """The same methods with the same parameters, so that neither goes its own way."""
    awaitable, blocking = getattr(fluss, name), getattr(fluss.sync, name)

    def members(cls):
        return {member for member in dir(cls) if not member.startswith("_")} - {"awaitable"} - ONLY_AWAITABLE

    assert members(blocking) == members(awaitable)
    for member in members(awaitable):
        of_both = [inspect.getattr_static(cls, member) for cls in (awaitable, blocking)]
        if any(isinstance(one, property) for one in of_both):
            assert all(isinstance(one, property) for one in of_both), member
            continue
        try:
            signatures = [inspect.signature(getattr(cls, member)) for cls in (awaitable, blocking)]
        except ValueError:
            continue  # compiled methods have no signature
        shapes = [[(p.name, p.kind, p.default) for p in signature.parameters.values()] for signature in signatures]
        if shapes[0][-1:] == [("name", inspect.Parameter.VAR_KEYWORD, inspect.Parameter.empty)]:
            shapes[0][1:] = [("database_name", shapes[0][1][1], inspect.Parameter.empty), *shapes[0][2:-1]]  # its older name
        assert shapes[0] == shapes[1], member
