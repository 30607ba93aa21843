#!/usr/bin/env python3
"""Checks evidence out of a Daybook log, offline, with nothing but Python 3's standard library.

    verify_evidence.py proof FILE --key KEY [--witness KEY]... [--body FILE]
        one record (a .tlog-proof file): that it stands at its position in the log, and what of it is disclosed;
        with --body, that the receipt disclosed is of exactly these bytes
    verify_evidence.py consistency OLD UPDATE --key KEY [--witness KEY]...
        that the log of the newer checkpoint begins with the log of the older one. OLD is a checkpoint (or any file
        that ends with one), UPDATE what `daybook log checkpoint --since` wrote
    verify_evidence.py export DIR --key KEY [--witness KEY]... [--old OLD]
        an exported log, or a range of one: every entry, every tile, the checkpoint; with --old, that it only added
        to the older checkpoint
    verify_evidence.py vectors DIR
        the proof vectors of transparency-dev/merkle, right ones and wrong ones

KEY is the log's key as `daybook init` and `daybook log key` print it, NAME+KEYID+BASE64, or a file that holds it. Get it from
the operator beforehand, not together with the evidence. Every --witness must have cosigned.

Exit status: 0 it holds; 1 it does not hold; 2 the command line or a file is not what it should be.

This is a second implementation, written from docs/EVIDENCE.md and the standards it names; it shares no code with Daybook.
"""
import argparse
import base64
import binascii
import datetime
import hashlib
import json
import os
import re
import struct
import sys


class Wrong(Exception):
    """The evidence does not hold."""


class Unreadable(Exception):
    """A file is not what it should be."""


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 verification (RFC 8032, section 5.1.7), from the curve up. Slow, and fast enough for a few signatures.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P != 0:
        return None
    return P - x if (x & 1) != sign else x


def decompress(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def multiply(scalar, point):
    out = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            out = add(out, point)
        point = add(point, point)
        scalar >>= 1
    return out


def same_point(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(multiply(s, BASE), add(r, multiply(k, a)))


# ---------------------------------------------------------------------------------------------------------------------
# Merkle trees (RFC 6962, section 2.1) and the checking of proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2).

def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def root_from_inclusion(index, size, leaf, path):
    """The root that a leaf and its path lead to; None where the path is of a wrong length."""
    if index >= size:
        return None
    fn, sn, found = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    return found if sn == 0 else None


def are_hashes(*values):
    return all(len(value) == 32 for value in values)


def inclusion_holds(index, size, leaf, path, root):
    return are_hashes(leaf, root, *path) and root_from_inclusion(index, size, leaf, path) == root


def consistency_holds(size1, size2, path, root1, root2):
    if size1 == 0 or size1 > size2:
        return False
    if size1 == size2:
        return not path and root1 == root2
    if not path or not are_hashes(root1, root2, *path):
        return False
    path = list(path)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    found1 = found2 = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found1, found2 = node_hash(sibling, found1), node_hash(sibling, found2)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            found2 = node_hash(found2, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found1 == root1 and found2 == root2


def complete_root(nodes):
    """The root over 2^n nodes of one height."""
    while len(nodes) > 1:
        nodes = [node_hash(nodes[i], nodes[i + 1]) for i in range(0, len(nodes), 2)]
    return nodes[0]


# ---------------------------------------------------------------------------------------------------------------------
# Signed notes, keys, checkpoints, cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

def strict_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"{what} is not base 64")
    if base64.b64encode(data).decode() != text:
        raise Unreadable(f"{what} is not base 64 as it is written")
    return data


def decimal(text, what):
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text):
        raise Unreadable(f"{what} is not a number: {text[:40]!r}")
    return int(text)


class Key:
    LOG, WITNESS = 1, 4

    def __init__(self, text):
        if os.path.exists(text):
            with open(text, encoding="utf-8") as file:
                text = file.read()
        text = text.strip()
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Unreadable(f"not a key as NAME+KEYID+BASE64: {text[:60]!r}")
        data = strict_base64(parts[2], "the key")
        if len(data) != 33 or data[0] not in (Key.LOG, Key.WITNESS):
            raise Unreadable("only Ed25519 keys (of kind 1 and 4) are known")
        self.name, self.kind, self.public = parts[0], data[0], data[1:]
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        if self.id.hex() != parts[1]:
            raise Unreadable(f"the key id is {parts[1]}, and that of this name and key {self.id.hex()}")


class Note:
    """A text and its signature lines."""

    DASH = "\u2014"

    def __init__(self, data):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Unreadable("the note is not UTF-8")
        if any(ord(c) < 32 and c != "\n" for c in text):
            raise Unreadable("the note holds a control character")
        blank = text.rfind("\n\n")
        if blank < 0 or not text.endswith("\n"):
            raise Unreadable("not a signed note")
        self.text = text[:blank + 1].encode()
        self.signatures = []
        for line in text[blank + 2:].splitlines():
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != Note.DASH or not parts[1]:
                raise Unreadable(f"not a signature line: {line[:60]!r}")
            signature = strict_base64(parts[2], "a signature")
            if len(signature) < 5:
                raise Unreadable("a signature is too short")
            self.signatures.append((parts[1], signature[:4], signature[4:]))
        if not self.signatures:
            raise Unreadable("the note has no signature")

    def signed_by(self, key):
        """When a witness signed (seconds since 1970), True for a log; raises Wrong where the key did not sign."""
        own = [s for name, key_id, s in self.signatures if (name, key_id) == (key.name, key.id)]
        if not own:
            raise Wrong(f"the checkpoint is not signed by {key.name}+{key.id.hex()}")
        time = True
        for signature in own:
            message = self.text
            if key.kind == Key.WITNESS:
                if len(signature) != 72:
                    raise Wrong(f"the cosignature of {key.name} is of another length")
                time = struct.unpack(">Q", signature[:8])[0]
                message, signature = b"cosignature/v1\ntime %d\n" % time + message, signature[8:]
            if not ed25519_holds(key.public, message, signature):
                raise Wrong(f"the signature of {key.name} does not hold")
        return time


class Checkpoint:
    def __init__(self, note):
        lines = note.text.decode().split("\n")[:-1]
        if len(lines) < 3 or "" in lines:
            raise Unreadable("not a checkpoint")
        self.origin, self.size = lines[0], decimal(lines[1], "the checkpoint's size")
        self.root = strict_base64(lines[2], "the checkpoint's root")
        if len(self.root) != 32:
            raise Unreadable("the checkpoint's root is not a SHA-256 hash")


def checked_checkpoint(note, options):
    """The checkpoint that a note is, with every signature asked for."""
    key = options.key
    checkpoint = Checkpoint(note)
    if checkpoint.origin != key.name:
        raise Wrong(f"the checkpoint is of the log {checkpoint.origin!r}, and the key of {key.name!r}")

    def signed_by(whose):
        try:
            return note.signed_by(whose)
        except Wrong as wrong:
            raise Wrong(f"{wrong} (the one of {checkpoint.size} records)")

    signed_by(key)
    print(f"checkpoint: {checkpoint.size} records of {checkpoint.origin}, signed by {key.name}+{key.id.hex()}")
    for witness in options.witness:
        when = datetime.datetime.fromtimestamp(signed_by(witness), datetime.timezone.utc)
        print(f"            cosigned by {witness.name} at {when:%Y-%m-%dT%H:%M:%SZ}")
    return checkpoint


def hash_lines(lines, what):
    hashes = [strict_base64(line, what) for line in lines]
    if any(len(h) != 32 for h in hashes):
        raise Unreadable(f"{what} is not a SHA-256 hash")
    return hashes


# ---------------------------------------------------------------------------------------------------------------------
# Records (docs/FORMAT.md): the header, and items disclosed out of the sealed parts.

CLASSES = {1: "store created", 2: "region fact", 3: "person's fact", 4: "source update", 5: "quarantined message",
           6: "identity", 7: "receipt", 8: "housekeeping"}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Header:
    SIZE = 216

    def __init__(self, data):
        if len(data) != Header.SIZE:
            raise Unreadable(f"a header of {len(data)} bytes, not {Header.SIZE}")
        self.data = data
        (self.version, self.kind, _, self.index, self.count, self.length_a, self.length_b, _, self.position,
         self.recorded_us) = struct.unpack(">BBHIIIIIQq", data[:40])
        self.commitment = data[176:208]
        if self.version != 1:
            raise Unreadable(f"a header of version {self.version}")

    def check(self):
        if crc32c(self.data[:212]) != struct.unpack(">I", self.data[212:])[0]:
            raise Wrong(f"the header of #{self.position} does not match its own checksum")

    @property
    def recorded(self):
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=self.recorded_us)
        return at.isoformat() + "Z"

    def __str__(self):
        return f"#{self.position}, a {CLASSES.get(self.kind, f'record of class {self.kind}')}, recorded {self.recorded}"


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Unreadable("the extra data ends too soon")
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Unreadable("a number in the extra data is too long")


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


class Item:
    """One disclosed item of a record's body."""

    def __init__(self, reader):
        self.index, self.count = reader.varint(), reader.varint()
        self.salt = reader.take(32)
        self.meta = reader.take(reader.varint())
        self.content = reader.take(reader.varint())
        hashes = reader.varint()
        if hashes > 126:
            raise Unreadable("an item's path is too long")
        self.path = [reader.take(32) for _ in range(hashes)]

    def is_in(self, commitment):
        leaf = leaf_hash(self.salt + varint(len(self.meta)) + self.meta + self.content)
        return inclusion_holds(self.index, self.count, leaf, self.path, commitment)


def read_extra(data):
    reader = Reader(data)
    if reader.take(1) != b"\x01":
        raise Unreadable("the extra data is of another version")
    header = Header(reader.take(Header.SIZE))
    items = [Item(reader) for _ in range(reader.varint())]
    if reader.at != len(data):
        raise Unreadable("something follows the extra data")
    return header, items


# ---------------------------------------------------------------------------------------------------------------------
# The commands.

def read_file(path, limit=256 << 20):
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}")
    if len(data) > limit:
        raise Unreadable(f"{path} is over {limit} bytes")
    return data


def split_lines(data):
    """The lines before the first empty one, and what follows that."""
    blank = data.find(b"\n\n")
    if blank < 0:
        raise Unreadable("there is no empty line before the checkpoint")
    try:
        return data[:blank].decode("ascii").split("\n"), data[blank + 2:]
    except UnicodeDecodeError:
        raise Unreadable("the proof is not ASCII")


def last_note(path):
    """The checkpoint that a file is, or ends with: a proof's follows its first empty line."""
    data = read_file(path)
    if data.startswith((b"old ", b"c2sp.org/tlog-proof@v1\n")):
        data = split_lines(data)[1]
    return Note(data)


def check_proof(options):
    lines, rest = split_lines(read_file(options.file))
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Unreadable("not a tlog-proof (c2sp.org/tlog-proof@v1)")
    if len(lines) < 3 or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Unreadable("the proof lacks its extra data or its index")
    header, items = read_extra(strict_base64(lines[1][6:], "the extra data"))
    index = decimal(lines[2][6:], "the index")
    path = hash_lines(lines[3:], "a line of the proof")
    checkpoint = checked_checkpoint(Note(rest), options)
    header.check()
    if header.position != index + 1:
        raise Wrong(f"the header says position {header.position}, and the proof is of {index + 1}")
    if not inclusion_holds(index, checkpoint.size, leaf_hash(header.data), path, checkpoint.root):
        raise Wrong(f"the record is not at position {header.position} of the checkpoint's log")
    print(f"record:     {header}")
    print(f"            is in the log at that position, record {header.index + 1} of {header.count} of its batch")
    receipt = detail = None
    for item in items:
        if not item.is_in(header.commitment):
            raise Wrong(f"disclosed item {item.index + 1} of {item.count} is not in the record")
        print(f"disclosed:  item {item.index + 1} of {item.count}, {len(item.content)} bytes:")
        try:
            value = json.loads(item.content)
            print("  " + json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  "))
            if header.kind == 7 and isinstance(value, dict):
                if "bodySalt" in value:
                    detail = value
                elif "outcome" in value:
                    receipt = value
        except (ValueError, RecursionError):
            # No JSON, or none that a person would read.
            print("  " + item.content[:200].hex())
    if options.body is not None:
        check_body(read_file(options.body), receipt, detail)
    print("HOLDS")


def check_body(body, receipt, detail):
    """The receipt's digest of the answer: SHA-256(salt, body), the body without its own receipt, or receipts."""
    if not receipt or not detail:
        raise Unreadable("--body needs a receipt whose both items are disclosed (`access show --evidence --detail`)")
    body = body.rstrip(b"\n")
    stripped = re.sub(rb',"(receipt":\{[^{}]*\}|receipts":\[(\{[^{}]*\},?)*\])\}$', b"}", body)
    salt = bytes.fromhex(detail["bodySalt"])
    if receipt["body"] not in (sha256(salt + body).hex(), sha256(salt + stripped).hex()):
        raise Wrong("the receipt is of another answer than these bytes")
    print("answer:     the bytes given are the answer that the receipt is of")


def check_consistency(options):
    old = checked_checkpoint(last_note(options.old), options)
    lines, rest = split_lines(read_file(options.update))
    if not lines[0].startswith("old "):
        raise Unreadable("the update does not begin with its old size")
    size = decimal(lines[0][4:], "the old size")
    path = hash_lines(lines[1:], "a line of the proof")
    new = checked_checkpoint(Note(rest), options)
    if size != old.size:
        raise Wrong(f"the update goes on from {size} records, and the older checkpoint has {old.size}")
    if not consistency_holds(old.size, new.size, path, old.root, new.root):
        raise Wrong(f"the log of {new.size} records does not begin with the log of {old.size} records")
    print(f"The log of {new.size} records begins with that of {old.size}: nothing was changed or taken out.")
    print("HOLDS")


class Export:
    """A folder of C2SP tlog-tiles."""

    def __init__(self, folder, size):
        self.folder, self.size = folder, size

    def width(self, level, number):
        return max(0, min(256, (self.size >> 8 * level) - 256 * number))

    def path(self, kind, number, width):
        digits = f"{number:03d}"
        digits = "0" * (-len(digits) % 3) + digits
        groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
        name = "/".join(["x" + g for g in groups[:-1]] + groups[-1:])
        return os.path.join(self.folder, "tile", kind, name + (f".p/{width}" if width < 256 else ""))

    def tile(self, level, number):
        """The hashes of a tile; None where the export does not have it."""
        width = self.width(level, number)
        path = self.path(str(level), number, width)
        if not os.path.exists(path):
            return None
        data = read_file(path)
        if len(data) != 32 * width:
            raise Wrong(f"{path} has {len(data)} bytes, not {32 * width}")
        return [data[i:i + 32] for i in range(0, len(data), 32)]

    def entries(self, number):
        width = self.width(0, number)
        path = self.path("entries", number, width)
        if not os.path.exists(path):
            return None
        data, out, at = read_file(path), [], 0
        while at < len(data):
            if at + 2 > len(data):
                raise Wrong(f"{path} ends inside an entry")
            length = struct.unpack(">H", data[at:at + 2])[0]
            out.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if at != len(data) or len(out) != width:
            raise Wrong(f"{path} does not hold {width} whole entries")
        return out

    def needed(self, level, number):
        tile = self.tile(level, number)
        if tile is None:
            raise Wrong(f"the tile {number} of level {level} is missing")
        return tile

    def missing_for(self, size):
        """The lowest tile of the right edge of the first `size` records, where a range lacks it."""
        if size & 255 and self.tile(0, size >> 8) is None:
            return self.path("0", size >> 8, min(256, self.size - (size >> 8 << 8)))
        return None

    def root_of(self, size):
        """The root of the first `size` records: over the complete subtrees that make them up."""
        peaks = []
        for level in range(7, -1, -1):
            count = size >> 8 * level & 255
            if count == 0:
                continue
            nodes, at = self.needed(level, size >> 8 * (level + 1)), 0
            for bit in range(7, -1, -1):
                if count >> bit & 1:
                    peaks.append(complete_root(nodes[at:at + (1 << bit)]))
                    at += 1 << bit
        if not peaks:
            return sha256(b"")
        found = peaks.pop()
        while peaks:
            found = node_hash(peaks.pop(), found)
        return found

    def check_tiles(self, level):
        """Every tile of a level that is there, against the level above. Returns how many."""
        found = 0
        for number in range((self.size >> 8 * level) + 255 >> 8):
            tile = self.tile(level, number)
            if tile is None:
                if level > 0:
                    raise Wrong(f"the tile {number} of level {level} is missing")
                continue
            found += 1
            if len(tile) == 256:
                above = self.needed(level + 1, number >> 8)
                if above[number & 255] != complete_root(tile):
                    raise Wrong(f"the tile {number} of level {level} (from #{(number << 8 * (level + 1)) + 1} on) "
                                "is not the tree's")
        return found

    def check_entries(self):
        """Every entry that is there, against its leaf. Returns the ranges of positions found."""
        ranges, before = [], None
        for number in range(self.size + 255 >> 8):
            entries = self.entries(number)
            if entries is None:
                before = None
                continue
            leaves = self.needed(0, number)
            for offset, entry in enumerate(entries):
                position = 256 * number + offset + 1
                if leaf_hash(entry) != leaves[offset]:
                    raise Wrong(f"the entry of #{position} is not what the tree has there")
                header = Header(entry)
                header.check()
                if header.position != position:
                    raise Wrong(f"the entry of #{position} says that it is #{header.position}")
                if before is not None and header.recorded_us < before:
                    raise Wrong(f"the entry of #{position} was recorded before the one before it")
                before = header.recorded_us
            first, last = 256 * number + 1, 256 * number + len(entries)
            if ranges and ranges[-1][1] == first - 1:
                ranges[-1][1] = last
            else:
                ranges.append([first, last])
        return ranges


def check_export(options):
    checkpoint = checked_checkpoint(Note(read_file(os.path.join(options.folder, "checkpoint"))), options)
    export = Export(options.folder, checkpoint.size)
    tiles, level = 0, 0
    while checkpoint.size >> 8 * level:
        tiles += export.check_tiles(level)
        level += 1
    if export.root_of(checkpoint.size) != checkpoint.root:
        raise Wrong("the tiles do not give the checkpoint's root")
    ranges = export.check_entries()
    if not ranges:
        raise Wrong("the export holds no entry")
    words = ", ".join(f"#{first} to #{last}" for first, last in ranges)
    print(f"export:     {words}: every header is what the checkpoint's log has there; {tiles} tiles")
    if options.old:
        old = checked_checkpoint(last_note(options.old), options)
        if old.size > checkpoint.size:
            raise Wrong(f"the older checkpoint has {old.size} records, the export {checkpoint.size}")
        if missing := export.missing_for(old.size):
            raise Unreadable(f"the export is a range without {missing}, from which the log of {old.size} records would be shown: export from "
                             "the beginning, or use `consistency` with `daybook log checkpoint --since`")
        if export.root_of(old.size) != old.root:
            raise Wrong(f"the log of {checkpoint.size} records does not begin with the log of {old.size} records")
        print(f"The log of {checkpoint.size} records begins with that of {old.size}.")
    print("HOLDS")


def check_vectors(options):
    counts = {"inclusion": 0, "consistency": 0}
    for kind in counts:
        for folder, _, files in sorted(os.walk(os.path.join(options.folder, kind))):
            for name in sorted(files):
                if not name.endswith(".json"):
                    continue
                vector = json.loads(read_file(os.path.join(folder, name)))
                data = lambda text: base64.b64decode(text or "")
                path = [data(h) for h in vector.get("proof") or []]
                if kind == "inclusion":
                    holds = inclusion_holds(vector["leafIdx"], vector["treeSize"], data(vector["leafHash"]), path,
                                            data(vector["root"]))
                else:
                    holds = consistency_holds(vector["size1"], vector["size2"], path, data(vector["root1"]),
                                              data(vector["root2"]))
                if holds == vector["wantErr"]:
                    raise Wrong(f"{folder}/{name}: {vector['desc']}")
                counts[kind] += 1
    if not all(counts.values()):
        raise Unreadable(f"no vectors under {options.folder}")
    print(f"{counts['inclusion']} inclusion and {counts['consistency']} consistency vectors answered as they should be")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, run, *places):
        sub = commands.add_parser(name)
        for place in places:
            sub.add_argument(place)
        sub.set_defaults(run=run)
        if name != "vectors":
            sub.add_argument("--key", required=True, help="the log's key, or a file that holds it")
            sub.add_argument("--witness", action="append", default=[], help="a witness that must have cosigned")
        return sub

    command("proof", check_proof, "file").add_argument("--body", help="the answer that a receipt is of")
    command("consistency", check_consistency, "old", "update")
    command("export", check_export, "folder").add_argument("--old", help="an older checkpoint")
    command("vectors", check_vectors, "folder")
    options = parser.parse_args()
    try:
        if options.command != "vectors":
            options.key = Key(options.key)
            options.witness = [Key(text) for text in options.witness]
            if options.key.kind != Key.LOG or any(w.kind != Key.WITNESS for w in options.witness):
                raise Unreadable("--key takes a log's key (kind 1), --witness a witness's (kind 4)")
        options.run(options)
    except Wrong as error:
        print(f"DOES NOT HOLD: {error}")
        sys.exit(1)
    except Unreadable as error:
        print(f"verify_evidence: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        # Input that no check foresaw says nothing about the evidence: 1 is for what was checked and does not hold.
        print(f"verify_evidence: cannot be checked: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
