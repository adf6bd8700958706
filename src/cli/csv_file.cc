#include "cli/csv_file.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/csv/converter.h>
#include <arrow/csv/parser.h>
#include <arrow/util/parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <future>
#include <limits>
#include <optional>
#include <utility>

#include "cli/cell_text.h"
#include "cli/file_columns.h"
#include "cli/interrupt.h"
#include "cli/rejected_rows.h"
#include "cli/row_cutter.h"
#include "cli/type_guess.h"
#include "types/arrow_mapping.h"

namespace weir {
namespace {

using arrow::csv::BlockParser;
using BatchPtr = std::shared_ptr<arrow::RecordBatch>;

constexpr size_t kCsvBlockBytes = 8 << 20;

/// A CSV file behind its header.
struct CsvRows {
  std::unique_ptr<RowCutter> cutter;
  std::vector<std::string> names;
  RowCutter::Block block;  // the first one
};

arrow::csv::ParseOptions ParseOptionsOf(const FileOptions& options) {
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.delimiter = options.delimiter;
  parse.newlines_in_values = true;
  return parse;
}

/// "Row #12: rest" → ", row 12", and "rest" stays.
std::string TakeRow(std::string* message) {
  constexpr std::string_view kPrefix = "Row #";
  const size_t at = message->find(kPrefix);
  if (at == std::string::npos) return "";
  int64_t number = 0;
  const char* const begin = message->data() + at + kPrefix.size();
  const auto [end, error] = std::from_chars(begin, message->data() + message->size(), number);
  if (error != std::errc()) return "";
  message->erase(0, static_cast<size_t>(end - message->data()));
  if (message->starts_with(": ")) message->erase(0, 2);
  return fmt::format(", row {}", number);
}

/// Arrow's error with file, row and column. Rows count from 1, after the header.
Status ErrorIn(const std::string& path, const arrow::Status& error, const std::string& column) {
  std::string message = error.message();
  const std::string row = TakeRow(&message);
  return Status::Invalid(fmt::format("file '{}'{}{}: {}", path, row,
                                     column.empty() ? "" : fmt::format(", column '{}'", column), message));
}

/// The cells of a block. `columns`: of each row. `first_row`: the number of the first, for errors.
Result<std::unique_ptr<BlockParser>> ParseBlock(const std::string& path, const FileOptions& options,
                                                const std::string& text, size_t columns, int64_t first_row) {
  auto parse = ParseOptionsOf(options);
  if (options.skip_ragged) {
    parse.invalid_row_handler = [&](const arrow::csv::InvalidRow& row) {
      if (options.rejected) {
        options.rejected->Add(path, row.number, row.actual_columns, row.expected_columns, row.text);
      }
      return arrow::csv::InvalidRowResult::Skip;
    };
  }
  auto parser = std::make_unique<BlockParser>(std::move(parse), static_cast<int32_t>(columns), first_row,
                                              std::numeric_limits<int32_t>::max());
  uint32_t size = 0;
  const arrow::Status parsed = parser->ParseFinal(text, &size);
  if (parsed.ok()) return parser;
  Status error = ErrorIn(path, parsed, "");
  const bool ragged = parsed.message().find(" columns, got ") != std::string::npos;
  if (!ragged) return error;
  return Status::Invalid(error.message() + " (--rejects FILE leaves such rows out and writes them to this file)");
}

/// Arrow reads a number beyond the range of a column's floating type as infinity or zero: an error here. `array` holds
/// the column's cells as Arrow has read them.
template <typename Array>
arrow::Status CheckRange(const BlockParser& parser, int column, const Array& array, int64_t first_row) {
  const auto may_be_beyond = [&](int64_t row) {
    return array.IsValid(row) && (std::isinf(array.Value(row)) || array.Value(row) == 0);
  };
  bool any = false;
  for (int64_t row = 0; row < array.length() && !any; ++row) any = may_be_beyond(row);
  if (!any) return arrow::Status::OK();
  int64_t next = 0;
  return parser.VisitColumn(column, [&](const uint8_t* data, uint32_t size, bool, bool) {
    const int64_t row = next++;
    if (!may_be_beyond(row)) return arrow::Status::OK();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == std::string_view::npos) {
      return arrow::Status::OK();  // a zero, or the word for infinity
    }
    return arrow::Status::Invalid("Row #", first_row + row, ": '", text, "' is out of range for ",
                                  array.type()->ToString());
  });
}

arrow::Status CheckRanges(const BlockParser& parser, int column, const arrow::Array& array, int64_t first_row) {
  if (array.type_id() == arrow::Type::DOUBLE) {
    return CheckRange(parser, column, static_cast<const arrow::DoubleArray&>(array), first_row);
  }
  if (array.type_id() == arrow::Type::FLOAT) {
    return CheckRange(parser, column, static_cast<const arrow::FloatArray&>(array), first_row);
  }
  return arrow::Status::OK();
}

/// Names for the cells without one.
void NameColumns(std::vector<std::string>* names) {
  for (size_t i = 0; i < names->size(); ++i) {
    if (!(*names)[i].empty()) continue;
    std::string name = fmt::format("column{}", i + 1);
    while (std::ranges::count(*names, name) > 0) name += '_';
    (*names)[i] = std::move(name);
  }
}

/// A header that is one cell, with what often is a delimiter in it.
Status CheckDelimiter(const std::string& path, const FileOptions& options, const std::vector<std::string>& names) {
  if (options.delimiter_given || names.size() != 1) return Status::OK();
  const size_t at = names.front().find_first_of(";\t|,");
  if (at == std::string::npos) return Status::OK();
  const std::string other = names.front()[at] == '\t' ? "\\t" : names.front().substr(at, 1);
  const std::string own = options.delimiter == '\t' ? "\\t" : std::string(1, options.delimiter);
  return Status::Invalid(fmt::format("file '{}' has one column, '{}': is it --delimiter '{}'? (with --delimiter '{}' "
                                     "it stays one)",
                                     path, names.front(), other, own));
}

Status TakeHeader(const std::string& path, const FileOptions& options, CsvRows* rows) {
  const std::string_view text = rows->block.text;
  if (text.find_first_not_of("\r\n") == std::string_view::npos) {
    return Status::Invalid(fmt::format("file '{}' has no header: it is empty", path));
  }
  BlockParser parser(ParseOptionsOf(options), -1, -1, 1);
  uint32_t size = 0;
  const arrow::Status parsed = parser.ParseFinal(rows->block.text, &size);
  if (!parsed.ok()) return ErrorIn(path, parsed, "");
  if (parser.num_rows() == 0) return Status::Invalid(fmt::format("file '{}' has no header", path));
  const auto take = [&](const uint8_t* data, uint32_t length, bool, bool) {
    rows->names.emplace_back(reinterpret_cast<const char*>(data), length);
    return arrow::Status::OK();
  };
  const arrow::Status taken = parser.VisitLastRow(take);
  if (!taken.ok()) return ErrorIn(path, taken, "");
  rows->block.text.erase(0, size);
  WEIR_RETURN_NOT_OK(CheckDelimiter(path, options, rows->names));
  NameColumns(&rows->names);
  return Status::OK();
}

Result<CsvRows> OpenRows(const std::string& path, const FileOptions& options) {
  CsvRows rows;
  WEIR_ASSIGN_OR_RETURN(auto text, TextFile::Open(path, options.encoding));
  rows.cutter = std::make_unique<RowCutter>(std::move(text), options.delimiter);
  WEIR_ASSIGN_OR_RETURN(rows.block, rows.cutter->Next(kCsvBlockBytes));
  if (options.header) {
    WEIR_RETURN_NOT_OK(TakeHeader(path, options, &rows));
  } else {
    rows.names = options.columns;
  }
  return rows;
}

Status GoOn(CsvRows* rows) {
  WEIR_ASSIGN_OR_RETURN(rows->block, rows->cutter->Next(kCsvBlockBytes));
  return Status::OK();
}

std::shared_ptr<arrow::DataType> CellType(const Schema& table, const std::string& name) {
  const int column = table.IndexOf(name);
  if (column < 0) return arrow::utf8();
  const DataType& type = table.column(column).type;
  if (type.id() == TypeId::kBytes || type.id() == TypeId::kBinary) return arrow::binary();
  return NeedsCellText(type) ? arrow::utf8() : ToArrowType(type, LtzZone::kUtc);
}

class CsvReader final : public TableFileReader {
 public:
  CsvReader(std::string path, FileOptions options, CsvRows rows)
      : path_(std::move(path)), options_(std::move(options)), rows_(std::move(rows)) {
    convert_.null_values = options_.nulls;
    convert_.null_values.emplace_back();
    convert_.strings_can_be_null = true;
    convert_.quoted_strings_can_be_null = false;
    convert_.check_utf8 = false;  // the file's text is
  }

  Status Start(const Schema& table) {
    WEIR_ASSIGN_OR_RETURN(columns_, ChooseColumns(path_, rows_.names, options_.header ? options_.columns
                                                                                      : std::vector<std::string>()));
    arrow::FieldVector fields;
    for (const int column : columns_) {
      const std::string& name = rows_.names[column];
      fields.push_back(arrow::field(name, CellType(table, name)));
      const auto converter = arrow::csv::Converter::Make(fields.back()->type(), convert_);
      if (!converter.ok()) return ErrorIn(path_, converter.status(), name);
      converters_.push_back(*converter);
    }
    schema_ = arrow::schema(std::move(fields));
    return Status::OK();
  }

  const arrow::Schema& schema() const override { return *schema_; }
  int64_t bytes_read() const override { return rows_.cutter->file().bytes_read(); }
  int64_t bytes() const override { return rows_.cutter->file().bytes(); }

  /// The rows after these are read while the caller works on these.
  Result<BatchPtr> Next() override {
    const auto read = [this] { return std::async(std::launch::async, [this] { return Read(); }); };
    if (!ahead_.valid()) ahead_ = read();
    Result<BatchPtr> batch = ahead_.get();
    if (batch.ok() && *batch != nullptr) ahead_ = read();
    return batch;
  }

 private:
  Result<BatchPtr> Read() {
    while (!at_end_) {
      WEIR_ASSIGN_OR_RETURN(const BatchPtr batch, Convert());
      at_end_ = rows_.block.last;
      if (!at_end_) WEIR_RETURN_NOT_OK(GoOn(&rows_));
      if (batch->num_rows() > 0) return batch;
    }
    return BatchPtr();
  }

  Result<BatchPtr> Convert() {
    WEIR_ASSIGN_OR_RETURN(const auto parser,
                          ParseBlock(path_, options_, rows_.block.text, rows_.names.size(), next_row_));
    std::vector<arrow::Result<std::shared_ptr<arrow::Array>>> arrays(columns_.size());
    const arrow::Status ran = arrow::internal::ParallelFor(static_cast<int>(columns_.size()), [&](int i) {
      arrays[i] = converters_[i]->Convert(*parser, columns_[i]);
      if (!arrays[i].ok()) return arrow::Status::OK();
      if (const auto in_range = CheckRanges(*parser, columns_[i], **arrays[i], next_row_); !in_range.ok()) {
        arrays[i] = in_range;
      }
      return arrow::Status::OK();
    });
    if (!ran.ok()) return ErrorIn(path_, ran, "");
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (size_t i = 0; i < arrays.size(); ++i) {
      if (!arrays[i].ok()) return ErrorIn(path_, arrays[i].status(), schema_->field(static_cast<int>(i))->name());
      columns.push_back(*std::move(arrays[i]));
    }
    next_row_ += parser->total_num_rows();
    return arrow::RecordBatch::Make(schema_, parser->num_rows(), std::move(columns));
  }

  const std::string path_;
  const FileOptions options_;
  CsvRows rows_;
  arrow::csv::ConvertOptions convert_ = arrow::csv::ConvertOptions::Defaults();
  std::vector<int> columns_;  // that are read
  std::vector<std::shared_ptr<arrow::csv::Converter>> converters_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t next_row_ = 1;
  bool at_end_ = false;
  std::future<Result<BatchPtr>> ahead_;  // the last member: it uses the others until it is done
};

}  // namespace

Result<std::unique_ptr<TableFileReader>> OpenCsvFile(const std::string& path, const FileOptions& options,
                                                     const Schema& table) {
  WEIR_ASSIGN_OR_RETURN(CsvRows rows, OpenRows(path, options));
  auto reader = std::make_unique<CsvReader>(path, options, std::move(rows));
  WEIR_RETURN_NOT_OK(reader->Start(table));
  return std::unique_ptr<TableFileReader>(std::move(reader));
}

Result<std::vector<Column>> DescribeCsvFile(const std::string& path, const FileOptions& options) {
  WEIR_ASSIGN_OR_RETURN(CsvRows rows, OpenRows(path, options));
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> chosen,
                        ChooseColumns(path, rows.names, options.header ? options.columns : std::vector<std::string>()));
  std::vector<TypeGuess> guesses(chosen.size());
  int64_t first_row = 1;
  for (bool more = true; more;) {
    WEIR_RETURN_NOT_OK(CheckInterrupted());
    WEIR_ASSIGN_OR_RETURN(const auto parser, ParseBlock(path, options, rows.block.text, rows.names.size(), first_row));
    const arrow::Status guessed = arrow::internal::ParallelFor(static_cast<int>(chosen.size()), [&](int i) {
      return parser->VisitColumn(chosen[i], [&](const uint8_t* data, uint32_t size, bool quoted, bool) {
        const std::string_view text(reinterpret_cast<const char*>(data), size);
        const bool null = !quoted && (text.empty() || std::ranges::count(options.nulls, text) > 0);
        if (!null) guesses[i].Add(text);
        return arrow::Status::OK();
      });
    });
    if (!guessed.ok()) return ErrorIn(path, guessed, "");
    first_row += parser->total_num_rows();
    more = !rows.block.last;
    if (more) WEIR_RETURN_NOT_OK(GoOn(&rows));
  }
  std::vector<Column> columns;
  for (size_t i = 0; i < chosen.size(); ++i) columns.push_back({rows.names[chosen[i]], guesses[i].type()});
  return columns;
}

}  // namespace weir
