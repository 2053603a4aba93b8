"""The one way in which a request is refused."""


class Fault(Exception):  # noqa: N818 - AWS's own word
    """A refusal, named by its shape in the ElastiCache model (`CacheClusterNotFoundFault`) or by a common code of
    the query protocol (`InvalidAction`). The wire knows the code, the HTTP status and the type that belong to it.
    """

    def __init__(self, shape: str, message: str) -> None:
        super().__init__(message)
        self.shape = shape
        self.message = message


def invalid_value(message: str) -> Fault:
    """A value that is wrong by itself."""
    return Fault("InvalidParameterValueException", message)


def invalid_combination(message: str) -> Fault:
    """Values that do not go together, or that do not fit the resource."""
    return Fault("InvalidParameterCombinationException", message)


def not_built(what: str) -> Fault:
    """Something that AWS has and Cachewright does not have yet: told loudly, never pretended."""
    return Fault("NotImplemented", f"Cachewright does not implement {what} yet.")
