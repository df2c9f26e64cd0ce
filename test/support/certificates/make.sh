#!/usr/bin/env bash
# Makes the certificates that tests serve, each signed by itself. They are kept because a machine need not have openssl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

make() { # name, algorithm, days
  openssl req -x509 -newkey "$2" "${@:4}" -noenc -keyout "$1.key" -out "$1.pem" -days "$3" \
    -subj "/CN=$1.test" -addext "subjectAltName=DNS:$1.test"
}
make a ec 36500 -pkeyopt ec_paramgen_curve:P-256
make b ec 36500 -pkeyopt ec_paramgen_curve:P-256
make rsa rsa:2048 36500
make renewed ec 36500 -pkeyopt ec_paramgen_curve:P-256
make short rsa:1024 36500
# a certificate that ran out in 2001
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout old.key -subj /CN=old.test -out old.csr
ca=$(mktemp -d)
touch "$ca/index.txt"
echo 01 >"$ca/serial"
printf '[ca]\ndefault_ca=own\n[own]\ndatabase=%s/index.txt\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n' \
  "$ca" "$ca" "$ca" >"$ca/ca.cnf"
openssl ca -batch -config "$ca/ca.cnf" -selfsign -keyfile old.key -in old.csr -out old.pem -notext \
  -startdate 20000101000000Z -enddate 20010101000000Z
rm -r old.csr "$ca"
openssl pkey -in a.key -aes256 -passout pass:secret -out locked.key
chmod 600 ./*.key
