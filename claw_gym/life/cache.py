"""Built lives on disk: each is built once by whichever process comes first, and read by all others."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from filelock import FileLock, Timeout

from claw_gym.life.build import build_life
from claw_gym.life.draft import LifeDraft
from claw_gym.life.persona import Persona

__all__ = ["cache_folder", "cached_life", "life_path"]

_LOG = logging.getLogger("claw_gym")
_PACKAGE = Path(__file__).parents[1]
# Everything that a built life follows from: the generator with its data, the random streams, cron, the names.
_SOURCES = ("life", "core/seeding.py")
_LIBRARIES = ("faker", "cronsim")
# Longer than any build takes; a lock that is held longer belongs to a process that hangs.
_PATIENCE_S = 120
# What a damaged or foreign file makes of unpickling.
_DAMAGE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError, ValueError)


def cache_folder() -> Path:
    """Returns where what is built once is kept: CLAW_GYM_CACHE, or `claw_gym` in the user's own cache folder.

    Source: the XDG base directory specification.
    """
    chosen = os.environ.get("CLAW_GYM_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "claw_gym"


@lru_cache(maxsize=1)
def version() -> str:
    """Returns the digest of all code and data that a life follows from."""
    found = hashlib.blake2b(digest_size=8)
    for source in _SOURCES:
        root = _PACKAGE / source
        files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.suffix in (".py", ".yaml"))
        for path in files:
            found.update(path.relative_to(_PACKAGE).as_posix().encode())
            found.update(path.read_bytes())
    for library in _LIBRARIES:
        found.update(metadata.version(library).encode())
    return found.hexdigest()


def life_path(persona: str, life_seed: int, scale: str) -> Path:
    """Returns the file that holds, or would hold, a life."""
    return cache_folder() / "lives" / version() / f"{persona}-{life_seed}-{scale}.pickle"


def cached_life(persona: Persona, life_seed: int, scale: str) -> LifeDraft:
    """Returns a life from the disk cache, building it first where it is missing or damaged.

    Of several processes that want the same life one builds it while the others wait. Where the folder cannot be
    written the life is built in memory, and a warning is logged.
    """
    path = life_path(persona.name, life_seed, scale)
    found = _read(path)
    if found is not None:
        return found
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_PATIENCE_S):
            found = _read(path)
            if found is None:
                found = build_life(persona, life_seed, scale)
                _write(path, found)
            return found
    except (OSError, Timeout) as error:
        _LOG.warning("The cache of lives at %s cannot be used (%s); CLAW_GYM_CACHE moves it.", path.parent, error)
        return build_life(persona, life_seed, scale)


def _read(path: Path) -> LifeDraft | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    try:
        # The file is this user's own, as the code is; nothing is ever read from elsewhere.
        found = pickle.loads(data)  # noqa: S301
    except _DAMAGE:
        return None
    return found if isinstance(found, LifeDraft) else None


def _write(path: Path, draft: LifeDraft) -> None:
    """Writes a life so that nobody ever reads half of it."""
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(pickle.dumps(draft, protocol=pickle.HIGHEST_PROTOCOL))
    partial.replace(path)
