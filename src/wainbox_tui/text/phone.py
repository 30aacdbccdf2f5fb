"""Phone numbers in groups that people read, for the countries most of our customers write from."""

_GROUPS = {
    "212": (1, 2, 2, 2, 2),
    "213": (3, 2, 2, 2),
    "216": (2, 3, 3),
    "20": (3, 3, 4),
    "966": (2, 3, 4),
    "971": (2, 3, 4),
    "965": (4, 4),
    "974": (4, 4),
    "973": (4, 4),
    "968": (4, 4),
    "962": (1, 4, 4),
    "961": (2, 3, 3),
    "33": (1, 2, 2, 2, 2),
}


def phone(number: str) -> str:
    """`+212612345678` as `+212 6 12-34-56-78`; numbers of other plans in threes."""
    digits = number.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return number
    for length in (3, 2):
        groups = _GROUPS.get(digits[:length])
        if groups and sum(groups) == len(digits) - length:
            return f"+{digits[:length]} {_grouped(digits[length:], groups)}"
    code, rest = digits[:3], digits[3:]
    threes = [rest[n : n + 3] for n in range(0, len(rest), 3)]
    return " ".join((f"+{code}", *threes))


def _grouped(digits: str, groups: tuple[int, ...]) -> str:
    pieces: list[str] = []
    for size in groups:
        pieces.append(digits[:size])
        digits = digits[size:]
    if groups[0] == 1:
        return f"{pieces[0]} {'-'.join(pieces[1:])}"
    return "-".join(pieces)
