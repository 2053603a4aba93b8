"""What AWS repeats in its answers about a cache and nobody acts on: an agent never reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presentation:
    """As AWS names it, in Python's spelling. Empty: not given and nothing to show."""

    description: str = ""
    notification_topic_arn: str = ""
    notification_topic_status: str = "inactive"
    cache_subnet_group_name: str = "default"
    security_group_ids: tuple[str, ...] = ()
    az_mode: str = ""
    preferred_availability_zone: str = ""  # what is shown for the cluster: a zone, or `Multiple`
    kms_key_id: str = ""
    data_tiering: bool = False
    durability: str = ""
    scale_config: tuple[tuple[str, int], ...] = ()  # AWS's ScaleConfig of the latest change of nodes, by name
    subnet_ids: tuple[str, ...] = ()  # of a serverless cache
    connection_type: str = ""  # of a serverless cache: `vpc` or `public`
    integrations: tuple[str, ...] = ()  # of a serverless cache: the types that were asked for
    unbuilt: tuple[str, ...] = ()  # parameters that are kept and shown, but that nothing acts on yet
