"""How much may be used in a second. Pure; standard library only: part of the container's program."""


class Bucket:
    """Fills by `rate` in a second, and holds no more than that: what was left for a second may be used at once. What is
    used is known afterwards only, so that it may come to owe something: nothing more is let in until that is paid.
    """

    def __init__(self, rate: float, now: float) -> None:
        """Full at the moment `now`, in seconds of whatever clock the moments are of."""
        self.rate = rate
        self._level = rate
        self._at = now

    def admits(self, now: float) -> bool:
        """Whether something may begin."""
        return self._filled(now) > 0

    def take(self, amount: float, now: float) -> None:
        """So much was used."""
        self._level = self._filled(now) - amount

    def _filled(self, now: float) -> float:
        self._level = min(self.rate, self._level + max(0.0, now - self._at) * self.rate)
        self._at = now
        return self._level
