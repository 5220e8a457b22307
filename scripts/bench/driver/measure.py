"""Measurements that take turns or run side by side, so that what disturbs the machine disturbs all of them."""
import concurrent.futures
import json
import os
import subprocess
import sys
import time


def say(text):
    print("   … " + text, file=sys.stderr, flush=True)


def alternate(rounds, contenders):
    """Calls each contender once in each round (A B C A B C …); a list of the results by name."""
    results = {name: [] for name in contenders}
    for number in range(rounds):
        for name, measure in contenders.items():
            say("%d/%d %s" % (number + 1, rounds, name))
            results[name].append(measure())
    return results


def side_by_side(rounds, contenders):
    """Calls all contenders at the same time, in each round; a list of the results by name. For what is idle most of the
    time: turns of seconds find the machine in another mood each."""
    results = {name: [] for name in contenders}
    for number in range(rounds):
        say("%d/%d %s" % (number + 1, rounds, "; ".join(map(str, contenders))))
        with concurrent.futures.ThreadPoolExecutor(max(1, len(contenders))) as pool:
            running = {name: pool.submit(measure) for name, measure in contenders.items()}
        for name, future in running.items():
            results[name].append(future.result())
    return results


def run_json(*command, environment=None):
    """Runs a program that prints its figures as JSON."""
    answer = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, timeout=180,
                            env={**os.environ, **(environment or {})})
    return json.loads(answer.stdout.splitlines()[-1])


def run_timed(*command, output=subprocess.DEVNULL):
    """Runs a program as a whole: its time and its CPU time, in seconds, start and end included."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime}


def ratios(ours, theirs):
    """Of what was measured in the same round."""
    return [a / b for a, b in zip(ours, theirs)]


def each(results, value):
    """The same figure of every result."""
    return [value(result) for result in results]
