"""A page whose commands are typed on hosts: each block begins with a line that says where, `# on 10.77.0.1`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.machines import Machines

_SECTION = re.compile(r"^## (.+)\n((?:(?!^## ).*\n)*)", re.MULTILINE)
_BLOCK = re.compile(r"^```sh\n# on (.+)\n((?:.+\n)+)```$", re.MULTILINE)
_EXPORT = re.compile(r"^export .+$", re.MULTILINE)
_ANY = 3
_WHERE: Mapping[str, Sequence[int]] = {
    "10.77.0.1": (1,),
    "10.77.0.2 and 10.77.0.3": (2, 3),
    "every machine": (1, 2, 3),
    "any machine": (_ANY,),
}


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are typed one after the other, on each of some hosts."""

    hosts: Sequence[int]
    script: str


def blocks(page: str) -> dict[str, list[Block]]:
    """Those of each section, in order."""
    return {
        section: [Block(_WHERE[where], script) for where, script in _BLOCK.findall(text)]
        for section, text in _SECTION.findall(page)
    }


@dataclass(slots=True)
class Reader:
    """Somebody who types them, in a checkout that each host has. What is exported on a host counts from then on."""

    machines: Machines
    checkout: Path
    variables: dict[str, str]
    exported: dict[int, str] = field(default_factory=dict)

    def types(self, block: Block) -> str:
        """What is said on the last of its hosts."""
        said = ""
        for number in block.hosts:
            script = self.exported.get(number, "") + block.script
            said = self.machines.typed(number, script, self.checkout, self.variables)
            self.exported[number] = "".join(f"{line}\n" for line in _EXPORT.findall(script))
        return said
