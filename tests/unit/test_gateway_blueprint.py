"""What the gateway's container is made from."""

import re

from cachewright.agents.gateway import blueprint, runtime_api
from cachewright.agents.gateway.blueprint import Place
from cachewright.agents.planning.containers import Port
from cachewright.controlplane.model.cache import Address

PLACE = Place("10.200.0.2", "10.200.0.1", "10.200.128.0/18")
PRIMARY, READER = Address("10.200.128.1", 6379), Address("10.200.128.2", 6379)
NODES = (Address("10.200.4.0", 6379), Address("10.200.4.1", 6379))
ROUTES = {PRIMARY: NODES[:1], READER: NODES}


def content(name: str) -> str:
    return {file.path: file for file in blueprint.files(PLACE, ROUTES)}[f"/gateway/{name}"].content.decode()


def test_every_blank_of_the_templates_is_filled() -> None:
    for file in blueprint.files(PLACE, ROUTES):
        assert not re.search(rb"\$[a-z]", file.content), file.path


def test_a_restart_begins_with_the_routes() -> None:
    entries = dict(line.split() for line in content("routes.map").splitlines())
    servers = re.findall(r"^ +server (\S+) (\S+) weight 0$", content("haproxy.cfg"), re.MULTILINE)
    assert runtime_api.Held(entries, frozenset()).routes() == ROUTES
    assert servers == [(runtime_api.server(source, node), str(node)) for source in ROUTES for node in ROUTES[source]]


def test_a_target_named_twice_is_served_once() -> None:
    (config,) = (
        file.content.decode()
        for file in blueprint.files(PLACE, {PRIMARY: (NODES[0], NODES[0])})
        if file.path.endswith(".cfg")
    )
    assert config.count("weight 0\n") == 1


def test_only_the_host_may_administer() -> None:
    assert f"tcp dport {blueprint.ADMIN} ip saddr != {PLACE.host} reject" in content("start.sh")
    assert f"stats socket ipv4@{PLACE.address}:{blueprint.ADMIN}" in content("haproxy.cfg")


def test_the_gateways_own_ports_are_nobodys_endpoint() -> None:
    assert max(blueprint.DOOR, blueprint.ADMIN) < 1150


def test_the_container_has_few_rights_and_comes_back() -> None:
    made = blueprint.blueprint("image", PLACE, "gateway", {"cachewright.kind": "gateway"}, ROUTES, (Port(6379, 16379),))
    assert set(made.capabilities) == {"NET_ADMIN", "SETGID", "SETUID"}
    assert made.resurrects
    assert made.address == PLACE.address
    assert made.ports == (Port(6379, 16379),)
    assert made.files == blueprint.files(PLACE, ROUTES)
