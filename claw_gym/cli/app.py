"""The entry point: commands in, exit codes out, and one sentence instead of a traceback."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import gymnasium as gym
import typer

import claw_gym
from claw_gym.cli import audit, doctor, life, pack, play, run
from claw_gym.cli import list as list_command
from claw_gym.cli.exit_codes import BAD_USAGE, DONE, INFRASTRUCTURE, NOT_DONE
from claw_gym.errors import InfrastructureError, UsageError

__all__ = ["app", "main"]

# Newer releases of Typer carry a copy of click, older ones import it; the name of the base class is the same.
_Misuse: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
_INTERRUPTED = 130
"""What Typer makes of Ctrl-C."""

app = typer.Typer(
    help="An LLM agent inside one person's digital life: play its tasks, check packs, look around.",
    epilog="Example: claw-gym run Claw/SettleDuplicateCharge-v0 --policy oracle --seed 1 --verbose",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (list_command, run, play, life, audit, pack, doctor):
    command.add_to(app)


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(f"claw-gym {claw_gym.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code.

    Args:
        arguments: What stands behind `claw-gym`; None for that of the process.
    """
    _accept_any_text()
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = _note
        try:
            code = app(args=arguments, prog_name="claw-gym", standalone_mode=False)
        except _Misuse as error:
            return _sorry(error.format_message(), BAD_USAGE)
        except (UsageError, gym.error.Error) as error:
            return _sorry(str(error), BAD_USAGE)
        except InfrastructureError as error:
            return _sorry(str(error), INFRASTRUCTURE)
        except (typer.Abort, KeyboardInterrupt):
            return _sorry("Stopped.", NOT_DONE)
        except BrokenPipeError:
            # The reader (`head`, a pager) left; without this, Python complains once more when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return NOT_DONE
    if code == _INTERRUPTED:
        return _sorry("Stopped.", NOT_DONE)
    return code if isinstance(code, int) else DONE


def _sorry(sentence: str, code: int) -> int:
    one_line = " ".join(sentence.split())
    print(f"claw-gym: {one_line.rstrip('.')}{'' if one_line.endswith('?') else '.'}", file=sys.stderr)
    return code


def _note(message: Warning | str, *_args: object, **_kwargs: object) -> None:
    print(f"Note: {message}", file=sys.stderr)


def _accept_any_text() -> None:
    """Keeps mail in any script from failing on a terminal of another encoding."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
