"""What the engine's complaints mean: will it do later, or never?"""

import re

from cachewright.agents.planning.verdicts import Later, Never

# Known complaints: a pattern, the reason in plain words, seconds until it is worth another look.
_PASSING: tuple[tuple[str, str, float], ...] = (
    ("no space left on device", "no space left on device", 15.0),
    ("port is already allocated|listen tcp.*address already in use", "a published port is in use", 2.0),
    ("address already in use", "its address is in use", 1.0),
    ("no such image", "its image is not on the engine", 5.0),
    ("no such container", "it does not exist", 0.2),
    ("network .*is ambiguous", "there are two networks of its name", 1.0),  # one is removed as soon as it is seen
    ("network .*not found", "its network does not exist", 1.0),
    ("cannot allocate memory|out of memory", "the engine's machine is out of memory", 15.0),
    ("permission denied", "no permission to use the Docker engine", 15.0),
)


def verdict(deed: str, complaint: str, status: int = 0) -> Later | Never:
    """The verdict on a deed ("start container x") that failed with the engine's words and HTTP status (0: none)."""
    for pattern, reason, delay in _PASSING:
        if re.search(pattern, complaint, re.IGNORECASE):
            return Later(f"cannot {deed}: {reason}", delay)
    if status == 400:  # the engine understood and refuses; it will tomorrow
        return Never(f"cannot {deed}: {complaint}")
    return Later(f"cannot {deed}: {complaint}", 2.0)


def is_attachment(reason: str) -> bool:
    """Whether a deed failed because a Swarm did not give a container its address in time."""
    return re.search("attach to network|attaching to network", reason, re.IGNORECASE) is not None


def unreachable(deed: str, cause: object) -> Later:
    """The verdict when there was no answer at all."""
    if "permission denied" in str(cause).lower():
        return Later(f"cannot {deed}: no permission to use the Docker engine", 15.0)
    return Later(f"cannot {deed}: the Docker engine does not answer", 2.0)
