#include "sql/engine/copy_column.h"

#include <fmt/format.h>

#include <utility>

#include "postgres/made_type.h"
#include "postgres/value.h"
#include "postgres/value/bytea.h"
#include "postgres/value/character.h"
#include "postgres/value/number.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/stored.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;
using duck::DecimalForm;
using duck::UnscaledOf;
using postgres::Numeric;
using postgres::TypeRef;
namespace oid = postgres::oid;

using ColumnPtr = std::unique_ptr<CopyColumn>;

/// A column that is read by a function of field, vector and row.
template <typename ReadField>
class ReadColumn final : public CopyColumn {
 public:
  explicit ReadColumn(ReadField read) : read_(std::move(read)) {}
  Status Read(std::string_view field, Vector& vector, idx_t row) const override { return read_(field, vector, row); }

 private:
  const ReadField read_;
};

template <typename ReadField>
ColumnPtr Make(ReadField read) {
  return std::make_unique<ReadColumn<ReadField>>(std::move(read));
}

/// What a field says, of the column's type.
struct FieldReader {
  TypeRef type;
  bool binary = false;
  const postgres::Settings* settings = nullptr;

  Result<postgres::Value> operator()(std::string_view field) const {
    return binary ? postgres::ReadBinary(type, field, *settings) : postgres::ReadText(type, field, *settings);
  }
  template <typename Held>
  Result<Held> As(std::string_view field) const {
    WEIR_ASSIGN_OR_RETURN(postgres::Value value, (*this)(field));
    return std::get<Held>(std::move(value));
  }
};

/// A column whose vector has a `Stored` for each value: what `convert` makes of it. Texts are read by `read_text`.
template <typename Held, typename Stored, typename ReadText, typename Convert>
ColumnPtr Plain(const FieldReader& fields, ReadText read_text, Convert convert) {
  if (fields.binary) {
    return Make([fields, convert](std::string_view field, Vector& vector, idx_t row) -> Status {
      WEIR_ASSIGN_OR_RETURN(const Held value, fields.As<Held>(field));
      FlatVector::GetData<Stored>(vector)[row] = convert(value);
      return Status::OK();
    });
  }
  return Make([read_text, convert](std::string_view field, Vector& vector, idx_t row) -> Status {
    WEIR_ASSIGN_OR_RETURN(const Held value, read_text(field));
    FlatVector::GetData<Stored>(vector)[row] = convert(value);
    return Status::OK();
  });
}

template <typename Held, typename ReadText>
ColumnPtr AsItIs(const FieldReader& fields, ReadText read_text) {
  return Plain<Held, Held>(fields, read_text, [](Held value) { return value; });
}

void AddText(std::string_view text, Vector& vector, idx_t row) {
  FlatVector::GetData<duckdb::string_t>(vector)[row] =
      duckdb::StringVector::AddStringOrBlob(vector, text.data(), text.size());
}

// --- numeric ---

template <typename Stored>
Stored StoredOf(postgres::Int128 unscaled) {
  if constexpr (std::is_same_v<Stored, duckdb::hugeint_t>) {
    return Stored(static_cast<int64_t>(unscaled >> 64), static_cast<uint64_t>(unscaled));
  } else {
    return static_cast<Stored>(unscaled);
  }
}

template <typename Stored>
ColumnPtr Decimals(const FieldReader& fields, const DecimalForm& form) {
  return Make([fields, form](std::string_view field, Vector& vector, idx_t row) -> Status {
    WEIR_ASSIGN_OR_RETURN(const Numeric value, fields.binary ? fields.As<Numeric>(field)
                                                             : postgres::ReadNumeric(field, fields.type.modifier));
    WEIR_ASSIGN_OR_RETURN(const postgres::Int128 unscaled, UnscaledOf(value, form));
    FlatVector::GetData<Stored>(vector)[row] = StoredOf<Stored>(unscaled);
    return Status::OK();
  });
}

ColumnPtr MakeDecimals(const FieldReader& fields, const LogicalType& type) {
  const DecimalForm form(type);
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16: return Decimals<int16_t>(fields, form);
    case duckdb::PhysicalType::INT32: return Decimals<int32_t>(fields, form);
    case duckdb::PhysicalType::INT64: return Decimals<int64_t>(fields, form);
    default: return Decimals<duckdb::hugeint_t>(fields, form);
  }
}

// --- texts and bytes ---

ColumnPtr MakeTexts(const FieldReader& fields) {
  if (fields.binary) {
    return Make([fields](std::string_view field, Vector& vector, idx_t row) -> Status {
      WEIR_ASSIGN_OR_RETURN(const std::string text, fields.As<std::string>(field));
      AddText(text, vector, row);
      return Status::OK();
    });
  }
  const int32_t modifier = fields.type.modifier;
  const auto length = postgres::UnpackLength(modifier);
  if (!length) {
    return Make([](std::string_view field, Vector& vector, idx_t row) {
      AddText(field, vector, row);
      return Status::OK();
    });
  }
  return Make(
      [modifier, bytes = static_cast<size_t>(*length)](std::string_view field, Vector& vector, idx_t row) -> Status {
        if (field.size() <= bytes) {  // so it has no more characters
          AddText(field, vector, row);
          return Status::OK();
        }
        WEIR_ASSIGN_OR_RETURN(const std::string text, postgres::ApplyVarcharModifier(field, modifier, false));
        AddText(text, vector, row);
        return Status::OK();
      });
}

ColumnPtr MakeBytes(const FieldReader& fields) {
  return Make([fields](std::string_view field, Vector& vector, idx_t row) -> Status {
    if (fields.binary) {
      AddText(field, vector, row);
      return Status::OK();
    }
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, postgres::ReadBytea(field));
    AddText(bytes, vector, row);
    return Status::OK();
  });
}

// --- all others ---

ColumnPtr MakeOthers(const FieldReader& fields) {
  return Make([fields](std::string_view field, Vector& vector, idx_t row) -> Status {
    WEIR_ASSIGN_OR_RETURN(const postgres::Value value, fields(field));
    vector.SetValue(row, duck::ToStored(value, fields.type, vector.GetType()));
    return Status::OK();
  });
}

}  // namespace

std::string ShownInCopy(std::string_view text) {
  if (text.size() <= kShownInCopy) return std::string(text);
  return std::string(postgres::Clipped(text, kShownInCopy)) + "...";
}

Result<ColumnPtr> MakeCopyColumn(const SqlColumn& column, postgres::CopyOptions::Format format,
                                 const postgres::Settings& settings) {
  FieldReader fields{.binary = format == postgres::CopyOptions::Format::kBinary, .settings = &settings};
  WEIR_ASSIGN_OR_RETURN(fields.type, postgres::ParseType(column.type));
  fields.type = postgres::BaseTypeOf(fields.type);  // RowRouter holds rows to domains
  const LogicalType form = ToDuckType(column.data_type);
  const int32_t modifier = fields.type.modifier;
  switch (fields.type.oid) {
    case oid::kNumeric:
      if (form.id() == LogicalTypeId::DECIMAL) return MakeDecimals(fields, form);
      break;
    case oid::kText:
    case oid::kVarchar: return MakeTexts(fields);
    case oid::kBytea: return MakeBytes(fields);
    default: break;
  }
  if (form != duck::PhysicalType({fields.type.oid})) return MakeOthers(fields);
  const auto with_settings = [&settings](auto read) {
    return [&settings, read](std::string_view text) { return read(text, settings); };
  };
  const auto microseconds = [modifier](postgres::Timestamp moment) {
    return postgres::ApplyTimestampModifier(moment, modifier).microseconds;
  };
  switch (fields.type.oid) {
    case oid::kBool: return AsItIs<bool>(fields, postgres::ReadBool);
    case oid::kInt2: return AsItIs<int16_t>(fields, postgres::ReadInt16);
    case oid::kInt4: return AsItIs<int32_t>(fields, postgres::ReadInt32);
    case oid::kInt8: return AsItIs<int64_t>(fields, postgres::ReadInt64);
    case oid::kFloat4: return AsItIs<float>(fields, postgres::ReadFloat);
    case oid::kFloat8: return AsItIs<double>(fields, postgres::ReadDouble);
    case oid::kDate:
      return Plain<postgres::Date, int32_t>(fields, with_settings(postgres::ReadDate),
                                            [](postgres::Date date) { return date.days; });
    case oid::kTime:
      return Plain<postgres::Time, int64_t>(fields, with_settings(postgres::ReadTime), [modifier](postgres::Time time) {
        return postgres::ApplyTimeModifier(time, modifier).microseconds;
      });
    case oid::kTimestamp:
      return Plain<postgres::Timestamp, int64_t>(fields, with_settings(postgres::ReadTimestamp), microseconds);
    case oid::kTimestamptz:
      return Plain<postgres::Timestamp, int64_t>(fields, with_settings(postgres::ReadTimestampTz), microseconds);
    default: return MakeOthers(fields);
  }
}

}  // namespace weir::sql
