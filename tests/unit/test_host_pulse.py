"""Whether a host counts as silent."""

from dataclasses import dataclass, field

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.hosts.pulse import SILENCE, SILENT, Pulse


@dataclass
class Machine:
    """A host that answers, or does not."""

    now: float = 0.0
    reason: str = ""
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self._asked, lambda: self.now)

    def _asked(self) -> None:
        if self.reason:
            raise Later(self.reason)


def test_one_that_nobody_has_asked_counts_as_there() -> None:
    assert Machine().pulse.silence() == ""


def test_one_that_does_not_answer_for_long_is_silent_until_it_answers() -> None:
    machine = Machine()
    machine.pulse.look()
    machine.reason = "no route to host"
    machine.pulse.look()
    assert machine.pulse.silence() == ""
    machine.now = SILENCE + 0.1
    assert machine.pulse.silence() == "no route to host"
    machine.reason = ""
    machine.pulse.look()
    assert machine.pulse.silence() == ""


def test_one_that_somebody_waits_for_is_silent_if_it_answers_nobody() -> None:
    machine = Machine()
    machine.pulse.look()
    machine.now = 1.0
    assert machine.pulse.doubt(0.5)
    assert machine.pulse.silence() == SILENT
    machine.pulse.look()
    assert not machine.pulse.doubt(0.5)  # it is slow, and there
    assert machine.pulse.silence() == ""


def test_a_question_that_hangs_is_silence_too() -> None:
    machine = Machine()
    machine.pulse.look()
    machine.now = SILENCE + 0.1  # nothing has come of the next one
    assert machine.pulse.silence() == SILENT
