"""Python's readers over a stream in memory: parse.py httpx-sse|sseclient-py FILE CHUNK MILLISECONDS"""
import json
import sys
import time


def main(reader, path, chunk, milliseconds):
    with open(path, "rb") as file:
        stream = file.read()
    chunks = [stream[start:start + chunk] for start in range(0, len(stream), chunk)]
    if reader == "httpx-sse":
        import httpx
        import httpx_sse

        def events():
            response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=iter(chunks))
            return httpx_sse.EventSource(response).iter_sse()
    else:
        import sseclient

        def events():
            return sseclient.SSEClient(chunks).events()

    count = passes = 0
    begin, used = time.perf_counter(), time.process_time()
    while passes == 0 or (time.process_time() - used) * 1000 < milliseconds:
        for event in events():
            count += len(event.data) > 0
        passes += 1
    print(json.dumps({"bytes": passes * len(stream), "events": count, "passes": passes,
                      "cpu": time.process_time() - used, "seconds": time.perf_counter() - begin}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
