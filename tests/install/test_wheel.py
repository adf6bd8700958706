"""What scripts/wheel makes of the release build: it needs no Debian package, and runs in a clean environment."""

from __future__ import annotations

import pathlib
import re
import sys
import venv

import pytest

from conftest import BUILD, ROOT, readme_program, run

# What every Linux has: glibc, the compiler's runtime and zlib, as the manylinux tags say.
SYSTEM = re.compile(r"lib(c|m|dl|pthread|rt|gcc_s|stdc\+\+|z)\.so\.\d+|ld-linux-x86-64\.so\.2|linux-vdso\.so\.1")


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(directory) -> pathlib.Path:
    run(ROOT / "scripts" / "wheel", "--build-dir", BUILD, "--output", directory / "dist", sys.executable, cwd=ROOT)
    (made,) = (directory / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin_directory(directory, wheel) -> pathlib.Path:
    venv.create(directory / "venv", with_pip=True)
    run(directory / "venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check", wheel, cwd=directory)
    return directory / "venv" / "bin"


def test_its_name_says_what_it_runs_on(wheel):
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert re.fullmatch(rf"weir-[0-9.]+-{tag}-{tag}-manylinux_2_35_x86_64\.whl", wheel.name)


def test_its_libraries_are_its_own_or_the_systems(bin_directory, directory):
    site = pathlib.Path(run(bin_directory / "python", "-c", "import fluss; print(fluss.__path__[0])", cwd=directory).strip())
    for binary in (*site.glob("_core.*.so"), site / "bin" / "weir", site / "lib" / "libduckdb.so"):
        for line in run("ldd", binary, cwd=directory).splitlines():
            name, _, found = line.strip().partition(" => ")
            if not SYSTEM.match(pathlib.Path(name.split()[0]).name):
                assert pathlib.Path(found.split(" (")[0]).resolve().is_relative_to(site.parent), f"{binary.name}: {line}"


def test_the_program_of_the_readme_runs(bin_directory, directory):
    program = directory / "program.py"
    program.write_text(readme_program().replace("to_pandas", "to_arrow"))  # pandas is an extra
    assert "9.5" in run(bin_directory / "python", program, cwd=directory)


def test_the_command_is_in_it(bin_directory, directory):
    assert re.match(r"weir [0-9.]+\n", run(bin_directory / "weir", "--version", cwd=directory))
    assert "42" in run(bin_directory / "weir", "sql", "--data", directory / "data", "-c", "SELECT 6 * 7", cwd=directory)


def test_licences_of_what_lies_inside(bin_directory, directory):
    program = "import importlib.metadata as m; print(*m.distribution('weir').files)"
    files = run(bin_directory / "python", "-c", program, cwd=directory)
    for name in ("licenses/LICENSE", "LICENSE.duckdb", "licenses/librocksdb7.8", "licenses/libgmp10", "licenses/libssl3"):
        assert name in files, name
