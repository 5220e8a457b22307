"""The status of one job on FastAPI and uvicorn: GET /status streams pending, and completed when the job is done.

    seed.py PORT SECONDS waiting|polling|due

`waiting` awaits the job's end; `polling` looks once a second, as tutorials have it. Both tell when the job's timer has
fired. `due` awaits the job's end and tells when that was due.
"""
import asyncio
import contextlib
import json
import resource
import sys
import time

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

port, seconds, way = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
status = {"status": "pending", "timestamp": time.time()}
done = asyncio.Event()


async def job():
    end = time.time() + seconds
    await asyncio.sleep(seconds)
    status.update(status="completed", timestamp=end if way == "due" else time.time())
    done.set()


@contextlib.asynccontextmanager
async def lifespan(app):
    task = asyncio.create_task(job())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/status")
async def stream():
    async def events():
        yield "data: %s\n\n" % json.dumps(status)
        if way == "polling":
            while status["status"] != "completed":
                await asyncio.sleep(1)
        else:
            await done.wait()
        yield "data: %s\n\n" % json.dumps(status)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, backlog=4096)
