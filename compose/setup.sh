#!/usr/bin/env bash
# Everything that Cachewright needs on this machine; with nothing to do it takes a second.
#   compose/setup.sh        virtual environment, Docker engine, images
#   compose/setup.sh venv   the virtual environment alone
# EXTRAS names the optional dependencies (dev). Every failure ends with one line that says what to do.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly EXTRAS="${EXTRAS:-dev}"
readonly VENV=.venv
readonly ENGINE_LOG=/var/log/cachewright-dockerd.log
readonly ENGINE_PID=/var/run/docker.pid
readonly ENGINE_WAIT=60 # seconds
readonly NEIGHBOURS=16384

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

debian_root() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

# Run a long step quietly; on failure show why.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$log" >&2
        grep -qi 'no space left' "$log" && echo 'setup: the disk is full' >&2
    fi
    rm -f "$log"
    return "$status"
}

install() {
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    local apt=(apt-get -o DPkg::Lock::Timeout=120)
    quietly "${apt[@]}" update -q || say "cannot refresh the package lists; trying with the old ones"
    quietly "${apt[@]}" install -y --no-install-recommends "$@" ||
        fail "cannot install $*: apt-get failed (is there a network, and space on the disk?)"
}

fit_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    local base
    base=$(fit_python) || fail "Python 3.11 or newer is needed: install it and try again"
    if ! "$base" -c 'import ensurepip' 2>/dev/null; then
        debian_root || fail "Python's venv is missing: install the package python3-venv"
        install python3-venv
    fi
    say "making $VENV with $("$base" --version)"
    rm -rf "$VENV"
    quietly "$base" -m venv "$VENV" || fail "cannot make $VENV"
}

venv() {
    local stamp="$VENV/.installed" wanted
    wanted="$EXTRAS $(cksum pyproject.toml) $PWD"
    "$VENV/bin/python" -c '' 2>/dev/null || make_venv
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    say "installing Python packages"
    quietly "$VENV/bin/python" -m pip install --disable-pip-version-check -q -e ".[$EXTRAS]" ||
        fail "cannot install the Python packages: pip failed (is there a network, and space on the disk?)"
    echo "$wanted" >"$stamp"
}

# The reason why no engine answers goes to standard output.
engine_answers() {
    "$VENV/bin/python" - <<'PYTHON'
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.docker import DockerRuntime

try:
    DockerRuntime("setup").version()
except Later as verdict:
    raise SystemExit(print(verdict.reason) or 1)
PYTHON
}

# A dockerd that is alive; a file left by one that died would keep the next from starting.
engine_runs() {
    local pid
    pid=$(cat "$ENGINE_PID" 2>/dev/null) || return
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] || { rm -f "$ENGINE_PID"; return 1; }
}

start_engine() {
    local started=''
    say "starting the Docker engine (log: $ENGINE_LOG)"
    if [ -d /run/systemd/system ]; then
        quietly systemctl start docker || fail "cannot start the Docker engine: systemctl start docker failed"
    elif ! engine_runs; then
        setsid nohup dockerd >>"$ENGINE_LOG" 2>&1 </dev/null &
        started=$!
    fi
    local deadline=$((SECONDS + ENGINE_WAIT))
    until engine_answers >/dev/null; do
        [ -z "$started" ] || kill -0 "$started" 2>/dev/null ||
            fail "cannot start the Docker engine: $(tail -n 1 "$ENGINE_LOG")"
        [ "$SECONDS" -lt "$deadline" ] || fail "the Docker engine does not come up; see $ENGINE_LOG"
        sleep 0.5
    done
}

engine() {
    local reason
    if reason=$(engine_answers); then
        return
    fi
    [ -z "${DOCKER_HOST:-}" ] || fail "$reason (DOCKER_HOST is $DOCKER_HOST)"
    debian_root || fail "$reason: install and start Docker, and let this user use it (group docker)"
    command -v dockerd >/dev/null || install docker.io iptables
    start_engine
}

# Every node of a cluster talks to every other one. The kernel keeps an entry for each such pair on the machine, 1024 by
# default, and drops packets beyond.
neighbours() {
    raised_neighbours /proc/sys/net/ipv4/neigh/default
    raised_neighbours /proc/sys/net/ipv6/neigh/default
}

raised_neighbours() {
    local table=$1
    [ -w "$table/gc_thresh3" ] && [ "$(cat "$table/gc_thresh3")" -lt "$NEIGHBOURS" ] || return 0
    say "raising the kernel's table of neighbours to $NEIGHBOURS (until the next boot)"
    echo "$NEIGHBOURS" >"$table/gc_thresh3" && echo $((NEIGHBOURS / 2)) >"$table/gc_thresh2" ||
        say "cannot raise the kernel's table of neighbours: large clusters may lose packets"
}

# Images come from a registry; from Debian's packages where there is none.
images() {
    if ! command -v mmdebstrap >/dev/null && debian_root; then
        install mmdebstrap
    fi
    "$VENV/bin/python" -m cachewright.agents.runtime.images || fail "some images are missing: see above"
}

# The tests of the console drive browsers; they are skipped where there are none.
browsers() {
    case ",$EXTRAS," in *,dev,*) ;; *) return ;; esac
    local missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing+=(firefox-esr)
    [ ${#missing[@]} -gt 0 ] || return 0
    if debian_root; then
        install "${missing[@]}"
    else
        say "there is no ${missing[*]}: tests of the console will be skipped"
    fi
}

venv
if [ "${1:-all}" = all ]; then
    browsers
    engine
    neighbours
    images
fi
