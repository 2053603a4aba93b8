"""Hash slots: how AWS writes them, and how they are dealt out to shards."""

Ranges = tuple[tuple[int, int], ...]  # first and last slot of each range; in order, neither touching nor overlapping

SLOTS = 16384
EVERY: Ranges = ((0, SLOTS - 1),)


def parsed(text: str) -> Ranges:
    """The slots in a text like `0-894,3134-4443`; ValueError when it says anything else, or a slot twice."""
    raise NotImplementedError(text)


def written(ranges: Ranges) -> str:
    """Slots as AWS writes them; empty for none."""
    return ",".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges)
