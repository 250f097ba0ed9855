"""A stand-in for Alluxio 2.x: one master, its workers, its job service and its client, for faults on demand and for
machines without Java. No more than what a drain meets, and that as the real one does it; each behaviour that a simpler
one would lack says where it comes from: an upstream issue, a class of upstream's, or the release on which it was seen.

Who holds what: the master alone has the files' names (kept in its journal), who is registered and which blocks are to be
removed (in memory only); a worker alone has its blocks, each a file below its cache folder. They talk as the real ones do:
a client asks the master and writes to workers, a worker calls the master by heartbeats.

properties  alluxio-site.properties, -D options, and the release that is played (alluxio.standin.version)
faults      what a test switches on while all runs, by files in a folder that every pod sees
paths       how an argument becomes a path
rpc         calls between the parts: JSON over HTTP
namespace   the master's files; registry: the master's workers; master: the server over both
worker      the worker's server; disk: its blocks; weblist: what it lists
jobs        the job service: what persists files
client      the command line; fs and fsadmin: its two shells; report: their tables
"""
