"""Alluxio's properties, as the client and the servers read them."""
import os
import re
import shlex

UNITS = {"ms": 0.001, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600}
SIZES = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


class Properties:
    def __init__(self, options=()):
        self.values = {}
        folder = os.environ.get("ALLUXIO_CONF_DIR", "/etc/alluxio")
        try:
            with open(os.path.join(folder, "alluxio-site.properties"), encoding="utf-8") as file:
                for line in file:
                    self.add(line.strip())
        except FileNotFoundError:
            pass
        for option in options:
            if option.startswith("-D"):
                self.add(option[2:])

    @classmethod
    def of_server(cls, variable):
        return cls(shlex.split(os.environ.get(variable, "")))

    def add(self, line):
        key, equals, value = line.partition("=")
        if equals and not key.startswith("#"):
            self.values[key.strip()] = value.strip()

    def text(self, key, default=""):
        return self.values.get(key, default)

    def number(self, key, default):
        return int(self.text(key, str(default)))

    def seconds(self, key, default):
        number, unit = re.fullmatch(r"([\d.]+)([a-z]*)", self.text(key, default)).groups()
        return float(number) * UNITS[unit or "ms"]

    def bytes(self, key, default):
        number, unit = re.fullmatch(r"([\d.]+)([A-Z]*)", self.text(key, default)).groups()
        return int(float(number) * SIZES[unit])

    @property
    def version(self):
        return self.text("alluxio.standin.version", "2.9.0")

    def since(self, version):
        """Whether the release that is played is this one or a later one."""
        return [int(part) for part in self.version.split(".")] >= [int(part) for part in version.split(".")]

    @property
    def has_decommission(self):
        """2.9.4 was cut from another line than 2.9.3: upstream's changes 16271 and 17310 came with it."""
        return self.since("2.9.4")

    @property
    def master(self):
        return self.text("alluxio.master.hostname", "127.0.0.1"), self.number("alluxio.master.rpc.port", 19998)

    @property
    def masters(self):
        addresses = self.text("alluxio.master.rpc.addresses")
        pairs = [address.rpartition(":") for address in addresses.split(",")] if addresses else []
        return [(host, int(port)) for host, _, port in pairs] or [self.master]

    @property
    def job_masters(self):
        return [(self.text("alluxio.job.master.hostname", "127.0.0.1"), self.number("alluxio.job.master.rpc.port", 20001))]

    @property
    def heartbeat(self):
        return self.seconds("alluxio.worker.block.heartbeat.interval", "1s")

    @property
    def under_storage(self):
        return self.text("alluxio.master.mount.table.root.ufs", "/underFSStorage")
