#!/bin/sh
# The whole story in some seconds: nodes find each other, news posted to one is on all, one is
# killed, another joins, and all agree. Needs a built jar, curl and md5sum (or md5).
# JAVA names the java to use. Exits non-zero if anything is not as it should be.
set -eu

JAVA=${JAVA:-java}
JAR=$(dirname "$0")/../build/bcast.jar
FOLDER=$(mktemp -d)
CLUSTER=demo-$$
PIDS=

if [ -t 1 ]; then BOLD=$(printf '\033[1m'); PLAIN=$(printf '\033[0m'); else BOLD=; PLAIN=; fi
bold() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
note() { printf '  %s\n' "$*"; }
fail() { printf '\nnot as it should be: %s\n' "$*" >&2; exit 1; }

clean_up() {
  for pid in $PIDS; do kill -9 "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$FOLDER"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

md5_of() {
  if command -v md5sum >/dev/null; then printf %s "$1" | md5sum | cut -d' ' -f1
  else printf %s "$1" | md5 -q; fi
}

# wait_for SECONDS TEXT COMMAND...: runs the command until it succeeds.
wait_for() {
  seconds=$1; text=$2; shift 2
  tries=$((seconds * 20))
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "$text (waited $seconds s)"
    sleep 0.05
  done
}

# start NAME: starts a node; its address is then in $FOLDER/NAME.url.
start() {
  "$JAVA" -jar "$JAR" -bind=127.0.0.1 -httpport=0 -cluster="$CLUSTER" 2>"$FOLDER/$1.log" &
  eval "PID_$1=$!"
  PIDS="$PIDS $!"
  wait_for 20 "node $1 starts" grep -qs 'clients at' "$FOLDER/$1.log"
  sed -n 's/.*clients at //p' "$FOLDER/$1.log" >"$FOLDER/$1.url"
  wait_for 10 "node $1 is ready" ready "$1"
  note "node $1 is ready at $(url "$1")"
}

url() { cat "$FOLDER/$1.url"; }
ready() { curl -sf -o /dev/null "$(url "$1")/readyz"; }
list() { curl -sS "$(url "$1")/listAllRecentData"; }
holds() { [ "$(list "$1" | grep -o '"id":' | wc -l)" -eq "$2" ]; }
same() { [ "$(list "$1")" = "$(list "$2")" ]; }

# post NODE ID RAW EXPECTED: posts news and compares the answer.
post() {
  answer=$(curl -sS "$(url "$1")/postNewData" \
    -d "{\"id\":\"$2\",\"raw\":\"$3\",\"signature\":\"$(md5_of "$3")\"}")
  note "to node $1: $2 = \"$3\""
  note "         -> $answer"
  [ "$answer" = "$4" ] || fail "expected $4"
}

OK='{"result":true,"msg":"ok"}'

bold "1. Three nodes start. Nobody tells them of each other."
start a
start b
start c

bold "2. News posted to one is on all."
post a news/1 "hello from a" "$OK"
post b news/2 "hello from b" "$OK"
post c news/3 "hello from c" "$OK"
for node in a b c; do wait_for 5 "node $node holds all three" holds "$node" 3; done
note "a, b and c hold all three"

bold "3. What is not genuine, or not new, is told so."
post a news/1 "hello from a" '{"result":false,"msg":"Data exists","code":"exists"}'
post b news/1 "something else" \
  '{"result":false,"msg":"Different raw data with same id","code":"conflict"}'
answer=$(curl -sS "$(url c)/postNewData" -d '{"id":"x","raw":"fake","signature":"00"}')
note "a forged one -> $answer"
case $answer in *'"code":"invalid"'*) ;; *) fail "the forged one was not refused" ;; esac

bold "4. Node a is killed (kill -9). Posting goes on."
kill -9 "$PID_a"
post b news/4 "a is gone" "$OK"
post c news/5 "who cares" "$OK"

bold "5. A newcomer joins and holds everything at once."
start d
wait_for 2 "the newcomer holds all five" holds d 5
for node in b c; do wait_for 5 "node $node holds all five" holds "$node" 5; done
note "$(list d | sed 's/},{/},\n   {/g')"

bold "6. All agree, byte for byte."
for node in c d; do wait_for 5 "b and $node list the same bytes" same b "$node"; done
for node in b c d; do
  note "node $node: $(list $node | wc -c | tr -d ' ') bytes, md5 $(md5_of "$(list $node)")"
done

bold "7. They stop politely."
for pid in "$PID_b" "$PID_c" "$PID_d"; do
  kill "$pid"
  wait "$pid" || fail "a node ended with exit code $?"
done
note "exit code 0, each"
printf '\nThat is all.\n'
