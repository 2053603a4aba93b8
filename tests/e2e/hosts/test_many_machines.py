"""What docs/many-machines.md shows, typed on three hosts as it stands there; an installation that outlives its parts.

Where there is no registry its images are out of what is on this machine, under their names (`images.py`), and where
there is no redis-cli a program of a few lines stands in for it.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from shutil import which
from typing import Any

import docker
import pytest

from tests.e2e.clients import writing
from tests.e2e.cloud import MICRO, SOON, Place, member_places, place, primary_of, redis_at
from tests.e2e.hosts.page import Block
from tests.e2e.hosts.site import EVERY, LONG, PAGE, Site, deployed
from tests.e2e.waiting import until
from tests.machines import absent

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("hosts")]

SERVICES = ("api", "agent", "engine", "postgresql")


@pytest.fixture(scope="module")
def site(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if reason := absent() or ("" if which("openssl") else "openssl is not installed"):
        pytest.skip(reason)
    with deployed(machine, tmp_path_factory.mktemp("machines")) as site:
        yield site


def _doors(group: dict[str, Any]) -> dict[int, Place]:
    """A primary endpoint at each host."""
    port = place(group["PrimaryEndpoint"])[1]
    return {number: (f"10.77.0.{number}", port) for number in EVERY}


def _shown(api: Any, name: str) -> dict[str, Any]:
    return dict(api.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]["NodeGroups"][0])


def _made(api: Any, name: str) -> dict[str, Any]:
    """A new group with a node in each zone."""
    nodes = {"NumCacheClusters": 3, "AutomaticFailoverEnabled": True, "MultiAZEnabled": True}
    kind = {"Engine": "valkey", "CacheNodeType": MICRO, "ReplicationGroupDescription": "of a test"}
    api.create_replication_group(ReplicationGroupId=name, **kind, **nodes)
    api.get_waiter("replication_group_available").wait(ReplicationGroupId=name, WaiterConfig=SOON)
    return _shown(api, name)


def test_it_works_as_the_page_says(site: Site) -> None:
    commands, sdk = PAGE["Whether it works"]
    lines = site.reader.types(commands).splitlines()
    for host in ("h1", "h2", "h3"):
        assert any(line.split()[:1] == [host] for line in lines), lines
    assert lines[-1] == "hello"
    (shop,) = json.loads(site.reader.types(sdk))["ReplicationGroups"]
    assert (shop["ReplicationGroupId"], shop["Status"]) == ("shop", "available")
    assert len({host for host, _ in member_places(shop["NodeGroups"][0]).values()}) == 3


def test_a_group_of_one_api_is_on_every_host_and_taken_at_each(site: Site) -> None:
    group = _made(site.api(1), "orders")
    assert {host for host, _ in member_places(group).values()} == {"10.77.0.1", "10.77.0.2", "10.77.0.3"}
    for number, door in _doors(group).items():
        with closing(redis_at(door)) as client:
            client.set(f"by {number}", "1")
            assert client.role()[0] == "master"
    assert primary_of(_shown(site.api(3), "orders")) == primary_of(group)


def test_work_goes_on_without_an_api_and_an_agent(site: Site) -> None:
    before = primary_of(_shown(site.api(2), "orders"))
    home = next(number for number in EVERY if site.running(number, "agent"))
    with writing(_doors(_shown(site.api(2), "orders"))[3]) as writer:
        site.machines.docker(home, "kill", *site.running(home, "agent"))
        site.machines.docker(1, "kill", *site.running(1, "api"))
        site.api(2).test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
        until("another node leads", lambda: primary_of(_shown(site.api(2), "orders")) != before)
        writer.progress()
    assert writer.lost() == []
    until("Swarm has started another API", lambda: site.healthy("api", 3), LONG)
    until("Swarm has started another agent", lambda: site.healthy("agent", 2), LONG)
    assert primary_of(_shown(site.api(1), "orders")) != before


@pytest.mark.parametrize("change", PAGE["Changes"], ids=["restart", "another version"])
def test_a_change_of_the_control_plane_loses_nothing(site: Site, change: Block) -> None:
    before = set(site.control_plane())
    with writing(_doors(_shown(site.api(2), "orders"))[2]) as writer:
        site.reader.types(change)
        until("none of before is there", lambda: not before & set(site.control_plane()), LONG)
        until("the API is served everywhere", lambda: site.healthy("api", 3), LONG)
        until("there are agents", lambda: site.healthy("agent", 2), LONG)
        writer.progress()
    assert writer.lost() == []
    assert _shown(site.api(3), "orders")["Status"] == "available"


def test_no_secret_is_where_others_look(site: Site) -> None:
    password = (site.secrets / "postgresql-password").read_text()
    secrets = {site.keys["aws_secret_access_key"], password, "PRIVATE KEY"}
    for number in EVERY:
        containers = [one for service in SERVICES for one in site.running(number, service)]
        shown = site.machines.docker(number, "inspect", *containers)
        for container in containers:
            shown += site.machines.docker(number, "top", container, "-o", "pid,args")
        assert not [secret for secret in secrets if secret in shown]


def test_an_engine_lets_in_who_has_a_certificate_for_clients_alone(site: Site) -> None:
    ask = f"curl --silent --cacert {site.secrets}/ca.pem https://10.77.0.2:2376/_ping"
    assert site.machines.inside(1, "sh", "-c", f"{ask} --cert {site.secrets}/client.pem") == "OK"
    for other in ("", f" --cert {site.secrets}/server.pem"):
        assert site.machines.inside(1, "sh", "-c", f"{ask}{other} || echo refused") == "refused"
