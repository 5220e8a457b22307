"""A proxy that ends event streams: for tools that read an answer until its end, where a server's streams have none.

    ends.py PORT [SECONDS]     before the server on that port; prints its own port

Answers pass as they are, but for the length: a stream is whatever came of it in SECONDS, 0.2 by default.
"""
import http.client
import socket
import socketserver
import sys
import time

HOP = {"transfer-encoding", "content-length", "connection"}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.request_bytes()
        if not request:
            return
        with socket.create_connection(("127.0.0.1", UPSTREAM)) as upstream:
            upstream.sendall(request)
            answer = http.client.HTTPResponse(upstream, method=request.split(b" ", 1)[0].decode())
            answer.begin()
            body = self.piece(answer, upstream) if answer.msg.get_content_type() == "text/event-stream" else answer.read()
        head = ["HTTP/1.1 %d %s" % (answer.status, answer.reason)]
        head += ["%s: %s" % field for field in answer.getheaders() if field[0].lower() not in HOP]
        if answer.status != 204:
            head.append("Content-Length: %s" % (answer.getheader("Content-Length") or len(body)))
        self.wfile.write("\r\n".join(head + ["Connection: close", "", ""]).encode("latin-1") + body)

    def request_bytes(self):
        """The whole request, as it came."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        length = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        return head + self.rfile.read(int(length[0]) if length else 0)

    def piece(self, answer, upstream):
        body, end = b"", time.monotonic() + SECONDS
        try:
            while not answer.isclosed():
                upstream.settimeout(max(0.001, end - time.monotonic()))
                piece = answer.read1(65536)
                body += piece
                if not piece or time.monotonic() > end:
                    break
        except TimeoutError:
            pass
        return body


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 128


UPSTREAM, SECONDS = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
with Proxy(("127.0.0.1", 0), Handler) as proxy:
    print(proxy.server_address[1], flush=True)
    proxy.serve_forever()
