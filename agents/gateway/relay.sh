#!/bin/sh
# Runs as root with NET_ADMIN in the node's network namespace; nothing of the host is touched.
set -e

nft -f - <<'RULES'
$tables
RULES

# As the first process HAProxy would ignore SIGTERM, see the gateway's own start script.
trap 'exit 0' TERM
haproxy -db -f $config &
wait $$!
