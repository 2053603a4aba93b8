"""What the processes of a pretend machine take of it."""

from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.host_usage import HostUsage


def used(process: Process) -> HostUsage:
    """What a process takes of its machine: with each look one second more, half of which it has worked."""
    looks = process.looks
    held = sum(map(len, process.data.values()))
    return HostUsage(
        cpu_seconds=looks / 2,
        processor_seconds=looks,
        memory=held,
        memory_limit=process.blueprint.memory,
        swap=0,
        major_faults=0,
        bytes_in=1000 * looks,
        bytes_out=2000 * looks,
        packets_in=10 * looks,
        packets_out=20 * looks,
    )
