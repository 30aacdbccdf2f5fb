"""How fast one may send. Vendor's page: "About the platform", throughput and pair rate limit."""

PAIR_SECONDS = 6.0
PAIR_BURST = 45
NUMBER_PER_SECOND = 80


class Bucket:
    """Tokens that come back one every `seconds`, at most `burst` of them."""

    def __init__(self, seconds: float, burst: float) -> None:
        self._seconds = seconds
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Takes a token if there is one."""
        back = (now - self._at) / self._seconds if self._seconds else self._burst
        self._left = min(self._burst, self._left + back)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
