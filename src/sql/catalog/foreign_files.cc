#include "sql/catalog/foreign_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <span>

#include "sql/dialect/external_table.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr std::string_view kFileOptions[] = {"filename", "format", "header", "delimiter",
                                             "quote",    "escape", "null",   "encoding"};
constexpr std::string_view kParquetOptions[] = {"filename"};
constexpr std::string_view kExternalOptions[] = {
    "location_uris", "format",         "header",       "delimiter",         "quote",      "escape", "null",
    "encoding",      "force_not_null", "reject_limit", "reject_limit_type", "log_errors", "is_writable"};

std::span<const std::string_view> OptionsOfWrapper(std::string_view wrapper) {
  if (wrapper == kFileWrapper) return kFileOptions;
  if (wrapper == kParquetWrapper) return kParquetOptions;
  return kExternalOptions;
}

Status InvalidOption(const std::string& name, std::span<const std::string_view> valid) {
  return Error("HV00D", fmt::format("invalid option \"{}\"", name),
               {.hint = valid.empty() ? "There are no valid options in this context."
                                      : fmt::format("Valid options in this context are: {}", fmt::join(valid, ", "))});
}

Status CheckNames(const ForeignOptions& options, std::span<const std::string_view> valid) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : options) {
    if (std::ranges::find(valid, name) == valid.end()) return InvalidOption(name, valid);
    if (!seen.insert(name).second) return Error("42710", fmt::format("option \"{}\" provided more than once", name));
  }
  return Status::OK();
}

std::vector<std::string> Split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(by), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// file://host/path: the path, which begins at the root.
Result<std::string> PathOfUri(const std::string& uri) {
  constexpr std::string_view kScheme = "file://";
  const size_t path = uri.starts_with(kScheme) ? uri.find('/', kScheme.size()) : std::string::npos;
  if (path == std::string::npos || path + 1 == uri.size()) {
    return Error("42601", fmt::format("invalid URI \"{}\"", uri), {.hint = "It is file://HOST/PATH."});
  }
  return uri.substr(path);
}

/// The options that say what COPY's data looks like.
std::vector<postgres::CopyOption> CopyOptionsOf(const ForeignTable& table) {
  std::vector<postgres::CopyOption> copy;
  for (const auto& [name, value] : table.options) {
    if (name == "force_not_null") {
      copy.push_back({.name = name, .list = Split(value, ',')});
    } else if (std::ranges::find(kFileOptions, name) != std::end(kFileOptions) && name != "filename") {
      copy.push_back({.name = name, .value = value});
    }
  }
  return copy;
}

Status TakeLimit(const ForeignTable& table, FileTable* files) {
  const std::string limit = table.Option("reject_limit").value_or("0");
  const auto [end, failure] = std::from_chars(limit.data(), limit.data() + limit.size(), files->reject_limit);
  if (failure != std::errc() || end != limit.data() + limit.size()) {
    return Error("22023", fmt::format("invalid value for option \"reject_limit\": \"{}\"", limit));
  }
  files->reject_percent = table.Option("reject_limit_type") == "percentage";
  files->logs_errors = table.Option("log_errors") == "t";
  return Status::OK();
}

Status TakeNames(const ForeignTable& table, std::string_view wrapper, FileTable* files) {
  if (wrapper == kExternalWrapper) {
    for (const std::string& uri : Split(table.Option("location_uris").value_or(""), '|')) {
      WEIR_ASSIGN_OR_RETURN(files->names.emplace_back(), PathOfUri(uri));
    }
  } else if (wrapper == kParquetWrapper) {
    files->names = Split(table.Option("filename").value_or(""), ' ');
  } else if (const auto name = table.Option("filename"); name && !name->empty()) {
    files->names = {*name};
  }
  if (!files->names.empty()) return Status::OK();
  return Error("HV002", fmt::format("filename is required for {} foreign tables", wrapper));
}

}  // namespace

Result<FileTable> DescribeFiles(const ForeignTable& table, std::string_view wrapper,
                                const std::vector<std::string>& columns) {
  WEIR_RETURN_NOT_OK(CheckNames(table.options, OptionsOfWrapper(wrapper)));
  FileTable files;
  WEIR_RETURN_NOT_OK(TakeNames(table, wrapper, &files));
  files.writable = table.Option("is_writable") == "true";
  if (files.writable && (files.names.size() > 1 || files.names.front().find_first_of("*?") != std::string::npos)) {
    return Error("22023", "a writable external table has one location, which is a folder");
  }
  const bool parquet =
      wrapper == kParquetWrapper || (wrapper == kExternalWrapper && table.Option("format") == "parquet");
  if (parquet) {
    files.format = FileTable::Format::kParquet;
    for (const auto& [name, value] : table.options) {
      const bool of_text = std::ranges::find(kFileOptions, name) != std::end(kFileOptions);
      if (of_text && name != "filename" && name != "format") return InvalidOption(name, kParquetOptions);
    }
    return files;
  }
  WEIR_ASSIGN_OR_RETURN(files.copy, postgres::MakeCopyOptions(CopyOptionsOf(table), !files.writable));
  for (const std::string& name : files.copy.force_not_null) {
    if (std::ranges::find(columns, name) != columns.end()) continue;
    return Error("42703", fmt::format("column \"{}\" does not exist", name));
  }
  WEIR_RETURN_NOT_OK(TakeLimit(table, &files));
  return files;
}

Result<FileTable> FilesOf(CatalogView& catalog, const Relation& relation) {
  const ForeignTable& foreign = *relation.foreign;
  WEIR_ASSIGN_OR_RETURN(const auto server, FindServer(catalog, foreign.server));
  if (!server) return Error("42704", fmt::format("server \"{}\" does not exist", foreign.server));
  std::vector<std::string> columns;
  for (const SqlColumn& column : relation.columns) columns.push_back(column.name);
  return DescribeFiles(foreign, server->wrapper, columns);
}

Result<std::optional<ForeignServer>> FindServer(CatalogView& catalog, const std::string& name) {
  for (const ForeignServer& server : BuiltInServers()) {
    if (server.name == name) return std::optional(server);
  }
  WEIR_ASSIGN_OR_RETURN(const ForeignServersPtr servers, catalog.Servers());
  const auto found = servers->find(name);
  return found == servers->end() ? std::optional<ForeignServer>() : found->second;
}

const std::vector<ForeignServer>& BuiltInServers() {
  static const auto* const kServers = new std::vector<ForeignServer>{
      {.id = 7101, .name = std::string(dialect::kExternalServer), .wrapper = std::string(kExternalWrapper)},
      {.id = 7102, .name = std::string(kArchiveServer), .wrapper = std::string(kParquetWrapper)}};
  return *kServers;
}

Status CheckServerOptions(const ForeignOptions& options) {
  return options.empty() ? Status::OK() : InvalidOption(options.front().first, {});
}

Status CheckWrapper(const std::string& name) {
  if (name == kFileWrapper || name == kParquetWrapper) return Status::OK();
  return Error("42704", fmt::format("foreign-data wrapper \"{}\" does not exist", name),
               {.hint = "file_fdw and parquet_fdw are built in."});
}

}  // namespace weir::sql
