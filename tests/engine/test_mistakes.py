"""Mistakes in a program, found at preview without key or network."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tools.project import NOWHERE, Project


def test_a_misspelt_argument_is_an_error_at_its_line(project: Project) -> None:
    """Python itself refuses it, and shows the line."""
    project.program("""
        Workspace("good")
        Workspace("bad", descripton="d")
    """)
    previewed = project.using(**NOWHERE).preview(check=False)
    (error,) = [error for error in previewed.errors if "TypeError" in error]
    assert (
        "Workspace() got an unexpected keyword argument 'descripton'; did you mean 'description'?"
        in error
    )
    assert """Workspace("bad", descripton="d")""" in error
    assert "__main__.py" in error


def test_all_problems_of_a_resource_are_shown_at_once(project: Project) -> None:
    """Each names its property, what is right, and nothing of the value, which may be secret."""
    project.program("""
        Workspace("team", slug="Not A Slug", io_logging_sampling_rate=7,
            default_provider_sort=pulumi.Output.secret("hidden"),
            io_logging_api_key_ids=[1, 2.5, "x"])
    """)
    previewed = project.using(**NOWHERE).preview(check=False)
    text = "\n".join(previewed.errors)
    for property, reason in {
        "slug": "must be 1 to 50 lower-case letters and digits, with single hyphens between",
        "io_logging_sampling_rate": "must be a number from 0.0001 to 1",
        "default_provider_sort": "must be one of price, throughput, latency, exacto",
        "io_logging_api_key_ids[1]": "must be a whole number",
    }.items():
        assert f"property {property} value" in text
        (line,) = [line for line in text.splitlines() if f"property {property} " in line]
        assert reason in line
        assert "hidden" not in line.partition("has a problem: ")[2]
    assert "property io_logging_api_key_ids[2] value {<nil>}" in text
    assert "Traceback" not in text


def test_the_default_workspace_is_only_adopted_and_never_renamed(project: Project) -> None:
    """Its slug asks for adopt_existing, before anything is sent."""
    project.program("""Workspace("default")""")
    (error, *_) = project.using(**NOWHERE).preview(check=False).errors
    assert "is the default workspace's: set adopt_existing=True to take it" in error
    project.program("""Workspace("default", adopt_existing=True)""")
    project.up()
    project.program("""Workspace("default", slug="other", adopt_existing=True)""")
    (error, *_) = project.using(**NOWHERE).preview(check=False).errors
    assert "can't be changed: this is the default workspace" in error


def test_a_misspelt_setting_is_refused_before_anything_is_sent(
    project: Project, simulator: Simulator
) -> None:
    """A setting that would be ignored, a guard maybe, is told by its name and the one meant."""
    project.program("""Workspace("team")""")
    project.up()
    simulator.log.clear()
    guarded = project.using(OPENROUTER_ORGANISATION_ID="org_other")
    for command in (guarded.up, guarded.refresh, guarded.destroy):
        (error, *_) = command(check=False).errors
        assert (
            "unknown setting OPENROUTER_ORGANISATION_ID; did you mean OPENROUTER_ORGANIZATION_ID?"
        ) in error
        assert "Traceback" not in error
    project.run("config", "set", "openrouter:organisationId", "org_other")
    (error, *_) = project.preview(check=False).errors
    assert "unknown setting openrouter:organisationId; did you mean" in error
    assert simulator.log == []
