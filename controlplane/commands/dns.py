"""`cachewright dns`: how a machine's resolver is led to Cachewright's names, and how that is undone."""

from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Network
from string import Template

from cachewright.agents.backends import INSTANCE, SUBNET
from cachewright.agents.directory.name_server import LOCAL
from cachewright.agents.directory.program.contact import NAMES
from cachewright.agents.runtime.network import Network
from cachewright.controlplane.model.hosts import counting
from cachewright.controlplane.server.resources import usable
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.revision import REVISION

USUAL_PORT = 4553  # where the control plane itself answers, when it was not told another port


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody answers for the names. Port 53 is DNS's own."""

    host: str
    port: int

    @property
    def plain(self) -> bool:
        """Whether resolvers that know no ports can use it."""
        return self.port == NAMES


@dataclass(frozen=True, slots=True)
class Known:
    """What a data directory or database knows of an installation."""

    network: Network | None = None  # None before Cachewright has run for the first time
    hosts: tuple[str, ...] = ()  # the addresses of its hosts, if there are several


def known_to(settings: Settings) -> Known:
    """What there is; CannotServe when the database cannot be used."""
    if not settings.database_url and not (settings.data_dir / "cachewright.db").exists():
        return Known()
    with usable(settings), closing(Store(settings.database)) as store:
        if store.revision is None:
            return Known()
        with store.read() as transaction:
            instance, subnet = transaction.facts.read(INSTANCE), transaction.facts.read(SUBNET)
            hosts = transaction.hosts.all() if store.revision == REVISION else {}  # an earlier release knew none
    addresses = tuple(host.address for host in counting(hosts).values())
    return Known(Network(f"cachewright-{instance}", IPv4Network(subnet)) if subnet else None, addresses)


def instructions(settings: Settings, known: Known) -> str:
    """What to do, for every kind of resolver. On several hosts the directory of each answers, also to containers."""
    local, network = Door(LOCAL, settings.dns_port or USUAL_PORT), known.network
    doors = _doors(settings, known) or (local,)
    door = doors[0]
    parts = [_beginning(settings, door, local), _RESOLVED[door.plain], _DNSMASQ, _MACOS]
    parts += [_CONTAINERS] if network and not known.hosts else []
    values = {
        "suffix": settings.host_suffix,
        "host": door.host,
        "port": door.port,
        "hosts": " ".join(each.host for each in doors),
        "servers": "".join(f"server=/{settings.host_suffix}/{each.host}#{each.port}\\n" for each in doors),
        "local": local.port,
        "network": network.name if network else "",
        "directory": network.directory if network else "",
    }
    return "\n".join(Template(part).substitute(values) for part in parts)


def _doors(settings: Settings, known: Known) -> tuple[Door, ...]:
    """Where directories answer that this machine reaches."""
    if known.hosts:
        return tuple(Door(address, NAMES) for address in known.hosts)
    direct = settings.endpoints is EndpointMode.DIRECT and known.network
    return (Door(str(known.network.directory), NAMES),) if direct and known.network else ()


def _beginning(settings: Settings, door: Door, local: Door) -> str:
    lines = ["Host names end in $suffix. While that is routed, nothing else under it is found.", ""]
    if not settings.hostnames:
        lines += ["They are off: endpoints are told as IP addresses. To turn them on: CACHEWRIGHT_HOSTNAMES=on", ""]
    if not settings.dns_port:
        where = "what follows needs" if door == local else "macOS needs"
        lines += [f"The control plane does not answer at {LOCAL}; {where}: CACHEWRIGHT_DNS_PORT={local.port}", ""]
    return "\n".join(lines)


_RESOLVED = {
    True: """\
systemd-resolved (most Linux desktops)
  to route, until the next boot:
    link=$$(ip route get $host | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
    sudo resolvectl dns "$$link" $hosts
    sudo resolvectl domain "$$link" '~$suffix'
    sudo resolvectl default-route "$$link" false
  to undo:
    link=$$(ip route get $host | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
    sudo resolvectl revert "$$link"
""",
    False: """\
systemd-resolved (most Linux desktops)
  to route:
    sudo mkdir -p /etc/systemd/resolved.conf.d
    printf '[Resolve]\\nDNS=$host:$port\\nDomains=~$suffix\\n' | sudo tee /etc/systemd/resolved.conf.d/cachewright.conf
    sudo systemctl restart systemd-resolved
  to undo:
    sudo rm /etc/systemd/resolved.conf.d/cachewright.conf
    sudo systemctl restart systemd-resolved
""",
}
_DNSMASQ = """\
dnsmasq (with NetworkManager: in /etc/NetworkManager/dnsmasq.d, and restart NetworkManager)
  to route:
    printf '${servers}rebind-domain-ok=/$suffix/\\n' | sudo tee /etc/dnsmasq.d/cachewright.conf
    sudo systemctl restart dnsmasq
  to undo:
    sudo rm /etc/dnsmasq.d/cachewright.conf
    sudo systemctl restart dnsmasq
"""
_MACOS = """\
macOS
  to route:
    sudo mkdir -p /etc/resolver
    printf 'nameserver 127.0.0.1\\nport $local\\n' | sudo tee /etc/resolver/$suffix
  to undo:
    sudo rm /etc/resolver/$suffix
"""
_CONTAINERS = """\
Containers need no more than the directory as their first DNS server; there is nothing to undo:
    docker run --network $network --dns $directory ...
"""
