"""A hub on FastAPI and uvicorn as it is commonly written: an asyncio.Queue for each subscriber.

    hub.py PORT     GET /sub/TOPIC follows a topic, POST /pub/TOPIC sends its body to those who do.
"""
import asyncio
import collections
import resource
import sys

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

app = FastAPI()
topics = collections.defaultdict(set)


@app.get("/sub/{topic}")
async def subscribe(topic: str):
    async def events():
        queue = asyncio.Queue(64)
        topics[topic].add(queue)
        try:
            # The head leaves with the first piece of the body.
            yield ": welcome\n\n"
            number = 0
            while True:
                event = await queue.get()
                number += 1
                yield "id: %d\ndata: %s\n\n" % (number, event)
        finally:
            topics[topic].discard(queue)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@app.post("/pub/{topic}")
async def publish(topic: str, request: Request):
    event = (await request.body()).decode()
    for queue in topics[topic]:
        if not queue.full():  # Who is that far behind misses it.
            queue.put_nowait(event)
    return Response(status_code=202)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, backlog=4096)
