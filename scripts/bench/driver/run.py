"""run.py BINARIES RESULTS [--quick] [parser|client|server|all …]      Called by scripts/bench.sh."""
import json
import os
import sys
import tempfile
import time

import client
import machine
import parser
import server
from peers import Peers
from table import Table

PARTS = {"parser": parser, "client": client, "server": server}


def main(binaries, results, *arguments):
    quick = "--quick" in arguments
    wanted = [name for name in arguments if name != "--quick"] or ["all"]
    chosen = [name for name in PARTS if name in wanted or "all" in wanted]

    begin, facts, peers = time.monotonic(), machine.describe(), Peers(os.path.join(os.path.dirname(results), "peers"))
    print("%(cpu)s, %(cores)d cores, Linux %(kernel)s, %(date)s" % facts)
    print("load average %.2f at the start; each figure is a median (least..most)" % facts["load_average"][0])
    table = Table()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        os.chmod(directory, 0o755)
        for name in chosen:
            PARTS[name].measure(table, os.path.join(binaries, "bench"), peers, directory, 1 if quick else 3, quick)
    table.close()

    facts["load_average_after"], facts["seconds"] = list(os.getloadavg()), time.monotonic() - begin
    os.makedirs(results, exist_ok=True)
    path = os.path.join(results, "%s-%s.json" % (facts["date"].replace(":", ""), "-".join(chosen)))
    with open(path, "w") as file:
        json.dump({"machine": facts, "versions": peers.versions(), "quick": quick, "sections": table.sections}, file, indent=1)
    print("%.0f s; saved as %s" % (facts["seconds"], os.path.relpath(path)))


main(*sys.argv[1:])
