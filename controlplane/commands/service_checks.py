"""What `cachewright doctor` finds at the endpoints of AWS services that the settings name."""

import os
import socket
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from cachewright.controlplane.commands.checks import Finding, Mark
from cachewright.controlplane.settings import PREFIX, Settings

LIMIT = 2.0  # seconds for a connection
_ENDPOINT = "_endpoint"  # ends the names of these settings
_PORTS = {"http": 80, "https": 443}


def services(settings: Settings) -> Iterator[Finding]:
    """Whether somebody listens at each endpoint; what is sent there is looked at by whoever sends it."""
    for setting in fields(settings):
        if setting.name.endswith(_ENDPOINT) and (url := getattr(settings, setting.name)):
            yield _listens(setting.name, url)


def _listens(setting: str, url: str) -> Finding:
    subject, where = f"{setting.removesuffix(_ENDPOINT)} endpoint", urlsplit(url)
    port = where.port or _PORTS.get(where.scheme, 80)
    try:
        socket.create_connection((where.hostname or "", port), LIMIT).close()
    except OSError as error:
        cause = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        remedy = f"start it, or set {PREFIX}{setting.upper()} to where it listens"
        return Finding(subject, Mark.DOUBTFUL, f"nobody answers at {url}: {cause}", remedy)
    return Finding(subject, Mark.GOOD, f"somebody listens at {url}")
