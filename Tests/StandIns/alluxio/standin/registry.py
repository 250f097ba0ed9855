"""What the master knows of workers: in memory only, so that a master that starts knows none until they register."""
import random
import time


class Worker:
    def __init__(self, address):
        self.id = random.getrandbits(62)
        self.address = address  # host, containerHost, rpcPort, webPort
        self.state = "ACTIVE"   # or LOST, Decommissioned
        self.blocks = set()
        self.to_remove = set()
        self.capacity, self.used = {}, {}  # by tier
        self.registered = False
        self.seen = time.monotonic()
        self.started = int(time.time() * 1000)

    @property
    def idle(self):
        return int(time.monotonic() - self.seen)


class Registry:
    def __init__(self, properties):
        self.properties = properties
        self.workers = {}
        self.blocks_gone = []  # of lost workers: whose files may be lost too
        self.timeout = properties.seconds("alluxio.master.worker.timeout", "5min")

    def live(self):
        return [worker for worker in self.workers.values() if worker.registered and worker.state == "ACTIVE"]

    def of(self, state):
        return [worker for worker in self.workers.values() if worker.state == state]

    def identify(self, address):
        """The same address is the same worker; it is in service again when it registers, also after a decommission."""
        for worker in self.workers.values():
            if worker.address == address:
                break
        else:
            worker = Worker(address)
            self.workers[worker.id] = worker
        worker.state, worker.registered = "ACTIVE", False
        return worker.id

    def register(self, identity, blocks, capacity, used, known):
        worker = self.workers[identity]
        worker.seen, worker.registered = time.monotonic(), True
        worker.capacity, worker.used = capacity, used
        worker.blocks = {block for block in blocks if block in known}
        # Blocks of files that are gone are told to go; a free of before the registration is forgotten.
        worker.to_remove = {block for block in blocks if block not in known}

    def heartbeat(self, identity, removed, used, known):
        worker = self.workers.get(identity)
        if worker is None or worker.state == "LOST" or (worker.state == "ACTIVE" and not worker.registered):
            return {"command": "register"}
        if worker.state != "ACTIVE":
            # Its row stays as it was, and no free reaches it (seen on 2.9.6).
            return {"command": "nothing"}
        worker.seen, worker.used = time.monotonic(), used
        worker.blocks.difference_update(removed)
        worker.to_remove.difference_update(removed)
        # All that is to be removed, at every heartbeat, until the worker says that it is (DefaultBlockMaster).
        return {"command": "free", "blocks": {str(block): known.get(block, "") for block in worker.to_remove}}

    def locations(self, block):
        return [worker for worker in self.live() if block in worker.blocks]

    def free(self, block):
        """Only notes what is to go: the worker hears of it at its next heartbeat, and reports it at the one after."""
        for worker in self.locations(block):
            worker.to_remove.add(block)

    def detect_lost(self):
        """There is no farewell: a worker counts as live until it was silent for a while (upstream issue 12998)."""
        for worker in self.live():
            if time.monotonic() - worker.seen > self.timeout:
                worker.state = "LOST"
                self.blocks_gone += worker.blocks
                worker.blocks = set()

    def decommission(self, host):
        # By host alone: of two workers on one node it is one of them, whichever comes first.
        for worker in self.live():
            if worker.address["host"] == host:
                worker.state = "Decommissioned"
                self.blocks_gone += worker.blocks
                worker.blocks, worker.to_remove = set(), set()
                return True
        return False
