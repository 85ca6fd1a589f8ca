"""How long to wait before what has failed is tried again: longer every time, up to a limit."""


class BackOff:
    """Waits that double from `shortest` to `longest` seconds until something has succeeded."""

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = shortest
        self._longest = longest
        self.failures = 0
        """Failures in a row."""

    def failed(self) -> float:
        """Count a failure; return the seconds to wait after it."""
        wait = self._shortest * 2.0 ** min(self.failures, 64)  # far below a float's limit
        self.failures += 1
        return min(wait, self._longest)

    def succeeded(self) -> None:
        """Begin at the shortest wait again."""
        self.failures = 0
