#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/client.h"

namespace weir {

/// How far the import of one file into one table is: a row of the table `weir.imports`.
struct ImportRecord {
  std::string table;   // "database.table"
  std::string source;  // absolute path of the file
  int64_t table_id = -1;
  int64_t size = 0;      // of the file, bytes
  int64_t mtime_ns = 0;  // of the file, since the epoch
  std::string plan;      // what else decides how the file is cut into chunks
  int64_t chunks = 0;    // that are in the table for sure
  int64_t rows = 0;      // in them
  /// Writer ids of the next chunk, which may be in the table, wholly or in part.
  std::vector<int64_t> writer_ids;
  bool finished = false;
  int64_t started_ms = 0;  // epoch milliseconds
  int64_t updated_ms = 0;
};

/// The table `weir.imports`.
class ImportRecords {
 public:
  /// Makes the table when it is missing.
  static Result<ImportRecords> Open(const Connection& connection);

  Result<std::optional<ImportRecord>> Find(const std::string& table, const std::string& source);
  /// Complete when the record is on disk.
  Result<Future<Unit>> Put(const ImportRecord& record);

 private:
  ImportRecords(UpsertWriter writer, Lookuper lookuper) : writer_(std::move(writer)), lookuper_(std::move(lookuper)) {}
  UpsertWriter writer_;
  Lookuper lookuper_;
};

}  // namespace weir
