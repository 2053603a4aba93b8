#!/usr/bin/env bash
# What compose/stack.yaml reads, in compose/secrets: certificates, keys, passwords, and the hosts.
#   compose/secrets.sh ADDRESS,ADDRESS,...   addresses of the machines; the first is h1 in zone a, the next h2 in zone b
# Run again, it makes the certificates and hosts.json anew and leaves everything else as it is. It needs OpenSSL 3.
set -euo pipefail
umask 077
cd "$(dirname "$0")"

readonly DAYS=3650

IFS=, read -ra addresses <<<"${1:-}"
[ ${#addresses[@]} -gt 0 ] || { echo "secrets: name the addresses of the machines, with commas between them" >&2; exit 1; }

# A new key and its certificate, as one file.
certificate() {
    local name=$1
    shift
    openssl req -x509 -newkey rsa:2048 -nodes -days "$DAYS" -subj "/CN=cachewright $name" "$@" \
        -keyout "$name.key" -out "$name.crt" 2>/dev/null
    cat "$name.crt" "$name.key" >"$name.pem"
    rm "$name.crt" "$name.key"
}

# The same, signed by the authority of these files, for one use.
signed() {
    local name=$1 use=$2
    shift 2
    certificate "$name" -CA ca.pem -CAkey ca-key.pem -addext basicConstraints=critical,CA:FALSE \
        -addext "extendedKeyUsage=$use" "$@"
}

authority() {
    certificate authority -addext keyUsage=critical,keyCertSign,cRLSign
    openssl pkey -in authority.pem -out ca-key.pem
    openssl x509 -in authority.pem -out ca.pem
    rm authority.pem
}

# In the form of ~/.aws/credentials.
access_keys() {
    printf '[default]\naws_access_key_id = TEAM%s\naws_secret_access_key = %s\n' \
        "$(openssl rand -hex 8 | tr a-f A-F)" "$(openssl rand -hex 20)"
}

hosts() {
    local zones=abcdefghijklmnopqrstuvwxyz separator='[' number address
    for number in "${!addresses[@]}"; do
        address=${addresses[number]}
        printf '%s{"name": "h%d", "engine": "tcp://%s:2376", "zone": "%s", "address": "%s"}' \
            "$separator" $((number + 1)) "$address" "${zones:number:1}" "$address"
        separator=$',\n '
    done
    printf ']\n'
}

mkdir -p secrets
cd secrets
[ -f ca.pem ] || authority
names=$(printf ',IP:%s' "${addresses[@]}")
signed server serverAuth -addext "subjectAltName=DNS:postgresql,DNS:localhost,IP:127.0.0.1$names"
signed client clientAuth
hosts >hosts.json
[ -f access-keys ] || access_keys >access-keys
[ -f postgresql-password ] || openssl rand -hex 24 | tr -d '\n' >postgresql-password
printf '*:*:*:*:%s\n' "$(<postgresql-password)" >postgresql-passfile
echo "compose/secrets: $(echo *)"
