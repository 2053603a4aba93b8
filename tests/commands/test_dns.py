"""What is said about resolvers: every command is whole, and fits the addresses and the settings."""

import re
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.runtime.network import Network
from cachewright.controlplane import choice
from cachewright.controlplane.choice import WrongSettings
from cachewright.controlplane.commands.checks import Mark
from cachewright.controlplane.commands.dns import Known, instructions, known_to
from cachewright.controlplane.commands.reach import names
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.database import Store

NETWORK = Network("cachewright-abc", IPv4Network("10.207.0.0/16"))


def settings(**chosen: Any) -> Settings:
    return Settings(**{"hostnames": True, "host_suffix": "cache.example.test", **chosen})


def test_the_directory_answers_where_it_can_be_reached() -> None:
    said = instructions(settings(), Known(NETWORK))
    assert 'resolvectl dns "$link" 10.207.0.3\n' in said
    assert 'resolvectl revert "$link"\n' in said
    assert "server=/cache.example.test/10.207.0.3#53" in said
    assert "docker run --network cachewright-abc --dns 10.207.0.3 " in said
    assert "macOS needs: CACHEWRIGHT_DNS_PORT=4553" in said


@pytest.mark.parametrize(
    ("chosen", "network"),
    [({"endpoints": EndpointMode.PUBLISHED}, NETWORK), ({}, None)],
    ids=["published", "never ran"],
)
def test_else_the_control_plane_does(chosen: dict[str, Any], network: Network | None) -> None:
    said = instructions(settings(dns_port=5399, **chosen), Known(network))
    assert "DNS=127.0.0.1:5399\\nDomains=~cache.example.test\\n" in said
    assert "server=/cache.example.test/127.0.0.1#5399" in said
    assert "nameserver 127.0.0.1\\nport 5399\\n' | sudo tee /etc/resolver/cache.example.test" in said
    assert "CACHEWRIGHT_DNS_PORT" not in said


def test_on_several_hosts_the_directory_of_each_answers() -> None:
    said = instructions(settings(), Known(NETWORK, ("10.77.0.1", "10.77.0.2")))
    assert 'resolvectl dns "$link" 10.77.0.1 10.77.0.2\n' in said
    servers = [f"server=/cache.example.test/10.77.0.{number}#53\\n" for number in (1, 2)]
    assert f"printf '{''.join(servers)}rebind-domain-ok=/cache.example.test/" in said
    assert "10.207.0.3" not in said


@pytest.mark.parametrize("network", [NETWORK, None])
@pytest.mark.parametrize("endpoints", list(EndpointMode))
@pytest.mark.parametrize("port", [0, 5399])
def test_everything_is_filled_in_and_can_be_undone(network: Network | None, endpoints: EndpointMode, port: int) -> None:
    said = instructions(settings(endpoints=endpoints, dns_port=port), Known(network))
    assert not re.search(r"\$(?:suffix|hosts?|servers|port|local|network|directory)|\$\$", said)
    assert said.count("  to route") == said.count("  to undo:") == 3
    made = set(re.findall(r"sudo tee (\S+)", said))
    assert made == set(re.findall(r"sudo rm (\S+)", said))


def test_names_that_are_off() -> None:
    said = instructions(settings(hostnames=False), Known(NETWORK))
    assert "To turn them on: CACHEWRIGHT_HOSTNAMES=on" in said
    assert "CACHEWRIGHT_HOSTNAMES" not in instructions(settings(), Known(NETWORK))
    assert names(settings(hostnames=False)).mark is Mark.GOOD


def test_names_that_nobody_resolves() -> None:
    finding = names(settings(host_suffix="nobody.invalid"))
    assert finding.mark is Mark.DOUBTFUL
    assert "cachewright dns" in finding.remedy


def test_the_network_is_that_of_the_data_directory(tmp_path: Path) -> None:
    chosen = settings(data_dir=tmp_path)
    assert known_to(chosen) == Known()
    store = Store(chosen.database)
    store.prepare()
    assert known_to(chosen) == Known()
    with store.write() as transaction:
        transaction.facts.write("instance", "abc")
        transaction.facts.write("subnet", "10.207.0.0/16")
        transaction.hosts.write(Host("one", "tcp://10.77.0.1:2375", "a", "10.77.0.1"))
        transaction.hosts.write(Host("two", "tcp://10.77.0.2:2375", "b", "10.77.0.2", joining=True))
    store.close()
    assert known_to(chosen) == Known(NETWORK, ("10.77.0.1",))


@pytest.mark.parametrize(
    ("written", "kept"),
    [("cache.amazonaws.com", "cache.amazonaws.com"), (".Cache.Example.", "cache.example"), ("a-1.test", "a-1.test")],
)
def test_suffixes(written: str, kept: str) -> None:
    assert choice.settings({"host_suffix": written}, {}).naming.suffix == kept


@pytest.mark.parametrize("wrong", ["", ".", "a b", "-a.test", "a..b", "a.1", "x" * 64, f"{'a.' * 60}test", "ä.test"])
def test_what_is_no_suffix(wrong: str) -> None:
    with pytest.raises(WrongSettings, match="is no domain name"):
        choice.settings({"host_suffix": wrong}, {})
