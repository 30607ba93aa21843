#!/usr/bin/env python3
"""Makes the zstd dictionary of the format: synthetic resources from a seeded generator, then zstd's own trainer.

    tools/dictionary/train.py 1 OUT_DIR    writes dictionary.v1.h, the C array that CDictionaries compiles in

A dictionary, once released, is part of the log's format and is kept for good: never run this over a released version.
Needs libzstd.so.1 (1.5) only. The same seed and the same libzstd give the same bytes.
"""

import ctypes
import hashlib
import pathlib
import random
import struct
import sys

from resources import Maker, bundle, compact

SEED = 20_260_101
SAMPLES = 24_000
DICTIONARY_BYTES = 110 << 10
LEVEL = 3


class Parameters(ctypes.Structure):
    """ZDICT_fastCover_params_t"""

    _fields_ = [
        ("k", ctypes.c_uint),
        ("d", ctypes.c_uint),
        ("f", ctypes.c_uint),
        ("steps", ctypes.c_uint),
        ("threads", ctypes.c_uint),
        ("split", ctypes.c_double),
        ("accel", ctypes.c_uint),
        ("shrink", ctypes.c_uint),
        ("shrinkRegression", ctypes.c_uint),
        ("level", ctypes.c_int),
        ("verbosity", ctypes.c_uint),
        ("id", ctypes.c_uint),
    ]


def prefixed(text):
    data = text.encode()
    return (
        bytes([len(data) & 0x7F | (0x80 if len(data) > 127 else 0)])
        + (bytes([len(data) >> 7]) if len(data) > 127 else b"")
        + data
    )


def meta(resource, source):
    """What the log keeps beside a resource: type, ids, codes and references, length-prefixed."""
    codes, references = [], []

    def walk(node):
        if isinstance(node, dict):
            if "system" in node and "code" in node:
                codes.append((node["system"], node["code"]))
            if "reference" in node:
                references.append(node["reference"])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(resource)
    kind, name = resource["resourceType"], resource["id"]
    out = (
        b"\x01\x01\x0a"
        + prefixed(kind)
        + prefixed(name)
        + prefixed(f"{source}.{name}")
        + b"\x01"
        + struct.pack(">q", 1_767_225_600_000_000)
    )
    out += (
        b"\x01"
        + prefixed("2026-01-01T09:30:00Z")
        + b"\x01"
        + prefixed(resource.get("status", "final"))
        + bytes([len(codes) & 127])
    )
    out += b"".join(prefixed(a) + prefixed(b) for a, b in codes) + bytes([len(references) & 127])
    return (
        out
        + b"".join(
            prefixed(r.replace("urn:uuid:", "Patient/").replace("/", f"/{source}.")) for r in references
        )
        + b"\x00"
    )


def samples():
    rng = random.Random(SEED)
    for i in range(SAMPLES):
        maker = Maker(rng)
        if i % 40 == 0:
            yield compact(bundle(maker, 4)).encode()
        elif i % 3 == 0:
            resource = maker.any()
            yield meta(resource, maker.org[0]) + compact(resource).encode()
        else:
            yield compact(maker.any()).encode()


def train(version):
    lib = ctypes.CDLL("libzstd.so.1")
    lib.ZDICT_trainFromBuffer_fastCover.restype = ctypes.c_size_t
    lib.ZDICT_trainFromBuffer_fastCover.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_char_p,
        ctypes.POINTER(ctypes.c_size_t),
        ctypes.c_uint,
        Parameters,
    ]
    data = list(samples())
    joined = b"".join(data)
    sizes = (ctypes.c_size_t * len(data))(*map(len, data))
    out = ctypes.create_string_buffer(DICTIONARY_BYTES)
    parameters = Parameters(
        k=1200, d=8, f=20, steps=0, threads=1, split=1.0, accel=1, level=LEVEL, id=0x0DA1_B000 + version
    )
    length = lib.ZDICT_trainFromBuffer_fastCover(out, DICTIONARY_BYTES, joined, sizes, len(data), parameters)
    if lib.ZDICT_isError(ctypes.c_size_t(length)):
        sys.exit("training failed")
    return out.raw[:length], len(joined)


def main():
    version, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    dictionary, trained_on = train(version)
    rows = [", ".join(f"{b}" for b in dictionary[i : i + 32]) for i in range(0, len(dictionary), 32)]
    text = f"// Made by tools/dictionary/train.py {version}. Part of the log's format: never changed once released.\n"
    text += (
        f"static const unsigned char daybook_dictionary_v{version}[{len(dictionary)}] = {{\n"
        + ",\n".join(rows)
        + "};\n"
    )
    (folder / f"dictionary.v{version}.h").write_text(text)
    print(
        f"{len(dictionary)} bytes from {trained_on} bytes of samples, sha-256 {hashlib.sha256(dictionary).hexdigest()}"
    )


if __name__ == "__main__":
    main()
