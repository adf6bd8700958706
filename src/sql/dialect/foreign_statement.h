#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/dialect/qualified_name.h"

namespace weir::sql {

/// OPTIONS (name 'value', …), in their order.
using ForeignOptions = std::vector<std::pair<std::string, std::string>>;

/// What ALTER … OPTIONS does to one of them.
struct OptionChange {
  enum class Kind { kAdd, kSet, kDrop };
  Kind kind = Kind::kAdd;
  std::string name;
  std::string value;
};

/// What CREATE FOREIGN TABLE says behind the columns, and CREATE EXTERNAL TABLE in words of its own.
struct ForeignClause {
  std::string server;
  ForeignOptions options;
  bool external = false;  // written CREATE EXTERNAL TABLE
};

struct CreateServer {
  std::string name;
  bool if_not_exists = false;
  std::string type;
  std::string version;
  std::string wrapper;
  ForeignOptions options;
};
struct AlterServer {
  std::string name;
  std::optional<std::string> version;
  std::vector<OptionChange> options;
};
struct DropServers {
  std::vector<std::string> names;
  bool if_exists = false;
  bool cascade = false;
};
struct ImportSchema {
  std::string server;
};
/// CALL weir.archive_partition('leaf') and weir.restore_partition('leaf').
struct ArchivePartition {
  QualifiedName name;
  bool restore = false;
};
/// Of the extensions that are built in: what CREATE EXTENSION says of them.
struct CreateExtension {
  std::string name;
  bool if_not_exists = false;
};

}  // namespace weir::sql
