"""NATS JetStream with sync_interval always: so many publishers, each one message at a time, each waiting for its acknowledgement.

    nats_append.py FOLDER VALUES
    round RECORDS CLIENTS    answers records a second
"""

import asyncio
import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import nats


def read_values(path):
    data, at, values = open(path, "rb").read(), 0, []
    while at + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, at)
        values.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return values


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, port):
    config = os.path.join(folder, "nats.conf")
    with open(config, "w") as out:
        out.write(f"listen: 127.0.0.1:{port}\n")
        out.write(f'jetstream {{ store_dir: "{folder}", sync_interval: always }}\n')
    # The server dies with this process, however that ends.
    parent = lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    server = os.path.join(os.path.dirname(sys.executable), "nats-server")
    return subprocess.Popen(
        [server, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=parent)


async def quiet(problem):
    """The server is not up at once: that it refuses at first is no news."""


async def connect(port):
    deadline = time.monotonic() + 20
    while True:
        try:
            return await nats.connect(f"nats://127.0.0.1:{port}", allow_reconnect=False, error_cb=quiet)
        except Exception:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


async def one_round(streams, values, records):
    share = max(1, records // len(streams))

    async def work(number):
        for turn in range(share):
            value = values[(number * share + turn) % len(values)]
            await streams[number].publish("events.all", value, timeout=60)

    start = time.monotonic()
    await asyncio.gather(*(work(number) for number in range(len(streams))))
    return share * len(streams) / (time.monotonic() - start)


async def main():
    folder, values = sys.argv[1], read_values(sys.argv[2])
    port = free_port()
    server = start(folder, port)
    try:
        connections = [await connect(port)]
        await connections[0].jetstream().add_stream(name="events", subjects=["events.>"], storage="file")
        print("ready", flush=True)
        for line in sys.stdin:
            _, records, wanted = line.split()
            while len(connections) < int(wanted):
                connections.append(await connect(port))
            streams = [connection.jetstream() for connection in connections]
            print(f"{await one_round(streams, values, int(records)):.6f}", flush=True)
    except Exception as problem:
        print(f"error {problem!r}", flush=True)
    finally:
        server.kill()
        server.wait()


asyncio.run(main())
