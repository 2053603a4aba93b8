"""How Memcached is started."""

from cachewright.agents.engines import tls
from cachewright.agents.engines.binding import binding
from cachewright.agents.engines.memcached.flags import flags
from cachewright.agents.engines.start import Start
from cachewright.controlplane.model.cache import Spec

# Memcached does not start when it may not open a file for each connection; Redis takes what it gets.
_AS_MANY_AS_FIT = (
    'most=$(ulimit -Hn); [ "$most" != unlimited ] && [ "$most" -lt 65000 ] || most=65000; '
    'exec memcached -c "$most" "$@"'
)


def memcached(spec: Spec, start: Start) -> tuple[str, ...]:
    """The command line of a node."""
    address = ("-l", ",".join(binding(spec)), "-p", str(start.port), "-U", "0")
    own = flags(spec, start.size, start.version)
    return ("/bin/sh", "-c", _AS_MANY_AS_FIT, "memcached", *address, *tls.flags(spec), *own)
