#include "sql/session/copy_from_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "duckdb/planner/expression_binder/constant_binder.hpp"
#include "postgres/catalog_name.h"
#include "postgres/made_type.h"
#include "postgres/value/text.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/engine/leaf_cursor.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::SelectionVector;

constexpr size_t kKeptBytes = kShownInCopy + 4;  // enough to see where the last character ends

std::vector<std::string> NamesOf(const Relation& relation, const std::vector<int>& columns) {
  std::vector<std::string> names;
  for (const int column : columns) names.push_back(relation.columns[static_cast<size_t>(column)].name);
  return names;
}

/// A column of names that the catalog knows, by their OIDs.
class NameColumn final : public CopyColumn {
 public:
  using ReadName = std::function<Result<int64_t>(postgres::Oid type, std::string_view name)>;
  NameColumn(const ReadName& read, postgres::Oid type) : read_(read), type_(type) {}
  Status Read(std::string_view field, duckdb::Vector& vector, idx_t row) const override {
    WEIR_ASSIGN_OR_RETURN(const int64_t oid, read_(type_, field));
    vector.SetValue(row, duckdb::Value::BIGINT(oid));
    return Status::OK();
  }

 private:
  const ReadName& read_;  // the writer's
  const postgres::Oid type_;
};

std::unique_ptr<CopyColumn> ReaderOf(const SqlColumn& column, const CopyFrom& copy) {
  const postgres::Oid type = postgres::BaseTypeOf(ValueOrThrow(postgres::ParseType(column.type))).oid;
  const bool binary = copy.options.format == postgres::CopyOptions::Format::kBinary;
  if (!binary && postgres::NamesCatalog(type)) return std::make_unique<NameColumn>(copy.read_name, type);
  return ValueOrThrow(MakeCopyColumn(column, copy.options.format, copy.settings));
}

}  // namespace

CopyFromWriter::CopyFromWriter(duckdb::ClientContext& context, CopyFrom copy)
    : context_(context),
      copy_(std::move(copy)),
      names_(NamesOf(*copy_.table->relation(), copy_.columns)),
      reader_(copy_.options, names_),
      rejection_(copy_.reject, {copy_.table->relation()->id, copy_.table->relation()->path.table, "<stdin>"},
                 copy_.rejections),
      state_(context, *copy_.table, {}) {
  for (const int column : copy_.columns) {
    const SqlColumn& read = copy_.table->relation()->columns[static_cast<size_t>(column)];
    readers_.push_back(ReaderOf(read, copy_));
  }
  BindDefaults();
  if (!copy_.where.empty()) BindWhere();
  fields_.Initialize(duckdb::Allocator::DefaultAllocator(), copy_.table->GetTypes());
  lines_.resize(STANDARD_VECTOR_SIZE);
}

void CopyFromWriter::BindDefaults() {
  const duckdb::ColumnList& columns = copy_.table->GetColumns();
  const auto binder = duckdb::Binder::CreateBinder(context_);
  for (int i = 0; i < static_cast<int>(columns.PhysicalColumnCount()); ++i) {
    if (std::ranges::count(copy_.columns, i) > 0) continue;
    Default& added = defaults_.emplace_back(Default{.column = i});
    const auto& column = columns.GetColumn(duckdb::PhysicalIndex(static_cast<idx_t>(i)));
    if (!column.HasDefaultValue()) continue;
    duckdb::ConstantBinder default_binder(*binder, context_, "DEFAULT value");
    default_binder.target_type = column.Type();
    auto expression = column.DefaultValue().Copy();
    added.expression = default_binder.Bind(expression);
    added.executor = std::make_unique<duckdb::ExpressionExecutor>(context_, *added.expression);
  }
}

void CopyFromWriter::BindWhere() {
  auto condition = BindOver(context_, *copy_.table, copy_.where, analyze::DefinitionPart::kCopyWhere);
  where_ = duckdb::BoundCastExpression::AddCastToType(context_, std::move(condition), duckdb::LogicalType::BOOLEAN);
  where_executor_ = std::make_unique<duckdb::ExpressionExecutor>(context_, *where_);
}

void CopyFromWriter::Add(std::string_view data) {
  reader_.Add(data);
  TakeRows();
}

void CopyFromWriter::Finish() {
  reader_.Finish();
  TakeRows();
  Flush();
  rejection_.Tell(copy_.notice);
}

void CopyFromWriter::TakeRows() {
  while (true) {
    const auto step = reader_.Next();
    Status failure = step.ok() ? Status::OK() : FailureOfReader(step.status());
    if (step.ok() && *step != postgres::CopyReader::Step::kRow) return;
    rejection_.Met();
    if (step.ok()) failure = ReadRow(fields_.size());
    if (!failure.ok()) {
      failure = Reject(failure);
      if (failure.ok()) continue;
      Flush();  // what is wrong with the rows before comes first
      Throw(failure);
    }
    fields_.SetCardinality(fields_.size() + 1);
    if (fields_.size() == STANDARD_VECTOR_SIZE) Flush();
  }
}

/// A row with errors is left out as long as the statement's limit allows it.
Status CopyFromWriter::Reject(const Status& failure) {
  const std::string_view text = reader_.line_text();
  return rejection_.Reject(failure, reader_.line(), text.data() == nullptr ? std::string_view() : text);
}

Status CopyFromWriter::ReadRow(idx_t row) {
  Line& line = lines_[row];
  line.number = reader_.line();
  line.text = reader_.line_text().substr(0, kKeptBytes);
  const auto fields = reader_.fields();
  size_t at = 0;
  const Status read = duck::GuardedRun([&]() -> Status {
    for (; at < fields.size(); ++at) {
      duckdb::Vector& vector = fields_.data[static_cast<size_t>(copy_.columns[at])];
      duckdb::FlatVector::SetNull(vector, row, fields[at].null);  // a row that was left out may have set it
      if (!fields[at].null) WEIR_RETURN_NOT_OK(readers_[at]->Read(fields[at].text, vector, row));
    }
    return Status::OK();
  });
  if (read.ok()) return read;
  const std::string place = fmt::format("{}, column {}", Place(line.number), names_[at]);
  return postgres::InContext(read, binary() ? place : fmt::format("{}: \"{}\"", place, ShownInCopy(fields[at].text)));
}

/// Brings the rows of the chunk to their leaves.
void CopyFromWriter::Flush() {
  if (fields_.size() == 0) return;
  if (context_.IsInterrupted()) throw duckdb::InterruptException();
  const Status inserted = duck::GuardedRun([&] {
    Insert(fields_, lines_.data());
    return Status::OK();
  });
  if (!inserted.ok()) FailAtFirstLine(inserted);
  fields_.Reset();
}

/// `lines`: of the rows of `fields`.
void CopyFromWriter::Insert(DataChunk& fields, const Line* lines) {
  DataChunk rows;
  rows.InitializeEmpty(copy_.table->GetTypes());
  rows.Reference(fields);
  for (Default& missing : defaults_) {
    duckdb::Vector& column = rows.data[static_cast<size_t>(missing.column)];
    if (!missing.expression) {
      column.Reference(duckdb::Value(column.GetType()));
      continue;
    }
    duckdb::Vector computed(column.GetType());
    missing.executor->ExecuteExpression(rows, computed);
    column.Reference(computed);
  }
  SelectionVector kept(0, rows.size());
  if (where_executor_) {
    SelectionVector chosen(rows.size());
    const idx_t count = where_executor_->SelectExpression(rows, chosen);
    if (count == 0) return;
    if (count < rows.size()) rows.Slice(chosen, count);
    kept.Initialize(chosen);
  }
  for (const RoutedRows& group : InsertRows(state_, rows)) KeepKeyedLines(group, kept, lines);
}

void CopyFromWriter::KeepKeyedLines(const RoutedRows& group, const SelectionVector& kept, const Line* lines) {
  if (group.leaf->PrimaryKey().empty() && group.leaf->indexes.empty()) return;
  std::vector<int64_t>& numbers = keyed_lines_[group.leaf->id];
  for (idx_t i = 0; i < group.count; ++i) numbers.push_back(lines[kept.get_index(group.rows.get_index(i))].number);
}

/// Rows that were refused together are tried one by one, so that the first one says what is wrong with it. What is
/// inserted again meanwhile goes with the statement.
void CopyFromWriter::FailAtFirstLine(const Status& failure) {
  const std::string state = FieldsOf(failure).sqlstate;
  const bool of_a_row = state.starts_with("22") || state.starts_with("23") || state == "0A000";  // of a leaf
  for (idx_t row = 0; of_a_row && row < fields_.size(); ++row) {
    SelectionVector only(1);
    only.set_index(0, row);
    DataChunk one;
    one.InitializeEmpty(copy_.table->GetTypes());
    one.Slice(fields_, only, 1);
    const Status inserted = duck::GuardedRun([&] {
      Insert(one, &lines_[row]);
      return Status::OK();
    });
    if (!inserted.ok()) Throw(postgres::InContext(inserted, Place(lines_[row])));
  }
  Throw(postgres::InContext(failure, Place(lines_[fields_.size() - 1])));
}

void CopyFromWriter::Apply() {
  const Status applied = duck::GuardedRun([&] {
    state_.pending.Apply(state_.transaction);
    state_.keys.Give();
    state_.router.Give();
    return Status::OK();
  });
  if (applied.ok()) return;
  const ErrorFields fields = FieldsOf(applied);
  for (const auto& [id, numbers] : keyed_lines_) {
    const bool named = state_.pending.RelationOf(id)->path.table == fields.table;
    if (!named || fields.row < 0 || static_cast<size_t>(fields.row) >= numbers.size()) continue;
    Throw(postgres::InContext(applied, Place(numbers[static_cast<size_t>(fields.row)])));
  }
  Throw(applied);
}

Status CopyFromWriter::Placed(const Status& failure) const {
  return postgres::InContext(failure, Place(reader_.line()));
}

Status CopyFromWriter::FailureOfReader(const Status& failure) const {
  if (binary() && reader_.line() == 0) return failure;  // of the header
  std::string place = Place(reader_.line());
  if (!reader_.column().empty()) place += fmt::format(", column {}", reader_.column());
  if (reader_.line_text().data() != nullptr) place += fmt::format(": \"{}\"", ShownInCopy(reader_.line_text()));
  return postgres::InContext(failure, std::move(place));
}

std::string CopyFromWriter::Place(int64_t line) const {
  return fmt::format("COPY {}, line {}", copy_.table->relation()->path.table, line);
}

std::string CopyFromWriter::Place(const Line& line) const {
  return binary() ? Place(line.number) : fmt::format("{}: \"{}\"", Place(line.number), ShownInCopy(line.text));
}

}  // namespace weir::sql
