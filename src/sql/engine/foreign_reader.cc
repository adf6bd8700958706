#include "sql/engine/foreign_reader.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "sql/duckdb/session_values.h"
#include "sql/engine/attached_catalog.h"
#include "sql/error.h"
#include "types/arrow_mapping.h"

namespace weir::sql {

std::shared_ptr<arrow::Schema> BatchSchemaOf(const ForeignScan& scan) {
  arrow::FieldVector fields;
  for (const int column : scan.columns) {
    const SqlColumn& read = scan.table->columns[static_cast<size_t>(column)];
    fields.push_back(arrow::field(read.name, ToArrowType(read.data_type, LtzZone::kNone)));
  }
  return arrow::schema(std::move(fields));
}

Result<std::string> ForeignFileNames(CatalogView& catalog, const Relation& table) {
  WEIR_ASSIGN_OR_RETURN(const FileTable files, FilesOf(catalog, table));
  return fmt::format("{}", fmt::join(files.names, ", "));
}

Result<std::vector<std::unique_ptr<LeafReader>>> ReadForeign(duckdb::ClientContext& context, const RelationPtr& table,
                                                             const LeafScanOptions& options) {
  SessionState& session = SessionState::Of(context);
  auto scan = std::make_shared<ForeignScan>();
  scan->table = table;
  WEIR_ASSIGN_OR_RETURN(scan->files, FilesOf(SessionState::ViewOf(context), *table));
  if (scan->files.writable) {
    return Error("42809", fmt::format("cannot read from a WRITABLE external table: \"{}\"", table->path.table),
                 {.hint = "Create the table as READABLE instead."});
  }
  WEIR_RETURN_NOT_OK(FileFolder::Of(session.files).status());
  scan->folder = session.files;
  scan->columns = options.columns;
  scan->filter = options.filter;
  scan->settings = duck::SessionValues::Of(context).settings;
  scan->notice = session.notice;
  scan->rejections = session.sessions.rejections;
  std::vector<std::unique_ptr<LeafReader>> readers;
  for (const std::string& name : scan->files.names) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> found, scan->folder->Find(name));
    if (found.empty()) return Error("58P01", fmt::format("no file matches \"{}\"", name));
    for (const std::string& file : found) {
      if (scan->files.format == FileTable::Format::kCopy) {
        readers.push_back(ReadCopyFile(scan, file));
        continue;
      }
      WEIR_ASSIGN_OR_RETURN(auto pieces, ReadParquetFile(scan, file));
      for (auto& piece : pieces) readers.push_back(std::move(piece));
    }
  }
  return readers;
}

}  // namespace weir::sql
