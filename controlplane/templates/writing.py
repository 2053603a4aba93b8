"""Documents as text: templates, and outputs for programs."""

import json
import re
from collections.abc import Mapping

import yaml

from cachewright.controlplane.templates.formats import Format
from cachewright.controlplane.templates.values import Properties

_WIDE = 120  # columns of YAML


def as_yaml(document: Properties) -> str:
    """A template for people."""
    written: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=_WIDE)
    return written


def outputs(told: Mapping[str, Mapping[str, str]], form: Format) -> str:
    """What stacks tell, for a program: as JSON in the form of the CDK's `--outputs-file`."""
    if form is Format.JSON:
        return json.dumps({stack: dict(part) for stack, part in told.items()}, indent=2)
    return "\n".join(f"{_variable(name)}={_quoted(value)}" for part in told.values() for name, value in part.items())


def _variable(name: str) -> str:
    """An output as variables are called: `CacheEndpointAddress` is CACHE_ENDPOINT_ADDRESS."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).upper()


def _quoted(value: str) -> str:
    if re.fullmatch(r"[\w.:/@%+,=-]*", value, re.ASCII):
        return value
    return json.dumps(value, ensure_ascii=False).replace("$", "\\$")
