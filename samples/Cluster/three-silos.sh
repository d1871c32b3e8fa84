#!/usr/bin/env bash
# Three silos and a PostgreSQL on loopback, orders at all three, one silo killed in the middle: what was accepted must end, and the shop's books must balance.
# Needs bash, curl, the binaries of PostgreSQL 15 or newer, and a silo: dotnet build Silo -c Release
# Usage: samples/Cluster/three-silos.sh [orders]        default: 600 orders
set -euo pipefail
cd "$(dirname "$0")/../.."

orders="${1:-600}"
silo="${SILO:-Silo/bin/Release/net10.0/OrleansSagas.Silo.dll}"
port="${PORT:-5480}" # PostgreSQL; the silos' doors are the three ports after it
patience=120

fail() { echo "FAILED: $1" >&2; exit 1; }

[ -e "$silo" ] || fail "$silo is not there; run: dotnet build Silo -c Release"
postgres="$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -1)" || true
[ -n "$postgres" ] || fail "PostgreSQL is not installed here"
binaries="$(dirname "$(readlink -f "$postgres")")"

place="$(mktemp -d)"
declare -a silos=(0 0 0)
database=0
stop() {
    for id in "${silos[@]}" "$database"; do [ "$id" -gt 0 ] && kill "$id" 2>/dev/null; done
    wait 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$place"
}
trap stop EXIT

# PostgreSQL refuses to run as root.
as=()
mkdir "$place/database" "$place/accepted"
if [ "$(id -u)" -eq 0 ]; then
    user="$(id -un postgres 2>/dev/null || echo nobody)"
    chmod 711 "$place" && chown "$user" "$place/database"
    as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups)
fi
"${as[@]}" "$binaries/initdb" -D "$place/database/data" -U sagas -A trust -E UTF8 --locale=C >"$place/initdb.log"
"${as[@]}" "$binaries/postgres" -D "$place/database/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >"$place/postgres.log" 2>&1 &
database=$!

door() { echo "http://127.0.0.1:$((port + $1))"; }

begin() { # the silo's number, 1 to 3
    ConnectionStrings__Sagas="Host=127.0.0.1;Port=$port;Database=postgres;Username=sagas" \
        Cluster__SiloPort=$((port + 100 + $1)) Cluster__GatewayPort=$((port + 200 + $1)) Shop__Path="$place/shop.db" \
        dotnet "$silo" --urls "$(door "$1")" >"$place/silo-$1.log" 2>&1 &
    silos[$(($1 - 1))]=$!
}

ready() {
    for _ in $(seq $((patience * 5))); do
        if curl -sf "$(door "$1")/health/ready" >/dev/null; then return; fi
        kill -0 "${silos[$(($1 - 1))]}" 2>/dev/null || { cat "$place/silo-$1.log" >&2; fail "silo $1 ended"; }
        sleep 0.2
    done
    fail "silo $1 was not ready in $patience s"
}

order() { # the order's number; every third is declined or slow
    local kinds=(ok ok ok card-declined slow ok) n=$1 try
    for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
        # A silo that does not answer is no reason to lose the order: the same request id at the next door is the same order.
        local answer
        answer="$(curl -s -o /dev/null -m 10 -w '%{http_code}' "$(door $(((n + try) % 3 + 1)))/sagas/order?id=order-$n" -H 'Content-Type: application/json' \
            -H "Idempotency-Key: \"key-$n\"" --data-binary "@samples/Shop/orders/${kinds[$((n % 6))]}.json")" || true
        case "$answer" in 2*) : >"$place/accepted/order-$n"; return ;; esac
        sleep 1
    done
    echo "order-$n was never accepted ($answer)" >>"$place/refused"
}

for n in 1 2 3; do begin "$n"; done
for n in 1 2 3; do ready "$n"; done
echo "Three silos are ready; $orders orders are on their way."

(for n in $(seq "$orders"); do echo "$n"; done) | (
    while read -r n; do
        while [ "$(jobs -rp | wc -l)" -ge 16 ]; do wait -n || true; done
        order "$n" &
    done
    wait
) &
load=$!

while [ "$(ls "$place/accepted" | wc -l)" -lt $((orders / 2)) ]; do sleep 0.1; done
victim="${silos[1]}"
kill -9 "$victim"
silos[1]=0
killed="$(date +%s)"
echo "Silo 2 was killed after $(ls "$place/accepted" | wc -l) orders."

wait "$load"
[ ! -e "$place/refused" ] || fail "$(cat "$place/refused")"
unfinished() {
    local status total=0
    for status in Running Waiting Compensating Paused Stuck; do
        total=$((total + $(curl -s "$(door 1)/sagas?status=$status&limit=1000" | grep -o '"id":' | wc -l)))
    done
    echo "$total"
}
until [ "$(unfinished)" -eq 0 ]; do
    [ $(($(date +%s) - killed)) -lt $patience ] || fail "$(unfinished) sagas had not ended $patience s after the kill; see $place (KEEP=1)"
    sleep 0.5
done
echo "All sagas had ended $(($(date +%s) - killed)) s after the kill."

accepted="$(ls "$place/accepted" | wc -l)"
for n in $(seq "$orders"); do
    status="$(curl -s "$(door 3)/sagas/order-$n" | grep -oE '"status":"[A-Za-z]+"' | head -1)"
    case "$status" in '"status":"Completed"' | '"status":"Compensated"' | '"status":"Failed"') ;; *) fail "order-$n: $status" ;; esac
done
curl -s "$(door 3)/shop/books" | grep -q '"conserved":true' || fail "the shop's books do not balance"
echo "PASSED: $accepted of $orders orders accepted, every one of them ended, the books balance."
