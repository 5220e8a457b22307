#!/bin/bash
# Makes the certificates of the TLS tests anew. `openssl ca` and not `openssl x509`, whose certificates all begin today.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.pem
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/ca.cnf" <<END
[ca]
default_ca = own
[own]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[loopback]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
[elsewhere]
basicConstraints = CA:FALSE
subjectAltName = DNS:elsewhere.example
END
touch "$work/index"
openssl rand -hex 16 > "$work/serial"

# name, section, from, until, how it is signed
make() {
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key.pem"
  openssl req -new -config "$work/ca.cnf" -key "$1.key.pem" -subj "/CN=$1" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$2" -startdate "$3" -enddate "$4" \
    -in "$work/$1.csr" -out "$1.pem" "${@:5}" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
}
from=20200101000000Z
until=21200101000000Z
signed=(-cert authority.pem -keyfile authority.key.pem)
make authority authority $from $until -selfsign -keyfile authority.key.pem
make server loopback $from $until "${signed[@]}"
make renewed loopback $from $until "${signed[@]}"
make elsewhere elsewhere $from $until "${signed[@]}"
make expired loopback $from 20200102000000Z "${signed[@]}"
make early loopback 21190101000000Z $until "${signed[@]}"
make alone loopback $from $until -selfsign -keyfile alone.key.pem
rm authority.key.pem
