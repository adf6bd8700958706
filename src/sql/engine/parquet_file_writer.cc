#include "sql/engine/parquet_file_writer.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/properties.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sql/error.h"
#include "types/arrow_mapping.h"

namespace weir::sql {
namespace {

constexpr int64_t kRowsOfGroup = 128 << 10;

/// Moments say that they are in UTC, as readers of other makes expect it.
std::shared_ptr<arrow::Schema> SchemaOfFile(const std::vector<SqlColumn>& columns) {
  arrow::FieldVector fields;
  for (const SqlColumn& column : columns)
    fields.push_back(arrow::field(column.name, ToArrowType(column.data_type, LtzZone::kUtc)));
  return arrow::schema(std::move(fields));
}

class FileWriter final : public ParquetFileWriter {
 public:
  FileWriter(FileFolderPtr folder, std::string name, const std::vector<SqlColumn>& columns)
      : folder_(std::move(folder)), name_(std::move(name)), schema_(SchemaOfFile(columns)) {}
  ~FileWriter() override {
    if (!finished_ && file_.get() >= 0) (void)folder_->Remove(NameUntilWhole(name_));
  }

  Status Open() {
    WEIR_ASSIGN_OR_RETURN(file_, folder_->Create(NameUntilWhole(name_)));
    return Writing([&] {
      auto sink = arrow::io::FileOutputStream::Open(::dup(file_.get()));
      if (!sink.ok()) return sink.status();
      sink_ = std::move(sink).ValueUnsafe();
      const auto properties = parquet::WriterProperties::Builder()
                                  .compression(parquet::Compression::ZSTD)
                                  ->max_row_group_length(kRowsOfGroup)
                                  ->build();
      auto writer = parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), sink_, properties);
      if (!writer.ok()) return writer.status();
      writer_ = std::move(writer).ValueUnsafe();
      return arrow::Status::OK();
    });
  }

  Status Write(const arrow::RecordBatch& rows) override {
    return Writing([&] {
      arrow::ArrayVector arrays;
      for (int i = 0; i < rows.num_columns(); ++i) {
        if (rows.column(i)->type()->Equals(*schema_->field(i)->type())) {
          arrays.push_back(rows.column(i));
          continue;
        }
        auto same = rows.column(i)->View(schema_->field(i)->type());
        if (!same.ok()) return same.status();
        arrays.push_back(std::move(same).ValueUnsafe());
      }
      return writer_->WriteRecordBatch(*arrow::RecordBatch::Make(schema_, rows.num_rows(), std::move(arrays)));
    });
  }

  Status Finish() override {
    WEIR_RETURN_NOT_OK(Writing([&] {
      const arrow::Status closed = writer_->Close();
      return closed.ok() ? sink_->Close() : closed;
    }));
    if (::fsync(file_.get()) != 0) return Failed(std::strerror(errno));
    WEIR_RETURN_NOT_OK(folder_->Rename(NameUntilWhole(name_), name_));
    finished_ = true;
    return Status::OK();
  }

 private:
  Status Failed(const std::string& why) const {
    return Error("58030", fmt::format("could not write file \"{}\": {}", name_, why));
  }

  template <typename Body>
  Status Writing(Body&& body) const {
    try {
      const arrow::Status done = body();
      return done.ok() ? Status::OK() : Failed(done.message());
    } catch (const std::exception& error) {
      return Failed(error.what());
    }
  }

  const FileFolderPtr folder_;
  const std::string name_;
  const std::shared_ptr<arrow::Schema> schema_;
  OpenFile file_;
  std::shared_ptr<arrow::io::OutputStream> sink_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  bool finished_ = false;
};

}  // namespace

std::string NameUntilWhole(const std::string& name) {
  const size_t slash = name.rfind('/');
  const size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return name.substr(0, begin) + "." + name.substr(begin) + ".tmp";
}

Result<std::unique_ptr<ParquetFileWriter>> CreateParquetFile(FileFolderPtr folder, std::string name,
                                                             const std::vector<SqlColumn>& columns) {
  auto writer = std::make_unique<FileWriter>(std::move(folder), std::move(name), columns);
  WEIR_RETURN_NOT_OK(writer->Open());
  return std::unique_ptr<ParquetFileWriter>(std::move(writer));
}

}  // namespace weir::sql
