"""Subscribers and a publisher against one server, and what that costs the server."""
import json
import os
import subprocess

BODY = '{"status":"running","job":"j-0001","timestamp":{ts},"message":"page 12 of 99"}'


def load(url, process, subscribers, topics=1, rate=None, window=None, publishes=None, seconds=5):
    """Connects the subscribers, waits until all is quiet, then publishes: at a rate, or so that `window` events are under
    way to all of them until there were `publishes`."""
    path = "{i}" if topics > 1 else "all"
    command = [os.environ["SSELOAD"], "--url", "%s/sub/%s" % (url, path), "--connections", subscribers, "--pid", process.pid,
               "--pub-url", "%s/pub/%s" % (url, "{r}" if topics > 1 else "all"), "--pub-body", BODY,
               "--duration", seconds, "--settle", 1]
    if topics > 1:
        command += ["--topics", topics, "--pub-fanout", 1]
    if rate:
        command += ["--pub-rate", rate]
    if window:
        command += ["--pub-window", window, "--pub-max", publishes, "--expect-events", publishes * subscribers]
    answer = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, timeout=180)
    result = json.loads(answer.stdout)
    return {
        "connected": result["connected"], "failed": result["failed"], "published": result["published"],
        "accept_us": result["server_cpu_us_per_connect"], "bytes_each": result["rss_bytes_per_conn"],
        "deliveries": result["events_window"], "delivery_us": result["server_cpu_s_per_M_events"],
        "p50_ms": result["lat_p50_ms"], "p99_ms": result["lat_p99_ms"], "seconds": result["window_s"]}
