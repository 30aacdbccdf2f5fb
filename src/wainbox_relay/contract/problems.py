"""One shape for every refusal: a code for machines, a sentence for people."""

from enum import StrEnum
from http import HTTPStatus
from typing import Any

from wainbox_relay.contract.models import BaseModel, ConfigDict


class Code(StrEnum):
    INVALID = "invalid"
    NOT_ALLOWED = "not_allowed"
    UNAUTHENTICATED = "unauthenticated"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TAKEN = "taken"
    STALE = "stale"
    WINDOW_SHUT = "window_shut"
    NEWER_MESSAGE = "newer_message"
    OTHER_LANGUAGE = "other_language"
    TOO_LARGE = "too_large"
    RATE = "rate"
    BUSY = "busy"
    BROKEN = "broken"


HTTP_STATUS: dict[Code, HTTPStatus] = {
    Code.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.TAKEN: HTTPStatus.CONFLICT,
    Code.STALE: HTTPStatus.CONFLICT,
    Code.WINDOW_SHUT: HTTPStatus.CONFLICT,
    Code.NEWER_MESSAGE: HTTPStatus.CONFLICT,
    Code.OTHER_LANGUAGE: HTTPStatus.CONFLICT,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.RATE: HTTPStatus.TOO_MANY_REQUESTS,
    Code.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.BROKEN: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Problem(BaseModel):
    """Why something was not done and what to do next.

    `message` is a whole sentence for a person. `field` names the offending key of the request and
    is empty when no single key is to blame. `details` holds ids a screen may act on (for example
    `entry` of the newer message, `ref` of another case) and never foreign text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    message: str
    field: str = ""
    details: dict[str, Any] = {}  # noqa: RUF012 - frozen, and nobody changes it


class Refusal(Exception):
    """Carries a `Problem` out of a rule or a route to whoever must answer the asker."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def refuse(code: Code, message: str, field: str = "", **details: object) -> Refusal:
    """A `Refusal` ready to raise."""
    return Refusal(Problem(code=code, message=message, field=field, details=details))
