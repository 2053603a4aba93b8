#!/bin/sh
# Runs as root with NET_ADMIN in the container's own network namespace; nothing of the host is touched.
set -e

# The whole range is this machine's: the kernel answers ARP for it and accepts its packets.
ip route replace local $endpoints dev lo

# Every port of every endpoint ends at one door (HAProxy asks the kernel which was meant); only the host may administer.
nft -f - <<'RULES'
table ip gateway {
    chain doors {
        type nat hook prerouting priority dstnat;
        ip daddr $endpoints meta l4proto tcp redirect to :$door
        ip daddr $address tcp dport != $admin redirect to :$door
    }
    chain guard {
        type filter hook input priority filter;
        tcp dport $admin ip saddr != $host reject with tcp reset
    }
}
RULES

# The kernel shields a first process from signals that it does not handle, and HAProxy leaves SIGTERM alone: as the first
# process it would outlast every stop. When this shell ends, the kernel ends HAProxy.
trap 'exit 0' TERM
haproxy -db -f $config &
wait $$!
