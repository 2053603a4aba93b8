"""Somebody outside of every cache, on a pretend machine: a Redis of the user's."""

from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.containers import Blueprint

HOST, PORT = "10.200.0.1", 6379


def source(machine: Machine, host: str = HOST, **data: str) -> Process:
    """A Redis that runs there, and holds something."""
    blueprint = Blueprint("source", "redis", ("redis-server",), host, 0, {})
    process = Process(host, blueprint, f"run of {host}", 1, offset=len(data), data=data)
    machine.processes.begin(process)
    return process


def ends(machine: Machine, process: Process) -> None:
    """Nobody listens there any more."""
    machine.processes.end(process)
