#!/bin/sh
# Two nodes of an image, on loopback, with all that needs curves: secret links, news by Ed25519,
# HTTPS. The Java they run on has nothing but what the image brings.
# usage: sh test/image.sh build/bcast-<os>-<arch>/bin/bcast
set -eu
bcast=$1
dir=$(mktemp -d)
pids=
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$dir"' EXIT

env -i "$bcast" -newsecret > "$dir/secret"
chmod 600 "$dir/secret"
openssl genpkey -algorithm ed25519 -out "$dir/key.pem"
openssl pkey -in "$dir/key.pem" -pubout -out "$dir/keys.pem"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
  -subj /CN=localhost -keyout "$dir/tls.key" -out "$dir/tls.pem" 2>/dev/null

# node NAME [FLAG...]: starts one and sets $url and $port.
node() {
  name=$1; shift
  : > "$dir/$name.log"
  env -i "$bcast" -bind=127.0.0.1 -group=off -httpport=0 -secretfile="$dir/secret" \
    -validator="ed25519:$dir/keys.pem" -tlscert="$dir/tls.pem" -tlskey="$dir/tls.key" "$@" \
    2> "$dir/$name.log" &
  pids="$pids $!"
  for try in $(seq 100); do
    url=$(sed -n 's/.*clients at \(.*\)/\1/p' "$dir/$name.log")
    port=$(sed -n 's/.*on TCP port \([0-9]*\).*/\1/p' "$dir/$name.log")
    if [ -n "$url" ] && [ -n "$port" ]; then return; fi
    sleep 0.1
  done
  cat "$dir/$name.log"; exit 1
}

node a; a=$url
node b "-peers=127.0.0.1:$port"; b=$url
printf %s 'genuine' > "$dir/raw"
signature=$(openssl pkeyutl -sign -rawin -inkey "$dir/key.pem" -in "$dir/raw" | base64 | tr -d '\n')
curl -sS --cacert "$dir/tls.pem" --connect-to "localhost::127.0.0.1:" \
  -d "{\"id\":\"id\",\"raw\":\"genuine\",\"signature\":\"$signature\"}" \
  "https://localhost:${a##*:}/postNewData"; echo
for try in $(seq 100); do
  if curl -sk "$b/listAllRecentData" | grep -q '"raw":"genuine"'; then
    echo "the image links, verifies and serves HTTPS"; exit 0
  fi
  sleep 0.1
done
curl -sk "$a/listAllRecentData"; curl -sk "$b/listAllRecentData"; curl -sk "$b/metrics" | grep refused
cat "$dir/a.log" "$dir/b.log"
echo "the news did not come from one node to the other" >&2
exit 1
