"""How an engine is made to read all values and end by itself: started where it can listen to nobody."""

import re
from collections.abc import Mapping

from cachewright.agents.engines.memcached.flags import flags
from cachewright.agents.engines.redis import directives
from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.versions import Engine

_NOWHERE = "192.0.2.1"  # of documentation (RFC 5737): no machine has it

# What each says at its end when nothing was wrong with the values.
_TAKEN: Mapping[Engine, str] = {
    Engine.REDIS: "Configured to not listen anywhere",
    Engine.VALKEY: "Configured to not listen anywhere",
    Engine.MEMCACHED: "failed to listen on",
}


def command(spec: Spec, size: Size, build: str) -> tuple[str, ...]:
    """The command line of a process that ends once it has read the values of a spec."""
    version = directives.version_in(build)
    if spec.engine is Engine.MEMCACHED:
        return ("memcached", "-l", _NOWHERE, "-U", "0", *flags(spec, size, version[:2]))
    words = [f"{spec.engine}-server", "--port", "0"]
    for name, *values in directives.options(spec, size, version):
        words += [f"--{name}", *values]
    return tuple(words)


def complaint(engine: Engine, ending: str) -> str:
    """What an engine has against the values, of how its process ended ("exit code 1: ..."); empty for nothing."""
    code, _, words = ending.partition(": ")
    return "" if code == "exit code 0" or _TAKEN[engine] in words else words or f"it ended with {code}"


# How an engine ends after it has read all rules: it is to load a directory.
_UNLOADABLE = ("--dir", "/", "--dbfilename", "dev", "--save", "")
_RULE = re.compile(r"Error loading ACL rule '(.*)' for the user named '.*?': (.*)", re.DOTALL)
_UNTOLD = "user is refused"


def acl_command(engine: Engine, access: str) -> tuple[str, ...]:
    """The command line of a process that ends once it has read the rules of an access string."""
    return (f"{engine}-server", *_UNLOADABLE, "--user", "trial", "reset", *access.split())


def acl_complaint(ending: str) -> str:
    """What an engine has against the rules, of how its process ended; empty for nothing."""
    if found := _RULE.search(ending):
        return f"{found[1]}: {found[2]}"
    return _UNTOLD if _UNTOLD in ending else ""
