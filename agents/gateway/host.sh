#!/bin/sh
# Runs as root with NET_ADMIN in the container's own network namespace; nothing of the host is touched.
set -e

# Every published port ends at one door (HAProxy asks the kernel which was meant), whatever address it arrives at.
nft -f - <<'RULES'
table ip gateway {
    chain doors {
        type nat hook prerouting priority dstnat;
        tcp dport != $admin redirect to :$door
    }
}
RULES

# As the first process HAProxy would ignore SIGTERM, see the other start script.
trap 'exit 0' TERM
haproxy -db -f $config &
wait $$!
