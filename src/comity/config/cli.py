"""The command `comity`: one module of `config/commands/` per command, a plain sentence for every error."""

import argparse
import errno
import importlib
import os
import pwd
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from comity import __version__

COMMANDS = {
    "init": "make a real, empty base with its first administrator",
    "serve": "serve pages, live stream and background work on one port",
    "worker": "run background work only",
    "demo": "load the demo company into an empty base",
    "user": "list, add, invite, switch on and off the people who work here",
    "token": "make an API token for a person",
    "doctor": "say what is missing or wrong, in words",
    "support": "show what a helper from outside needs to know, without client data",
    "bench": "measure the speed of this program on this machine, beside its goals",
    "backup": "write everything into one archive",
    "restore": "load an archive into an empty base",
    "export": "write the whole base in an open form, for any program",
    "load": "load such an export into an empty base",
    "upgrade": "back up, migrate, check; undo everything when something fails",
}

FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class Command(Protocol):
    """What a module in config/commands/ offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's arguments."""

    def run(self, options: argparse.Namespace) -> int | None:
        """Do the work; the exit status (None is 0). Raises a kernel Problem or SystemExit with a sentence."""


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<10}{text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="comity",
        usage="comity COMMAND [options]   (comity COMMAND --help tells more)",
        description=f"Commands:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="COMITY_HOME is the folder with all data; COMITY_DATABASE_URL chooses PostgreSQL.",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"comity {__version__}")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status. Never a traceback for what a person can mend."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        _parser().print_help()
        return 2
    name = _parser().parse_args(words[:1]).command
    command = cast(Command, importlib.import_module(f"comity.config.commands.{name}"))
    parser = argparse.ArgumentParser(prog=f"comity {name}", description=f"comity {name}: {COMMANDS[name]}.")
    command.arguments(parser)
    options = parser.parse_args(words[1:])
    try:
        _prepare()
        return command.run(options) or 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except SystemExit as leaving:
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
            return 1
        raise
    except Exception as error:
        return _explain(error)


def _prepare() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.config.settings"
    django.setup()


def _explain(error: Exception) -> int:
    """Say what happened, what is kept and what to do; the rest goes to the log under the reference number."""
    if isinstance(error, OSError) and error.errno in FORBIDDEN:
        who = pwd.getpwuid(os.geteuid()).pw_name
        print(f"{error.filename} may not be read or written by {who}, who runs this command.", file=sys.stderr)
        print("Choose a place that is open to this user, or give it to him.", file=sys.stderr)
        return 1
    from django.db import DatabaseError

    from comity.kernel.errors import Problem, from_exception

    missing_table = "no such table" in str(error) or type(error.__cause__).__name__ == "UndefinedTable"
    if isinstance(error, DatabaseError) and missing_table:
        print("The base is empty. Make it first: comity init (or comity demo, to look around).", file=sys.stderr)
        return 1
    problem = from_exception(error)
    print(problem.what, file=sys.stderr)
    for field, texts in getattr(problem, "fields", {}).items():
        print(f"  {field}: {' '.join(str(text) for text in texts)}", file=sys.stderr)
    if not isinstance(error, Problem):
        print(f"Reference {problem.reference}; `comity doctor` may say more.", file=sys.stderr)
    return 1
