"""What is made when it is asked for, because it takes memory that few need."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Lazy(Generic[Made]):
    """Made by whoever asks first, in any thread, and once; what fails is tried again by whoever asks next."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._lock = make, Lock()
        self._made: Made | None = None

    @property
    def there(self) -> Made | None:
        """None before it was made."""
        return self._made

    def made(self) -> Made:
        """Waits for it, if it is being made."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made
