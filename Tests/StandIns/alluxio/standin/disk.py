"""A worker's blocks: files below its cache folder, which stay there when it ends and are there again when it starts."""
import os

from .faults import claim, fault, POD

# Of each folder, if there are several tiers: an empty worker uses it (upstream issue 16248).
RESERVED = "alluxio.worker.management.tier.align.reserved.bytes"


class Disk:
    def __init__(self, properties):
        self.tiers = {}  # alias -> [(folder, quota)]
        for level in range(properties.number("alluxio.worker.tieredstore.levels", 1)):
            prefix = f"alluxio.worker.tieredstore.level{level}."
            folders = properties.text(prefix + "dirs.path", "/mnt/ramdisk").split(",")
            quota = properties.bytes(prefix + "dirs.quota", "256MB")
            self.tiers[properties.text(prefix + "alias", "MEM")] = [(f"{folder}/alluxioworker", quota) for folder in folders]
        self.reserved = properties.bytes(RESERVED, "1GB") if len(self.tiers) > 1 else 0
        self.alias = next(iter(self.tiers))
        self.folder = self.tiers[self.alias][0][0]
        self.temporary = self.folder + "/.tmp_blocks"
        for folders in self.tiers.values():
            for folder, _ in folders:
                os.makedirs(folder, exist_ok=True)
        os.makedirs(self.temporary, exist_ok=True)
        for name in os.listdir(self.temporary):
            os.remove(f"{self.temporary}/{name}")
        self.poisoned = set()
        self.refills = []

    def blocks(self):
        """Of each block its length."""
        found = {}
        for name in os.listdir(self.folder):
            if name.isdigit():
                try:
                    found[int(name)] = os.stat(f"{self.folder}/{name}").st_size
                except FileNotFoundError:
                    pass  # removed a moment ago
        return found

    def capacity(self):
        return {alias: sum(quota for _, quota in folders) for alias, folders in self.tiers.items()}

    def used(self):
        used = {alias: self.reserved * len(folders) for alias, folders in self.tiers.items()}
        # What is being written counts too, and is in no list.
        written = sum(os.stat(f"{self.temporary}/{name}").st_size for name in os.listdir(self.temporary))
        used[self.alias] += sum(self.blocks().values()) + written
        return used

    def write(self, block, content):
        with open(f"{self.temporary}/{block}", "wb") as file:
            file.write(content)

    def commit(self, block):
        os.replace(f"{self.temporary}/{block}", f"{self.folder}/{block}")

    def read(self, block):
        with open(f"{self.folder}/{block}", "rb") as file:
            return file.read()

    def remove(self, block, path):
        """Whether it is gone. AsyncBlockRemover tries again at every heartbeat what a reader has locked, but what it once
        noted as being removed it never touches again, until the process starts anew (seen on 2.9.0 and 2.9.6)."""
        stuck, locked = fault("stuck"), fault("locked")
        if stuck is not None and stuck in path:
            self.poisoned.add(block)
        if block in self.poisoned or (locked is not None and locked in path):
            return False
        place = f"{self.folder}/{block}"
        if os.path.exists(place):
            content = self.read(block)
            os.remove(place)
            if claim("refill", POD, 0, lambda words: " ".join(words[1:]) in path):
                self.refills.append((block, content))
        return True
