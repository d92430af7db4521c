"""From parsed JSON to models, without converting any value."""

from __future__ import annotations

import sys
from typing import Any, TypeVar, get_args, get_origin

import cattrs

T = TypeVar("T")


class ShapeError(ValueError):
    """The value does not have the shape of the model."""


def structured(value: Any, kind: type[T]) -> T:
    """The value as a model; fields that the model does not know are ignored.

    Raises:
        ShapeError: a field is missing or has another type.
    """
    try:
        answer: T = _converter.structure(value, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, RecursionError):
        raise ShapeError from None
    return answer


def _strict(kind: type | tuple[type, ...]) -> Any:
    """A hook that accepts a value as it is or refuses it, where cattrs would convert it."""

    def structure(value: Any, _: Any) -> Any:
        wanted = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not wanted:
            raise TypeError(f"unexpected {type(value).__name__}")
        return value

    return structure


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _strict_list(value: Any, kind: Any) -> list[Any]:
    """Structures a list and nothing else: cattrs would also iterate over a string or an object."""
    (element,) = get_args(kind)
    return [_converter.structure(item, element) for item in _strict(list)(value, kind)]


def _finite(value: Any, kind: Any) -> Any:
    """Refuses numbers that Python reads as infinity, because the engine can't carry them."""
    number = _strict((int, float))(value, kind)
    if abs(number) > sys.float_info.max:
        raise ValueError("not finite")
    return number


# No message names the wrong field, so cattrs need not find it out.
_converter = cattrs.Converter(detailed_validation=False)
_converter.register_structure_hook_func(_is_list, _strict_list)
_converter.register_structure_hook(str, _strict(str))
_converter.register_structure_hook(bool, _strict(bool))
_converter.register_structure_hook(int, _strict(int))
_converter.register_structure_hook(float, _finite)
