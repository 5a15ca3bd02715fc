"""The base as it stands at one moment, for long readings beside the work of others."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

_ALIAS = "moment"


@contextmanager
def held() -> Iterator[str]:
    """The name of a second connection, for `using`, that sees one moment of the base and hinders no writer."""
    config: dict[str, Any] = deepcopy(connections.databases[DEFAULT_DB_ALIAS])
    if connection.vendor == "sqlite":
        config["NAME"] = connection.settings_dict["NAME"]
        config["OPTIONS"]["transaction_mode"] = "DEFERRED"
    else:
        from psycopg import IsolationLevel

        config["NAME"] = connection.settings_dict["NAME"]
        config["DISABLE_SERVER_SIDE_CURSORS"] = False
        config.setdefault("OPTIONS", {})["isolation_level"] = IsolationLevel.REPEATABLE_READ
    connections.databases[_ALIAS] = config
    try:
        with transaction.atomic(using=_ALIAS):
            yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS], connections.databases[_ALIAS]
