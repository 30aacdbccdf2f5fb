"""Phone numbers as the people of their country group them; E.164 in, something to read out."""

import re

from wainbox_relay.contract.safe import Safe, clean

_E164 = re.compile(r"\+?([1-9][0-9]{6,14})")

_GROUPS = {
    ("1", 10): "### ###-####",
    ("20", 10): "## ####-####",
    ("212", 9): "# ##-##-##-##",
    ("213", 9): "### ##-##-##",
    ("216", 8): "## ###-###",
    ("218", 9): "## ###-####",
    ("222", 8): "## ##-##-##",
    ("249", 9): "## ###-####",
    ("31", 9): "# ##-##-##-##",
    ("32", 9): "### ##-##-##",
    ("33", 9): "# ##-##-##-##",
    ("34", 9): "### ##-##-##",
    ("44", 10): "#### ###-###",
    ("90", 10): "### ###-####",
    ("961", 7): "# ###-###",
    ("961", 8): "## ###-###",
    ("962", 9): "# ####-####",
    ("963", 9): "### ###-###",
    ("964", 10): "### ###-####",
    ("965", 8): "####-####",
    ("966", 9): "## ###-####",
    ("967", 9): "### ###-###",
    ("968", 8): "####-####",
    ("970", 9): "## ###-####",
    ("971", 9): "## ###-####",
    ("973", 8): "####-####",
    ("974", 8): "####-####",
}
"""By country code and digits after it: how those are grouped."""


def phone(number: str) -> Safe:
    """`+212612345678` as `+212 6 12-34-56-78`; what is no number stays as it came."""
    found = _E164.fullmatch(number)
    if found is None:
        return clean(number)
    digits = found[1]
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        if groups := _GROUPS.get((code, len(rest))):
            return Safe(f"+{code} {_filled(groups, rest)}")
    return Safe("+" + " ".join(_threes(digits)))


def _filled(groups: str, digits: str) -> str:
    left = iter(digits)
    return "".join(next(left) if sign == "#" else sign for sign in groups)


def _threes(digits: str) -> list[str]:
    """Groups of three; the last may have four, so that no digit stands alone."""
    cuts = range(0, len(digits) - 1, 3)
    return [digits[at : at + 3 if at != cuts[-1] else None] for at in cuts]
