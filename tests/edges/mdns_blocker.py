"""A program for the tests: keeps the port of mDNS for itself until it is ended.

python -m tests.edges.mdns_blocker
"""

import signal
import socket
import sys

with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as alone:
    alone.bind(("::", 5353))
    sys.stdout.write("blocking\n")
    sys.stdout.flush()
    signal.pause()
