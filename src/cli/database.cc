#include "cli/database.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/text.h"

namespace weir {

Result<TablePath> ParseTablePath(const std::string& text) {
  const size_t dot = text.find('.');
  TablePath path = dot == std::string::npos ? TablePath{"fluss", text} : TablePath{text.substr(0, dot), text.substr(dot + 1)};
  if (path.database.empty() || path.table.empty() || path.table.find('.') != std::string::npos) {
    return Status::Invalid(fmt::format("'{}' names no table: write DATABASE.TABLE", text));
  }
  return path;
}

Status RequireDatabase(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::path(directory) / "FORMAT", error)) return Status::OK();
  const bool there = std::filesystem::exists(directory, error);
  return Status::Invalid(fmt::format("'{}' {}", directory, there ? "holds no Weir database" : "does not exist"));
}

Result<Connection> OpenDatabase(const std::string& directory, bool create) {
  if (!create) WEIR_RETURN_NOT_OK(RequireDatabase(directory));
  WEIR_ASSIGN_OR_RETURN(const Config config, Config::FromProperties({{"weir.path", directory}}));
  return Await(Connection::Open(config));
}

}  // namespace weir
