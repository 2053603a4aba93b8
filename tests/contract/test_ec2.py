"""Subnets and security groups that moto's server knows, and what becomes of an EC2 that cannot be asked."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from cachewright.agents.buckets.folders import Folders
from cachewright.agents.outward.ec2 import RemoteEc2
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.tools import Tools
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.vpcs import Silent, VpcSubnet
from tests.api.world import START, Caller, shared_store
from tests.contract.cloud import REGION, credentials, url
from tests.contract.cloud import client as client_of
from tests.contract.silence import silence

__all__ = ["credentials", "url"]  # fixtures


def test_subnets_are_what_ec2_says(url: str) -> None:
    client = client_of("ec2", url)
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].replace("::/56", "::/64")
    usual = {"VpcId": vpc["VpcId"], "AvailabilityZone": "us-east-1b"}
    plain = client.create_subnet(CidrBlock="10.0.1.0/24", **usual)["Subnet"]["SubnetId"]
    both = client.create_subnet(CidrBlock="10.0.2.0/24", Ipv6CidrBlock=block, **usual)["Subnet"]["SubnetId"]
    other = block.replace("00::/64", "01::/64")
    six = client.create_subnet(Ipv6Native=True, Ipv6CidrBlock=other, **usual)["Subnet"]["SubnetId"]
    assert RemoteEc2(url).subnets([plain, both, six, "subnet-nobody"], REGION) == {
        plain: VpcSubnet("us-east-1b", vpc["VpcId"], ("ipv4",)),
        both: VpcSubnet("us-east-1b", vpc["VpcId"], ("ipv4", "dual_stack")),
        six: VpcSubnet("us-east-1b", vpc["VpcId"], ("ipv6",)),
    }
    assert RemoteEc2(url).subnets([plain], "eu-west-1") == {}


def test_security_groups_are_those_of_ec2(url: str) -> None:
    client = client_of("ec2", url)
    vpc = client.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    group = client.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    assert RemoteEc2(url).security_groups([group, "sg-nobody"], REGION) == {group: vpc}


@contextmanager
def saying(status: int, body: bytes) -> Iterator[str]:
    """Where somebody answers the same to everything."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


ERROR = b"<Response><Errors><Error><Code>AuthFailure</Code><Message>Not you.</Message></Error></Errors></Response>"
ROWS = b"<DescribeSubnetsResponse><subnetSet><item><subnetId>s</subnetId></item></subnetSet></DescribeSubnetsResponse>"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((403, ERROR), "refuses: Not you"),
        ((500, b"oops"), "answer"),
        ((200, b"this is garbage"), "does not answer: "),
        ((200, b"<html></html>"), "answers nothing that EC2 says"),
        ((200, ROWS), "answers nothing that EC2 says"),
    ],
)
def test_why_it_cannot_be_asked_is_told(answer: tuple[int, bytes], words: str) -> None:
    with saying(*answer) as url:
        said = RemoteEc2(url).subnets(["s"], REGION)
    assert isinstance(said, Silent)
    assert f"EC2 at {url} " in said.reason
    assert words in said.reason


def test_one_that_is_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = RemoteEc2(f"http://127.0.0.1:{port}").security_groups(["sg-1"], REGION)
    assert isinstance(said, Silent)
    assert said.reason.startswith(f"EC2 at http://127.0.0.1:{port} does not answer: ")


def test_one_that_hangs_is_not_waited_for() -> None:
    with silence() as hanging:
        assert isinstance(RemoteEc2(hanging.url).subnets(["s"], REGION), Silent)
        assert hanging.seconds() < 5


def no_tools() -> Tools:
    raise Never("no container engine is needed")


def test_a_subnet_group_and_a_cache_by_way_of_ec2(url: str, tmp_path: Path) -> None:
    client, caller = client_of("ec2", url), Caller("000000009999")
    vpc = client.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.2.1.0/24", AvailabilityZone="us-east-1c")["Subnet"]
    group = client.create_security_group(GroupName="of a cache", Description="d", VpcId=vpc)["GroupId"]
    with closing(LiveEngines(no_tools, Folders(tmp_path), ec2=RemoteEc2(url))) as engines:
        ask = Dispatch(shared_store(), ("a", "b", "c"), lambda: START, Random(7), engines)
        params = {"CacheSubnetGroupName": "mine", "CacheSubnetGroupDescription": "d"}
        made = ask("CreateCacheSubnetGroup", {**params, "SubnetIds": [subnet["SubnetId"]]}, caller)["CacheSubnetGroup"]
        assert (made["VpcId"], made["Subnets"][0]["SubnetAvailabilityZone"]) == (vpc, {"Name": "us-east-1c"})
        usual = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "CacheSubnetGroupName": "mine"}
        ask("CreateCacheCluster", {"CacheClusterId": "c", **usual, "SecurityGroupIds": [group]}, caller)
        with pytest.raises(Fault, match=r"Invalid security group ids: \[sg-nobody\]"):
            ask("CreateCacheCluster", {"CacheClusterId": "d", **usual, "SecurityGroupIds": ["sg-nobody"]}, caller)
        with pytest.raises(Fault, match=r"Some input subnets in :\[subnet-nobody\] are invalid"):
            ask("ModifyCacheSubnetGroup", {**params, "SubnetIds": ["subnet-nobody"]}, caller)
