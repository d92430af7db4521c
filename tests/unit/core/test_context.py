from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.settings import SettingsError
from pulumi_openrouter.simulator import Simulator


def together(*tasks: Callable[[], object]) -> None:
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> None:
        barrier.wait()
        task()

    threads = [Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def refuse() -> Client:
    raise SettingsError("no key")


def test_nothing_connects_before_the_first_request() -> None:
    """A preview needs no client, so none is made."""
    context = Context(refuse)
    assert context.directory is not None
    with pytest.raises(SettingsError, match=r"^no key$"):
        _ = context.client


def test_threads_share_one_client() -> None:
    """However many threads want the client at once, one is made."""
    made: list[Client] = []
    found: list[Client] = []

    def connect() -> Client:
        made.append(Client("sk-or-mgmt-test"))
        return made[-1]

    context = Context(connect)
    together(*[lambda: found.append(context.client)] * 8)
    assert len(made) == 1
    assert found == made * 8


def test_a_failure_to_connect_is_not_remembered(client: Client) -> None:
    """Whoever asks after a failure tries anew."""
    failures = [SettingsError("no key")]

    def connect() -> Client:
        if failures:
            raise failures.pop()
        return client

    context = Context(connect)
    with pytest.raises(SettingsError):
        _ = context.client
    assert context.client is client


def test_the_directory_asks_over_the_same_client(simulator: Simulator, client: Client) -> None:
    """The organization is fetched with the client of the context, when it is needed."""
    context = Context(lambda: client)
    assert simulator.log == []
    assert context.directory.ids_by_email()["ada@example.com"]
    assert [request.path for request in simulator.log] == ["/organization/members"]


def test_says_to_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    """What is no error goes where it is told to, else to standard output."""
    said: list[str] = []
    Context(refuse, said.append).say("hello")
    Context(refuse).say("you")
    assert said == ["hello"]
    assert capsys.readouterr().out == "you\n"


def test_changes_of_one_object_take_turns() -> None:
    """Who changes an object waits for nobody but those who change the same one."""
    context = Context(refuse)
    with context.turn("budget", "a"):
        assert context.turn("budget", "a").locked()
        assert not context.turn("budget", "b").locked()
        assert not context.turn("membership", "a").locked()
    assert not context.turn("budget", "a").locked()


def test_each_context_has_a_memory_of_its_own() -> None:
    """What one run declares, another doesn't know."""
    one, other = Context(refuse), Context(refuse)
    one.claims.claim_workspace("a")
    assert one.claims.keeps_workspace("a")
    assert not other.claims.keeps_workspace("a")
