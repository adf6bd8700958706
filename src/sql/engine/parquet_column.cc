#include "sql/engine/parquet_column.h"

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <fmt/format.h>

#include <algorithm>

#include "postgres/oid.h"
#include "sql/catalog/sql_types.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/copy_column.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "types/arrow_mapping.h"

namespace weir::sql {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

/// What is in dictionaries, runs and extensions, with long offsets or without.
TypePtr PlainType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::DICTIONARY: return PlainType(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::EXTENSION: return PlainType(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return arrow::utf8();
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW: return arrow::binary();
    default: return type.GetSharedPtr();
  }
}

bool IsZoned(const arrow::DataType& type) { return !static_cast<const arrow::TimestampType&>(type).timezone().empty(); }

/// Whether all values of one type are values of the other, but for their range and their digits.
bool Becomes(const arrow::DataType& from, const arrow::DataType& to, const SqlColumn& column) {
  const bool whole = arrow::is_integer(from.id());
  if (arrow::is_integer(to.id())) return whole;
  if (arrow::is_decimal(to.id())) return whole || arrow::is_decimal(from.id());
  if (to.id() == arrow::Type::DOUBLE) return whole || arrow::is_floating(from.id()) || arrow::is_decimal(from.id());
  if (to.id() == arrow::Type::FLOAT)
    return whole || from.id() == arrow::Type::FLOAT || from.id() == arrow::Type::HALF_FLOAT;
  if (to.id() == arrow::Type::TIMESTAMP) {
    const bool zoned = column.data_type.id() == TypeId::kTimestampLtz;
    return from.id() == arrow::Type::TIMESTAMP && IsZoned(from) == zoned;
  }
  if (arrow::is_date(to.id())) return arrow::is_date(from.id());
  if (arrow::is_time(to.id())) return arrow::is_time(from.id());
  if (to.id() == arrow::Type::LIST) {
    const bool list = arrow::is_list_like(from.id());
    return list && Becomes(*static_cast<const arrow::BaseListType&>(from).value_type(),
                           *static_cast<const arrow::ListType&>(to).value_type(), column);
  }
  return from.id() == to.id();
}

/// A text column takes every text; the types that are kept as texts, and texts with a length, only some.
bool TakesAnyText(const SqlColumn& column) {
  return column.type == "text" || column.type == "character varying";
}

bool IsTimeOfDay(const SqlColumn& column) {
  const auto type = ResolveType(column.type);
  return type.ok() && type->oid == postgres::oid::kTime;
}

bool IsNumeric(const arrow::DataType& type) { return arrow::is_integer(type.id()) || arrow::is_decimal(type.id()); }

Status OutOfRange(const SqlColumn& column, const arrow::Status& failure) {
  return Error("22003", fmt::format("value out of range for type {}", column.type), {.detail = failure.message()});
}

/// Arrow's own casts, in which no value is lost.
class CastColumn final : public ParquetColumn {
 public:
  CastColumn(const SqlColumn& column, TypePtr plain, TypePtr to)
      : column_(column), plain_(std::move(plain)), to_(std::move(to)) {
    options_.allow_time_truncate = true;  // PostgreSQL has microseconds
  }

  Result<ArrayPtr> Convert(const ArrayPtr& values) const override {
    ArrayPtr now = values;
    if (now->type_id() == arrow::Type::EXTENSION) now = static_cast<const arrow::ExtensionArray&>(*now).storage();
    for (const TypePtr& type : {plain_, WithoutZone(plain_), to_}) {
      if (now->type()->Equals(*type)) continue;
      auto cast = arrow::compute::Cast(*now, type, options_);
      if (!cast.ok()) return OutOfRange(column_, cast.status());
      now = std::move(cast).ValueUnsafe();
    }
    return now;
  }

 private:
  /// Moments are kept in UTC, without a word of it.
  static TypePtr WithoutZone(const TypePtr& type) {
    if (type->id() != arrow::Type::TIMESTAMP || !IsZoned(*type)) return type;
    return arrow::timestamp(static_cast<const arrow::TimestampType&>(*type).unit());
  }

  const SqlColumn column_;
  const TypePtr plain_;
  const TypePtr to_;
  arrow::compute::CastOptions options_ = arrow::compute::CastOptions::Safe();
};

/// Values as the texts that the type's input function reads.
class TextColumn final : public ParquetColumn {
 public:
  TextColumn(const SqlColumn& column, std::unique_ptr<CastColumn> texts, std::unique_ptr<CopyColumn> reader)
      : column_(column), texts_(std::move(texts)), reader_(std::move(reader)) {}

  Result<ArrayPtr> Convert(const ArrayPtr& values) const override {
    WEIR_ASSIGN_OR_RETURN(const ArrayPtr cast, texts_->Convert(values));
    return Guarded({}, [&]() -> Result<ArrayPtr> { return Read(static_cast<const arrow::StringArray&>(*cast)); });
  }

 private:
  Result<ArrayPtr> Read(const arrow::StringArray& texts) const {
    arrow::ArrayVector pieces;
    for (int64_t begin = 0; begin < texts.length() || pieces.empty(); begin += STANDARD_VECTOR_SIZE) {
      const auto count = static_cast<duckdb::idx_t>(std::min<int64_t>(texts.length() - begin, STANDARD_VECTOR_SIZE));
      WEIR_ASSIGN_OR_RETURN(pieces.emplace_back(), ReadPiece(texts, begin, count));
    }
    if (pieces.size() == 1) return pieces.front();
    auto all = arrow::Concatenate(pieces);
    if (!all.ok()) return Error("53200", all.status().message());
    return std::move(all).ValueUnsafe();
  }

  Result<ArrayPtr> ReadPiece(const arrow::StringArray& texts, int64_t begin, duckdb::idx_t count) const {
    duckdb::Vector vector(ToDuckType(column_.data_type));
    for (duckdb::idx_t row = 0; row < count; ++row) {
      const int64_t at = begin + static_cast<int64_t>(row);
      if (texts.IsNull(at)) {
        duckdb::FlatVector::SetNull(vector, row, true);
        continue;
      }
      const Status read = duck::GuardedRun([&] { return reader_->Read(texts.GetView(at), vector, row); });
      if (!read.ok()) return read;
    }
    return ToArray(column_.data_type, vector, count, duckdb::SelectionVector(0, count), count);
  }

  const SqlColumn column_;
  const std::unique_ptr<CastColumn> texts_;
  const std::unique_ptr<CopyColumn> reader_;
};

}  // namespace

Result<std::unique_ptr<ParquetColumn>> MakeParquetColumn(const SqlColumn& column, const arrow::DataType& from,
                                                         const std::string& file, const postgres::Settings& settings) {
  const TypePtr plain = PlainType(from);
  const TypePtr to = ToArrowType(column.data_type, LtzZone::kNone);
  const bool text = plain->id() == arrow::Type::STRING;
  if (text && TakesAnyText(column)) return std::unique_ptr<ParquetColumn>(new CastColumn(column, plain, to));
  const bool held_as_text = to->id() == arrow::Type::STRING || to->id() == arrow::Type::BINARY;
  const bool number = held_as_text && IsNumeric(*plain) && column.type.starts_with("numeric");
  const bool clock = held_as_text && arrow::is_time(plain->id()) && IsTimeOfDay(column);
  if (text || number || clock) {
    WEIR_ASSIGN_OR_RETURN(auto reader, MakeCopyColumn(column, postgres::CopyOptions::Format::kText, settings));
    auto texts = std::make_unique<CastColumn>(column, plain, arrow::utf8());
    return std::unique_ptr<ParquetColumn>(new TextColumn(column, std::move(texts), std::move(reader)));
  }
  const bool bytes = plain->id() == arrow::Type::BINARY && column.type == "bytea";
  if (bytes || (plain->id() != arrow::Type::BINARY && Becomes(*plain, *to, column))) {
    return std::unique_ptr<ParquetColumn>(new CastColumn(column, plain, to));
  }
  const bool zone = plain->id() == arrow::Type::TIMESTAMP && to->id() == arrow::Type::TIMESTAMP;
  return Error(
      "HV004",
      fmt::format("column \"{}\" of file \"{}\" is of type {}, which does not become {}", column.name, file,
                  plain->ToString(), column.type),
      {.hint = zone ? "Moments in UTC are timestamp with time zone, others timestamp without time zone." : ""});
}

}  // namespace weir::sql
