"""Is a webhook really WhatsApp's? HMAC-SHA256 over the raw bytes, keyed with the app secret.

Vendor's pages: "Create a webhook endpoint" and Graph API "Webhooks, getting started".
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

_PREFIX = b"sha256="
_HEX_DIGITS = 64
_LONGEST_CHALLENGE = 512


class Signatures:
    """Signatures by any of the secrets, of which two are valid while one replaces the other."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.renew(secrets)

    def renew(self, secrets: Sequence[str]) -> None:
        """From now on these secrets count, and no others."""
        if not secrets or not all(secrets):
            raise ValueError("A webhook needs an app secret: set webhook.app_secret.")
        self._keyed = [hmac.new(secret.encode(), digestmod=sha256) for secret in secrets]

    def accepts(self, body: bytes, header: str | None) -> bool:
        """Whether the header signs these bytes. Every secret is tried, in constant time."""
        claimed = _claimed(header)
        matches = [hmac.compare_digest(self._sign(keyed, body), claimed) for keyed in self._keyed]
        return any(matches)

    @staticmethod
    def _sign(keyed: "hmac.HMAC", body: bytes) -> bytes:
        signing = keyed.copy()
        signing.update(body)
        return signing.hexdigest().encode()


def _claimed(header: str | None) -> bytes:
    """The 64 hex digits of `sha256=...`, lower case; empty when it is anything else."""
    raw = (header or "").encode(errors="replace")
    digits = raw.removeprefix(_PREFIX).lower()
    well_formed = raw.startswith(_PREFIX) and len(digits) == _HEX_DIGITS
    return digits if well_formed else b""


def handshake(params: Mapping[str, Sequence[str]], verify_token: str) -> str | None:
    """The challenge to answer with, as plain text; None when this is no subscription of ours.

    A parameter given twice, or a challenge no person would type, is refused.
    """
    mode, token, challenge = (
        _only(params.get(name, ())) for name in ("hub.mode", "hub.verify_token", "hub.challenge")
    )
    ours = hmac.compare_digest(token.encode(errors="replace"), verify_token.encode())
    fit = 0 < len(challenge) <= _LONGEST_CHALLENGE and challenge.isprintable()
    return challenge if ours and verify_token and mode == "subscribe" and fit else None


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""
