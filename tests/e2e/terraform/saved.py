"""What `saved.tf` makes, and what its changes come to."""

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.plane import run


def made(cloud: Cloud, window: str) -> None:
    """Everything is as it was asked for first."""
    shown = cloud.shown_cluster("notes")
    assert (shown["SnapshotRetentionLimit"], shown["SnapshotWindow"]) == (5, window)


def changes(cloud: Cloud) -> dict[str, object]:
    """Another cluster shall begin with an automatic snapshot, which is taken of a cluster that holds something."""
    redis_at(place(cloud.shown_cluster("notes")["CacheNodes"][0]["Endpoint"])).set("note", "kept")
    ran = run("snapshot", "run", "notes", "--account", cloud.account, "--url", cloud.plane.url)
    name = ran.stdout.strip()
    assert _known(cloud) == {name: ("available", "automated")}
    return {"days": 3, "origin": name}


def changed(cloud: Cloud) -> None:
    """Everything is as the changes ask for it."""
    group = cloud.whole_group("letters")
    assert (group["SnapshotRetentionLimit"], group["SnapshottingClusterId"]) == (3, "letters-001")
    assert redis_at(place(cloud.shown_cluster("again")["CacheNodes"][0]["Endpoint"])).get("note") == "kept"


def ended(cloud: Cloud) -> None:
    """The last snapshots are there."""
    last = {name: known for name, known in _known(cloud).items() if name.endswith("-last")}
    assert last == dict.fromkeys(("notes-last", "letters-last"), ("available", "manual"))


def _known(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """The status and the source of every snapshot."""
    found = cloud.api.describe_snapshots()["Snapshots"]
    return {each["SnapshotName"]: (each["SnapshotStatus"], each["SnapshotSource"]) for each in found}
