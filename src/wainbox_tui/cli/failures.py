"""What an error means for whoever called: a sentence and an exit code."""

import sys

from cyclopts import CycloptsError
from cyclopts.exceptions import UnknownOptionError
from pydantic import ValidationError

from wainbox_relay.contract.filters import FilterError
from wainbox_relay.contract.problems import Code, Problem, Refusal
from wainbox_tui import faults
from wainbox_tui.cli import CONFLICT, FAILED, NETWORK, NOT_ALLOWED, NOT_FOUND, RATE, USAGE
from wainbox_tui.client import BadAddress, Insecure, Strange, Unreachable
from wainbox_tui.config import ConfigError, state_folder
from wainbox_tui.credentials import NoToken
from wainbox_tui.moments import MomentError

CODES = {
    Code.INVALID: USAGE,
    Code.NOT_ALLOWED: NOT_ALLOWED,
    Code.UNAUTHENTICATED: NOT_ALLOWED,
    Code.NOT_FOUND: NOT_FOUND,
    Code.CONFLICT: CONFLICT,
    Code.TAKEN: CONFLICT,
    Code.STALE: CONFLICT,
    Code.WINDOW_SHUT: CONFLICT,
    Code.NEWER_MESSAGE: CONFLICT,
    Code.OTHER_LANGUAGE: CONFLICT,
    Code.TOO_LARGE: USAGE,
    Code.RATE: RATE,
    Code.BUSY: NETWORK,
    Code.BROKEN: NETWORK,
}
_HERE = {"sure": "--sure", "take_over": "--take-over", "any_language": "--any-language"}
"""How what a refusal asks for is said on the command line, by the key that it names."""


def code_of(error: Exception) -> int:
    """Says the sentence and gives the code. What nobody foresaw is kept in a private file."""
    sentence, code = _told(error)
    print(f"wainbox: {sentence}", file=sys.stderr)
    return code


def _told(error: Exception) -> tuple[str, int]:
    match error:
        case Refusal(problem=problem):
            return _with_option(problem), CODES[problem.code]
        case Unreachable() | Strange():
            return str(error), NETWORK
        case NoToken() | Insecure():
            return str(error), NOT_ALLOWED
        case UnknownOptionError():
            return f"{error} Put -- before words that begin with a hyphen.", USAGE
        case ValidationError():
            return _first(error), USAGE
        case BadAddress() | ConfigError() | FilterError() | MomentError() | CycloptsError():
            return str(error), USAGE
        case ValueError():
            return str(error), USAGE
        case OSError(filename=name, strerror=reason) if name:
            return f"{name}: {reason}.", USAGE
        case OSError(strerror=reason) if reason:
            return f"It could not be read or written: {reason}.", USAGE
        case _:
            return faults.sentence(error, faults.keep(state_folder(), error)), FAILED


def _with_option(problem: Problem) -> str:
    option = _HERE.get(problem.field)
    return f"{problem.message} Here: {option}." if option else problem.message


def _first(error: ValidationError) -> str:
    """The first thing that is wrong with what was asked, without what was sent."""
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg'].removeprefix('Value error, ').rstrip('.')}."
