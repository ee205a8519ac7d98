"""A web server that misbehaves on request, for the tests of the HTTP client.

Usage: http_server.py [CERTIFICATE KEY]

Listens on loopback: two plain ports and, with a certificate, a TLS port. Prints one line of JSON with the ports. Ends
when its standard input ends, so that it cannot outlive the test. What a path does: see BEHAVIOURS.
"""

import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import zlib

requests = []  # every request but those for /requests: {"port", "connection", "head"}
requests_lock = threading.Lock()
connections = 0


class Connection:
    """One client. `request` numbers the requests on it from 1."""

    def __init__(self, sock, port, number):
        self.sock = sock
        self.port = port
        self.number = number
        self.request = 0
        self.buffer = b""

    def read_until(self, mark):
        while mark not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.buffer += data
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def read_exactly(self, size):
        body = bytearray(self.buffer)
        while len(body) < size:
            data = self.sock.recv(1 << 20)
            if not data:
                return None
            body += data
        self.buffer = bytes(body[size:])
        return bytes(body[:size])

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def respond(self, body, status="200 OK", headers=""):
        body = body if isinstance(body, bytes) else body.encode("latin-1")
        self.send(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n")
        self.send(body)

    def trickle(self, data):
        """A byte at a time until the client gives up."""
        while True:
            self.send(data)
            time.sleep(0.02)

    def wait_for_close(self):
        """Reads nothing; returns when the client is gone."""
        while self.sock.recv(1, socket.MSG_PEEK):
            time.sleep(0.02)


class Close(Exception):
    """The behaviour wants the connection closed."""


class Reset(Exception):
    """The behaviour wants the connection torn down."""


def gzip_of(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def endless(c, data):
    while True:
        c.send(data)


def echo(c, head, body, argument):
    c.respond(json.dumps({"head": head.decode("latin-1"), "body": body.decode("latin-1"), "port": c.port,
                          "connection": c.number}), headers="Content-Type: application/json\r\n")


def echo_body(c, head, body, argument):
    c.respond(body, headers="Content-Type: application/json\r\n")


def status(c, head, body, argument):
    if argument in ("204", "304"):
        return c.send(f"HTTP/1.1 {argument} Whatever\r\n\r\n")
    return c.respond(f"status {argument}", status=f"{argument} Whatever")


def delay(c, head, body, argument):
    """Answers after so many milliseconds."""
    time.sleep(int(argument) / 1000)
    c.respond("late")


def slow_headers(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nX-Slow: ")
    c.trickle("x")


def slow_body(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    c.trickle("x")


def silent(c, head, body, argument):
    while c.sock.recv(65536):
        pass
    raise Close


def gzip(c, head, body, argument):
    c.respond(gzip_of(b"unpacked"), headers="Content-Encoding: gzip\r\n")


def gzip_bomb(c, head, body, argument):
    c.respond(gzip_of(bytes(16 << 20)), headers="Content-Encoding: gzip\r\n")


def gzip_chain(c, head, body, argument):
    c.respond(gzip_of(gzip_of(b"unpacked")), headers="Content-Encoding: gzip, gzip\r\n")


def gzip_chain_two(c, head, body, argument):
    c.respond(gzip_of(gzip_of(b"unpacked")), headers="Content-Encoding: gzip\r\ncontent-encoding: gzip\r\n")


def gzip_transfer(c, head, body, argument):
    packed = gzip_of(b"unpacked")
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
    c.send(f"{len(packed):x}\r\n".encode() + packed + b"\r\n0\r\n\r\n")


def gzip_broken(c, head, body, argument):
    c.respond(b"this is not gzip", headers="Content-Encoding: gzip\r\n")


def brotli(c, head, body, argument):
    c.respond(b"\x0b\x02\x80unpacked\x03", headers="Content-Encoding: br\r\n")


def large(c, head, body, argument):
    c.respond(b"x" * int(argument))


def endless_body(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    endless(c, "10000\r\n" + "x" * 0x10000 + "\r\n")


def endless_close(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\n\r\n")
    endless(c, "x" * 0x10000)


def endless_headers(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\n")
    endless(c, "X-Filler: " + "x" * 1000 + "\r\n")


def endless_header(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nX-Filler: ")
    endless(c, "x" * 1000)


def endless_interim(c, head, body, argument):
    endless(c, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")


def endless_trailers(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
    endless(c, "X-Filler: " + "x" * 1000 + "\r\n")


def interim(c, head, body, argument):
    c.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    c.respond("after interim")


def redirect(c, head, body, argument):
    """Redirects `argument` times, then answers."""
    if argument == "0":
        return echo(c, head, body, argument)
    return c.respond("not here", "302 Found", f"Location: /redirect/{int(argument) - 1}\r\n")


def redirect_to(c, head, body, argument):
    """/redirect_to/CODE/PERCENT-ENCODED-TARGET. With CODE 200 this is an answer."""
    code, target = argument.split("/", 1)
    if code == "200":
        return echo(c, head, body, argument)
    body = "" if code == "304" else "not here"  # 304 never has one: the next answer would seem to begin with it
    return c.respond(body, f"{code} Moved", f"Location: {urllib.parse.unquote(target, 'latin-1')}\r\n")


def redirect_endless(c, head, body, argument):
    c.send("HTTP/1.1 302 Found\r\nLocation: /echo\r\n\r\n")
    endless(c, "x" * 0x10000)


def cut_length(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    raise Close


def cut_chunked(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly this")
    raise Close


def cut_head(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nContent-Le")
    raise Close


def nothing(c, head, body, argument):
    raise Close


def reset(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    raise Reset


def reset_at_once(c, head, body, argument):
    raise Reset


def drop_reused(c, head, body, argument):
    """Reads a request on a kept connection and hangs up, as a server does that dies while it works."""
    if c.request > 1:
        raise Close
    c.respond("first on this connection")


def garbage(c, head, body, argument):
    c.send("SSH-2.0-OpenSSH_9.2\r\n" * 100)
    raise Close


def chunked(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Head: yes\r\n\r\n"
           "5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\nX-Trailer: late\r\n\r\n")


def until_close(c, head, body, argument):
    c.send("HTTP/1.0 200 OK\r\n\r\nhello until the end")
    raise Close


def head_with_body(c, head, body, argument):
    c.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


def late_body(c, head, body, argument):
    """/late_body/STATUS: a body that must not be there, after a HEAD or a 204, comes when the next request is there."""
    c.send(f"HTTP/1.1 {argument} Whatever\r\nContent-Length: 5\r\n\r\n")
    if c.read_until(b"\r\n\r\n") is None:
        raise Close
    c.send("helloHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def odd_headers(c, head, body, argument):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Latin: caf\xe9\r\nX-Utf8: caf\xc3\xa9\r\nX-Two: a\r\nx-two: b\r\n"
           b"X-Empty:\r\nX-Folded: one\r\n two\r\nX-Escape: \x1b[31mred\r\n\r\nok")


def stall_upload(c, head, body, argument):
    c.wait_for_close()
    raise Close


BEHAVIOURS = {function.__name__: function for function in (
    echo, echo_body, status, delay, slow_headers, slow_body, silent, gzip, gzip_bomb, gzip_chain, gzip_chain_two, gzip_transfer,
    gzip_broken, brotli, large, endless_body, endless_close, endless_headers, endless_header, endless_interim,
    endless_trailers, interim, redirect, redirect_to, redirect_endless, cut_length, cut_chunked, cut_head, nothing,
    reset, reset_at_once, drop_reused, garbage, chunked, until_close, head_with_body, late_body,
    odd_headers, stall_upload)}
UNREAD = {"stall_upload", "reset_at_once"}  # their body is left in the socket


def tunnel(c, target):
    """What a proxy does for https; it lets nobody through to a host whose name begins with "refused"."""
    if target.startswith("refused"):
        return c.respond("not there", "403 Forbidden")
    host, port = target.split(":")
    with socket.create_connection((host, int(port))) as far:
        c.send("HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pump, args=(far, c.sock), daemon=True).start()
        pump(c.sock, far)
    raise Close


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_one(c):
    head = c.read_until(b"\r\n\r\n")
    if head is None:
        return False
    c.request += 1
    target = head.split(b" ")[1].decode("latin-1")
    name, _, argument = target.lstrip("/").partition("/")
    name = name.partition("?")[0]
    body = b""
    for line in head.split(b"\r\n")[1:]:
        if line.lower().startswith(b"content-length:") and name not in UNREAD:
            body = c.read_exactly(int(line.split(b":")[1]))
            if body is None:
                return False
    if name == "requests":
        with requests_lock:
            c.respond(json.dumps(requests))
        return True
    with requests_lock:
        requests.append({"port": c.port, "connection": c.number, "head": head.decode("latin-1")})
    if head.startswith(b"CONNECT "):
        tunnel(c, target)
        return True
    BEHAVIOURS.get(name, echo)(c, head, body, argument)
    return True


def serve(sock, port, number, tls):
    try:
        if tls:
            sock = tls.wrap_socket(sock, server_side=True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, port, number)
        while serve_one(connection):
            pass
    except Reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except (Close, OSError):
        pass
    finally:
        sock.close()


def listen(port, tls):
    global connections
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)

    def accept():
        global connections
        while True:
            sock, _ = listener.accept()
            connections += 1
            threading.Thread(target=serve, args=(sock, port, connections, tls), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def main():
    threading.stack_size(256 * 1024)
    ports = {"a": listen("a", None), "b": listen("b", None)}
    if len(sys.argv) > 2:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[1], sys.argv[2])
        ports["tls"] = listen("tls", tls)
    print(json.dumps(ports), flush=True)
    sys.stdin.buffer.read()


main()
