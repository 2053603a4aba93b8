"""IPv6 addresses that this machine answers for: its neighbours ask for each of them."""

import subprocess
from ipaddress import IPv6Address
from pathlib import Path
from time import monotonic, sleep

INTERFACE = "eth0"  # of a container on one network
_GROUPS = Path("/proc/net/igmp6")  # the multicast groups whose packets each interface takes
_PATIENCE = 1.0  # seconds
_PAUSE = 0.001


def hold(host: str) -> None:
    """Have this machine answer for an IPv6 address: nobody asks for a whole range of them, as for IPv4. It stays, so
    that a connection is refused once it leads nowhere. OSError when the kernel refuses, or does not come to it.
    """
    command = ("ip", "-6", "address", "replace", f"{host}/128", "dev", INTERFACE, "nodad", "noprefixroute")
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise OSError(f"cannot hold {host}: {done.stderr.strip()}")
    _await_questions(host)


def _await_questions(host: str) -> None:
    """The kernel begins to listen for them a little later, and who asked in vain asks again after a second."""
    wanted, deadline = group(host), monotonic() + _PATIENCE
    while wanted not in _GROUPS.read_text():
        if monotonic() > deadline:
            raise OSError(f"cannot hold {host}: nobody listens for questions about it")
        sleep(_PAUSE)


def group(host: str) -> str:
    """Where questions about an address are sent to (RFC 4291, 2.7.1), as the kernel writes it down."""
    return f"ff0200000000000000000001ff{IPv6Address(host).packed[-3:].hex()}"
