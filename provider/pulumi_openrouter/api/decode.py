"""From parsed JSON to models, taking nothing for what it is not."""

from __future__ import annotations

import sys
from typing import Any, TypeVar, get_args, get_origin

import cattrs

T = TypeVar("T")


class ShapeError(ValueError):
    """The value has another shape than the model."""


def structured(value: Any, kind: type[T]) -> T:
    """The value as a model; fields that the model does not know are left out.

    Raises:
        ShapeError: a field is missing, or of another type.
    """
    try:
        answer: T = _converter.structure(value, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, RecursionError):
        raise ShapeError from None
    return answer


def _strict(kind: type | tuple[type, ...]) -> Any:
    """A hook that takes a value as it is or refuses it, where cattrs would convert."""

    def structure(value: Any, _: Any) -> Any:
        wanted = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not wanted:
            raise TypeError(f"unexpected {type(value).__name__}")
        return value

    return structure


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _strict_list(value: Any, kind: Any) -> list[Any]:
    """A list of the elements of a list: cattrs would take a text or an object apart as well."""
    (element,) = get_args(kind)
    return [_converter.structure(item, element) for item in _strict(list)(value, kind)]


def _finite(value: Any, kind: Any) -> Any:
    """A number that the engine can carry: JSON has greater ones, which Python reads as infinity."""
    number = _strict((int, float))(value, kind)
    if abs(number) > sys.float_info.max:
        raise ValueError("not finite")
    return number


# Which field was wrong is not told on, so it need not be found out.
_converter = cattrs.Converter(detailed_validation=False)
_converter.register_structure_hook_func(_is_list, _strict_list)
_converter.register_structure_hook(str, _strict(str))
_converter.register_structure_hook(bool, _strict(bool))
_converter.register_structure_hook(int, _strict(int))
_converter.register_structure_hook(float, _finite)
