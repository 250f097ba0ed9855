"""What a worker tells over the web: its list of files (AlluxioWorkerRestServiceHandler.getWebUIBlockInfo) and its storage."""
import time

from .disk import RESERVED
from .faults import fault
from .report import size
from .rpc import Unreachable

REVISION = "f61a8b08ee0e0d0bbc357832f11fd84f401bc0cb"


def date(seconds):
    local = time.localtime(seconds)
    return time.strftime("%m-%d-%Y %H:%M:%S", local) + f":{int(seconds * 1000) % 1000:03d}"


def blank(total=0, files=None, tiers=None, error=""):
    return {"path": None, "blockSizeBytes": None, "fileBlocksOnTier": None, "orderedTierAliases": tiers,
            "invalidPathError": "", "ntotalFile": total, "fileInfos": files, "fatalError": error}


def listing(disk, properties, files_of, offset, limit):
    if properties.text("alluxio.web.file.info.enabled", "true") == "false" or fault("list-blank") is not None:
        return blank()
    blocks = disk.blocks()
    tiers = list(disk.tiers)
    if fault("list-orphaned") is not None:
        return blank(len(blocks), [], tiers)
    try:
        files = sorted(files_of(list(blocks)), key=lambda file: file["id"])
    except Unreachable:
        # Only the master knows names (seen on 2.9.0, after 78 s).
        return blank(len(blocks), [], tiers)
    more = int(fault("list-long") or 0)
    total = len(files) + more
    if offset > total:
        return blank(total, None, tiers, f"fromIndex({offset}) > toIndex({total})")
    page = [entry(file, blocks, disk.alias) for file in files[offset:offset + limit]]
    for number in range(max(offset, len(files)), min(offset + limit, total)):
        page.append(entry(invented(number), {number: 1}, disk.alias))
    return blank(total, page, tiers)


def invented(number):
    return {"id": (1 << 60) + number, "path": f"/long/f{number}", "length": 1, "state": "PERSISTED", "pinned": False,
            "percentage": 100, "blocks": [number], "time": 0}


def entry(file, blocks, alias):
    held = [{"id": block, "blockLength": blocks[block], "isInHighestTier": True, "lastAccessTimeMs": -1, "locations": []}
            for block in file["blocks"] if block in blocks]
    share = 100 * sum(block["blockLength"] for block in held) // file["length"] if file["length"] else 100
    return {
        "name": file["path"].rpartition("/")[2], "id": file["id"], "size": size(file["length"]), "owner": "root",
        "absolutePath": file["path"], "creationTime": date(file["time"]), "fileLocations": [], "mode": "-rw-r--r--",
        "blockSizeBytes": "64.00MB", "group": "root", "persistenceState": file["state"],
        "inAlluxioPercentage": file["percentage"], "pinned": file["pinned"], "blockIds": file["blocks"],
        "blocksOnTier": {alias: held}, "modificationTime": date(file["time"]), "inAlluxio": file["percentage"] == 100,
        "isDirectory": False, "onTierPercentages": {alias: share}}


def info(disk, properties, address, started):
    capacity, used = disk.capacity(), disk.used()
    return {
        "metrics": {}, "version": properties.version,
        "configuration": {"alluxio.worker.management.tier.align.enabled": True, RESERVED: properties.text(RESERVED, "1GB")},
        "capacity": {"used": sum(used.values()), "total": sum(capacity.values())},
        "rpcAddress": f"/{address['host']}:{address['rpcPort']}", "startTimeMs": int(started * 1000),
        "uptimeMs": int((time.time() - started) * 1000),
        "tierCapacity": {alias: {"used": used[alias], "total": capacity[alias]} for alias in capacity},
        "tierPaths": {alias: [folder for folder, _ in folders] for alias, folders in disk.tiers.items()}}
