"""What a release uploads, and what an installation of it is."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tools import venvs
from tools.paths import ROOT, SOURCES
from tools.project import settings_of


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment or None, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make dist` makes them: the wheel from what is in the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ".", cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def sdist(dist: Path) -> Path:
    (built,) = dist.glob("*.tar.gz")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_wheel_holds_the_whole_package_once(contents: list[str]) -> None:
    """The wheel holds every file of the package, each once, and the licence."""
    package = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"pulumi_openrouter/py.typed", "pulumi_openrouter/pulumi-plugin.json"} <= package
    assert package <= set(contents)
    assert len(contents) == len(set(contents))
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in contents)


def test_wheel_holds_nothing_else(contents: list[str]) -> None:
    """Nothing but the package and its metadata is installed: no tests, no demo, no engine."""
    package, metadata = sorted({name.split("/")[0] for name in contents})
    assert package == "pulumi_openrouter"
    assert metadata.endswith(".dist-info")


def test_sdist_holds_what_the_wheel_is_made_of(sdist: Path) -> None:
    """The sources, the licence and the pages of the index; no tests and no tools."""
    with tarfile.open(sdist) as archive:
        names = {Path(*Path(name).parts[1:]).parts[0] for name in archive.getnames()}
    assert names == {
        *("provider", "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"),
        *("PKG-INFO", ".gitignore"),
    }


def test_the_index_accepts_and_shows_them(dist: Path) -> None:
    """The metadata is complete, and README.md can be rendered."""
    files = sorted(str(file) for file in dist.iterdir())
    said = run(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=ROOT)
    assert said.count("PASSED") == len(files) == 2


def test_links_lead_somewhere_from_the_index_too(wheel: Path) -> None:
    """A link to a file of the repository is one to the file of this version."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))
    links = re.findall(r"\]\(([^)]+)\)", str(metadata.get_payload()))
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    of_files = f"/blob/v{metadata['Version']}/"
    assert len([link for link in links if of_files in link]) > 10


def test_sdist_works_in_a_clean_venv(sdist: Path, tmp_path: Path) -> None:
    """Installed with its run-time dependencies alone, package and command work from there, and
    Pulumi finds beside it the note that there is no plugin to download.
    """
    folder = tmp_path / "venv"
    python = folder / "bin" / "python"
    run(*venvs.UV, "venv", "--python", sys.executable, folder, cwd=tmp_path)
    install: list[str | Path] = [*venvs.UV, "pip", "install", "--quiet", "--python", python]
    run(*install, sdist, cwd=tmp_path)
    run(*venvs.UV, "pip", "check", "--python", python, cwd=tmp_path)
    module = Path(
        run(python, "-c", "import pulumi_openrouter as p; print(p.__file__)", cwd=tmp_path)
    )
    assert module.is_relative_to(folder / "lib")
    assert (module.parent / "pulumi-plugin.json").read_text() == '{"resource": false}\n'
    run(python, "-c", "from pulumi_openrouter import Workspace", cwd=tmp_path)
    with Simulator() as simulator:
        command = folder / "bin" / "pulumi-openrouter"
        said = run(command, "show", cwd=tmp_path, **settings_of(simulator))
    assert "default" in said


def test_editable_install_says_too_that_there_is_no_plugin() -> None:
    """Pulumi looks for the note by the installed metadata, so an editable install has it there."""
    location = run(
        sys.executable,
        "-c",
        "from importlib.metadata import distribution as d;"
        "print(d('pulumi-openrouter').locate_file('pulumi_openrouter/pulumi-plugin.json'))",
        cwd=ROOT / "tests",
    )
    assert Path(location).read_text() == '{"resource": false}\n'
