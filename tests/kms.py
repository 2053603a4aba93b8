"""Clients of a KMS for tests."""

from typing import Any

from botocore.session import Session


def client_of(url: str, region: str = "us-east-1") -> Any:  # botocore makes its clients at run time
    """Who makes keys there, and takes them away."""
    own = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return Session().create_client("kms", region_name=region, endpoint_url=url, **own)
