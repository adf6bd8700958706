"""The type information: a program in both styles, the package itself, and stubs against the running package."""

from __future__ import annotations

import doctest
import os
import pathlib
import runpy
import site
import subprocess
import sys
import textwrap

import pytest

import fluss
import fluss.sync

HERE = pathlib.Path(__file__).parent
PACKAGE = pathlib.Path(fluss.__file__).parent


def check(*arguments: str, cwd: pathlib.Path) -> None:
    """Runs a module of the type checker with the package on its path. An installed package is there already, and mypy
    refuses a path that names site-packages."""
    environment = dict(os.environ)
    if str(PACKAGE.parent) not in site.getsitepackages():
        environment |= {"MYPYPATH": str(PACKAGE.parent), "PYTHONPATH": str(PACKAGE.parent)}
    result = subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> pathlib.Path:
    """A mypy configuration of its own, so that the answer does not depend on where the tests run."""
    pytest.importorskip("mypy")
    path = tmp_path_factory.mktemp("mypy") / "mypy.ini"
    path.write_text(
        f"[mypy]\nstrict = True\ncache_dir = {path.parent / 'cache'}\n"
        "[mypy-pyarrow.*,pandas.*,polars.*,duckdb.*,tqdm.*,numpy.*]\nignore_missing_imports = True\n"
        "follow_imports = skip\nfollow_imports_for_stubs = True\n"
    )
    return path


def functions_of(module, prefix: str) -> list[str]:
    """The example of each public name as a function, whose arguments are what examples find."""
    functions = []
    for name in module.__all__:
        examples = doctest.DocTestParser().get_examples(getattr(module, name).__doc__ or "")
        if isinstance(getattr(module, name), int):
            continue
        arguments = ", ".join(
            [f"conn: {prefix}.FlussConnection", f"admin: {prefix}.FlussAdmin"]
            + [f"{table}: {prefix}.FlussTable" for table in ("orders", "users", "visits")]
        )
        body = "".join(example.source for example in examples)
        if prefix == "fluss.sync":
            body = body.replace("fluss.FlussConnection", "fluss.sync.FlussConnection")
        functions.append(f"async def {module.__name__[-4:]}_{name}({arguments}) -> None:\n{textwrap.indent(body, '    ')}")
    return functions


@pytest.fixture(scope="module")
def every_name(tmp_path_factory) -> pathlib.Path:
    """A program that uses every public name."""
    program = tmp_path_factory.mktemp("names") / "every_name.py"
    functions = functions_of(fluss, "fluss") + functions_of(fluss.sync, "fluss.sync")
    program.write_text("import fluss\nimport fluss.sync\n\n\n" + "\n\n".join(functions))
    return program


def test_the_sample_runs(capsys):
    runpy.run_path(str(HERE / "typing_sample.py"), run_name="__main__")
    assert capsys.readouterr().out.endswith("3 1\n")


def test_programs_in_both_styles(settings, every_name, tmp_path):
    check("mypy", "--config-file", str(settings), str(HERE / "typing_sample.py"), str(every_name), cwd=tmp_path)


def test_pyright_agrees(every_name, tmp_path):
    pytest.importorskip("pyright")
    program = tmp_path / "sample.py"
    program.write_text((HERE / "typing_sample.py").read_text())
    check("pyright", "--pythonpath", sys.executable, str(program), str(every_name), cwd=tmp_path)


def test_mistakes_are_found(settings, tmp_path):
    program = tmp_path / "wrong.py"
    program.write_text(
        "import fluss\n"
        "fluss.TablePath(1, 't')\n"
        "fluss.TableBucket('a', 2)\n"
        "fluss.TableDescriptor(None)\n"
        "x: str = fluss.EARLIEST_OFFSET\n"
        "class Mine(fluss.TablePath): ...\n"
    )
    with pytest.raises(AssertionError) as info:
        check("mypy", "--config-file", str(settings), str(program), cwd=tmp_path)
    found = {int(line.split(":")[1]) for line in str(info.value).splitlines() if "wrong.py:" in line and ": error:" in line}
    assert {2, 3, 4, 5} <= found


def test_stubs_agree_with_the_package(settings, tmp_path):
    check("mypy.stubtest", "fluss", "--mypy-config-file", str(settings), "--ignore-disjoint-bases", "--allowlist",
          str(HERE / "stubtest-allowlist.txt"), "--ignore-unused-allowlist", "--concise", cwd=tmp_path)
