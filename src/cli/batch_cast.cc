#include "cli/batch_cast.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/cell_text.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

bool IsText(const arrow::DataType& type) { return arrow::is_base_binary_like(type.id()); }

/// Times of one kind with another zone label: the stored numbers are the same.
ArrayPtr WithTimeZone(const ArrayPtr& values, const arrow::DataType& target) {
  const auto unit = static_cast<const arrow::TimestampType&>(*values->type()).unit();
  auto data = values->data()->Copy();
  data->type = arrow::timestamp(unit, static_cast<const arrow::TimestampType&>(target).timezone());
  return arrow::MakeArray(std::move(data));
}

arrow::Result<ArrayPtr> CastValues(const ArrayPtr& values, const std::shared_ptr<arrow::DataType>& target) {
  if (values->type()->Equals(*target)) return values;
  ArrayPtr from = values;
  if (from->type_id() == arrow::Type::TIMESTAMP && target->id() == arrow::Type::TIMESTAMP) {
    const bool instant = !static_cast<const arrow::TimestampType&>(*from->type()).timezone().empty();
    const bool wants_instant = !static_cast<const arrow::TimestampType&>(*target).timezone().empty();
    if (instant && !wants_instant) {
      return arrow::Status::Invalid("times with a zone have no place in a TIMESTAMP column, only in TIMESTAMP_LTZ");
    }
    from = WithTimeZone(from, *target);
  }
  return arrow::compute::Cast(*from, target, arrow::compute::CastOptions::Safe());
}

/// The first row that cannot be cast; the caller knows that there is one.
int64_t FirstBadRow(const ArrayPtr& values, const std::shared_ptr<arrow::DataType>& target) {
  int64_t start = 0;
  int64_t end = values->length();
  while (end - start > 1) {
    const int64_t middle = start + (end - start) / 2;
    if (CastValues(values->Slice(start, middle - start), target).ok()) {
      start = middle;
    } else {
      end = middle;
    }
  }
  return start;
}

int64_t FirstNull(const arrow::Array& values) {
  int64_t row = 0;
  while (row < values.length() && !values.IsNull(row)) ++row;
  return row;
}

std::string ValueText(const arrow::Array& values, int64_t row) {
  const auto scalar = values.GetScalar(row);
  if (!scalar.ok()) return "?";
  std::string text = (*scalar)->ToString();
  constexpr size_t kShown = 60;
  if (text.size() > kShown) text = text.substr(0, kShown) + "…";
  return text;
}

}  // namespace

Result<BatchCaster> BatchCaster::Make(const TableInfo& table, const arrow::Schema& file, const Options& options) {
  BatchCaster caster;
  caster.options_ = options;
  caster.columns_ = table.schema().columns();
  caster.schema_ = ToArrowSchema(table.schema(), LtzZone::kUtc);
  std::vector<std::string> missing;
  const auto& auto_increment = table.schema().auto_increment_column();
  for (const Column& column : caster.columns_) {
    const int source = file.GetFieldIndex(column.name);
    caster.sources_.push_back(source);
    if (source >= 0 && auto_increment == column.name) {
      return Status::Invalid(
          fmt::format("column '{}' of table '{}' is filled by the engine: leave it out with --columns", column.name,
                      table.path.ToString()));
    }
    if (source < 0 && !column.type.nullable() && auto_increment != column.name) missing.push_back(column.name);
  }
  std::vector<std::string> unknown;
  for (const std::string& name : file.field_names()) {
    if (table.schema().IndexOf(name) < 0) unknown.push_back(name);
  }
  if (!unknown.empty() && !options.ignore_unknown) {
    return Status::Invalid(fmt::format("file '{}' has columns that table '{}' lacks: {} (--ignore-unknown leaves them "
                                       "out, --columns chooses)",
                                       options.file, table.path.ToString(), fmt::join(unknown, ", ")));
  }
  if (!missing.empty()) {
    return Status::Invalid(fmt::format("file '{}' lacks columns that table '{}' needs (NOT NULL): {}", options.file,
                                       table.path.ToString(), fmt::join(missing, ", ")));
  }
  if (static_cast<int>(unknown.size()) == file.num_fields()) {
    return Status::Invalid(fmt::format("file '{}' has none of the columns of table '{}'", options.file,
                                       table.path.ToString()));
  }
  return caster;
}

std::vector<int> BatchCaster::filled_columns() const {
  std::vector<int> columns;
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i] >= 0) columns.push_back(static_cast<int>(i));
  }
  return columns;
}

Status BatchCaster::BadValue(int column, const arrow::Array& values, int64_t row, int64_t first_row,
                             const std::string& why) const {
  return Status::Invalid(fmt::format("file '{}', row {}, column '{}': {} does not fit {}: {}", options_.file,
                                     first_row + row, columns_[column].name, ValueText(values, row),
                                     columns_[column].type.ToString(), why));
}

Result<ArrayPtr> BatchCaster::CastColumn(int column, const ArrayPtr& values, int64_t first_row) const {
  const DataType& type = columns_[column].type;
  const auto& target = schema_->field(column)->type();
  ArrayPtr cast;
  // Arrow casts no text to times.
  const bool parsed_here = NeedsCellText(type) || type.id() == TypeId::kTime;
  if (options_.text && IsText(*values->type()) && parsed_here) {
    int64_t row = 0;
    Result<ArrayPtr> parsed = ParseCells(type, *values, &row);
    if (!parsed.ok()) return BadValue(column, *values, row, first_row, parsed.status().message());
    cast = parsed.MoveValue();
  } else {
    arrow::Result<ArrayPtr> result = CastValues(values, target);
    if (!result.ok()) {
      return BadValue(column, *values, FirstBadRow(values, target), first_row, result.status().message());
    }
    cast = *std::move(result);
  }
  if (!type.nullable() && cast->null_count() > 0) {
    return BadValue(column, *cast, FirstNull(*cast), first_row, "the column is NOT NULL");
  }
  return cast;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchCaster::Cast(const arrow::RecordBatch& rows, int64_t first_row) const {
  std::vector<ArrayPtr> columns;
  for (size_t i = 0; i < sources_.size(); ++i) {
    ArrayPtr column;
    if (sources_[i] < 0) {
      WEIR_ASSIGN_OR_RETURN(column, FromArrow(arrow::MakeArrayOfNull(schema_->field(static_cast<int>(i))->type(),
                                                                     rows.num_rows())));
    } else {
      WEIR_ASSIGN_OR_RETURN(column, CastColumn(static_cast<int>(i), rows.column(sources_[i]), first_row));
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema_, rows.num_rows(), std::move(columns));
}

}  // namespace weir
