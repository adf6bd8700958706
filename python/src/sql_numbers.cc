#include "sql_numbers.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <optional>

#include "postgres/oid.h"
#include "types/arrow_status.h"

namespace weir::python {
namespace {

using RecordBatches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

constexpr int kMostDigits128 = 38;
constexpr int kMostDigits256 = 76;

/// Digits before and after the point.
struct Digits {
  int whole = 1;
  int scale = 0;
};

/// Nothing where a text is no number: NaN, Infinity.
std::optional<Digits> DigitsOf(const RecordBatches& batches, int column) {
  Digits digits;
  for (const auto& batch : batches) {
    const auto& texts = static_cast<const arrow::StringArray&>(*batch->column(column));
    for (int64_t row = 0; row < texts.length(); ++row) {
      if (texts.IsNull(row)) continue;
      std::string_view text = texts.GetView(row);
      if (text.starts_with('-')) text.remove_prefix(1);
      if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
      const size_t point = std::min(text.find('.'), text.size());
      digits.whole = std::max(digits.whole, static_cast<int>(point));
      if (point < text.size()) digits.scale = std::max(digits.scale, static_cast<int>(text.size() - point - 1));
    }
  }
  return digits;
}

template <typename Builder, typename Value>
Result<std::shared_ptr<arrow::Array>> Decimals(const arrow::StringArray& texts,
                                               const std::shared_ptr<arrow::DataType>& type, int scale) {
  Builder builder(type);
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) {
      WEIR_RETURN_NOT_OK(FromArrow(builder.AppendNull()));
      continue;
    }
    Value value;
    int32_t precision = 0;
    int32_t own_scale = 0;
    WEIR_RETURN_NOT_OK(FromArrow(Value::FromString(texts.GetView(row), &value, &precision, &own_scale)));
    WEIR_ASSIGN_OR_RETURN(value, FromArrow(value.Rescale(own_scale, scale)));
    WEIR_RETURN_NOT_OK(FromArrow(builder.Append(value)));
  }
  return FromArrow(builder.Finish());
}

Status MakeDecimal(int column, const Digits& digits, std::shared_ptr<arrow::Schema>* schema, RecordBatches* batches) {
  const bool small = digits.whole + digits.scale <= kMostDigits128;
  const auto type =
      small ? arrow::decimal128(kMostDigits128, digits.scale) : arrow::decimal256(kMostDigits256, digits.scale);
  const auto field = (*schema)->field(column)->WithType(type);
  WEIR_ASSIGN_OR_RETURN(*schema, FromArrow((*schema)->SetField(column, field)));
  for (auto& batch : *batches) {
    const auto& texts = static_cast<const arrow::StringArray&>(*batch->column(column));
    WEIR_ASSIGN_OR_RETURN(auto values,
                          (small ? Decimals<arrow::Decimal128Builder, arrow::Decimal128>(texts, type, digits.scale)
                                 : Decimals<arrow::Decimal256Builder, arrow::Decimal256>(texts, type, digits.scale)));
    WEIR_ASSIGN_OR_RETURN(batch, FromArrow(batch->SetColumn(column, field, values)));
  }
  return Status::OK();
}

}  // namespace

Status MakeDecimals(const std::vector<sql::ResultColumn>& columns, std::shared_ptr<arrow::Schema>* schema,
                    RecordBatches* batches) {
  for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
    const bool text = (*schema)->field(i)->type()->id() == arrow::Type::STRING;
    if (columns[static_cast<size_t>(i)].type_oid != postgres::oid::kNumeric || !text) continue;
    const auto digits = DigitsOf(*batches, i);
    if (!digits || digits->whole + digits->scale > kMostDigits256) continue;
    WEIR_RETURN_NOT_OK(MakeDecimal(i, *digits, schema, batches));
  }
  return Status::OK();
}

}  // namespace weir::python
