"""One byte form for plain data: canonical JSON, its digest, and deep freezing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn

from pydantic_core import to_json

__all__ = ["FrozenDict", "canonical_json", "digest", "freeze", "thaw"]

_DIGEST_BYTES = 16


class FrozenDict(dict[str, Any]):
    """A dict that refuses every change; it renders, compares and pickles as a dict does."""

    __slots__ = ()

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("Records of the world are frozen; build a changed record and put it instead.")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        """Pickles through a plain dict: unpickling item by item would hit the refusal."""
        return FrozenDict, (dict(self),)

    def __hash__(self) -> int:  # type: ignore[override]
        """Hashes by content, so frozen values can stand in sets."""
        return id_hash(self)


def id_hash(value: Mapping[str, Any]) -> int:
    """Returns an integer that depends on the content of `value` only, equal in every process."""
    return int.from_bytes(hashlib.blake2b(canonical_json(_numbers_alike(value)), digest_size=7).digest(), "big")


def _numbers_alike(value: Any) -> Any:
    """Writes 1, 1.0 and True alike: they are equal, so what holds them has to hash alike."""
    if isinstance(value, Mapping):
        return {key: _numbers_alike(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers_alike(item) for item in value]
    return int(value) if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()) else value


_ATOMS = frozenset({str, int, float, bool, type(None)})


def freeze(value: Any) -> Any:
    """Returns `value` with every dict a `FrozenDict` and every list a tuple, all the way down."""
    if type(value) in _ATOMS or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        if type(value) is FrozenDict:
            return value
        # A life holds fifty thousand values, nearly all of them atoms: a call for each would be half of loading it.
        return FrozenDict({str(key): item if type(item) in _ATOMS else freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(item if type(item) in _ATOMS else freeze(item) for item in value)
    if isinstance(value, date | datetime):
        # YAML turns unquoted dates into date objects; a record keeps them as the text they stood for.
        return value.isoformat()
    raise TypeError(f"A record holds plain data only, not {type(value).__name__}.")


def thaw(value: Any) -> Any:
    """Returns a plain copy of frozen data that may be changed freely: dicts and lists again."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


def _sorted(value: Any) -> Any:
    # Texts are what there is most of, and asking whether one is a mapping costs ten times as much.
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(item) for item in value]
    return value


def canonical_json(value: Any) -> bytes:
    """Returns the one JSON form of plain data: keys sorted, no spaces, UTF-8; NaN and infinity as null."""
    return to_json(_sorted(value), inf_nan_mode="null")


def digest(value: Any) -> str:
    """Returns 32 hexadecimal digits of blake2b over the canonical JSON of `value`."""
    return hashlib.blake2b(canonical_json(value), digest_size=_DIGEST_BYTES).hexdigest()
