"""Files with templates, and what was given for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from cachewright.controlplane.templates.names import stack_name
from cachewright.controlplane.templates.parameters import values_of
from cachewright.controlplane.templates.reading import document
from cachewright.controlplane.templates.template import Template, template
from cachewright.controlplane.templates.values import WrongTemplate

_FILE = "file://"  # begins a value that is in a file, as with the AWS CLI


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants: files, and what was given for them."""

    files: Sequence[Path]
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""  # the name of the only one; empty: of each after its file
    plan: bool = False  # show, and change nothing
    yes: bool = False  # ask nothing
    seconds: float = inf  # to wait at most, for everything together


def pairs(words: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE, as options give them, or NAME=file://PATH for what nobody else shall see. WrongTemplate when it is
    neither.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise WrongTemplate(f"{option} takes NAME=VALUE, not {name}")
        found[name] = _text(Path(value.removeprefix(_FILE))).rstrip("\r\n") if value.startswith(_FILE) else value
    return found


def read(wanted: Wanted) -> dict[str, Template]:
    """The templates by their stacks, before anything is done about one. WrongTemplate when one is none, or does not
    take what was given.
    """
    found = {
        name: template(document(_text(file), str(file))) for name, file in zip(names(wanted), wanted.files, strict=True)
    }
    known = {name for part in found.values() for name in part.parameters}
    if unknown := sorted(wanted.parameters.keys() - known):
        raise WrongTemplate(f"no template has the parameter {unknown[0]}")
    for name, part in found.items():
        values_of(part.parameters, given_to(wanted, part), name)
    return found


def given_to(wanted: Wanted, source: Template) -> dict[str, str]:
    """The parameters that are a template's own."""
    return {key: value for key, value in wanted.parameters.items() if key in source.parameters}


def names(wanted: Wanted) -> list[str]:
    """The stacks that the files are; WrongTemplate when two would be the same."""
    if wanted.stack and len(wanted.files) != 1:
        raise WrongTemplate("--stack names the stack of one file")
    found = [stack_name(wanted.stack or file.name) for file in wanted.files]
    if len(set(found)) < len(found):
        raise WrongTemplate("two of the files would be the same stack: apply them one by one, with --stack")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongTemplate(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongTemplate(f"cannot read {file}: it is no text") from error
