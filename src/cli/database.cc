#include "cli/database.h"

#include <fmt/format.h>

#include <unistd.h>

#include <filesystem>

#include "cli/text.h"

namespace weir {

Result<TablePath> ParseTablePath(const std::string& text) {
  const size_t dot = text.find('.');
  TablePath path =
      dot == std::string::npos ? TablePath{"fluss", text} : TablePath{text.substr(0, dot), text.substr(dot + 1)};
  if (path.database.empty() || path.table.empty() || path.table.find('.') != std::string::npos) {
    return Status::Invalid(fmt::format("'{}' names no table: write DATABASE.TABLE", text));
  }
  return path;
}

Status RequireDatabase(const std::string& directory) {
  std::error_code error;
  for (const char* part : {"FORMAT", "kv"}) {
    if (std::filesystem::exists(std::filesystem::path(directory) / part, error)) return Status::OK();
  }
  const bool there = std::filesystem::exists(directory, error);
  return Status::Invalid(fmt::format("'{}' {}", directory, there ? "holds no Weir database" : "does not exist"));
}

bool IsWritable(const std::string& directory) { return ::access(directory.c_str(), W_OK) == 0; }

Result<Connection> OpenDatabase(const std::string& directory, DatabaseUse use) {
  if (use != DatabaseUse::kCreate) WEIR_RETURN_NOT_OK(RequireDatabase(directory));
  WEIR_ASSIGN_OR_RETURN(Config config, Config::FromProperties({{"weir.path", directory}}));
  config.local_read_only = use == DatabaseUse::kRead && !IsWritable(directory);
  return Await(Connection::Open(config));
}

}  // namespace weir
