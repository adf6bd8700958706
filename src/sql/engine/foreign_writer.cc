#include "sql/engine/foreign_writer.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "postgres/copy/writer.h"
#include "postgres/type.h"
#include "sql/engine/parquet_file_writer.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kBytesAtOnce = size_t{1} << 20;

Status WriteAll(int descriptor, const std::string& name, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(descriptor, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error("58030", fmt::format("could not write file \"{}\": {}", name, std::strerror(errno)));
    data.remove_prefix(static_cast<size_t>(written));
  }
  return Status::OK();
}

Status WriteCopyRows(int descriptor, const std::string& name, const Relation& table, const FileTable& files,
                     const postgres::Settings& settings, const arrow::RecordBatch& rows) {
  const bool binary = files.copy.format == postgres::CopyOptions::Format::kBinary;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<postgres::ColumnWriter>> values;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const SqlColumn& column = table.columns[i];
    names.push_back(column.name);
    WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef type, postgres::ParseType(column.type));
    WEIR_ASSIGN_OR_RETURN(
        values.emplace_back(),
        postgres::MakeColumnWriter(rows.column(static_cast<int>(i)), type.oid,
                                   binary ? postgres::Format::kBinary : postgres::Format::kText, settings));
  }
  postgres::CopyWriter writer(files.copy, std::move(names));
  std::string data;
  writer.Begin(&data);
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    writer.Row(values, row, &data);
    if (data.size() < kBytesAtOnce) continue;
    WEIR_RETURN_NOT_OK(WriteAll(descriptor, name, data));
    data.clear();
  }
  writer.End(&data);
  WEIR_RETURN_NOT_OK(WriteAll(descriptor, name, data));
  if (::fsync(descriptor) == 0) return Status::OK();
  return Error("58030", fmt::format("could not write file \"{}\": {}", name, std::strerror(errno)));
}

}  // namespace

std::string EndingOf(const FileTable& files) {
  if (files.format == FileTable::Format::kParquet) return "parquet";
  switch (files.copy.format) {
    case postgres::CopyOptions::Format::kText: return "txt";
    case postgres::CopyOptions::Format::kCsv: return "csv";
    case postgres::CopyOptions::Format::kBinary: return "bin";
  }
  return {};
}

Status WriteForeignFile(const FileFolderPtr& folder, const std::string& name, const Relation& table,
                        const FileTable& files, const postgres::Settings& settings, const arrow::RecordBatch& rows) {
  if (files.format == FileTable::Format::kParquet) {
    WEIR_ASSIGN_OR_RETURN(const auto writer, CreateParquetFile(folder, name, table.columns));
    WEIR_RETURN_NOT_OK(writer->Write(rows));
    return writer->Finish();
  }
  const std::string before = NameUntilWhole(name);
  WEIR_ASSIGN_OR_RETURN(const OpenFile file, folder->Create(before));
  Status written = WriteCopyRows(file.get(), name, table, files, settings, rows);
  if (written.ok()) written = folder->Rename(before, name);
  if (!written.ok()) (void)folder->Remove(before);
  return written;
}

}  // namespace weir::sql
