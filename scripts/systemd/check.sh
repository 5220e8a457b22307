#!/usr/bin/env bash
# Within a machine that systemd has booted, and whose tserver.socket is enabled: what the units promise. Called by
# scripts/units.sh.
set -euo pipefail

ok() { printf 'ok      %s\n' "$1"; }
failed() {
  printf 'FAILED  %s\n' "$1"
  journalctl --unit=tserver --no-pager --lines=20 | sed 's/^/        /'
  exit 1
}
property() { systemctl show tserver --property="$1" --value; }
# ask [FORMAT]: one request, for as long as systemd may take to start a server; prints its status. Not whether the server is
# ready: one that has just been told to stop is not, and says so (503).
ask() { curl -sS --max-time 30 -o /dev/null -w "${1:-%{http_code\}}" http://127.0.0.1:8000/healthz/live 2>&1; }
# all_stopped PID: SIGSTOP reaches one thread, and that one stops the others; until then they serve.
all_stopped() { ! grep -h '^State:' "/proc/$1/task/"*/status | grep -qv 'T (stopped)'; }
# until_true COMMAND…: for at most half a minute.
until_true() {
  for ((try = 0; try < 300; try++)); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

systemctl is-system-running --wait >/dev/null || failed "the machine comes up: $(systemctl --failed --no-legend)"
! systemctl is-active --quiet tserver || failed 'nothing runs before the first connection'
[[ $(ask) == 200 ]] || failed 'the first connection is answered'
ok 'the first connection starts the server, and is answered'

# Restarted three times under one that asks all the time, and one that waits for a status.
id=$(tclient submit de en --title Faust --quiet)
tclient publish "$id" running --progress 0.25 --quiet >/dev/null
tclient monitor "$id" --json >/tmp/watched 2>/dev/null &
watcher=$!
until_true grep -q running /tmp/watched || failed 'a translation can be followed'
: >/tmp/asking
(while [[ -e /tmp/asking ]]; do ask '%{http_code} %{time_total}\n' || true; done) >/tmp/answers &
asker=$!
for round in 1 2 3; do
  before=$(wc -l </tmp/answers)
  systemctl restart tserver
  until_true eval '(($(wc -l </tmp/answers) > before + 20))' || failed 'requests are answered after a restart'
done
rm /tmp/asking
wait "$asker"
grep -qv '^200 ' /tmp/answers && failed "no request is refused while the server is restarted: $(grep -v '^200 ' /tmp/answers | head -n 3)"
ok "$(wc -l </tmp/answers) requests over 3 restarts: none refused, the longest took $(cut -d' ' -f2 /tmp/answers | sort -n | tail -n 1) s"
tclient publish "$id" completed --quiet >/dev/null
wait "$watcher" || failed 'who follows a translation gets its end over restarts'
ok 'who follows a translation gets its end over restarts, from the journal'

# One that hangs.
mkdir -p /run/systemd/system/tserver.service.d
printf '[Service]\nWatchdogSec=2\n' >/run/systemd/system/tserver.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart tserver
until_true eval '[[ $(property StatusText) == *streams ]]' || failed 'the server tells systemd how it is'
ok "the server tells systemd how it is: $(property StatusText)"
hung=$(property MainPID)
kill -STOP "$hung"
until_true all_stopped "$hung" || failed 'a server can be made to hang'
[[ $(ask) == 200 ]] || failed 'a server that hangs is replaced'
[[ $(property NRestarts) == 1 ]] || failed 'by the watchdog'
ok 'a server that hangs is replaced by the watchdog, and who asked it is answered'

kill -KILL "$(property MainPID)"
[[ $(ask) == 200 && $(property NRestarts) == 2 ]] || failed 'a server that is killed is replaced'
[[ $(tclient list) == *Faust* ]] || failed 'it has the translations of the one before'
ok 'a server that is killed is replaced by one with its translations'

# Within its sandbox it does all that without a complaint.
journalctl --output=cat _SYSTEMD_UNIT=tserver.service + SYSLOG_IDENTIFIER=tserver |
  grep -v -e '^Listening on ' -e 'only programs on this machine may publish' >/tmp/complaints &&
  failed "the log is quiet: $(head -n 3 /tmp/complaints)"
ok 'the log is quiet'

# Tokens, as README has it.
before=$(property MainPID)
systemctl reload tserver && [[ $(ask) == 200 && $(property MainPID) == "$before" ]] ||
  failed 'without tokens it is reloaded, and goes on'
mkdir /etc/tserver
(umask 077 && echo s3cret >/etc/tserver/workers)
printf '%s\n' '[Service]' LoadCredential=workers:/etc/tserver/workers \
  Environment=TSERVER_PUBLISH_TOKEN_FILE=%d/workers >/run/systemd/system/tserver.service.d/tokens.conf
systemctl daemon-reload
systemctl restart tserver
got=0
tclient submit de en --quiet >/dev/null 2>&1 || got=$?
((got == 77)) || failed "a submission without a token is refused with exit code 77, not $got"
TCLIENT_TOKEN=s3cret tclient submit de en --quiet >/dev/null || failed 'one with it is taken'
before=$(property MainPID)
systemctl reload tserver && [[ $(ask) == 200 && $(property MainPID) == "$before" ]] || failed 'it is reloaded, and goes on'
ok 'it takes a token that systemd has read for it, and is reloaded'

systemctl stop tserver.socket tserver
[[ $(property Result) == success ]] || failed 'it can be stopped'
ok 'it can be stopped'
systemd-analyze security tserver --no-pager | tail -n 1
