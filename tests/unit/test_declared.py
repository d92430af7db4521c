from __future__ import annotations

from threading import Thread

from pulumi_openrouter.declared import Declared


def test_what_was_noted_is_declared() -> None:
    """An object is declared once it was noted, and no other with it."""
    declared = Declared()
    declared.note("budget", "w", "daily")
    assert ("budget", "w", "daily") in declared
    assert ("budget", "w", "weekly") not in declared
    assert ("budget", "w") not in declared
    assert ("budget", "v", "daily") not in declared


def test_what_was_forgotten_is_not() -> None:
    """An object that is forgotten is declared no longer, also if it never was."""
    declared = Declared()
    declared.note("workspace", "w")
    declared.note("workspace", "w")
    declared.forget("workspace", "w")
    declared.forget("workspace", "never")
    assert ("workspace", "w") not in declared


def test_what_belongs_to_an_object_is_listed() -> None:
    """Under a prefix are the last words of exactly the objects that begin with it."""
    declared = Declared()
    declared.note("user_ids", "w", "user_ada")
    declared.note("user_ids", "w", "user_alan")
    declared.note("user_ids", "v", "user_grace")
    declared.note("emails", "w", "ada@example.com")
    declared.note("user_ids", "w", "user_ada", "more")
    assert sorted(declared.under("user_ids", "w")) == ["user_ada", "user_alan"]
    assert declared.under("user_ids", "nowhere") == []


def test_threads_share_it() -> None:
    """Noting on many threads while others look loses nothing."""
    declared = Declared()

    def note(thread: int) -> None:
        for number in range(200):
            declared.note("user_ids", "w", f"{thread}-{number}")
            declared.under("user_ids", "w")

    threads = [Thread(target=note, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(declared.under("user_ids", "w")) == 800
