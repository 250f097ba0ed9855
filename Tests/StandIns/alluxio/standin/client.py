"""The command line `alluxio`: its faults, its shells and its exit status."""
import os
import signal
import sys
import time

from . import fs, fsadmin, paths
from .faults import claim, fault
from .master import format_journal
from .properties import Properties
from .rpc import Unreachable

ATTEMPTS_TAKE = 5  # seconds, 8 attempts (seen on 2.9.0)


def main(arguments):
    words = [paths.argument(word) for word in arguments]
    # Options of the JVM may stand anywhere (bin/alluxio).
    properties = Properties([word for word in words if word.startswith("-D")])
    words = [word for word in words if not word.startswith(("-D", "-X"))]
    garbage = misfortune(words)
    if garbage:
        return 0
    time.sleep(properties.seconds("alluxio.standin.client.delay", "0s"))
    command = words[0] if words else ""
    if command == "formatJournal":
        format_journal()
        return 0
    if command not in ("fs", "fsadmin"):
        print(f"Unsupported command {command}", file=sys.stderr)
        return 1
    shell = fs.Shell(properties) if command == "fs" else fsadmin.Shell(properties)
    return run(shell, command, words[1:])


def run(shell, command, words):
    if not words or words[0] not in shell.commands:
        paths.say(f"Usage: alluxio {command} [generic options]")
        for name in sorted(shell.commands):
            paths.say(f"\t [{name}]")
        if words:
            print(f"{words[0]} is an unknown command.", file=sys.stderr)
        return 255
    try:
        return shell.commands[words[0]](words[1:]) or 0
    except paths.AlluxioError as error:
        # Errors are said on standard output.
        paths.say(str(error))
    except Unreachable:
        paths.say(unreachable(shell, words[0]))
    return 255


def unreachable(shell, command):
    if command == "report":
        time.sleep(1)
        return "Cannot connect to Alluxio leader master."
    time.sleep(ATTEMPTS_TAKE)
    host, port = shell.properties.master
    address = f"GrpcServerAddress{{HostName={host}, SocketAddress={host}/<unresolved>:{port}}}"
    return (f"Failed to connect to master ({address}) after 8 attempts.Please check if Alluxio master is currently "
            f'running on "{address}". Service="FileSystemMasterClient"')


def misfortune(words):
    """What a test wants to happen to this call; whether it is over."""
    def meant(fault_words):
        return fault_words[0] in words

    slow = claim("slow", "client", 1, meant)
    if slow:
        time.sleep(float(slow[2]))
    if claim("hang", "client", 1, meant):
        while fault("hang", "client") is not None:
            time.sleep(0.1)
    if claim("killed", "client", 1, meant):
        os.kill(os.getpid(), signal.SIGKILL)
    if claim("cut", "client", 1, meant):
        print("/ was succ", end="", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if claim("garbage", "client", 1, meant):
        sys.stdout.buffer.write(b"\xff\xfe\x00 \xc3( Exception in thread \x1b[31m\r\n\x80")
        return True
    return False
