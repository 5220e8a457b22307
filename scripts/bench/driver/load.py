"""Subscribers and a publisher against one server, and what that costs the server: `tclient load`."""
import json
import subprocess

tclient = None


def load(port, process, subscribers, rate, events, topics=1):
    """Connects the subscribers, waits a second, then publishes so many events at a rate a second, and waits until all have
    arrived. A delay counts from when an event was due. CPU and memory are of the process and its children."""
    url = "http://127.0.0.1:%d" % port
    command = [tclient, "load", url + "/sub/{n}", "--json", "--quiet", "-n", subscribers, "--topics", topics,
               "--server-pid", process.pid, "--publish-url", url + "/pub/{n}", "--rate", rate, "--publishes", events,
               "--duration", 90]
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
