"""Bytes to events, without a network."""
import os

from measure import alternate, each, ratios, run_json

# The machine that the targets in units of time were set on: what memchr alone did there.
REFERENCE_MEMCHR = 3500


def event(number):
    """84 bytes."""
    return b'id: 1733752895-%09d\ndata: {"status":"running","timestamp":17337%05d.6343958}\n\n' % (number, number % 100000)


def measure(table, bench, peers, directory, rounds, quick):
    length = 150 if quick else 400
    files = {"small": b"".join(map(event, range(20_000)))}
    for megabytes in (1, 16):
        files[megabytes] = b"data: " + b"x" * (megabytes * 1_000_000 - 8) + b"\n\n"
    for name, content in files.items():
        files[name] = os.path.join(directory, "stream-%s" % name)
        with open(files[name], "wb") as file:
            file.write(content)

    def ours(form, file, chunk=16_384):
        return lambda: run_json(bench, "parse", form, files[file], chunk, length)

    def python(reader, file, chunk=16_384):
        return lambda: run_json(peers.python, peers.script("parse.py"), reader, files[file], chunk, length)

    def node(reader, file, chunk=16_384):
        return lambda: run_json(peers.node, peers.script("parse.mjs"), reader, files[file], chunk, length,
                                environment={"PEERS_NODE": peers.node_parser or ""})

    own = {
        "memchr": lambda: run_json(peers.memchr, files["small"], 16_384, length),
        "text": lambda: run_json(peers.memchr, files[1], 16_384, length, "text"),
        "strings": ours("strings", "small"), "bytes": ours("bytes", "small"), "one": ours("strings", "small", 1)}
    for form in ("strings", "bytes"):
        own[form + " 1"] = ours(form, 1)
        own[form + " 16"] = ours(form, 16)
        own[form + " 16 in few"] = ours(form, 16, 1 << 20)
    others = {}
    if peers.node:
        others.update({"lines": node("lines", "small"), "lines 1": node("lines", 1)})
    if peers.node_parser:
        others["eventsource-parser"] = node("eventsource-parser", "small")
    if peers.python:
        others.update({"httpx-sse": python("httpx-sse", "small"), "sseclient-py": python("sseclient-py", "small"),
                       "httpx-sse 1": python("httpx-sse", 1)})
    results = alternate(rounds, {**own, **others})
    # A few per cent from round to round are more than what some of these differ from their targets by.
    for name, runs in alternate(2 * rounds, own).items():
        results[name] += runs

    rates = {name: each(runs, lambda run: run["bytes"] / run["cpu"] / 1e6) for name, runs in results.items()}
    table.section("Parser: events of 84 bytes in chunks of 16 KiB", "MB a CPU second. Strings: each event kept as a value.")
    table.figure("memchr for LF alone", rates["memchr"], "MB/s")
    table.figure("ours, Strings", rates["strings"], "MB/s")
    table.figure("  / memchr", ratios(rates["strings"], rates["memchr"]), "", at_least=0.22)
    table.figure("ours, borrowed bytes", rates["bytes"], "MB/s")
    table.figure("  / memchr", ratios(rates["bytes"], rates["memchr"]), "", at_least=0.9)
    titles = [("lines", "Node, lines cut off a string", "node", 2.4),
              ("eventsource-parser", "Node, eventsource-parser", "node_parser", 2.4),
              ("httpx-sse", "Python, httpx-sse", "python", None), ("sseclient-py", "Python, sseclient-py", "python", None)]
    # The target is 30 times any parser in Swift.
    table.missing("a parser in Swift", "none could be resolved where this was measured")
    for name, title, reason, target in titles:
        if name not in rates:
            table.missing(title, peers.why.get(reason, "not installed"))
            continue
        table.figure(title, rates[name], "MB/s")
        table.figure("  ours, Strings / it", ratios(rates["strings"], rates[name]), "", at_least=target)

    # A machine that is twice as slow in memchr is allowed twice the time.
    slower = [REFERENCE_MEMCHR / rate for rate in rates["memchr"]]
    table.section("Parser: one large event in chunks of 16 KiB, and chunks of one byte",
                  "Where a target is a time, the time is scaled to a machine whose memchr does 3,500 MB/s.")
    times = {name: each(runs, lambda run: run["cpu"] / run["passes"] * 1000) for name, runs in results.items()}
    for form, title in (("strings", "Strings"), ("bytes", "borrowed bytes")):
        table.figure("ours, an event of 1 MB, %s" % title, times[form + " 1"], "ms")
        table.figure("  scaled", ratios(times[form + " 1"], slower), "ms", at_most=0.15)
        # The same bytes: what leaves the caches costs more than its size says, whoever reads it.
        table.figure("  16 MB in chunks of 16 KiB / of 1 MiB (quadratic: 64)",
                     ratios(times[form + " 16"], times[form + " 16 in few"]), "", at_most=2)
    table.figure("memchr, two copies and a look for ASCII, in C, 1 MB", times["text"], "ms")
    table.figure("  scaled", ratios(times["text"], slower), "ms")
    table.figure("  ours, Strings / it", ratios(times["strings 1"], times["text"]), "")
    for name, title in (("lines 1", "Node, lines cut off a string, 1 MB"), ("httpx-sse 1", "Python, httpx-sse, 1 MB")):
        if name in times:
            table.figure(title, times[name], "ms")
    table.figure("ours, an event in chunks of 1 byte, Strings",
                 each(results["one"], lambda run: run["cpu"] / run["events"] * 1e6), "µs")
    table.figure("  scaled", [run["cpu"] / run["events"] * 1e6 / slow for run, slow in zip(results["one"], slower)], "µs",
                 at_most=1)
