"""How long a cache waits until it is looked at again. Pure."""

from cachewright.agents.planning.verdicts import Later, Never

POLL_FAST = 0.003  # seconds until the next look at something that will be ready any moment
POLL_LOADING = 0.015  # the same for an engine that loads: whoever asks it takes from its time
POLL_MEDIUM = 0.03  # the same for what was not ready for a while
POLL_SLOW = 0.25  # the same for what takes its time
POLL_BLOCKED = 1.0  # seconds until the next look at what waits for somebody
POLL_JOB = 5.0  # seconds until the next look at what is told when it can go on
RETRY_PERMANENT = 30.0  # seconds until something impossible is tried again
LONGEST_UNUSED = 30.0  # seconds, to which pauses grow between tries of what fails, while nobody can use the cache yet
LONGEST_USED = 5.0  # the same for a cache that was available once: somebody waits for it

FAST_POLLS, MEDIUM_POLLS = 300, 50


def poll_delay(polls: int, *, loading: bool) -> float:
    """The seconds until the next look, after so many at which there was nothing to do."""
    if polls < FAST_POLLS:
        return POLL_LOADING if loading else POLL_FAST
    return POLL_MEDIUM if polls < FAST_POLLS + MEDIUM_POLLS else POLL_SLOW


def retry_delay(verdict: Later | Never, failures: int, *, used: bool) -> float:
    """The seconds until something is tried again that has failed so many times before this time."""
    if isinstance(verdict, Never):
        return RETRY_PERMANENT
    longest = LONGEST_USED if used else LONGEST_UNUSED
    return max(verdict.delay, min(verdict.delay * 2.0 ** min(failures, 30), longest))
