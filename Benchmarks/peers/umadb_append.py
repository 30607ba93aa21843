"""UmaDB, its own server and client: so many clients, each appending one event at a time and waiting for it.

    umadb_append.py FOLDER VALUES
    round RECORDS CLIENTS    answers records a second
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import umadb


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


def connect(url, deadline):
    while True:
        try:
            client = umadb.Client(url)
            client.head()
            return client
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def clients_round(clients, values, records):
    gate = threading.Barrier(len(clients) + 1)
    share = max(1, records // len(clients))
    failures = []

    def work(number):
        try:
            client = clients[number]
            gate.wait()
            for turn in range(share):
                client.append([umadb.Event("event", values[(number * share + turn) % len(values)])])
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    gate.wait()
    start = time.monotonic()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return share * len(clients) / (time.monotonic() - start)


def main():
    folder, values = sys.argv[1], read_values(sys.argv[2])
    address = f"127.0.0.1:{free_port()}"
    command = [os.path.join(os.path.dirname(sys.executable), "umadb")]
    command += ["--listen", address, "--db-path", os.path.join(folder, "uma.db")]
    # The server dies with this process, however that ends.
    def with_parent():
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)

    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=with_parent)
    try:
        deadline = time.monotonic() + 20
        clients = []
        print("ready", flush=True)
        for line in sys.stdin:
            _, records, wanted = line.split()
            while len(clients) < int(wanted):
                clients.append(connect(f"http://{address}", deadline))
            print(f"{clients_round(clients, values, int(records)):.6f}", flush=True)
    except Exception as problem:
        print(f"error {problem}", flush=True)
    finally:
        server.kill()
        server.wait()


main()
