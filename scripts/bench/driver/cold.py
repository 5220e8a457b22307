"""What a publication takes where nothing is in the caches: ours, the floors, nchan, and other builds of the bench."""
import contextlib
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from hubs import Hubs, free_port
from peers import Peers

STARTS, SUBSCRIBERS, PUBLICATIONS = 16, 1000, 200
# All on one core: to wake another one is the kernel's affair, and takes what it likes.
CORE = max(os.sched_getaffinity(0))


def main(bench, others):
    os.sched_setaffinity(0, {CORE})
    peers = Peers(os.path.join(".build-bench", "peers"))
    builds = {"ours": bench, **{os.path.basename(path) + " (%d)" % number: path for number, path in enumerate(others, 1)}}
    times = {}
    for start in range(STARTS):
        print("   … %d/%d" % (start + 1, STARTS), file=sys.stderr, flush=True)
        for name, value in once(builds, peers).items():
            times.setdefault(name, []).append(value)
    print("CPU of a publication to one of %d subscribers, caches cold, one core; %d fresh starts" % (SUBSCRIBERS, STARTS))
    for name, values in times.items():
        ratios = [value / ours for value, ours in zip(values, times["ours"])]
        error = statistics.stdev(ratios) / math.sqrt(len(ratios))
        print("  %-28s %6.1f µs   %.3f ± %.3f of ours" % (name, statistics.median(values), statistics.mean(ratios), error))


def once(builds, peers):
    """The time of each by name. Each program is a new copy: where it lies in memory makes some percent."""
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as hubs:
        os.chmod(directory, 0o755)
        starts = {}
        for number, (name, path) in enumerate(builds.items()):
            copy = shutil.copy(path, os.path.join(directory, str(number)))
            starts[name] = Hubs(copy, peers, directory).ours(1)
        others = Hubs(None, peers, directory)
        starts.update({"epoll alone, in C": others.bare(), "libmicrohttpd alone, in C": others.daemon()})
        if others.nchan(1):
            starts["nchan"] = others.nchan(1)
        names = list(starts)
        random.shuffle(names)
        places = {}
        for name in names:
            port = free_port()
            process = hubs.enter_context(starts[name](port)).pid
            places["%d:%d" % (worker(process) if name == "nchan" else process, port)] = name
        output = subprocess.run([peers.cold, str(SUBSCRIBERS), str(PUBLICATIONS), *places], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
    times = {places[place]: float(value) for place, value in map(str.split, output.splitlines())}
    return {name: times[name] for name in starts}


def worker(master):
    """The process that serves, which is there soon after the port."""
    while True:
        with open("/proc/%d/task/%d/children" % (master, master)) as file:
            children = file.read().split()
        if children:
            return int(children[0])
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
