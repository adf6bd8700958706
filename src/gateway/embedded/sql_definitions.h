#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gateway/embedded/bucket_registry.h"
#include "gateway/embedded/catalog.h"

namespace weir {

/// A relation that SQL has made, as its tables in the database `weir` have it (docs/storage-format-sql.md).
struct SqlDefinition {
  int64_t id = -1;
  TablePath path;
  std::optional<TablePath> parent;  // of a partition
  int64_t parent_id = -1;
  nlohmann::json json;

  /// The Fluss table that holds its rows; −1: none.
  int64_t table_id() const { return json.value("table", int64_t{-1}); }
};

/// Reads SQL's definitions out of the engine's own tables, as they are committed. Thread-safe. What is damaged is
/// code 3.
class SqlDefinitions {
 public:
  SqlDefinitions(Catalog* catalog, BucketRegistry* registry) : catalog_(catalog), registry_(registry) {}

  /// Whether a table holds definitions.
  static bool IsIn(const TablePath& path);

  /// Nothing for a name that SQL has not given.
  Result<std::optional<SqlDefinition>> Find(const TablePath& path);
  /// All partitions of a partitioned table; without their parent's path.
  Result<std::vector<SqlDefinition>> Partitions(int64_t parent_id);
  /// Whether SQL has made anything in the database.
  Result<bool> HasRelations(const std::string& database);

 private:
  using Rows = std::vector<std::vector<Datum>>;
  /// The rows whose key, or bucket key where only that is given, is `key`; the values live in `arena`.
  Result<Rows> LookUp(const std::string& table, const std::vector<Datum>& key, Arena* arena);

  Catalog* const catalog_;
  BucketRegistry* const registry_;
};

}  // namespace weir
