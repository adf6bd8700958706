"""Partitioned log and primary key tables, embedded or on a server: the Fluss client of Weir."""

import pyarrow as _pyarrow  # noqa: F401, I001  # first: it brings the Arrow library that the extension shares

from fluss import _together as _together  # before anything that may be missing or another package's
from fluss import _runtime as _runtime
from fluss._admin import FlussAdmin
from fluss._config import Config
from fluss._connection import FlussConnection
from fluss._core import ScanRecord, WriteResultHandle
from fluss._core import __version__ as __version__
from fluss._errors import (
    AuthenticationError,
    AuthorizationError,
    ConnectionFailedError,
    CorruptRecordError,
    DatabaseAlreadyExistError,
    DatabaseNotEmptyError,
    DatabaseNotExistError,
    ErrorCode,
    FlussError,
    InvalidDatabaseError,
    InvalidPartitionSpecError,
    InvalidTableError,
    OffsetOutOfRangeError,
    PartitionAlreadyExistError,
    PartitionNotExistError,
    SqlError,
    TableAlreadyExistError,
    TableNotExistError,
    TableNotPartitionedError,
)
from fluss._lookup import Lookuper, PrefixLookuper, TableLookup, TablePrefixLookup
from fluss._pending import Pending as Pending
from fluss._predicate import ColumnRef, Predicate, col
from fluss._records import RecordBatch, ScanRecords
from fluss._scan import BatchScanner, LogScanner
from fluss._sql import SqlResult
from fluss._table import FlussTable, TableScan
from fluss._types import (
    EARLIEST_OFFSET,
    LATEST_OFFSET,
    ChangeType,
    DatabaseDescriptor,
    DatabaseInfo,
    LakeSnapshot,
    OffsetSpec,
    PartitionInfo,
    Schema,
    ServerNode,
    TableBucket,
    TableDescriptor,
    TableInfo,
    TablePath,
)
from fluss._write import AppendWriter, TableAppend, TableUpsert, UpsertWriter

__all__ = [
    "EARLIEST_OFFSET",
    "LATEST_OFFSET",
    "AppendWriter",
    "AuthenticationError",
    "AuthorizationError",
    "BatchScanner",
    "ChangeType",
    "ColumnRef",
    "Config",
    "ConnectionFailedError",
    "CorruptRecordError",
    "DatabaseAlreadyExistError",
    "DatabaseDescriptor",
    "DatabaseInfo",
    "DatabaseNotEmptyError",
    "DatabaseNotExistError",
    "ErrorCode",
    "FlussAdmin",
    "FlussConnection",
    "FlussError",
    "FlussTable",
    "InvalidDatabaseError",
    "InvalidPartitionSpecError",
    "InvalidTableError",
    "LakeSnapshot",
    "LogScanner",
    "Lookuper",
    "OffsetOutOfRangeError",
    "OffsetSpec",
    "PartitionAlreadyExistError",
    "PartitionInfo",
    "PartitionNotExistError",
    "Predicate",
    "PrefixLookuper",
    "RecordBatch",
    "ScanRecord",
    "ScanRecords",
    "Schema",
    "ServerNode",
    "SqlError",
    "SqlResult",
    "TableAlreadyExistError",
    "TableAppend",
    "TableBucket",
    "TableDescriptor",
    "TableInfo",
    "TableLookup",
    "TableNotExistError",
    "TableNotPartitionedError",
    "TablePath",
    "TablePrefixLookup",
    "TableScan",
    "TableUpsert",
    "UpsertWriter",
    "WriteResultHandle",
    "col",
]
