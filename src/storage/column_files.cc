#include "storage/column_files.h"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "types/arrow_status.h"

namespace weir {

ColumnFiles::~ColumnFiles() {
  std::error_code ignored;
  std::filesystem::remove(options_.directory, ignored);
}

int64_t ColumnFiles::Room() const {
  if (options_.most_bytes) return *options_.most_bytes - *bytes_;
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(options_.directory, error);
  return error ? 0 : static_cast<int64_t>(space.available / 4);
}

Result<std::shared_ptr<const ColumnFiles::File>> ColumnFiles::Make(const std::shared_ptr<arrow::Schema>& schema,
                                                                   const Write& write) {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  const std::filesystem::path path =
      std::filesystem::path(options_.directory) / fmt::format("{}-{}.arrow", options_.prefix, next_name_++);
  struct Unnamed {
    const std::filesystem::path& path;
    ~Unnamed() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  } const unnamed{path};
  const int64_t room = Room();
  arrow::ipc::IpcWriteOptions options;
  options.alignment = 64;
  WEIR_ASSIGN_OR_RETURN(const auto output, FromArrow(arrow::io::FileOutputStream::Open(path.string())));
  WEIR_ASSIGN_OR_RETURN(const auto writer, FromArrow(arrow::ipc::MakeFileWriter(output, schema, options)));
  int64_t bytes = 0;
  while (bytes <= room) {
    WEIR_ASSIGN_OR_RETURN(const auto batch, write());
    if (batch == nullptr) break;
    WEIR_RETURN_NOT_OK(FromArrow(writer->WriteRecordBatch(*batch)));
    WEIR_ASSIGN_OR_RETURN(bytes, FromArrow(output->Tell()));
  }
  WEIR_RETURN_NOT_OK(FromArrow(writer->Close()));
  WEIR_RETURN_NOT_OK(FromArrow(output->Close()));
  if (bytes > room) return std::shared_ptr<const File>();
  WEIR_ASSIGN_OR_RETURN(const auto mapped,
                        FromArrow(arrow::io::MemoryMappedFile::Open(path.string(), arrow::io::FileMode::READ)));
  WEIR_ASSIGN_OR_RETURN(const auto reader, FromArrow(arrow::ipc::RecordBatchFileReader::Open(mapped)));
  arrow::RecordBatchVector batches;
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    WEIR_ASSIGN_OR_RETURN(batches.emplace_back(), FromArrow(reader->ReadRecordBatch(i)));
  }
  return std::make_shared<const File>(std::move(batches), bytes, bytes_);
}

}  // namespace weir
