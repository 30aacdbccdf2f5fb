"""What an error means for whoever called: a sentence and an exit code."""

import sys

from cyclopts import CycloptsError

from wainbox_relay.contract.filters import FilterError
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_tui.cli import CONFLICT, NETWORK, NOT_ALLOWED, NOT_FOUND, RATE, USAGE
from wainbox_tui.client import Insecure, Unreachable
from wainbox_tui.config import ConfigError
from wainbox_tui.credentials import NoToken
from wainbox_tui.moments import MomentError

_CODES = {
    Code.INVALID: USAGE,
    Code.NOT_ALLOWED: NOT_ALLOWED,
    Code.UNAUTHENTICATED: NOT_ALLOWED,
    Code.NOT_FOUND: NOT_FOUND,
    Code.CONFLICT: CONFLICT,
    Code.TAKEN: CONFLICT,
    Code.STALE: CONFLICT,
    Code.WINDOW_SHUT: CONFLICT,
    Code.NEWER_MESSAGE: CONFLICT,
    Code.TOO_LARGE: USAGE,
    Code.RATE: RATE,
    Code.BUSY: NETWORK,
}


def code_of(error: Exception) -> int:
    """Says the sentence and gives the code; an error nobody foresaw goes on."""
    match error:
        case Refusal():
            code = _CODES[error.problem.code]
        case Unreachable():
            code = NETWORK
        case NoToken() | Insecure():
            code = NOT_ALLOWED
        case ConfigError() | FilterError() | MomentError() | CycloptsError() | ValueError():
            code = USAGE
        case OSError():
            code = USAGE
        case _:
            raise error
    print(f"wainbox: {error}", file=sys.stderr)
    return code
