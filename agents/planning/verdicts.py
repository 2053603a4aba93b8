"""The two ways in which an action fails: it will do later, or it will never do."""


class Later(Exception):  # noqa: N818 - a verdict, not an error
    """The cause may go away by itself: look again after `delay` seconds."""

    def __init__(self, reason: str, delay: float = 1.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delay = delay


class Never(Exception):  # noqa: N818 - a verdict, not an error
    """Waiting does not help; somebody has to change the spec or the machine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
