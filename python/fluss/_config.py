"""Configuration of a connection."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from typing import Any, final

from fluss import _core as native
from fluss._base import Final, check_int, check_type, check_unsigned, wrong_type

# property: (key, kind)
PROPERTIES: dict[str, tuple[str, str]] = {
    "bootstrap_servers": ("bootstrap.servers", "str"),
    "connect_timeout_ms": ("connect-timeout", "u64"),
    "request_timeout_ms": ("request-timeout", "i64"),
    "retry_timeout_ms": ("retry-timeout", "i64"),
    "security_protocol": ("security.protocol", "str"),
    "security_sasl_mechanism": ("security.sasl.mechanism", "str"),
    "security_sasl_username": ("security.sasl.username", "str"),
    "security_sasl_password": ("security.sasl.password", "str"),
    "bucket_hash": ("bucket.hash", "str"),
    "writer_acks": ("writer.acks", "str"),
    "writer_retries": ("writer.retries", "i32"),
    "writer_batch_size": ("writer.batch-size", "i32"),
    "writer_dynamic_batch_size_enabled": ("writer.dynamic-batch-size.enabled", "bool"),
    "writer_dynamic_batch_size_min": ("writer.dynamic-batch-size-min", "i32"),
    "writer_batch_timeout_ms": ("writer.batch-timeout-ms", "i64"),
    "writer_request_max_size": ("writer.request-max-size", "i32"),
    "writer_bucket_no_key_assigner": ("writer.bucket.no-key-assigner", "str"),
    "writer_enable_idempotence": ("writer.enable-idempotence", "bool"),
    "writer_max_inflight_requests_per_bucket": ("writer.max-inflight-requests-per-bucket", "u64"),
    "writer_buffer_memory_size": ("writer.buffer.memory-size", "u64"),
    "writer_buffer_wait_timeout_ms": ("writer.buffer.wait-timeout-ms", "u64"),
    "writer_kv_backpressure_max_throttle_ms": ("writer.kv-backpressure.max-throttle-ms", "u64"),
    "writer_delivery_timeout_ms": ("writer.delivery-timeout-ms", "u64"),
    "writer_dynamic_create_partition_enabled": ("writer.dynamic-create-partition.enabled", "bool"),
    "scanner_log_max_poll_records": ("scanner.log.max-poll-records", "u64"),
    "scanner_log_fetch_max_bytes": ("scanner.log.fetch.max-bytes", "i32"),
    "scanner_log_fetch_min_bytes": ("scanner.log.fetch.min-bytes", "i32"),
    "scanner_log_fetch_wait_max_time_ms": ("scanner.log.fetch.wait-max-time-ms", "i32"),
    "scanner_log_fetch_max_bytes_for_bucket": ("scanner.log.fetch.max-bytes-for-bucket", "i32"),
    "scanner_remote_log_prefetch_num": ("scanner.remote-log.prefetch-num", "u64"),
    "scanner_remote_log_read_concurrency": ("scanner.remote-log.read-concurrency", "u64"),
    "remote_file_download_thread_num": ("remote-file.download-thread-num", "u64"),
    "lookup_queue_size": ("lookup.queue-size", "u64"),
    "lookup_max_batch_size": ("lookup.max-batch-size", "u64"),
    "lookup_batch_timeout_ms": ("lookup.batch-timeout", "u64"),
    "lookup_max_inflight_requests": ("lookup.max-inflight-requests", "u64"),
    "lookup_max_retries": ("lookup.max-retries", "i32"),
    "local_sync": ("local.sync", "str"),
    "local_read_only": ("local.read-only", "bool"),
    "local_memory_limit": ("local.memory-limit", "i64"),
    "local_spill_limit": ("local.spill-limit", "i64"),
}
_LIMITS = {"i32": (-(2**31), 2**31 - 1), "i64": (-(2**63), 2**63 - 1)}
_SERVERS = re.compile(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d+(\s*,\s*(\[[0-9a-fA-F:]+\]|[\w.-]+):\d+)*")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, datetime.timedelta):
        return f"{int(value / datetime.timedelta(milliseconds=1))}ms"
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    raise TypeError(f"'{type(value).__name__}' object is not an instance of 'str'")


@final
class Config(Final):
    """Options by key (``Config({"bootstrap.servers": ...})``) or by property.

    >>> config = fluss.Config({"bootstrap.servers": "memory:", "writer.batch-size": "1mb"})
    >>> config.writer_batch_size
    1048576
    """

    __slots__ = ("_core",)
    _core: native.Config

    def __init__(self, properties: Mapping[str, Any] | None = None, **options: Any) -> None:
        self._core = native.Config()
        if properties is not None and not isinstance(properties, Mapping):
            raise wrong_type("properties", properties, "dict")
        for key, value in {**(properties or {}), **options}.items():
            self._core.set(check_type("key", key, str), _text(value))

    @staticmethod
    def from_env(prefix: str = "FLUSS_") -> Config:
        """Options out of environment variables: FLUSS_BOOTSTRAP_SERVERS, FLUSS_WRITER_ACKS, …"""
        config = Config()
        for name in PROPERTIES:
            value = os.environ.get(prefix + name.upper())
            if value is not None:
                config._core.set(PROPERTIES[name][0], value)
        return config

    @staticmethod
    def _embedded(path: str) -> Config:
        """An embedded database: a directory, or ":memory:". host:port is a server all the same."""
        config = Config()
        embedded = not _SERVERS.fullmatch(path) and not path.startswith(("file:", "memory:"))
        config._core.set("weir.path" if embedded else "bootstrap.servers", path)
        return config

    def to_dict(self) -> dict[str, str]:
        """Every key and its value; the password is not shown."""
        values = {key: self._core.get(key) for key in native.Config.keys()}
        for key in values:
            if key.endswith("password") and values[key]:
                values[key] = "******"
        return values

    def __repr__(self) -> str:
        defaults = native.Config()
        changed = {k: v for k, v in self.to_dict().items() if self._core.get(k) != defaults.get(k)}
        return f"Config({changed!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Config):
            return False
        return all(self._core.get(key) == other._core.get(key) for key in native.Config.keys())

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Config:
        config = Config()
        config._core = native.Config(self._core)
        return config

    def __deepcopy__(self, memo: object) -> Config:
        return self.__copy__()

    def __reduce__(self) -> Any:
        return Config, ({key: self._core.get(key) for key in native.Config.keys()},)

    # One property a key; added below.
    bootstrap_servers: str
    connect_timeout_ms: int
    request_timeout_ms: int
    retry_timeout_ms: int
    security_protocol: str
    security_sasl_mechanism: str
    security_sasl_username: str
    security_sasl_password: str
    bucket_hash: str
    writer_acks: str
    writer_retries: int
    writer_batch_size: int
    writer_dynamic_batch_size_enabled: bool
    writer_dynamic_batch_size_min: int
    writer_batch_timeout_ms: int
    writer_request_max_size: int
    writer_bucket_no_key_assigner: str
    writer_enable_idempotence: bool
    writer_max_inflight_requests_per_bucket: int
    writer_buffer_memory_size: int
    writer_buffer_wait_timeout_ms: int
    writer_kv_backpressure_max_throttle_ms: int
    writer_delivery_timeout_ms: int
    writer_dynamic_create_partition_enabled: bool
    scanner_log_max_poll_records: int
    scanner_log_fetch_max_bytes: int
    scanner_log_fetch_min_bytes: int
    scanner_log_fetch_wait_max_time_ms: int
    scanner_log_fetch_max_bytes_for_bucket: int
    scanner_remote_log_prefetch_num: int
    scanner_remote_log_read_concurrency: int
    remote_file_download_thread_num: int
    lookup_queue_size: int
    lookup_max_batch_size: int
    lookup_batch_timeout_ms: int
    lookup_max_inflight_requests: int
    lookup_max_retries: int
    local_sync: str
    local_read_only: bool
    local_memory_limit: int
    local_spill_limit: int


def _property(name: str, key: str, kind: str) -> property:
    def read(self: Config) -> Any:
        text = self._core.get(key)
        if kind == "str":
            return text
        return text == "true" if kind == "bool" else int(text)

    def write(self: Config, value: Any) -> None:
        if kind in ("str", "bool"):
            check_type(name, value, str if kind == "str" else bool)
        elif kind == "u64":
            check_unsigned(name, value)
        else:
            check_int(name, value, _LIMITS[kind])
        self._core.set(key, _text(value))

    return property(read, write, doc=f"The option ``{key}``.")


for _name, (_key, _kind) in PROPERTIES.items():
    setattr(Config, _name, _property(_name, _key, _kind))
