"""The run's PostgreSQL server: that of the benchmark, without durability."""

from comity.config.bench import postgres
from comity.config.bench.postgres import PostgresMissing


class Cluster(postgres.Cluster):
    """One server on a unix socket, quick and forgetful."""

    options = {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "80",
        "shared_buffers": "64MB",
        "autovacuum_naptime": "1h",
    }


class CrashProof(Cluster):
    """The same, but what it has acknowledged outlives its processes (not the machine)."""

    options = Cluster.options | {"synchronous_commit": "on"}


__all__ = ["Cluster", "CrashProof", "PostgresMissing"]
