"""One hub and many subscribers: what an idle one costs, and an event to one or to all of them."""
import functools
import os
import resource

import load
import tools
from hubs import Hubs, free_port
from measure import alternate, each, ratios, run_json, side_by_side

BARE = "epoll alone, in C"
# Events a second to one of many: few enough that a server sleeps before each.
RARE = 67


def measure(table, bench, peers, directory, rounds, quick):
    load.tclient = os.path.join(os.path.dirname(bench), "tclient")
    hubs = Hubs(bench, peers, directory)
    cores = len(os.sched_getaffinity(0))
    one = {"ours": hubs.ours(1), "nchan": hubs.nchan(1), "Go": hubs.go(1), "FastAPI": hubs.fastapi()}
    bare = {**one, BARE: hubs.bare()}
    all_cores = {"ours": hubs.ours(0), "nchan": hubs.nchan("auto"), "Go": hubs.go(cores)}
    most = 2_000 if quick else 10_000
    # Ours is at most a tenth from its target here and there, and varies by as much from round to round.
    broadcast(table, "one core", bare, most, 2 * rounds, quick)
    if cores > 1:
        broadcast(table, "%d cores" % cores, all_cores, most, 1, quick, judged=False)
    # As many as a process has descriptors for, with some left over for everything else.
    largest = min(19_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] * 19 // 20)
    targeted(table, bare, [1_000, most] if quick else [1_000, most, largest], 2 * rounds - 1, quick)
    burst(table, one, most, rounds, quick)
    instrument(table, hubs, peers, most, rounds, quick)
    tools.measure(table, os.path.dirname(bench), peers, rounds, quick)


def against(hubs, **plan):
    """Contenders for `alternate`: each a fresh server under the same load."""
    def contender(start):
        port = free_port()
        with start(port) as process:
            return load.load(port, process, **plan)

    return {name: functools.partial(contender, start) for name, start in hubs.items() if start}


def turns(rounds, contenders):
    """Those that are only there for comparison are heavy, and measured once."""
    results = alternate(1, contenders)
    again = {name: contender for name, contender in contenders.items() if not name.startswith(("Go", "FastAPI"))}
    for name, runs in alternate(rounds - 1, again).items():
        results[name] += runs
    return results


def compare(table, hubs, results, title, value, unit, at_most=None):
    """A figure of each hub, and what part ours is of nchan's; beside a target, what part the least that a hub takes is."""
    figures = {name: each(runs, value) for name, runs in results.items()}
    for name in hubs:
        if name in figures:
            table.figure("%s, %s" % (name, title), figures[name], unit)
        else:
            table.missing("%s, %s" % (name, title), "not installed")
    if "nchan" in figures:
        table.figure("  ours / nchan", ratios(figures["ours"], figures["nchan"]), "", at_most=at_most)
    if BARE in figures and "nchan" in figures and at_most:
        table.figure("  %s / nchan" % BARE, ratios(figures[BARE], figures["nchan"]), "")
    if BARE in figures:
        table.figure("  ours / " + BARE, ratios(figures["ours"], figures[BARE]), "")
    return figures


def broadcast(table, title, hubs, subscribers, rounds, quick, judged=True):
    results = turns(rounds, against(hubs, subscribers=subscribers, rate=1, events=3 if quick else 5))
    table.section("Server, %s: %s subscribers of one topic, an event a second" % (title, format(subscribers, ",")))
    target = (lambda value: value) if judged else (lambda value: None)
    compare(table, hubs, results, "CPU to accept a subscriber", lambda run: run["accept_us"], "µs", target(1.0))
    # The bare one keeps nothing of them.
    keeping = [name for name in hubs if name != BARE]
    memory = compare(table, keeping, {name: results[name] for name in keeping if name in results},
                     "memory of an idle subscriber", lambda run: run["bytes_each"] / 1000, "KB")
    if judged:
        table.figure("ours, memory of an idle subscriber", memory["ours"], "KB", at_most=6.0)
    compare(table, hubs, results, "CPU a delivery", lambda run: run["delivery_us"], "µs", target(0.75))
    compare(table, hubs, results, "delay, p50", lambda run: run["p50_ms"], "ms")
    compare(table, hubs, results, "delay, p99", lambda run: run["p99_ms"], "ms")


def targeted(table, hubs, counts, rounds, quick):
    def plans(count, names):
        return against({name: hubs[name] for name in names}, subscribers=count, topics=count, rate=RARE,
                       events=RARE * (6 if quick else 12))

    for count in counts:
        # nchan takes some more than one descriptor for each: among 20,000 there is no room for 19,000 subscribers.
        names = ["ours", "nchan", BARE] if count <= 10_000 else ["ours", BARE]
        runs = side_by_side(rounds, plans(count, names))
        if count == 10_000:
            heavy = ["Go", "FastAPI"]
            runs.update(side_by_side(1, plans(count, heavy)))
            names += heavy
        table.section("Server, one core: an event to one of %s idle subscribers, %d a second" % (format(count, ","), RARE),
                      "All of them at the same time" + (", but for Go and FastAPI." if count == 10_000 else "."))
        compare(table, names, runs, "CPU an event, its publication included",
                lambda run: run["delivery_us"], "µs", at_most=0.6)
        compare(table, names, runs, "delay, p50", lambda run: run["p50_ms"], "ms", at_most=1.0)
    # At both numbers at the same time, beside how the machine takes that.
    few, many = counts[0], counts[-1]
    names = ["ours", BARE]
    results = side_by_side(rounds + 1, {(name, count): plan for count in (few, many)
                                        for name, plan in plans(count, names).items()})
    cost = {key: each(runs, lambda run: run["delivery_us"]) for key, runs in results.items()}
    for name, target in zip(names, (1.25, None)):
        table.figure("%s, CPU an event at %s / at %s" % (name, format(many, ","), format(few, ",")),
                     ratios(cost[name, many], cost[name, few]), "", at_most=target)


def burst(table, hubs, subscribers, rounds, quick):
    events = 32 if quick else 48
    results = turns(rounds, against(hubs, subscribers=subscribers, rate=10_000, events=events))
    table.section("Server, one core: %s subscribers of one topic, %d events due at once" % (format(subscribers, ","), events))
    for name, runs in results.items():
        if not all(run["complete"] for run in runs):
            table.missing("%s, deliveries" % name, "not all arrived within 90 s")
    compare(table, hubs, results, "CPU a delivery", lambda run: run["delivery_us"], "µs", at_most=0.25)
    compare(table, hubs, results, "deliveries a second", lambda run: run["deliveries"] / run["seconds"] / 1e6, "M")
    compare(table, hubs, results, "delay, p50", lambda run: run["p50_ms"], "ms")
    compare(table, hubs, results, "delay, p99", lambda run: run["p99_ms"], "ms", at_most=1.0)


def instrument(table, hubs, peers, subscribers, rounds, quick):
    """What all this is measured with."""
    events = 3 if quick else 8

    def drain():
        port = free_port()
        with hubs.ours(1)(port):
            return run_json(peers.drain, port, subscribers, events)

    ours = against({"tclient load": hubs.ours(1)}, subscribers=subscribers, rate=1, events=events)
    results = alternate(rounds, {**ours, "C": drain})
    table.section("The load itself: %s subscribers of one topic, an event a second" % format(subscribers, ","))
    own = {name: each(runs, lambda run: run["own_us"]) for name, runs in results.items()}
    table.figure("tclient load, its own CPU a delivery", own["tclient load"], "µs", at_most=3)
    table.figure("epoll and recv alone, in C", own["C"], "µs")
    table.figure("  tclient load / epoll and recv alone", ratios(own["tclient load"], own["C"]), "")
