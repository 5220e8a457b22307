"""Subscribers and a publisher against one server, and what that costs the server: `tclient load`."""
import json
import os
import subprocess

tclient = None


def load(port, process, subscribers, topics=1, rate=None, window=None, publishes=None, seconds=5):
    """Connects the subscribers, waits a second, then publishes: at a rate for so long, or so that `window` events are
    under way to all of them until there were `publishes`. CPU and memory are of the process and its children."""
    url = "http://127.0.0.1:%d" % port
    command = [tclient, "load", url + "/sub/{n}", "--json", "--quiet", "-n", subscribers, "--topics", topics,
               "--server-pid", process.pid, "--publish-url", url + "/pub/{n}"]
    if rate:
        command += ["--rate", rate, "--duration", seconds]
    else:
        command += ["--window", window, "--publishes", publishes, "--duration", 90]
    answer = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, timeout=200)
    if not answer.stdout:
        raise SystemExit("bench: no load: %s" % command)
    result = json.loads(answer.stdout)
    if answer.returncode or result["refusedPublishes"] or result["deliveries"] == 0:
        raise SystemExit("bench: the load failed: %s" % result)
    server, latency = result["server"], result["latency"]
    return {"accept_us": server["cpuPerConnect"] * 1e6, "bytes_each": server["bytesPerSubscriber"],
            "delivery_us": server["cpuPerDelivery"] * 1e6, "own_us": result["ownCPUPerDelivery"] * 1e6,
            "deliveries": result["deliveries"], "seconds": result["seconds"],
            "p50_ms": latency["p50"] * 1e3, "p99_ms": latency["p99"] * 1e3,
            "complete": result["deliveries"] >= result["published"] * subscribers // topics}
