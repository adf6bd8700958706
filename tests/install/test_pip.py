"""`pip install .` as the README says it: a fresh clone, a fresh environment, and pip's isolated build."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import venv

import pytest

from conftest import ENVIRONMENT, ROOT, readme_program, run


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> pathlib.Path:
    return tmp_path_factory.mktemp("install")


@pytest.fixture(scope="module")
def bin_directory(directory) -> pathlib.Path:
    """The programs of an environment that holds what pip installs of a clone of the last commit."""
    run("git", "clone", "--quiet", ROOT, directory / "weir", cwd=directory)
    venv.create(directory / "venv", with_pip=True)
    # As the release preset compiles, so that the compiler's cache has the objects.
    cached = ("cmake.build-type=RelWithDebInfo", "cmake.define.WEIR_WARNINGS_AS_ERRORS=ON", "cmake.define.CMAKE_CXX_COMPILER=c++")
    settings = [f"--config-settings={setting}" for setting in cached]
    run(directory / "venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check", *settings, ".", cwd=directory / "weir")
    return directory / "venv" / "bin"


def test_the_program_of_the_readme_runs(bin_directory, directory):
    program = directory / "program.py"
    program.write_text(readme_program().replace("to_pandas", "to_arrow"))  # pandas is an extra
    assert "9.5" in run(bin_directory / "python", program, cwd=directory)


def test_the_command_line_is_there(bin_directory, directory):
    assert "tables" in run(bin_directory / "weir", "--help", cwd=directory)
    assert "42" in run(bin_directory / "weir", "sql", "--data", directory / "data", "-c", "SELECT 6 * 7", cwd=directory)


def test_what_is_installed_has_its_licence(bin_directory, directory):
    program = "import importlib.metadata as m; d = m.distribution('weir'); print(d.metadata['License-Expression'], *d.files)"
    shown = run(bin_directory / "python", "-c", program, cwd=directory)
    assert shown.startswith("Apache-2.0 ") and "licenses/LICENSE" in shown


def test_the_documents_name_the_debian_packages():
    """python.md lists what scripts/bootstrap installs for a build."""
    script = (ROOT / "scripts" / "bootstrap").read_text()
    packages = set(re.search(r"^packages=\((.*?)\)", script, re.DOTALL | re.MULTILINE).group(1).split())
    page = (ROOT / "docs" / "python.md").read_text().replace("\\\n", " ")
    named = set(re.search(r"apt-get install (.*)", page).group(1).split())
    assert named == packages | {"npm", "git"}


def test_pyfluss_in_the_same_folder_is_named(bin_directory, directory):
    """Both packages are the module fluss: whichever came last, the mixture says so."""
    site = pathlib.Path(run(bin_directory / "python", "-c", "import fluss; print(fluss.__path__[0])", cwd=directory).strip())
    foreign = site / f"_fluss.cpython-{sys.version_info[0]}{sys.version_info[1]}-x86_64-linux-gnu.so"
    foreign.touch()
    try:
        for module in ("fluss", "fluss.sync", "fluss._cli"):
            command = [bin_directory / "python", "-c", f"import {module}"]
            done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
            assert done.returncode == 1 and "the packages weir and pyfluss are both installed" in done.stderr
    finally:
        foreign.unlink()
