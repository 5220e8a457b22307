"""Events over a socket to whoever reads them, from a server that sends as fast as it can."""
import contextlib
import subprocess

from measure import alternate, each, ratios, run_json, run_timed


def measure(table, bench, peers, directory, rounds, quick):
    with source(peers) as url:
        throughput(table, bench, peers, url, rounds, 500_000 if quick else 2_000_000)
    fleet(table, bench, peers, rounds, quick)


@contextlib.contextmanager
def source(peers):
    """The URL of a server that events come from."""
    process = subprocess.Popen([peers.source], stdout=subprocess.PIPE, text=True)
    try:
        yield "http://127.0.0.1:%s" % process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def throughput(table, bench, peers, url, rounds, events):
    def flood(share=1):
        return "%s/flood?events=%d" % (url, events // share)

    def curl():
        result = run_timed("curl", "-sN", flood())
        return {**result, "events": events}

    contenders = {"count": lambda: run_json(peers.count, flood()), "events": lambda: run_json(bench, "events", flood()),
                  "curl": curl, "sequence": lambda: run_json(bench, "sequence", flood())}
    if peers.node:
        contenders["fetch"] = lambda: run_json(peers.node, peers.script("read.mjs"), "fetch", flood(4))
    if peers.node_event_source:
        contenders["EventSource"] = lambda: run_json(
            peers.node, "--no-warnings", peers.node_event_source, peers.script("read.mjs"), "EventSource", flood(10))
    if peers.python:
        for reader in ("httpx-sse", "sseclient-py"):
            contenders[reader] = lambda reader=reader: run_json(
                peers.python, peers.script("read.py"), reader, flood(20))
    results = alternate(rounds, contenders)
    for name, runs in results.items():
        if min(run["events"] for run in runs) == 0:
            raise SystemExit("bench: %s saw no event" % name)

    cost = {name: each(runs, lambda run: run["cpu"] / run["events"] * 1e9) for name, runs in results.items()}
    rate = {name: each(runs, lambda run: run["events"] / run["seconds"] / 1e6) for name, runs in results.items()}
    table.section("Client: one stream, a chunk for each event of 84 bytes", "CPU of the client's process.")
    titles = {"count": "C over libcurl, counts events", "events": "ours, callback", "sequence": "ours, AsyncSequence",
              "curl": "curl -sN >/dev/null", "fetch": "Node, fetch", "EventSource": "Node, EventSource (experimental)",
              "httpx-sse": "Python, httpx-sse", "sseclient-py": "Python, sseclient-py over httpx"}
    for name, title in titles.items():
        if name not in results:
            needed = {"EventSource": "node_event_source", "fetch": "node"}.get(name, "python")
            table.missing(title, peers.why.get(needed, "not installed"))
            continue
        table.figure(title, cost[name], "ns/event")
        table.figure("  in one second", rate[name], "M events")
    table.figure("callback: events/s / curl's", ratios(rate["events"], rate["curl"]), "", at_least=2)
    table.figure("  the same by CPU time", ratios(cost["curl"], cost["events"]), "")
    table.figure("callback: events/s / C's", ratios(rate["events"], rate["count"]), "", at_least=0.5)
    table.figure("  the same by CPU time", ratios(cost["count"], cost["events"]), "")
    table.figure("AsyncSequence: more than the callback",
                 [(a - b) / 1000 for a, b in zip(cost["sequence"], cost["events"])], "µs/event", at_most=0.25)
    for name in ("fetch", "httpx-sse"):
        if name in rate:
            table.figure("callback: events/s / %s's" % titles[name], ratios(rate["events"], rate[name]), "")


def fleet(table, bench, peers, rounds, quick):
    streams, seconds = 10_000, 3 if quick else 6
    table.section("Client: %s streams in one process, an event a second on each, evenly spread" % format(streams, ","))
    if len(range(*local_ports())) < streams + 1000:
        return table.missing("ours", "not measured: too few local ports")

    def ticking(*command):
        with source(peers) as url:
            return run_json(*command, url + "/tick", streams, seconds)

    results = alternate(min(rounds, 2), {"ours": lambda: ticking(bench, "fleet"),
                                         "C over libcurl": lambda: ticking(peers.fleet)})
    figures = [("CPU a delivery", "µs", lambda run: run["cpu"] / run["deliveries"] * 1e6, 11),
               ("memory a stream", "KiB", lambda run: run["bytes_per_stream"] / 1024, 16),
               ("threads besides the main one", "", lambda run: run["threads"] - 1, 1),
               ("CPU to open a stream", "µs", lambda run: run["open_cpu"] / run["streams"] * 1e6, None)]
    for title, unit, value, most in figures:
        for name, runs in results.items():
            table.figure("%s, %s" % (name, title), each(runs, value), unit, at_most=most if name == "ours" else None)


def local_ports():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        return map(int, file.read().split())
