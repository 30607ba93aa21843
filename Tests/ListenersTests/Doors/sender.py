"""Sends what standard input says, one after the other, over both doors, and tells of each answer as it comes.

Input: {"http": "HOST:PORT", "mllp": "HOST:PORT", "token": "...", "drip": bool, "steps": [{"name", "door", "method", "path", "body"}]}
Output: NAME ANSWER MILLISECONDS, a line each. Exit status 3 where a door closed before it answered.
"""
import http.client
import json
import socket
import sys
import time

plan = json.load(sys.stdin)
host, port = plan["mllp"].rsplit(":", 1)
doors = {}


def said(text):
    """An OperationOutcome's words, or the answer as it is."""
    try:
        return "OperationOutcome/" + json.loads(text)["issue"][0]["details"]["text"]
    except (ValueError, KeyError, TypeError):
        return text.decode()


def over_http(step):
    if "http" not in doors:
        doors["http"] = http.client.HTTPConnection(plan["http"], timeout=60)
    headers = {"Authorization": "Bearer " + plan["token"], "Content-Type": "application/fhir+json"}
    headers.update(step.get("headers", {}))
    body = step["body"].encode()
    if plan.get("drip"):
        # Byte by byte, so that no piece holds a whole line of the head.
        doors["http"].connect()
        lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        head = f"{step['method']} {step['path']} HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        for byte in head.encode() + body:
            doors["http"].sock.sendall(bytes([byte]))
        answer = http.client.HTTPResponse(doors["http"].sock)
        answer.begin()
    else:
        doors["http"].request(step["method"], step["path"], body, headers)
        answer = doors["http"].getresponse()
    text = answer.read()
    if plan.get("drip"):
        doors.pop("http").close()
    if plan.get("words"):
        retry = f"/retry-{answer.getheader('Retry-After')}" if answer.getheader("Retry-After") else ""
        return f"{answer.status}/{said(text)}{retry}".replace(" ", "-").replace("\n", "-")
    return f"{answer.status}/{answer.getheader('ETag') or answer.getheader('Daybook-Quarantine') or '-'}".replace(" ", "")


def over_mllp(step):
    if "mllp" not in doors:
        doors["mllp"] = socket.create_connection((host, int(port)), timeout=60)
        doors["mllp"].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    frame = b"\x0b" + step["body"].encode() + b"\x1c\r"
    if plan.get("drip"):
        for byte in frame:
            doors["mllp"].sendall(bytes([byte]))
    else:
        doors["mllp"].sendall(frame)
    data = b""
    while not data.endswith(b"\x1c\r"):
        more = doors["mllp"].recv(65536)
        if not more:
            raise ConnectionError
        data += more
    if plan.get("words"):
        return next("/".join(s.split("|")[1::2]) for s in data.decode().split("\r") if s.startswith("MSA")).replace(" ", "-")
    return next(s.split("|")[1] for s in data.decode().split("\r") if s.startswith("MSA"))


for step in plan["steps"]:
    begun = time.monotonic()
    try:
        answer = over_http(step) if step["door"] == "http" else over_mllp(step)
    except (OSError, http.client.HTTPException):
        sys.exit(3)
    print(step["name"], answer, int((time.monotonic() - begun) * 1000), flush=True)
