"""A file that keeps what an organization has from one run of the simulator to the next."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from threading import Lock

from cattrs import BaseValidationError, transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn
from cattrs.preconf.json import JsonConverter, make_converter

from .contents import Contents
from .state import Organization


class StateFileError(Exception):
    """Why a file can't be used; the message names it."""


class StateFile:
    """Keeps an organization in a file, which at any moment has the whole of an older or newer one.

    Raises:
        StateFileError: the file is there, and is no state of an organization.
    """

    def __init__(self, path: Path, organization: Organization) -> None:
        # A link stays one: the file behind it is replaced.
        self._path = path.resolve()
        self._organization = organization
        self._converter = _converter()
        self._lock = Lock()
        self._text = ""
        self.exists = path.exists()
        """Whether the organization comes from the file, and not from a seed."""
        if self.exists:
            organization.restore(self._load())

    def save(self) -> None:
        """Write the file if anything has changed."""
        with self._lock:
            with self._organization.at_rest():
                kept = self._converter.unstructure(self._organization, Contents)
            text = json.dumps(kept, indent=2, ensure_ascii=False)
            if text != self._text:
                self._write(text)
                self._text = text

    def _load(self) -> Contents:
        try:
            contents = self._converter.structure(json.loads(self._path.read_bytes()), Contents)
        except OSError as error:
            raise StateFileError(f"can't read {self._path}: {error.strerror}") from None
        except BaseValidationError as error:
            raise self._not_a_state(transform_error(error, "state")[0]) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise self._not_a_state(str(error)) from None
        if not contents.id:
            raise self._not_a_state("it has no organization")
        return contents

    def _not_a_state(self, reason: str) -> StateFileError:
        return StateFileError(f"{self._path} is not a state of the simulator: {reason}")

    def _write(self, text: str) -> None:
        partial = self._path.with_name(f".{self._path.name}.partial")
        try:
            partial.write_text(f"{text}\n", encoding="utf-8")
            # A rename is all or nothing: a kill leaves the file as it was, or as it is to be.
            partial.replace(self._path)
        except OSError as error:
            raise StateFileError(f"can't write {self._path}: {error.strerror}") from None


def _converter() -> JsonConverter:
    """For any attrs classes that the contents consist of."""
    converter = make_converter()
    converter.register_unstructure_hook(timedelta, timedelta.total_seconds)
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    # By alias: the file has no underscores in front of its names.
    converter.register_unstructure_hook(
        Contents, make_dict_unstructure_fn(Contents, converter, _cattrs_use_alias=True)
    )
    converter.register_structure_hook(
        Contents, make_dict_structure_fn(Contents, converter, _cattrs_use_alias=True)
    )
    return converter
