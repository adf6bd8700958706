"""Configuration: keys, spellings, values, and what a connection says of wrong ones."""

from __future__ import annotations

import copy
import datetime
import pickle

import pytest

import fluss
from support import fails

# key, property, default
KEYS = [
    ("bootstrap.servers", "bootstrap_servers", "127.0.0.1:9123"),
    ("connect-timeout", "connect_timeout_ms", 15000),
    ("request-timeout", "request_timeout_ms", 30000),
    ("retry-timeout", "retry_timeout_ms", 120000),
    ("security.protocol", "security_protocol", "PLAINTEXT"),
    ("security.sasl.mechanism", "security_sasl_mechanism", "PLAIN"),
    ("security.sasl.username", "security_sasl_username", ""),
    ("security.sasl.password", "security_sasl_password", ""),
    ("writer.acks", "writer_acks", "all"),
    ("writer.retries", "writer_retries", 2147483647),
    ("writer.batch-size", "writer_batch_size", 2097152),
    ("writer.dynamic-batch-size.enabled", "writer_dynamic_batch_size_enabled", True),
    ("writer.dynamic-batch-size-min", "writer_dynamic_batch_size_min", 262144),
    ("writer.batch-timeout-ms", "writer_batch_timeout_ms", 100),
    ("writer.request-max-size", "writer_request_max_size", 10485760),
    ("writer.bucket.no-key-assigner", "writer_bucket_no_key_assigner", "sticky"),
    ("writer.enable-idempotence", "writer_enable_idempotence", True),
    ("writer.max-inflight-requests-per-bucket", "writer_max_inflight_requests_per_bucket", 5),
    ("writer.buffer.memory-size", "writer_buffer_memory_size", 67108864),
    ("writer.buffer.wait-timeout-ms", "writer_buffer_wait_timeout_ms", 2**64 - 1),
    ("writer.kv-backpressure.max-throttle-ms", "writer_kv_backpressure_max_throttle_ms", 3000),
    ("scanner.log.max-poll-records", "scanner_log_max_poll_records", 500),
    ("scanner.log.fetch.max-bytes", "scanner_log_fetch_max_bytes", 16777216),
    ("scanner.log.fetch.min-bytes", "scanner_log_fetch_min_bytes", 1),
    ("scanner.log.fetch.wait-max-time-ms", "scanner_log_fetch_wait_max_time_ms", 500),
    ("scanner.log.fetch.max-bytes-for-bucket", "scanner_log_fetch_max_bytes_for_bucket", 1048576),
    ("scanner.remote-log.prefetch-num", "scanner_remote_log_prefetch_num", 4),
    ("scanner.remote-log.read-concurrency", "scanner_remote_log_read_concurrency", 4),
    ("remote-file.download-thread-num", "remote_file_download_thread_num", 3),
    ("lookup.queue-size", "lookup_queue_size", 25600),
    ("lookup.max-batch-size", "lookup_max_batch_size", 128),
    ("lookup.max-inflight-requests", "lookup_max_inflight_requests", 128),
    ("lookup.max-retries", "lookup_max_retries", 2147483647),
]

SERVER = {"bootstrap.servers": "127.0.0.1:1"}  # nobody listens there; the checks come before

JAVA_ONLY = [
    "client.id", "client.writer.buffer.page-size",
    "client.writer.buffer.per-request-memory-size", "client.scanner.log.read-preference", "client.scanner.io.tmpdir",
    "client.scanner.kv.fetch.max-bytes", "client.security.sasl.jaas.config", "client.metrics.enabled",
]


def another(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 7
    return "round_robin" if value == "sticky" else "other"


@pytest.mark.parametrize("key, prop, default", KEYS)
def test_defaults_keys_and_properties(key, prop, default):
    assert getattr(fluss.Config(), prop) == default
    value = another(default)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    dotted = key.replace("-", ".")
    for spelling in (key, dotted, key.replace("-", "_"), f"client.{key}", prop):
        config = fluss.Config({spelling: text})
        assert getattr(config, prop) == value, spelling
    assert getattr(fluss.Config(**{prop: value}), prop) == value
    config = fluss.Config()
    setattr(config, prop, value)
    assert getattr(config, prop) == value


@pytest.mark.parametrize("prop, text, value", [
    ("writer_batch_size", "2mb", 2 << 20), ("writer_batch_size", "128kb", 128 << 10),
    ("writer_batch_size", "4096", 4096), ("connect_timeout_ms", "3s", 3000), ("connect_timeout_ms", "100ms", 100),
    ("connect_timeout_ms", "1min", 60000), ("writer_enable_idempotence", "FALSE", False),
    ("writer_enable_idempotence", "True", True), ("writer_bucket_no_key_assigner", "ROUND_ROBIN", "round_robin"),
])
def test_values_with_units_and_any_case(prop, text, value):
    assert getattr(fluss.Config({prop: text}), prop) == value


def test_values_that_are_no_text():
    config = fluss.Config({
        "writer.retries": 3, "writer.enable-idempotence": False, "connect-timeout": datetime.timedelta(seconds=2)})
    assert (config.writer_retries, config.writer_enable_idempotence, config.connect_timeout_ms) == (3, False, 2000)
    with pytest.raises(TypeError):
        fluss.Config({"writer.retries": ["3"]})
    with pytest.raises(TypeError):
        fluss.Config({1: "a"})


@pytest.mark.parametrize("key", JAVA_ONLY)
def test_keys_of_the_java_client_are_taken(key):
    fluss.Config({key: "1"})


@pytest.mark.parametrize("key, nearest", [
    ("writer.batchsize", "writer.batch-size"), ("bootstrap.server", "bootstrap.servers"), ("nonsense.at.all", ""),
])
def test_unknown_keys(key, nearest):
    with fails(-2, f"Unknown property: {key}", nearest):
        fluss.Config({key: "1"})


@pytest.mark.parametrize("key, value", [
    ("writer.retries", "many"), ("writer.retries", "99999999999"), ("writer.batch-size", "2 parsecs"),
    ("writer.enable-idempotence", "yes"), ("writer.bucket.no-key-assigner", "random"), ("connect-timeout", "-1"),
])
def test_values_that_do_not_parse(key, value):
    with fails(-2, "Invalid value", value, key):
        fluss.Config({key: value})


def test_property_setters_check_types():
    config = fluss.Config()
    for prop, value in (("writer_retries", "3"), ("writer_acks", 1), ("writer_enable_idempotence", 1),
                        ("connect_timeout_ms", 1.5), ("writer_retries", True)):
        with pytest.raises(TypeError):
            setattr(config, prop, value)
    for prop, value in (("connect_timeout_ms", -1), ("writer_retries", 2**31), ("writer_buffer_memory_size", -1)):
        with pytest.raises(OverflowError):
            setattr(config, prop, value)
    with fails(-2, "random"):
        config.writer_bucket_no_key_assigner = "random"


@pytest.mark.parametrize("options, fragment", [
    ({"bootstrap.servers": ""}, "bootstrap"),
    ({**SERVER, "security.protocol": "kerberos"}, "kerberos"),
    ({**SERVER, "security.protocol": "sasl"}, "username"),
    ({**SERVER, "security.protocol": "sasl", "security.sasl.username": "u"}, "password"),
    ({**SERVER, "security.protocol": "SASL", "security.sasl.username": "u", "security.sasl.password": "p",
      "security.sasl.mechanism": "SCRAM"}, "SCRAM"),
    ({"bootstrap.servers": "memory:", "security.protocol": "sasl"}, "no effect"),
    ({"bootstrap.servers": "./db", "security.sasl.username": "u"}, "no effect"),
    ({"bucket.hash": "other"}, "pyfluss"),
    ({"request-timeout": "0"}, "request_timeout_ms"),
    ({"scanner.log.fetch.max-bytes": "0"}, "fetch"),
    ({"scanner.log.fetch.min-bytes": "0"}, "fetch"),
    ({"scanner.log.fetch.max-bytes": "10", "scanner.log.fetch.max-bytes-for-bucket": "5",
      "scanner.log.fetch.min-bytes": "11"}, "fetch"),
    ({"scanner.log.fetch.wait-max-time-ms": "-1"}, "wait"),
    ({"scanner.log.fetch.max-bytes-for-bucket": "0"}, "bucket"),
    ({"scanner.remote-log.prefetch-num": "0"}, "prefetch"),
    ({"scanner.remote-log.read-concurrency": "0"}, "concurrency"),
    ({"remote-file.download-thread-num": "0"}, "download"),
    ({"writer.acks": "some"}, "acks"),
    ({"writer.acks": "1"}, "acks"),
    ({"writer.retries": "0"}, "retries"),
    ({"writer.batch-size": "0"}, "batch"),
    ({"writer.batch-size": "20mb"}, "batch"),
    ({"writer.dynamic-batch-size-min": "0"}, "batch"),
    ({"writer.dynamic-batch-size-min": "3mb"}, "batch"),
    ({"writer.batch-timeout-ms": "-1"}, "timeout"),
    ({"writer.max-inflight-requests-per-bucket": "6"}, "inflight"),
    ({"writer.max-inflight-requests-per-bucket": "0"}, "inflight"),
    ({"writer.buffer.memory-size": "0"}, "memory"),
])
async def test_checks_at_create(options, fragment):
    with pytest.raises(fluss.FlussError) as info:
        await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": "memory:", **options}))
    assert info.value.error_code == -2
    assert fragment in info.value.message.lower() or fragment in info.value.message


async def test_embedded_databases_refuse_credentials():
    options = {"bootstrap.servers": "memory:", "security.protocol": "sasl"}
    with pytest.raises(fluss.FlussError, match="the security options have no effect there"):
        await fluss.FlussConnection.create(fluss.Config(options))


async def test_without_idempotence_acks_are_free():
    options = {"writer.enable-idempotence": "false", "writer.acks": "1", "writer.retries": "0",
               "writer.max-inflight-requests-per-bucket": "9"}
    async with await fluss.FlussConnection.create(fluss.Config({"bootstrap.servers": "memory:", **options})) as conn:
        assert await conn.get_admin().list_databases() == ["fluss"]


async def test_a_connection_copies_its_config():
    config = fluss.Config({"bootstrap.servers": "memory:"})
    async with await fluss.FlussConnection.create(config) as conn:
        config.bootstrap_servers = "elsewhere:1"
        assert await conn.get_admin().list_databases() == ["fluss"]


def test_config_is_a_value_that_hides_its_password():
    config = fluss.Config({"security.sasl.password": "hunter2", "writer.retries": "3"})
    assert "hunter2" not in repr(config) and "retries" in repr(config)
    assert config.security_sasl_password == "hunter2"
    assert config == copy.copy(config) == pickle.loads(pickle.dumps(config))
    assert config != fluss.Config()
    assert fluss.Config(None) == fluss.Config({}) == fluss.Config()
    changed = copy.copy(config)
    changed.writer_retries = 4
    assert config.writer_retries == 3


def test_environment_variables_are_read_on_request_only(monkeypatch):
    monkeypatch.setenv("FLUSS_BOOTSTRAP_SERVERS", "a:1")
    monkeypatch.setenv("FLUSS_WRITER_RETRIES", "3")
    assert fluss.Config().bootstrap_servers == "127.0.0.1:9123"
    config = fluss.Config.from_env()
    assert (config.bootstrap_servers, config.writer_retries) == ("a:1", 3)
