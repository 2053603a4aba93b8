"""What can be measured, in the order of the table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks import (
    changing,
    creating,
    crowding,
    describing,
    discovering,
    failing,
    growing,
    hosts,
    idling,
    listing,
    loaded,
    looking,
    memcached,
    migrating,
    notifying,
    parameters,
    passing,
    peers,
    regions,
    resharding,
    restoring,
    saving,
    scaling,
    scraping,
    scrolling,
    serverless,
    several,
    sharding,
    signing,
    simulating,
    slow_logs,
    starting,
    surviving,
    testing,
    users,
)
from benchmarks.figures import Row


@dataclass(frozen=True, slots=True)
class Family:
    """Figures that are taken together. `rounds` is how often each is taken unless told otherwise."""

    measure: Callable[[int], Iterator[Row]]
    rounds: int


FAMILIES: Mapping[str, Family] = {
    "cluster": Family(creating.cluster, 15),
    "group": Family(creating.group, 10),
    "shards": Family(sharding.shards, 5),
    "shards10": Family(sharding.many_shards, 2),
    "reshard": Family(resharding.resharding, 3),
    "save": Family(saving.saving, 5),
    "restore": Family(restoring.restoring, 3),
    "migrate": Family(migrating.migrating, 5),
    "grow": Family(growing.growing, 10),
    "planned": Family(changing.planned, 17),
    "upgrade": Family(changing.upgrades, 5),
    "regions": Family(regions.regions, 20),
    "crash": Family(failing.crashes, 30),
    "shardcrash": Family(failing.shard_crashes, 15),
    "durable": Family(surviving.durable, 20),
    "pause": Family(failing.pauses, 10),
    "hang": Family(failing.hangs, 10),
    "start": Family(starting.starting, 7),
    "describe": Family(describing.describing, 15),
    "postgresql": Family(several.describing, 15),
    "agents": Family(several.agents, 7),
    "hosts": Family(hosts.across, 7),
    "signed": Family(signing.describing, 15),
    "iam": Family(signing.entering, 7),
    "scale": Family(scaling.scaling, 7),
    "simulated": Family(simulating.simulating, 7),
    "idle": Family(idling.idling, 6),
    "logs": Family(slow_logs.slow_logs, 20),
    "events": Family(listing.listing, 15),
    "notify": Family(notifying.notifying, 50),
    "scrape": Family(scraping.scraping, 3),
    "console": Family(looking.looking, 7),
    "scrolling": Family(scrolling.scrolling, 5),
    "watched": Family(looking.watched, 2),
    "parameters": Family(parameters.parameters, 15),
    "memcached10": Family(memcached.many, 7),
    "memcached5": Family(memcached.more, 7),
    "discovery": Family(discovering.discovering, 10),
    "loaded": Family(loaded.loaded, 7),
    "many": Family(crowding.many, 1),
    "gateway": Family(passing.passing, 5),
    "serverless": Family(serverless.creating, 5),
    "endpoint": Family(serverless.passing, 5),
    "users": Family(users.users, 7),
    "testing": Family(testing.fixtures, 20),
    "warm": Family(testing.warm_fixtures, 20),
    "suite": Family(testing.suites, 3),
}

# What is measured only by name: it installs somebody else's work first.
PEERS: Mapping[str, Family] = {"peers": Family(peers.compared, 20)}
