"""Python's clients at a stream that the server ends: read.py httpx-sse|sseclient-py URL"""
import json
import sys
import time


def httpx_sse(url):
    import httpx
    from httpx_sse import connect_sse

    with httpx.Client(trust_env=False, timeout=None) as client:
        with connect_sse(client, "GET", url) as source:
            yield from source.iter_sse()


def sseclient_py(url):
    import httpx
    import sseclient

    with httpx.Client(trust_env=False, timeout=None) as client:
        with client.stream("GET", url, headers={"Accept": "text/event-stream"}) as response:
            yield from sseclient.SSEClient(response.iter_raw()).events()


def main(reader, url):
    events = {"httpx-sse": httpx_sse, "sseclient-py": sseclient_py}[reader]
    begin, used, count = time.perf_counter(), time.process_time(), 0
    for event in events(url):
        count += len(event.data) > 0
    print(json.dumps({"events": count, "cpu": time.process_time() - used, "seconds": time.perf_counter() - begin}))


main(*sys.argv[1:])
