#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>

#include <algorithm>

#include "postgres/value/text.h"
#include "sql/engine/foreign_reader.h"
#include "sql/engine/parquet_column.h"
#include "sql/engine/parquet_statistics.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr int64_t kRowsOfBatch = 16384;
constexpr int kMostPieces = 16;  // of one file

Status BadParquet(const std::string& file, const std::string& why) {
  return Error("HV000", fmt::format("could not read file \"{}\": {}", file, why));
}

/// Parquet's reader gives statuses, and throws.
template <typename Body>
Status ReadingParquet(const std::string& file, Body&& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Error("53200", "out of memory");
  } catch (const std::exception& error) {
    return BadParquet(file, error.what());
  }
}

Result<std::shared_ptr<arrow::io::ReadableFile>> OpenParquet(const ForeignScan& scan, const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(OpenFile file, scan.folder->OpenToRead(name));
  auto opened = arrow::io::ReadableFile::Open(file.get());
  if (!opened.ok()) return BadParquet(name, opened.status().message());
  file.Release();  // the reader closes it
  return std::move(opened).ValueUnsafe();
}

/// The file's top column of a name, else of one that differs in case alone; −1: there is none.
int TopColumn(const parquet::schema::GroupNode& root, const std::string& name) {
  const int exact = root.FieldIndex(name);
  if (exact >= 0) return exact;
  for (int i = 0; i < root.field_count(); ++i) {
    if (postgres::Lowered(root.field(i)->name()) == postgres::Lowered(name)) return i;
  }
  return -1;
}

/// Some groups of a file's rows, one after the other.
class ParquetReader final : public LeafReader {
 public:
  ParquetReader(ForeignScanPtr scan, std::string file, std::shared_ptr<parquet::FileMetaData> metadata,
                std::vector<int> groups)
      : scan_(std::move(scan)), name_(std::move(file)), metadata_(std::move(metadata)), groups_(std::move(groups)),
        schema_(BatchSchemaOf(*scan_)) {}

  Result<std::optional<LeafBatch>> Next() override {
    std::optional<LeafBatch> batch;
    WEIR_RETURN_NOT_OK(ReadingParquet(name_, [&]() -> Status {
      WEIR_ASSIGN_OR_RETURN(batch, NextRows());
      return Status::OK();
    }));
    return batch;
  }

 private:
  Result<std::optional<LeafBatch>> NextRows() {
    if (scan_->columns.empty()) return NextCount();
    if (!batches_) WEIR_RETURN_NOT_OK(Open());
    std::shared_ptr<arrow::RecordBatch> read;
    do {
      if (const arrow::Status next = batches_->ReadNext(&read); !next.ok()) return BadParquet(name_, next.message());
    } while (read && read->num_rows() == 0);
    if (!read) return std::optional<LeafBatch>();
    arrow::ArrayVector arrays;
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto converted = columns_[i]->Convert(read->column(places_[i]));
      if (!converted.ok()) {
        const std::string& column = schema_->field(static_cast<int>(i))->name();
        return postgres::InContext(converted.status(), fmt::format("foreign table {}, file \"{}\", column {}",
                                                                   scan_->table->path.table, name_, column));
      }
      arrays.push_back(converted.MoveValue());
    }
    LeafBatch batch;
    batch.rows = arrow::RecordBatch::Make(schema_, read->num_rows(), std::move(arrays));
    return std::optional(std::move(batch));
  }

  /// Rows of which nothing but their number is wanted.
  Result<std::optional<LeafBatch>> NextCount() {
    while (next_group_ < groups_.size()) {
      const int64_t rows = metadata_->RowGroup(groups_[next_group_++])->num_rows();
      if (rows == 0) continue;
      LeafBatch batch;
      batch.rows = arrow::RecordBatch::Make(schema_, rows, arrow::ArrayVector{});
      return std::optional(std::move(batch));
    }
    return std::optional<LeafBatch>();
  }

  Status Open() {
    WEIR_ASSIGN_OR_RETURN(const auto file, OpenParquet(*scan_, name_));
    parquet::arrow::FileReaderBuilder builder;
    if (const arrow::Status opened = builder.Open(file, parquet::default_reader_properties(), metadata_);
        !opened.ok()) {
      return BadParquet(name_, opened.message());
    }
    parquet::ArrowReaderProperties properties(/*use_threads=*/false);  // other groups are read meanwhile
    properties.set_batch_size(kRowsOfBatch);
    properties.set_pre_buffer(false);
    properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
    builder.properties(properties);
    auto reader = builder.Build();
    if (!reader.ok()) return BadParquet(name_, reader.status().message());
    reader_ = std::move(reader).ValueUnsafe();
    WEIR_ASSIGN_OR_RETURN(const std::vector<int> leaves, ChooseLeaves());
    auto batches = reader_->GetRecordBatchReader(groups_, leaves);
    if (!batches.ok()) return BadParquet(name_, batches.status().message());
    batches_ = std::move(batches).ValueUnsafe();
    return MakeColumns();
  }

  /// The file's leaf columns of those that are wanted.
  Result<std::vector<int>> ChooseLeaves() {
    const parquet::SchemaDescriptor& schema = *metadata_->schema();
    for (const int column : scan_->columns) {
      const std::string& name = scan_->table->columns[static_cast<size_t>(column)].name;
      tops_.push_back(TopColumn(*schema.group_node(), name));
      if (tops_.back() >= 0) continue;
      return Error("42703", fmt::format("file \"{}\" has no column \"{}\"", name_, name));
    }
    std::vector<int> leaves;
    for (int i = 0; i < schema.num_columns(); ++i) {
      const int top = schema.group_node()->FieldIndex(*schema.GetColumnRoot(i));
      if (std::ranges::count(tops_, top) > 0) leaves.push_back(i);
    }
    return leaves;
  }

  /// The batches have the file's columns in the file's order.
  Status MakeColumns() {
    const parquet::schema::GroupNode& root = *metadata_->schema()->group_node();
    for (size_t i = 0; i < scan_->columns.size(); ++i) {
      const SqlColumn& column = scan_->table->columns[static_cast<size_t>(scan_->columns[i])];
      places_.push_back(batches_->schema()->GetFieldIndex(root.field(tops_[i])->name()));
      if (places_.back() < 0) return BadParquet(name_, fmt::format("it has two columns \"{}\"", column.name));
      WEIR_ASSIGN_OR_RETURN(
          columns_.emplace_back(),
          MakeParquetColumn(column, *batches_->schema()->field(places_.back())->type(), name_, scan_->settings));
    }
    return Status::OK();
  }

  const ForeignScanPtr scan_;
  const std::string name_;
  const std::shared_ptr<parquet::FileMetaData> metadata_;
  const std::vector<int> groups_;
  const std::shared_ptr<arrow::Schema> schema_;
  size_t next_group_ = 0;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<int> tops_;    // of the wanted columns: in the file
  std::vector<int> places_;  // … and in the batches
  std::vector<std::unique_ptr<ParquetColumn>> columns_;
};

/// The groups of rows that the filter may let through.
std::vector<int> ChooseGroups(const ForeignScan& scan, const parquet::FileMetaData& metadata) {
  std::vector<int> groups;
  for (int i = 0; i < metadata.num_row_groups(); ++i) {
    if (!scan.filter || MayHaveMatches(*scan.filter, *metadata.RowGroup(i), *scan.table)) groups.push_back(i);
  }
  return groups;
}

}  // namespace

Result<std::vector<std::unique_ptr<LeafReader>>> ReadParquetFile(const ForeignScanPtr& scan, const std::string& file) {
  WEIR_ASSIGN_OR_RETURN(const auto opened, OpenParquet(*scan, file));
  std::vector<std::unique_ptr<LeafReader>> pieces;
  WEIR_RETURN_NOT_OK(ReadingParquet(file, [&] {
    const std::shared_ptr<parquet::FileMetaData> metadata = parquet::ReadMetaData(opened);
    const std::vector<int> groups = ChooseGroups(*scan, *metadata);
    const size_t size = (groups.size() + kMostPieces - 1) / kMostPieces;
    for (size_t begin = 0; begin < groups.size(); begin += size) {
      const auto first = groups.begin() + static_cast<std::ptrdiff_t>(begin);
      std::vector<int> own(first, first + static_cast<std::ptrdiff_t>(std::min(size, groups.size() - begin)));
      pieces.push_back(std::make_unique<ParquetReader>(scan, file, metadata, std::move(own)));
    }
    return Status::OK();
  }));
  return pieces;
}

}  // namespace weir::sql
