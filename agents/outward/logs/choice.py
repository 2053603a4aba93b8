"""Which destinations there are."""

from cachewright.agents.outward.logs.destinations import Destination, Destinations
from cachewright.agents.outward.logs.files import FOLDER, LogFiles
from cachewright.controlplane.model.log_delivery import DestinationType
from cachewright.controlplane.settings import Settings


def destinations_of(settings: Settings) -> Destinations:
    """Those of an installation: what the settings name, else files of the data directory."""
    files = LogFiles(settings.files / FOLDER)
    found: dict[DestinationType, Destination] = dict.fromkeys(DestinationType, files)
    if settings.logs_endpoint:
        from cachewright.agents.outward.logs.cloudwatch import CloudWatchLogs  # noqa: PLC0415 - slow to import

        found[DestinationType.CLOUDWATCH_LOGS] = CloudWatchLogs(settings.logs_endpoint)
    if settings.firehose_endpoint:
        from cachewright.agents.outward.logs.firehose import Firehose  # noqa: PLC0415

        found[DestinationType.FIREHOSE] = Firehose(settings.firehose_endpoint)
    return found
