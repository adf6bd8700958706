#include <arrow/record_batch.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "postgres/copy/reader.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/copy_column.h"
#include "sql/engine/errors.h"
#include "sql/engine/foreign_reader.h"
#include "sql/engine/rejected_rows.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

using postgres::CopyReader;
using duckdb::idx_t;

constexpr size_t kReadAtOnce = size_t{1} << 20;

std::vector<std::string> AllColumnNames(const Relation& table) {
  std::vector<std::string> names;
  for (const SqlColumn& column : table.columns) names.push_back(column.name);
  return names;
}

class CopyFileReader final : public LeafReader {
 public:
  CopyFileReader(ForeignScanPtr scan, std::string file)
      : scan_(std::move(scan)), name_(std::move(file)), reader_(scan_->files.copy, AllColumnNames(*scan_->table)),
        schema_(BatchSchemaOf(*scan_)),
        rejection_({scan_->files.reject_limit, scan_->files.reject_percent, scan_->files.logs_errors},
                   {scan_->table->id, scan_->table->path.table, name_}, scan_->rejections) {}

  Result<std::optional<LeafBatch>> Next() override {
    return Guarded({}, [&] { return NextRows(); });
  }

 private:
  Status Open() {
    duckdb::vector<duckdb::LogicalType> types;
    for (const int column : scan_->columns) {
      const SqlColumn& read = scan_->table->columns[static_cast<size_t>(column)];
      types.push_back(ToDuckType(read.data_type));
      WEIR_ASSIGN_OR_RETURN(columns_.emplace_back(), MakeCopyColumn(read, scan_->files.copy.format, scan_->settings));
    }
    if (!types.empty()) rows_.Initialize(duckdb::Allocator::DefaultAllocator(), types);
    WEIR_ASSIGN_OR_RETURN(file_, scan_->folder->OpenToRead(name_));
    ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    buffer_.resize(kReadAtOnce);
    return Status::OK();
  }

  Result<std::optional<LeafBatch>> NextRows() {
    if (ended_) return std::optional<LeafBatch>();
    if (file_.get() < 0) WEIR_RETURN_NOT_OK(Open());
    if (!columns_.empty()) rows_.Reset();
    idx_t count = 0;
    while (count < STANDARD_VECTOR_SIZE && !ended_) {
      WEIR_ASSIGN_OR_RETURN(const bool is_row, TakeRow(count));
      if (is_row) ++count;
    }
    if (ended_) rejection_.Tell(scan_->notice);
    if (count == 0) return std::optional<LeafBatch>();
    return std::optional(BatchOf(count));
  }

  LeafBatch BatchOf(idx_t count) {
    const duckdb::SelectionVector all(0, count);
    arrow::ArrayVector arrays;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const DataType& type = scan_->table->columns[static_cast<size_t>(scan_->columns[i])].data_type;
      arrays.push_back(ToArray(type, rows_.data[i], count, all, count));
    }
    LeafBatch batch;
    batch.rows = arrow::RecordBatch::Make(schema_, static_cast<int64_t>(count), std::move(arrays));
    return batch;
  }

  /// Reads a row to its place; false where there was none, or one that is left out.
  Result<bool> TakeRow(idx_t row) {
    const auto step = reader_.Next();
    if (!step.ok()) {
      rejection_.Met();
      WEIR_RETURN_NOT_OK(Reject(FailureOfLine(step.status())));
      return false;
    }
    switch (*step) {
      case CopyReader::Step::kEnd: ended_ = true; return false;
      case CopyReader::Step::kNeedsData: WEIR_RETURN_NOT_OK(ReadPiece()); return false;
      case CopyReader::Step::kRow: break;
    }
    rejection_.Met();
    const Status read = ReadRow(row);
    if (read.ok()) return true;
    WEIR_RETURN_NOT_OK(Reject(read));
    return false;
  }

  Status ReadPiece() {
    ssize_t size = 0;
    do {
      size = ::read(file_.get(), buffer_.data(), buffer_.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) return Error("58030", fmt::format("could not read file \"{}\": {}", name_, std::strerror(errno)));
    if (size == 0) reader_.Finish();
    if (size > 0) reader_.Add({buffer_.data(), static_cast<size_t>(size)});
    return Status::OK();
  }

  Status ReadRow(idx_t row) {
    const auto fields = reader_.fields();
    size_t at = 0;
    const Status read = duck::GuardedRun([&]() -> Status {
      for (; at < columns_.size(); ++at) {
        const postgres::CopyField& field = fields[static_cast<size_t>(scan_->columns[at])];
        duckdb::FlatVector::SetNull(rows_.data[at], row, field.null);
        if (!field.null) WEIR_RETURN_NOT_OK(columns_[at]->Read(field.text, rows_.data[at], row));
      }
      return Status::OK();
    });
    if (read.ok()) return read;
    const auto column = static_cast<size_t>(scan_->columns[at]);
    std::string place = fmt::format("{}, column {}", Place(), scan_->table->columns[column].name);
    if (!binary()) place += fmt::format(": \"{}\"", ShownInCopy(fields[column].text));
    return postgres::InContext(read, OfFile(std::move(place)));
  }

  Status FailureOfLine(const Status& failure) const {
    if (binary() && reader_.line() == 0) return failure;  // of the header
    std::string place = Place();
    if (!reader_.column().empty()) place += fmt::format(", column {}", reader_.column());
    if (reader_.line_text().data() != nullptr) place += fmt::format(": \"{}\"", ShownInCopy(reader_.line_text()));
    return postgres::InContext(failure, OfFile(std::move(place)));
  }

  /// A row with errors is left out as long as the table's limit allows it; the reader is behind its line.
  Status Reject(const Status& failure) {
    if (binary()) return failure;
    const std::string_view text = reader_.line_text();
    return rejection_.Reject(failure, reader_.line(), text.data() == nullptr ? std::string_view() : text);
  }

  bool binary() const { return scan_->files.copy.format == postgres::CopyOptions::Format::kBinary; }
  std::string Place() const { return fmt::format("COPY {}, line {}", scan_->table->path.table, reader_.line()); }
  /// Which of several files it is.
  std::string OfFile(std::string place) const {
    const auto& names = scan_->files.names;
    if (names.size() == 1 && names.front() == name_) return place;
    return place + fmt::format("\nfile \"{}\"", name_);
  }

  const ForeignScanPtr scan_;
  const std::string name_;
  CopyReader reader_;
  const std::shared_ptr<arrow::Schema> schema_;
  OpenFile file_;
  std::string buffer_;
  std::vector<std::unique_ptr<CopyColumn>> columns_;
  duckdb::DataChunk rows_;
  bool ended_ = false;
  RowRejection rejection_;
};

}  // namespace

std::unique_ptr<LeafReader> ReadCopyFile(ForeignScanPtr scan, std::string file) {
  return std::make_unique<CopyFileReader>(std::move(scan), std::move(file));
}

}  // namespace weir::sql
