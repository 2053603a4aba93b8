"""Where the console tells and does what."""

TOPOLOGY = "/_cachewright/topology"
DRILLS = "/_cachewright/drills"
ZONES = "/_cachewright/zones"
REGIONS = "/_cachewright/regions"
PACE = "/_cachewright/pace"
MAINTENANCE = "/_cachewright/maintenance"
SNAPSHOTS = "/_cachewright/snapshots"
METRICS = "/metrics"  # where every scraper looks first
LOGS = "/_cachewright/logs"
NOTIFICATIONS = "/_cachewright/notifications"
STACKS = "/_cachewright/stacks"
