"""The worker's server: heartbeats to the master, blocks for clients, REST for whoever asks."""
import json
import os
import shutil
import threading
import time
import urllib.parse

from .disk import Disk
from .faults import fault
from .properties import Properties
from .rpc import Server, Unreachable, call
from .weblist import info, listing


class Worker:
    def __init__(self):
        self.properties = properties = Properties.of_server("ALLUXIO_WORKER_JAVA_OPTS")
        host = properties.text("alluxio.worker.hostname", "127.0.0.1")
        self.address = {
            "host": host, "containerHost": properties.text("alluxio.worker.container.hostname"),
            "rpcPort": properties.number("alluxio.worker.rpc.port", 29999),
            "webPort": properties.number("alluxio.worker.web.port", 30000)}
        self.disk = Disk(properties)
        self.lock = threading.Lock()
        self.started = time.time()
        self.identity = None
        self.removed = []
        self.broken = False

    def run(self):
        Server(self.address["rpcPort"], self.blocks, self.properties.text("alluxio.worker.bind.host")).start()
        threading.Thread(target=self.heartbeats, daemon=True).start()
        web = None
        while fault("crash") is None:
            refused = fault("list-refused") is not None
            if refused and web:
                web.shutdown()
                web.server_close()
                web = None
            elif not refused and not web:
                web = Server(self.address["webPort"], self.web, self.properties.text("alluxio.worker.web.bind.host")).start()
            time.sleep(0.05)
        os._exit(1)

    # To the master

    def heartbeats(self):
        while True:
            try:
                self.beat()
            except Unreachable as error:
                print(f"Failed to heartbeat: {error}", flush=True)
            time.sleep(self.properties.heartbeat)

    def beat(self):
        if fault("mute") is not None:
            return
        master = self.properties.masters
        refills, self.disk.refills = self.disk.refills, []
        with self.lock:
            removed, self.removed = self.removed, []
        command = {"command": "register"}
        if self.identity is not None:
            command = call(master, "heartbeat", id=self.identity, removed=removed, used=self.used())
        if command["command"] == "register":
            self.identity = call(master, "identify", address=self.address)["id"]
            call(master, "register", id=self.identity, blocks=list(self.disk.blocks()), capacity=self.capacity(),
                 used=self.used())
        elif command["command"] == "free":
            for block, path in command["blocks"].items():
                if self.disk.remove(int(block), path):
                    with self.lock:
                        self.removed.append(int(block))
        # Readers cache what they read, also while it is freed (Fluid sets the read type CACHE).
        for block, content in refills:
            self.disk.write(block, content)
            self.commit(block)

    def commit(self, block):
        self.disk.commit(block)
        call(self.properties.masters, "commit", id=self.identity, block=block)

    def capacity(self):
        return {alias: 0 if self.broken else total for alias, total in self.disk.capacity().items()}

    def used(self):
        return {alias: 0 if self.broken else total for alias, total in self.disk.used().items()}

    # To clients

    def blocks(self, method, path, body):
        _, verb, number = path.split("/")
        if verb == "write" and not self.broken:
            self.disk.write(int(number), body)
        elif verb == "commit":
            self.commit(int(number))
        elif verb == "read":
            return 200, self.disk.read(int(number))
        elif verb == "wipe":
            self.wipe()
        else:
            return 404, {"error": "no such thing"}
        return 200, {}

    def wipe(self):
        """freeWorker removes whatever lies in the folders, and the storage check then gives the folders up (seen on 2.9.6)."""
        removed = list(self.disk.blocks())
        for folders in self.disk.tiers.values():
            for folder, _ in folders:
                shutil.rmtree(folder, ignore_errors=True)
                os.makedirs(folder)
        os.makedirs(self.disk.temporary)
        with self.lock:
            self.removed += removed
        self.broken = True

    # Over the web

    def web(self, _, path, __):
        url = urllib.parse.urlsplit(path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/api/v1/worker/operations" and self.properties.has_decommission:
            return 200, {"operationCount": 0, "rpcQueueLength": 0}
        if url.path == "/api/v1/worker/info":
            return 200, info(self.disk, self.properties, self.address, self.started)
        if url.path != "/api/v1/worker/webui_blockinfo":
            return 404, {}
        while fault("list-hang") is not None:
            time.sleep(0.1)
        answer = listing(
            self.disk, self.properties, self.files_of, int(query.get("offset", ["0"])[0]), int(query.get("limit", ["20"])[0]))
        if fault("list-garbled") is not None:
            content = json.dumps(answer).encode()
            return 200, content[:len(content) // 2] + b"\xff\x00 java.lang.OutOfMemoryError"
        return 200, answer

    def files_of(self, blocks):
        return call(self.properties.masters, "files_of", blocks=blocks)["files"]
