"""pyroute2 on the corpus and the filters given as arguments. Run by bench/codec.ts."""
import gzip
import json
import struct
import sys
import time

from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg
from pyroute2.netlink.rtnl.tcmsg import tcmsg

everything = gzip.open(sys.argv[1]).read() + open(sys.argv[2], "rb").read()
messages = {16: [], 20: [], 24: [], 44: []}
at = 0
while at < len(everything):
    length, kind = struct.unpack_from("<IH", everything, at)
    messages[kind].append(everything[at : at + length])
    at += (length + 3) & ~3

figures = {}
for column, kind, codec in (
    ("link", 16, ifinfmsg),
    ("address", 20, ifaddrmsg),
    ("route", 24, rtmsg),
    ("flower", 44, tcmsg),
):
    least = float("inf")
    until = time.perf_counter() + 2
    while time.perf_counter() < until:
        start = time.perf_counter()
        for message in messages[kind]:
            codec(message).decode()
        least = min(least, time.perf_counter() - start)
    figures[f"decode {column}"] = least * 1e9 / len(messages[kind])
print(json.dumps(figures))
