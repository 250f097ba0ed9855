"""launch-process: which server, and how it ends."""
import os
import signal
import sys

from . import jobs
from .master import Master
from .worker import Worker

SERVERS = {"master": lambda: Master().run(), "worker": lambda: Worker().run(),
           "job_master": jobs.job_master, "job_worker": jobs.job_worker}


def main(words):
    if not words or words[0] not in SERVERS:
        print("Usage: launch-process master|worker|job_master|job_worker [-c]", file=sys.stderr)
        return 1
    # Process 1 of a container gets no signal that it does not ask for. Nothing is said to the master (upstream issue 12998).
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    SERVERS[words[0]]()
