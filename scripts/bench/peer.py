"""A plain server for the measurements: /once sends an event and stays open, /flood?bytes=N sends N bytes of events.

Prints its port on the first line. Python's standard library only.
"""
import asyncio
import resource
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
BLOCK = b"".join(b"id: %08d\ndata: %s\n\n" % (n, b"x" * 60) for n in range(1000))


async def serve(reader, writer):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        target = head.split(b" ", 2)[1]
        writer.write(HEAD)
        if target.startswith(b"/flood"):
            left = int(target.partition(b"bytes=")[2])
            while left > 0:
                writer.write(BLOCK)
                await writer.drain()
                left -= len(BLOCK)
        else:
            writer.write(b"retry: 2000\nid: 1\ndata: {}\n\n")
            await writer.drain()
            await reader.read()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096, limit=65536)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
