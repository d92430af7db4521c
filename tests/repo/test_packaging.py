import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tools.paths import ROOT, SOURCES


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ".", cwd=ROOT)
    (built,) = folder.iterdir()
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


def test_wheel_works_in_a_clean_venv(wheel: Path, tmp_path: Path) -> None:
    """Installed with its run-time dependencies alone, the package imports from there, and Pulumi
    finds beside it the note that there is no plugin to download.
    """
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    run(python, "-m", "pip", "check", cwd=tmp_path)
    module = Path(
        run(python, "-c", "import pulumi_openrouter as p; print(p.__file__)", cwd=tmp_path)
    )
    assert module.is_relative_to(tmp_path / "venv" / "lib")
    assert module.parent.parent.name == "site-packages"
    assert (module.parent / "pulumi-plugin.json").read_text() == '{"resource": false}\n'


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
