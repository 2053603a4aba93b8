"""An application that finds its cache with boto3 and keeps baskets in it."""

import boto3
from redis import Redis


def basket_store(group: str) -> Redis:
    """A client of the primary of a replication group."""
    (found,) = boto3.client("elasticache").describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"]
    endpoint = found["NodeGroups"][0]["PrimaryEndpoint"]
    return Redis(endpoint["Address"], endpoint["Port"], decode_responses=True)


def add(store: Redis, customer: str, article: str) -> int:
    """How many articles are in the basket of a customer by now."""
    store.rpush(f"basket:{customer}", article)
    return int(store.llen(f"basket:{customer}"))
