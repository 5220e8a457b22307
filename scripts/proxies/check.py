"""Holds a proxy to what the guide promises. Prints what it found, and ends with an error if something is not so."""
import http.client
import json
import re
import subprocess
import sys
import time
import urllib.parse

from proxy import Proxy
from stream import Stream

name, server, place, tclient = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
token = open(f"{place}/token").read().strip()
proxy = Proxy(name, server, place)
running = []


def ask(method, path, body=None, port=server, **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {"Authorization": f"Bearer {token}", **fields})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def check(holds, what):
    print(f"{name}: {what}" if holds else f"{name}: NOT SO: {what}", flush=True)
    if not holds:
        sys.exit(1)


def submit(prefix=""):
    new = '{"source":"de","target":"en"}'
    answer, text = ask("POST", f"{prefix}/translations", new, proxy.port, Content_Type="application/json")
    check(answer.status == 201, f"{prefix or '/'} takes a translation ({answer.status})")
    location = answer.getheader("Location")
    place = location.removeprefix(f"http://127.0.0.1:{proxy.port}")
    check(place.startswith(f"{prefix}/translations/"), f"Location leads through the proxy: {location}")
    return json.loads(text)["id"]


def report(id, status, port=server, prefix="", **members):
    answer, _ = ask(
        "PUT", f"{prefix}/translations/{id}/status", json.dumps({"status": status, **members}), port,
        Content_Type="application/json")
    if answer.status != 200:
        check(False, f"a report of “{status}” is taken ({answer.status})")


def subscribers():
    return int(re.search(r"^\w*subscribers (\d+)", ask("GET", "/metrics")[1], re.M)[1])


def latest(direct, proxied, count):
    """How much later events came through the proxy, at the most."""
    for stream in (direct, proxied):
        stream.wait(lambda it: len(it.events) >= count, f"{count} events")
    pairs = list(zip(direct.events, proxied.events))
    check(all(one["id"] == other["id"] for one, other in pairs), f"{count} events, the same and in the same order")
    return max(other["time"] - one["time"] for one, other in pairs)


def streams(prefix):
    id = submit(prefix)
    path = f"/translations/{id}/status"
    direct, proxied = Stream(server, path), Stream(proxy.port, prefix + path)
    check(
        proxied.response.status == 200 and proxied.response.getheader("Content-Type") == "text/event-stream",
        f"{prefix}{path} is an event stream")
    direct.wait(lambda it: it.events, "the first event")
    proxied.wait(lambda it: it.events, "the first event through the proxy")

    for step in range(10):
        report(id, "running", proxy.port, prefix, progress=step / 10)
    late = latest(direct, proxied, 11)
    check(late < 0.5, f"events come {late * 1000:.1f} ms later at the most")

    first = proxied.events[0]["id"]
    again = Stream(proxy.port, prefix + path, first)
    again.wait(lambda it: len(it.events) >= 10, "a replay")
    check(
        [event["id"] for event in again.events] == [event["id"] for event in proxied.events[1:]],
        "a reconnect with Last-Event-ID gets what it missed")

    message = "訳" * 900
    burst = "\n".join(
        json.dumps({"job": id, "status": "running", "message": f"{number} {message}"}, ensure_ascii=False)
        for number in range(50)).encode()
    answer, text = ask("POST", "/translations/status", burst, Content_Type="application/x-ndjson")
    check(answer.status == 200 and text.count('"code":200') == 50, f"a burst of {len(burst) // 1000} KB is published")
    late = latest(direct, proxied, 61)
    check(late < 0.5, f"its events come {late * 1000:.1f} ms later at the most")
    again.close()
    direct.close()
    return id, proxied


def silence(stream):
    """Longer than the proxy's patience with a server that says nothing."""
    seen = stream.comments
    stream.wait(lambda it: it.comments >= seen + 6 or it.ended, "heartbeats", 20)
    check(not stream.ended, "a stream that carries nothing but heartbeats stays open")


def gone(stream):
    """A client that leaves is gone for the server too."""
    before = subscribers()
    stream.close()
    start = time.monotonic()
    while subscribers() >= before:
        if time.monotonic() - start > 10:
            check(False, "the server hears of a client's leaving within 10 s")
        time.sleep(0.02)
    passed = time.monotonic() - start
    check(True, f"the server hears of a client's leaving after {passed:.2f} s, heartbeats every second")


def restart():
    id = submit()
    url = f"http://127.0.0.1:{proxy.port}/translations/{id}/status"
    client = subprocess.Popen(
        [tclient, "stream", url, "--policy", "resilient", "--token-file", f"{place}/token"], stdout=subprocess.PIPE)
    running.append(client)
    first = client.stdout.readline()
    report(id, "running", progress=0.1)
    second = client.stdout.readline()
    proxy.stop()
    report(id, "running", progress=0.2)
    report(id, "running", progress=0.3)
    proxy.start()
    report(id, "running", progress=0.4)
    report(id, "completed")
    rest = client.stdout.read().splitlines()
    code = client.wait(20)
    told = [json.loads(json.loads(line)["data"]).get("progress") for line in (first, second, *rest)]
    check(
        told[:5] == [None, 0.1, 0.2, 0.3, 0.4] and len(told) == 6,
        "tclient stream missed nothing while the proxy was restarted")
    check(code == 0, "it ended with the 204 after the final status")


def monitor(prefix):
    id = submit(prefix)
    url = f"http://127.0.0.1:{proxy.port}{prefix}/translations/{id}/status"
    client = subprocess.Popen(
        [tclient, "monitor", "--url", url, "--token-file", f"{place}/token"], stdout=subprocess.PIPE, text=True)
    running.append(client)
    client.stdout.readline()
    report(id, "completed", proxy.port, prefix)
    rest = client.stdout.read()
    check(client.wait(20) == 0 and "Processing completed!" in rest, f"tclient monitor {url}: completed")
    print("  " + rest.strip().splitlines()[-1])


def pages(prefix):
    """All that a page asks for or leads to is below the path that it is at."""
    for path in ("/", "/status", f"/translations/{submit(prefix)}/status"):
        place = prefix + path
        answer, page = ask("GET", place, port=proxy.port, Accept="text/html")
        [root] = re.findall(r'^const root = "(.*)";$', page, re.M)
        links = re.findall(r'href="([^":]+)"', page) + [root + "time"]
        found = [urllib.parse.urldefrag(urllib.parse.urljoin(place, link)).url for link in links]
        check(
            answer.status == 200 and found[-1] == f"{prefix}/time"
            and all(ask("GET", there, port=proxy.port)[0].status == 200 for there in found),
            f"the page at {place} leads to {' '.join(found)}")


def lists(prefix):
    for option, url in (("--server", prefix), ("--url", f"{prefix}/status")):
        id = submit(prefix)
        told = subprocess.run(
            [tclient, "list", option, f"http://127.0.0.1:{proxy.port}{url}", "--token-file", f"{place}/token"],
            stdout=subprocess.PIPE, text=True)
        check(told.returncode == 0 and id in told.stdout, f"tclient list {option} {url} lists {id}")


try:
    pages("")
    pages("/api")
    lists("/api")
    _, idle = streams("")
    _, prefixed = streams("/api")
    silence(idle)
    prefixed.close()
    gone(idle)
    monitor("")
    monitor("/api")
    restart()
finally:
    for process in running:
        if process.poll() is None:
            process.kill()
    proxy.stop()
