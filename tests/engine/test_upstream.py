"""What docs/upstream.md tells Pulumi's makers, as its programs show it.

One of these fails once Pulumi does better: then a workaround can go.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import outputs
from tools.paths import DOCS
from tools.project import Project, environment_for

PAGE = DOCS / "upstream.md"
FOUR_CALLS, ALL_FRAMES, NO_IMPORT, TIDY_END = outputs.programs(PAGE)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path, environment_for(tmp_path))


def test_the_host_answers_four_calls_at_a_time(project: Project) -> None:
    """Twelve at once are asked for."""
    outputs.write(project, FOUR_CALLS)
    project.up("--parallel=12")
    assert project.outputs() == {"threads": 4}


def test_a_resource_keeps_the_frames_of_who_runs_the_program(project: Project) -> None:
    """One frame is the program's."""
    outputs.write(project, ALL_FRAMES)
    project.up()
    (thing,) = (each for each in project.resources() if ":dynamic:" in each["type"])
    frames = [frame["sourcePosition"] for frame in thing["stackTrace"] if frame]
    assert len([frame for frame in frames if frame.startswith("project:///__main__.py")]) == 1
    assert len(thing["stackTrace"]) > 10


def test_an_import_has_no_provider(project: Project) -> None:
    """The engine asks the host to read with no property at all."""
    outputs.write(project, NO_IMPORT)
    (error,) = project.up(check=False).errors[:1]
    assert "KeyError: '__provider'" in error


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_the_host_ends_tidily_on_sigint_alone(project: Project, number: str) -> None:
    """What is registered to run at the end of its process runs then."""
    outputs.write(project, TIDY_END.replace("SIGTERM", number))
    project.up(check=False)
    assert (project.folder / "ended").exists() == (number == "SIGINT")
