"""An application that finds its cache: it asks the ElastiCache API, as it would on AWS, and counts visitors there."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from botocore.session import Session
from redis import Redis

NAME = "shop"


def cache() -> Redis:
    """The cache, once it is available; made if there is none yet."""
    aws = Session().create_client("elasticache")  # AWS_ENDPOINT_URL_ELASTICACHE and the like say where
    try:
        aws.create_replication_group(
            ReplicationGroupId=NAME,
            ReplicationGroupDescription="visitors of the shop",
            Engine="valkey",
            CacheNodeType="cache.t4g.small",
        )
    except aws.exceptions.ReplicationGroupAlreadyExistsFault:
        print(f"{NAME} is there already", flush=True)  # noqa: T201
    aws.get_waiter("replication_group_available").wait(
        ReplicationGroupId=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
    )
    (group,) = aws.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"]
    endpoint: dict[str, Any] = group["NodeGroups"][0]["PrimaryEndpoint"]
    print(f"the cache of the shop is at {endpoint['Address']}:{endpoint['Port']}", flush=True)  # noqa: T201
    return Redis(host=endpoint["Address"], port=endpoint["Port"], decode_responses=True)


def shop(visitors: Redis) -> type[BaseHTTPRequestHandler]:
    """What answers: `/healthz` says whether the cache does, everything else counts."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = visitors.ping() if self.path == "/healthz" else f"visitor {visitors.incr('visitors')}"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{answer}\n".encode())

    return Shop


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(os.environ["SHOP_PORT"])), shop(cache())).serve_forever()
