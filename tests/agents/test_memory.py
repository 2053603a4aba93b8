"""The pretend machine with many containers."""

from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import Blueprint


def test_ten_thousand_containers_are_found_by_label() -> None:
    machine = Machine()
    for number in range(10_000):
        labels = {"number": str(number)}
        machine.create(Blueprint(f"n{number}", "i", ("x",), str(number), 0, labels), labels)
    assert [machine.containers({"number": str(n)})[0].name for n in (0, 5_000, 9_999)] == ["n0", "n5000", "n9999"]
    assert len(machine.containers({})) == 10_000
