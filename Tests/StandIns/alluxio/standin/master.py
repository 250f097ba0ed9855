"""The master's server: its RPC port for clients and workers, its web port for REST and metrics."""
import fcntl
import json
import os
import threading
import time

from .faults import fault
from .namespace import Namespace
from .paths import AlluxioError, no_such
from .properties import Properties
from .registry import Registry
from .rpc import Server
from .weblist import REVISION


class Master:
    def __init__(self):
        self.properties = properties = Properties.of_server("ALLUXIO_MASTER_JAVA_OPTS")
        self.become_leader()
        self.names = Namespace(properties)
        self.registry = Registry(properties)
        self.lock = threading.RLock()
        self.started = time.time()
        self.info_cache = (0, [])
        self.lost_files_at = time.monotonic()

    def become_leader(self):
        """One of several masters leads, the others serve nothing at all: no client, no web page, no metrics. The one that
        comes next has the names from the journal, and knows of no worker and no free."""
        self.leadership = open(os.path.join(self.properties.text("alluxio.master.journal.folder", "/journal"), "leader"), "w")
        fcntl.flock(self.leadership, fcntl.LOCK_EX)

    def run(self):
        Server(self.properties.number("alluxio.master.rpc.port", 19998), self.answer).start()
        Server(self.properties.number("alluxio.master.web.port", 19999), self.web).start()
        interval = self.properties.seconds("alluxio.master.lost.worker.detection.interval", "10s")
        files = self.properties.seconds("alluxio.master.lost.worker.file.detection.interval", "5min")
        while True:
            time.sleep(interval)
            with self.lock:
                self.registry.detect_lost()
                if time.monotonic() - self.lost_files_at >= files:
                    self.lost_files_at = time.monotonic()
                    self.mark_lost()

    def mark_lost(self):
        """Never marked found again (upstream issue 14685)."""
        for block in self.registry.blocks_gone:
            inode = self.names.inodes.get(self.names.of_block.get(block))
            if inode and inode["state"] != "PERSISTED" and not self.registry.locations(block):
                inode["state"] = "LOST"
        self.registry.blocks_gone = []
        self.names.save()

    def answer(self, _, path, body):
        with self.lock:
            return 200, getattr(self, "rpc_" + path[1:])(**json.loads(body))

    # Of workers

    def rpc_identify(self, address):
        return {"id": self.registry.identify(address)}

    def rpc_register(self, id, blocks, capacity, used):
        self.registry.register(id, blocks, capacity, used, self.names.of_block)
        return {}

    def rpc_heartbeat(self, id, removed, used):
        return self.registry.heartbeat(id, removed, used, self.names.of_block)

    def rpc_commit(self, id, block):
        if id in self.registry.workers:
            self.registry.workers[id].blocks.add(block)
            self.registry.workers[id].to_remove.discard(block)
        return {}

    def rpc_files_of(self, blocks):
        found = {self.names.of_block[block] for block in blocks if block in self.names.of_block}
        return {"files": [self.status(name) for name in found]}

    # Of clients

    def status(self, name):
        inode = self.names.inodes[name]
        cached = sum(self.block_length(inode, block) for block in inode["blocks"] if self.registry.locations(block))
        percentage = 100 if not inode["length"] else 100 * cached // inode["length"]
        children = self.names.children(name) if inode["folder"] else []
        return {**inode, "path": name, "percentage": 0 if inode["folder"] else percentage, "children": len(children)}

    @staticmethod
    def block_length(inode, block):
        number = inode["blocks"].index(block)
        return min(inode["length"] - (number << 26), 64 << 20)

    def rpc_status(self, path):
        self.names.get(path)
        self.names.save()
        return self.status(path)

    def rpc_list(self, path, recursive):
        self.names.get(path)
        self.names.discover(path)
        self.names.save()
        if not self.names.inodes[path]["folder"]:
            return {"files": [self.status(path)]}
        names = list(self.names.walk(path))[1:] if recursive else self.names.children(path)
        return {"files": [self.status(name) for name in names]}

    def rpc_free(self, path, forced):
        """No way back: what the walk visited before it meets a file that may not go is freed (FileSystemMaster.freeInternal)."""
        self.names.known(path)
        try:
            for name in self.names.walk(path):
                self.free_one(name, forced)
        finally:
            self.names.save()
        return {}

    def free_one(self, name, forced):
        inode = self.names.inodes[name]
        if inode["folder"]:
            return
        if inode["state"] != "PERSISTED":  # also if forced
            raise AlluxioError(f"Cannot free file {name} which is not persisted")
        if inode["pinned"] and not forced:
            raise AlluxioError(
                f'Cannot free file {name} which is pinned. Please unpin it first or set the "forced" flag of free '
                "operation to true")
        inode["pinned"] = False  # for good
        for block in inode["blocks"]:
            self.registry.free(block)

    def rpc_pin(self, path, pinned):
        self.names.get(path)
        for name in self.names.walk(path):
            self.names.inodes[name]["pinned"] = pinned
        self.names.save()
        return {}

    def rpc_create(self, path, length):
        inode = self.names.create(path, length)
        self.names.save()
        return inode

    def rpc_complete(self, path, state):
        self.names.known(path)["state"] = state
        self.names.save()
        return {}

    def rpc_mkdir(self, path):
        if path in self.names.inodes:
            raise AlluxioError(f"{path} already exists")
        self.names.inodes[path] = self.names.folder("NOT_PERSISTED")
        self.names.save()
        return {}

    def rpc_remove(self, path):
        self.names.get(path)
        for worker in self.registry.live():
            worker.to_remove.update(worker.blocks.intersection(
                block for name in self.names.files(path) for block in self.names.inodes[name]["blocks"]))
        self.names.remove(path)
        self.names.save()
        return {}

    def rpc_persist(self, path):
        self.names.get(path)
        names = [name for name in self.names.files(path) if self.names.inodes[name]["state"] != "PERSISTED"]
        for name in names:
            if self.names.inodes[name]["state"] == "NOT_PERSISTED":
                self.names.inodes[name]["state"] = "TO_BE_PERSISTED"
        self.names.save()
        return {"files": names}

    def rpc_to_persist(self):
        names = [name for name, inode in self.names.inodes.items() if inode["state"] == "TO_BE_PERSISTED"]
        return {"files": [
            {"path": name, "blocks": [
                [block, [worker.address for worker in self.registry.locations(block)]]
                for block in self.names.inodes[name]["blocks"]]} for name in names]}

    def rpc_locations(self, path):
        inode = self.names.get(path)
        workers = [worker for block in inode["blocks"] for worker in self.registry.locations(block)]
        return {"id": inode["id"], "hosts": [worker.address["host"] for worker in workers]}

    def in_safe_mode(self):
        wait = self.properties.seconds("alluxio.master.worker.connect.wait.time", "5s")
        return fault("safe-mode") is not None or time.time() - self.started < wait

    def rpc_workers(self):
        if self.in_safe_mode():
            raise AlluxioError("Alluxio master is in safe mode. Please try again later.")
        return {"workers": [self.row(worker) for worker in self.registry.workers.values() if worker.capacity]}

    @staticmethod
    def row(worker):
        return {"address": worker.address, "state": worker.state, "idle": worker.idle, "capacity": worker.capacity,
                "used": worker.used, "blocks": len(worker.blocks)}

    def rpc_decommission(self, host):
        if not self.registry.decommission(host):
            raise no_such(host)
        return {}

    def rpc_enable(self):
        """A running worker that was decommissioned stays so until it starts again (seen on 2.9.6)."""
        return {}

    def rpc_summary(self):
        return {"started": self.started, "safe": self.in_safe_mode(), "lost": len(self.registry.of("LOST")),
                "workers": [self.row(worker) for worker in self.registry.live()]}

    # Over the web

    def web(self, _, path, __):
        with self.lock:
            if path == "/api/v1/master/info":
                return 200, self.info()
            if path.startswith("/metrics/prometheus"):
                return 200, self.metrics().encode()
        return 404, {}

    def tiers(self):
        live = self.registry.live()
        return {alias: {"total": sum(worker.capacity.get(alias, 0) for worker in live),
                        "used": sum(worker.used.get(alias, 0) for worker in live)} for alias in ("HDD", "MEM", "SSD")}

    def info(self):
        tiers = self.tiers()
        # The rows are up to 10 s old, the sums are not (MasterInfo's cache; seen on 2.9.0).
        age = self.properties.seconds("alluxio.master.worker.info.cache.refresh.time", "10s")
        if time.monotonic() - self.info_cache[0] > age:
            self.info_cache = (time.monotonic(), [self.info_row(worker) for worker in self.registry.live()])
        host, port = self.properties.master
        return {
            "capacity": {kind: sum(tier[kind] for tier in tiers.values()) for kind in ("total", "used")},
            "version": self.properties.version, "workers": self.info_cache[1],
            "lostWorkers": [self.info_row(worker) for worker in self.registry.of("LOST")],
            "rpcAddress": f"{host}/<unresolved>:{port}", "tierCapacity": tiers, "configuration": {}, "metrics": {},
            "ufsCapacity": {"total": -1, "used": -1}, "uptimeMs": int((time.time() - self.started) * 1000),
            "startTimeMs": int(self.started * 1000),
            "mountPoints": {"/": {"ufsUri": self.names.under_storage, "ufsType": "local"}}}

    def info_row(self, worker):
        new = self.properties.has_decommission
        row = {
            "id": worker.id, "lastContactSec": worker.idle, "startTimeMs": worker.started,
            "state": worker.state if new else {"ACTIVE": "In Service"}.get(worker.state, "Out of Service"),
            "capacityBytes": sum(worker.capacity.values()), "capacityBytesOnTiers": worker.capacity,
            "usedBytes": sum(worker.used.values()), "usedBytesOnTiers": worker.used,
            "address": {**worker.address, "dataPort": worker.address["rpcPort"], "domainSocketPath": "",
                        "tieredIdentity": {"tiers": [{"tierName": "node", "value": worker.address["host"]},
                                                     {"tierName": "rack", "value": None}]}}}
        if self.properties.since("2.7.0"):
            row["blockCount"] = len(worker.blocks)
        if new:
            row["version"], row["revision"] = self.properties.version, REVISION
        return row

    def metrics(self):
        live, tiers = self.registry.live(), self.tiers()
        values = {"Cluster_Workers": len(live), "Cluster_LostWorkers": len(self.registry.of("LOST")),
                  "Master_TotalBlockReplicaCount": sum(len(worker.blocks) for worker in live)}
        for kind, name in (("total", "Total"), ("used", "Used")):
            values[f"Cluster_Capacity{name}"] = sum(tier[kind] for tier in tiers.values())
            for alias, tier in tiers.items():
                values[f"Cluster_Capacity{name}Tier{alias}"] = tier[kind]
        return "".join(f"# TYPE {name} gauge\n{name} {float(value)}\n" for name, value in values.items())


def format_journal():
    journal = Namespace(Properties()).journal
    if os.path.exists(journal):
        os.remove(journal)
