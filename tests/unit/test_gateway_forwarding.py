"""What the container is made from in which the kernel forwards."""

import json
from dataclasses import replace

from cachewright.agents.gateway import forwarding
from cachewright.agents.gateway.program.contact import ROUTES
from cachewright.agents.planning.containers import Blueprint
from tests.unit.test_gateway_blueprint import NODES, PLACE, PRIMARY, READER


def made() -> Blueprint:
    return forwarding.blueprint("image", PLACE, "gateway", {}, {PRIMARY: (NODES[0], NODES[0]), READER: NODES})


def test_it_begins_with_the_routes() -> None:
    (written,) = (file.content for file in made().files if file.path == str(ROUTES))
    assert json.loads(written) == {str(PRIMARY): [str(NODES[0])], str(READER): [*map(str, NODES)]}


def test_it_has_few_rights_and_comes_back() -> None:
    """It enters the networks of nodes, which is why it sees their processes."""
    blueprint = made()
    assert set(blueprint.capabilities) == {"NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"}
    assert blueprint.sees_processes
    assert blueprint.resurrects
    assert blueprint.address == PLACE.address


def test_connections_seem_to_come_from_the_end_of_the_range() -> None:
    assert "10.200.191.252-10.200.191.255" in made().command


def test_of_ipv6_it_is_told_where_there_is_any() -> None:
    assert not [word for word in (*made().command, *made().sysctls) if ":" in word or "ipv6" in word]
    six = forwarding.blueprint("image", replace(PLACE, endpoints6="fd00::8000/114"), "gateway", {}, {})
    assert six.command[-2:] == ("fd00::8000/114", "fd00::bffc-fd00::bfff")
    assert six.sysctls["net.ipv6.conf.all.forwarding"] == "1"


def test_the_program_is_in_it() -> None:
    paths = {file.path for file in made().files}
    assert {"/gateway/__main__.py", "/gateway/cachewright/agents/gateway/program/server.py"} <= paths
