"""The job service. Its master only has to be there; its worker writes to the under storage what is to be persisted."""
import os
import time

from .faults import fault
from .paths import AlluxioError
from .properties import Properties
from .rpc import Server, Unreachable, call, exchange


def job_master():
    port = Properties.of_server("ALLUXIO_JOB_MASTER_JAVA_OPTS").job_masters[0][1]
    Server(port, lambda *_: (200, {})).start()
    while True:
        time.sleep(3600)


def job_worker():
    properties = Properties.of_server("ALLUXIO_JOB_WORKER_JAVA_OPTS")
    while True:
        time.sleep(0.2)
        if fault("hold", "jobs") is None:
            try:
                call(properties.job_masters, "hello")
                for file in call(properties.masters, "to_persist")["files"]:
                    persist(file, properties)
            except (Unreachable, AlluxioError) as error:
                print(f"Not persisted: {error}", flush=True)


def persist(file, properties):
    content = b""
    for block, addresses in file["blocks"]:
        if not addresses:
            raise AlluxioError(f"{file['path']}: block {block} is on no worker")
        content += read(addresses[0], block)
    write_under(properties, file["path"], content)
    call(properties.masters, "complete", path=file["path"], state="PERSISTED")


def place_of(address):
    return address["containerHost"] or address["host"], address["rpcPort"]


def read(address, block):
    status, content = exchange(place_of(address), "GET", f"/read/{block}")
    if status != 200:
        raise AlluxioError(f"block {block} can't be read: {content.decode()}")
    return content


def write_under(properties, path, content):
    place = properties.under_storage + path
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place + ".alluxio_tmp", "wb") as file:
        file.write(content)
    os.replace(place + ".alluxio_tmp", place)
