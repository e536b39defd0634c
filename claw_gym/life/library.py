"""The template files: loaded once per process, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import yaml

__all__ = ["load_yaml", "proper_nouns", "scale_names", "stories", "template"]

_FOLDER = Path(__file__).parent / "templates"
# The C loader reads the files ten times as fast; some builds of PyYAML come without it.
_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WITHIN = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?![A-Za-z0-9])")
_SMALL = re.compile(r"(?<![A-Za-z0-9])[a-z]+(?![A-Za-z0-9])")
_BOOL = "tag:yaml.org,2002:bool"


class _Loader(_FASTEST):  # type: ignore[misc]  # which of the two is known when it runs
    """Takes `no`, `on` and `off` for words, as YAML 1.2 does: they are names of values in prose."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [pair for pair in pairs if pair[0] != _BOOL] for first, pairs in _FASTEST.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|false)\Z"), list("tf"))


@lru_cache(maxsize=256)
def load_yaml(path: Path) -> Any:
    """Returns the content of a YAML file; callers must not change it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader)


def template(name: str) -> Any:
    """Returns `templates/<name>.yaml`."""
    return load_yaml(_FOLDER / f"{name}.yaml")


@lru_cache(maxsize=16)
def stories(persona: str) -> tuple[dict[str, Any], ...]:
    """Returns every story that a persona's life may tell: its own and those that all share, by file and then place.

    A story's `id` is its file and place unless it names itself; its `kind` is the first part of the file's name.
    """
    folders = (_FOLDER / "stories", _FOLDER.parent / "personas" / persona / "stories")
    found = []
    for folder, prefix in zip(folders, ("everyone/", ""), strict=True):
        for path in sorted(folder.glob("*.yaml")):
            kind = path.stem.split("_")[0]
            found += [
                {"id": f"{prefix}{path.stem}/{n}", "kind": kind, **story} for n, story in enumerate(load_yaml(path))
            ]
    return tuple(found)


@lru_cache(maxsize=16)
def proper_nouns(persona: str) -> frozenset[str]:
    """Returns the words that a persona's stories write with a capital within a sentence, and never without."""
    found, small = set[str](), set[str]()
    for text in _texts(stories(persona)):
        found.update(_WITHIN.findall(text))
        small.update(_SMALL.findall(text))
    return frozenset(word for word in found if word.lower() not in small)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def scale_names() -> tuple[str, ...]:
    """Returns the names of the scales a life can be built at."""
    return tuple(sorted(template("scales")))
