"""Public references: `W-1042` on the wire, a number inside."""

from wainbox_relay.contract.problems import Code, refuse

MOST_DIGITS = 15


def shown(number: int) -> str:
    return f"W-{number}"


def found_in(text: str) -> int | None:
    """Reads `W-1042`, `#W-1042`, `w-1042` or `1042`; None for anything else."""
    digits = text.strip().upper().removeprefix("#").removeprefix("W-")
    good = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    return int(digits) if good else None


def parse(text: str) -> int:
    """The same; refuses anything else as not found."""
    number = found_in(text)
    if number is None:
        raise refuse(Code.NOT_FOUND, "A conversation's reference looks like W-1042.", "ref")
    return number
