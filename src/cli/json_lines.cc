#include "cli/json_lines.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <arrow/io/api.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cli/cell_text.h"
#include "cli/interrupt.h"
#include "cli/row_cutter.h"
#include "cli/text_file.h"
#include "cli/type_guess.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;
using Kind = JsonLineField::Kind;

constexpr size_t kJsonBlockBytes = 8 << 20;

/// Takes the events of a line's parser: fields of the object itself are kept apart, what is inside of them is text
/// again. Numbers keep their digits, which nlohmann's own values would not.
class LineHandler final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<JsonLineField> fields;
  std::string error;

  bool null() override { return Scalar(Kind::kNull, "null"); }
  bool boolean(bool value) override { return Scalar(Kind::kBoolean, value ? "true" : "false"); }
  bool number_integer(int64_t value) override { return Scalar(Kind::kNumber, std::to_string(value)); }
  bool number_unsigned(uint64_t value) override { return Scalar(Kind::kNumber, std::to_string(value)); }
  bool number_float(double, const std::string& digits) override { return Scalar(Kind::kNumber, digits); }
  bool string(std::string& value) override { return Scalar(Kind::kText, depth_ == 1 ? value : Quoted(value)); }
  bool binary(binary_t&) override { return false; }  // JSON has none
  bool start_array(size_t) override { return Open('['); }
  bool end_array() override { return Close(']'); }
  bool end_object() override { return Close('}'); }
  bool start_object(size_t) override {
    if (depth_ > 0) return Open('{');
    depth_ = 1;
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ > 1) {
      Separate();
      text() += Quoted(name) + ":";
      return true;
    }
    if (!names_.insert(name).second) return Fail(fmt::format("field '{}' comes twice", name));
    fields.push_back({name, Kind::kNull, ""});
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& exception) override {
    // "[json.exception…] parse error at line 1, column 9: …", or without a place "[json.exception…] number overflow …"
    const std::string_view what = exception.what();
    const size_t column = what.find("column ");
    const size_t why = column == std::string_view::npos ? what.find("] ") + 2 : column;
    return Fail("this is no JSON: " + std::string(what.substr(why)));
  }

 private:
  static std::string Quoted(const std::string& value) { return nlohmann::json(value).dump(); }
  std::string& text() { return fields.back().text; }

  bool Fail(std::string why) {
    error = std::move(why);
    return false;
  }
  /// A comma, unless the value or key that comes is the first, or follows its key.
  void Separate() {
    const char last = text().back();
    if (last != '[' && last != '{' && last != ':') text() += ',';
  }
  bool Scalar(Kind kind, const std::string& value) {
    if (depth_ == 0) return Fail("a line is to be an object");
    if (depth_ == 1) {
      fields.back().kind = kind;
    } else {
      Separate();
    }
    text() += value;
    return true;
  }
  bool Open(char bracket) {
    if (depth_ == 0) return Fail("a line is to be an object");
    if (depth_ > 1) Separate();
    if (depth_ == 1) fields.back().kind = Kind::kNested;
    text() += bracket;
    ++depth_;
    return true;
  }
  bool Close(char bracket) {
    --depth_;
    if (depth_ > 0) text() += bracket;
    return true;
  }

  int depth_ = 0;
  std::set<std::string> names_;
};

/// Calls `take(line, number)` for each line of a block that is not empty.
template <typename Take>
Status ForEachLine(std::string_view text, int64_t number, Take take) {
  for (; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    WEIR_RETURN_NOT_OK(take(line, number));
  }
  return Status::OK();
}

Status AtLine(const std::string& path, int64_t line, const Status& status) {
  return status.WithContext(fmt::format("file '{}', line {}", path, line));
}

class JsonLinesReader final : public TableFileReader {
 public:
  JsonLinesReader(std::string path, FileOptions options, std::unique_ptr<RowCutter> lines, const Schema& table)
      : path_(std::move(path)), options_(std::move(options)), lines_(std::move(lines)) {
    std::vector<std::string> names = options_.columns;
    for (const Column& column : table.columns()) {
      if (options_.columns.empty() && table.auto_increment_column() != column.name) names.push_back(column.name);
    }
    arrow::FieldVector fields;
    for (const std::string& name : names) {
      columns_.emplace(name, fields.size());
      fields.push_back(arrow::field(name, arrow::utf8()));
    }
    schema_ = arrow::schema(std::move(fields));
  }

  const arrow::Schema& schema() const override { return *schema_; }
  int64_t bytes_read() const override { return lines_->file().bytes_read(); }
  int64_t bytes() const override { return lines_->file().bytes(); }

  Result<BatchPtr> Next() override {
    while (!at_end_) {
      const int64_t line = lines_->line();
      WEIR_ASSIGN_OR_RETURN(const RowCutter::Block block, lines_->Next(kJsonBlockBytes));
      at_end_ = block.last;
      WEIR_ASSIGN_OR_RETURN(const BatchPtr batch, Read(block.text, line));
      if (batch->num_rows() > 0) return batch;
    }
    return BatchPtr();
  }

 private:
  Result<BatchPtr> Read(const std::string& text, int64_t first_line) {
    std::vector<arrow::StringBuilder> builders(static_cast<size_t>(schema_->num_fields()));
    int64_t rows = 0;
    WEIR_RETURN_NOT_OK(ForEachLine(text, first_line, [&](std::string_view line, int64_t number) -> Status {
      Result<std::vector<JsonLineField>> fields = ReadJsonLine(line);
      const Status added = fields.ok() ? Add(*fields, &builders) : fields.status();
      ++rows;
      return AtLine(path_, number, added.ok() ? Level(rows, &builders) : added);
    }));
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (arrow::StringBuilder& builder : builders) {
      WEIR_ASSIGN_OR_RETURN(columns.emplace_back(), FromArrow(builder.Finish()));
    }
    return arrow::RecordBatch::Make(schema_, rows, std::move(columns));
  }

  Status Add(const std::vector<JsonLineField>& fields, std::vector<arrow::StringBuilder>* builders) const {
    for (const JsonLineField& field : fields) {
      const auto column = columns_.find(field.name);
      if (column != columns_.end()) {
        arrow::StringBuilder& builder = (*builders)[column->second];
        WEIR_RETURN_NOT_OK(FromArrow(field.kind == Kind::kNull ? builder.AppendNull() : builder.Append(field.text)));
      } else if (options_.columns.empty() && !options_.ignore_unknown) {
        return Status::Invalid(fmt::format("field '{}' is no column of the table (--ignore-unknown leaves it out, "
                                           "--columns chooses)",
                                           field.name));
      }
    }
    return Status::OK();
  }

  /// NULLs for the fields that a line lacks.
  static Status Level(int64_t rows, std::vector<arrow::StringBuilder>* builders) {
    for (arrow::StringBuilder& builder : *builders) {
      if (builder.length() < rows) WEIR_RETURN_NOT_OK(FromArrow(builder.AppendNull()));
    }
    return Status::OK();
  }

  const std::string path_;
  const FileOptions options_;
  const std::unique_ptr<RowCutter> lines_;
  std::map<std::string, size_t, std::less<>> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  bool at_end_ = false;
};

class JsonLinesWriter final : public TableFileWriter {
 public:
  JsonLinesWriter(std::shared_ptr<arrow::io::OutputStream> sink, const std::vector<std::string>& names,
                  std::vector<DataType> types)
      : sink_(std::move(sink)), types_(std::move(types)) {
    for (const std::string& name : names) keys_.push_back(nlohmann::json(name).dump());
  }

  Status Write(const BatchPtr& rows) override {
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, types_));
    WEIR_ASSIGN_OR_RETURN(const auto fine_times, FineTimes(*rows));
    std::vector<Datum> row(types_.size());
    Arena arena;
    std::string text;
    for (int64_t i = 0; i < rows->num_rows(); ++i) {
      reader.Read(i, &arena, row);
      for (size_t k = 0; k < row.size(); ++k) {
        const bool is_fine = fine_times[k] != nullptr && fine_times[k]->IsValid(i);
        text += fmt::format("{}{}:{}", k == 0 ? "{" : ",", keys_[k],
                            is_fine ? fmt::format("\"{}\"", fine_times[k]->GetView(i)) : JsonText(types_[k], row[k]));
      }
      text += "}\n";
      arena.Clear();
    }
    return FromArrow(sink_->Write(text));
  }
  Status Finish() override { return Status::OK(); }

 private:
  using Texts = std::shared_ptr<arrow::StringArray>;

  /// By column: the texts of times of day that may be finer than a millisecond, which a Datum is not; else null.
  Result<std::vector<Texts>> FineTimes(const arrow::RecordBatch& rows) const {
    std::vector<Texts> columns(types_.size());
    for (size_t k = 0; k < types_.size(); ++k) {
      if (types_[k].id() != TypeId::kTime || types_[k].precision() <= 3) continue;
      WEIR_ASSIGN_OR_RETURN(const arrow::Datum texts, FromArrow(arrow::compute::Cast(
                                                          rows.column(static_cast<int>(k)), arrow::utf8())));
      columns[k] = texts.array_as<arrow::StringArray>();
    }
    return columns;
  }

  const std::shared_ptr<arrow::io::OutputStream> sink_;
  std::vector<std::string> keys_;  // the names in JSON
  const std::vector<DataType> types_;
};

}  // namespace

Result<std::vector<JsonLineField>> ReadJsonLine(std::string_view line) {
  LineHandler handler;
  if (!nlohmann::json::sax_parse(line, &handler)) return Status::Invalid(handler.error);
  return std::move(handler.fields);
}

Result<std::unique_ptr<TableFileReader>> OpenJsonLines(const std::string& path, const FileOptions& options,
                                                       const Schema& table) {
  WEIR_ASSIGN_OR_RETURN(auto text, TextFile::Open(path, options.encoding));
  auto lines = std::make_unique<RowCutter>(std::move(text), std::nullopt);
  return std::make_unique<JsonLinesReader>(path, options, std::move(lines), table);
}

Result<std::vector<Column>> DescribeJsonLines(const std::string& path, const FileOptions& options) {
  struct Known {
    TypeGuess guess;
    bool text = false;  // only STRING keeps all of its values
  };
  WEIR_ASSIGN_OR_RETURN(auto file, TextFile::Open(path, options.encoding));
  RowCutter lines(std::move(file), std::nullopt);
  std::vector<std::string> names = options.columns;
  std::map<std::string, Known> known;
  for (bool more = true; more;) {
    WEIR_RETURN_NOT_OK(CheckInterrupted());
    const int64_t first_line = lines.line();
    WEIR_ASSIGN_OR_RETURN(const RowCutter::Block block, lines.Next(kJsonBlockBytes));
    more = !block.last;
    WEIR_RETURN_NOT_OK(ForEachLine(block.text, first_line, [&](std::string_view line, int64_t number) -> Status {
      const auto fields = ReadJsonLine(line);
      if (!fields.ok()) return AtLine(path, number, fields.status());
      for (const JsonLineField& field : *fields) {
        const auto [column, added] = known.try_emplace(field.name);
        if (added && options.columns.empty()) names.push_back(field.name);
        const bool plain = field.kind == Kind::kNumber || field.kind == Kind::kBoolean;
        if (plain) column->second.guess.Add(field.text);
        column->second.text = column->second.text || (!plain && field.kind != Kind::kNull);
      }
      return Status::OK();
    }));
  }
  if (names.empty()) return Status::Invalid(fmt::format("file '{}' has no line with a field", path));
  std::vector<Column> columns;
  for (const std::string& name : names) {
    const Known& column = known[name];
    columns.push_back({name, column.text ? DataType::String() : column.guess.type()});
  }
  return columns;
}

Result<std::unique_ptr<TableFileWriter>> OpenJsonLinesWriter(std::shared_ptr<arrow::io::OutputStream> sink,
                                                             const std::shared_ptr<arrow::Schema>& schema,
                                                             const std::vector<DataType>& types) {
  return std::make_unique<JsonLinesWriter>(std::move(sink), schema->field_names(), types);
}

}  // namespace weir
