#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sql/dialect/foreign_statement.h"
#include "weir/status.h"

namespace weir::sql {

/// The wrappers and servers that are built in.
inline constexpr std::string_view kFileWrapper = "file_fdw";        // CSV and text, as PostgreSQL's
inline constexpr std::string_view kParquetWrapper = "parquet_fdw";
inline constexpr std::string_view kExternalWrapper = "gp_exttable_fdw";  // Cloudberry's external tables
inline constexpr std::string_view kArchiveServer = "weir_archive";  // of partitions that were moved to Parquet files

/// What CREATE SERVER has made; the target's databases share them.
struct ForeignServer {
  int64_t id = -1;  // pg_foreign_server.oid
  std::string name;
  std::string wrapper;
  std::string type = {};
  std::string version = {};
  ForeignOptions options = {};

  bool operator==(const ForeignServer&) const = default;
};
using ForeignServerMap = std::map<std::string, ForeignServer>;
using ForeignServersPtr = std::shared_ptr<const ForeignServerMap>;

/// As the catalog keeps them, without the name.
std::string WriteServer(const ForeignServer& server);
/// A text that cannot be read is XX001.
Result<ForeignServer> ReadServer(const std::string& name, std::string_view text);

/// What makes a relation a foreign table: rows that are not kept here.
struct ForeignTable {
  std::string server;
  ForeignOptions options;

  /// Nothing where there is no such option.
  std::optional<std::string> Option(std::string_view name) const;
};

}  // namespace weir::sql
