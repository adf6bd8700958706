#include "sql/engine/casts.h"

#include <fmt/format.h>

#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/cast/bound_cast_data.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "model/hex.h"
#include "sql/catalog/sql_types.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/parameters.h"
#include "sql/engine/types.h"
#include "sql/literal/array_text.h"
#include "sql/literal/datetime_text.h"
#include "sql/literal/scalar_text.h"

namespace weir::sql {
namespace {

using duckdb::BindCastInput;
using duckdb::BoundCastInfo;
using duckdb::CastParameters;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using duckdb::UnaryExecutor;
using duckdb::ValidityMask;
using duckdb::Vector;

std::string_view View(const string_t& text) { return {text.GetData(), text.GetSize()}; }

/// What only tries a cast is told that it fails.
void Fail(const Status& status, CastParameters& parameters) {
  if (!parameters.error_message) Throw(status, parameters.query_location);
  *parameters.error_message = status.message();
}

/// Casts each value by `read`, which gives a Result.
template <typename From, typename To, typename Read>
bool CastEach(Vector& source, Vector& result, idx_t count, CastParameters& parameters, Read read) {
  bool all = true;
  UnaryExecutor::ExecuteWithNulls<From, To>(source, result, count, [&](From value, ValidityMask& mask, idx_t row) {
    auto cast = read(value);
    if (cast.ok()) return To(*cast);
    Fail(cast.status(), parameters);
    mask.SetInvalid(row);
    all = false;
    return To();
  });
  return all;
}

bool ReadBooleans(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return CastEach<string_t, bool>(source, result, count, parameters, [](string_t text) { return ReadBoolean(View(text)); });
}

template <typename Integer>
bool ReadIntegers(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const std::string type = PgTypeName(result.GetType());
  return CastEach<string_t, Integer>(source, result, count, parameters,
                                     [&](string_t text) { return ReadInteger(View(text), sizeof(Integer), type); });
}

bool ReadFloats(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return CastEach<string_t, float>(source, result, count, parameters, [](string_t text) { return ReadFloat(View(text)); });
}

bool ReadDoubles(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return CastEach<string_t, double>(source, result, count, parameters, [](string_t text) { return ReadDouble(View(text)); });
}

bool ReadBlobs(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return CastEach<string_t, string_t>(source, result, count, parameters, [&](string_t text) -> Result<string_t> {
    WEIR_ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(View(text)));
    return duckdb::StringVector::AddStringOrBlob(result, bytes);
  });
}

// Decimals

/// numeric without precision, which is not to lose digits that were written.
bool IsPlainNumeric(const LogicalType& type) { return type == ToDuckType(PlainNumeric()); }

Status TooManyDigits(int scale) {
  return Error("22003", "numeric field overflow",
               {.detail = fmt::format("numeric without precision holds {} digits after the decimal point.", scale),
                .hint = "Declare it as numeric(p,s), or round the value."});
}

template <typename To, typename From, typename TextOf>
bool ReadDecimalsAs(Vector& source, Vector& result, idx_t count, CastParameters& parameters, bool exact, TextOf text_of) {
  const int precision = duckdb::DecimalType::GetWidth(result.GetType());
  const int scale = duckdb::DecimalType::GetScale(result.GetType());
  return CastEach<From, To>(source, result, count, parameters, [&](From value) -> Result<To> {
    WEIR_ASSIGN_OR_RETURN(const ScaledDecimal read, ReadDecimal(text_of(value), precision, scale));
    if (exact && !read.exact) return TooManyDigits(scale);
    if constexpr (std::is_same_v<To, duckdb::hugeint_t>) {
      return To(static_cast<int64_t>(read.unscaled >> 64), static_cast<uint64_t>(read.unscaled));
    } else {
      return static_cast<To>(read.unscaled);
    }
  });
}

template <typename From, typename TextOf>
bool ToDecimals(Vector& source, Vector& result, idx_t count, CastParameters& parameters, bool exact, TextOf text_of) {
  switch (result.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return ReadDecimalsAs<int16_t, From>(source, result, count, parameters, exact, text_of);
    case duckdb::PhysicalType::INT32:
      return ReadDecimalsAs<int32_t, From>(source, result, count, parameters, exact, text_of);
    case duckdb::PhysicalType::INT64:
      return ReadDecimalsAs<int64_t, From>(source, result, count, parameters, exact, text_of);
    default: return ReadDecimalsAs<duckdb::hugeint_t, From>(source, result, count, parameters, exact, text_of);
  }
}

bool ReadDecimals(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return ToDecimals<string_t>(source, result, count, parameters, IsPlainNumeric(result.GetType()), View);
}

/// The digits of floating point numbers that are sure: 15 and 6.
bool DoublesToDecimals(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return ToDecimals<double>(source, result, count, parameters, false, [](double v) { return fmt::format("{:.15g}", v); });
}
bool FloatsToDecimals(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  return ToDecimals<float>(source, result, count, parameters, false, [](float v) { return fmt::format("{:.6g}", v); });
}

struct RescaleData : public duckdb::BoundCastData {
  explicit RescaleData(BoundCastInfo bound) : rescale(std::move(bound)) {}
  duckdb::unique_ptr<BoundCastData> Copy() const override { return duckdb::make_uniq<RescaleData>(rescale.Copy()); }
  BoundCastInfo rescale;
};

/// Rescales to numeric without precision and looks whether the value is still the same.
bool ToPlainNumeric(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<RescaleData>();
  const int scale = duckdb::DecimalType::GetScale(source.GetType());
  const int kept = duckdb::DecimalType::GetScale(result.GetType());
  CastParameters inner(parameters, data.rescale.cast_data, parameters.local_state);
  const bool done = data.rescale.function(source, result, count, inner);
  if (scale <= kept) return done;
  for (idx_t row = 0; row < count; ++row) {
    const duckdb::Value value = source.GetValue(row);
    const std::string text = value.ToString();
    if (value.IsNull() || text.find_last_not_of('0') < text.size() - static_cast<size_t>(scale - kept)) continue;
    Fail(TooManyDigits(kept), parameters);
    return false;
  }
  return done;
}

BoundCastInfo BindPlainNumeric(BindCastInput& input, const LogicalType& source, const LogicalType& target) {
  auto rescale = duckdb::DefaultCasts::GetDefaultCastFunction(input, source, target);
  return {ToPlainNumeric, duckdb::make_uniq<RescaleData>(std::move(rescale))};
}

// Dates and times

struct ClockData : public duckdb::BoundCastData {
  explicit ClockData(Clock read) : clock(std::move(read)) {}
  duckdb::unique_ptr<BoundCastData> Copy() const override { return duckdb::make_uniq<ClockData>(clock); }
  Clock clock;
};

Clock ClockOf(duckdb::optional_ptr<duckdb::ClientContext> context) {
  Clock clock;
  if (!context) return clock;
  const auto state = context->registered_state->Get<SessionState>(SessionState::kKey);
  if (!state || !state->parameters) return clock;
  clock.zone = state->parameters->Get("TimeZone").value_or(clock.zone);
  clock.now = state->transaction_time.value;
  return clock;
}

template <duckdb::cast_function_t Function>
BoundCastInfo BindWithClock(BindCastInput& input, const LogicalType&, const LogicalType&) {
  return {Function, duckdb::make_uniq<ClockData>(ClockOf(input.context))};
}

/// `Raw`: what DuckDB's type counts in, of its constructor.
template <typename To, typename Raw, Result<int64_t> (*Read)(std::string_view, const Clock&)>
bool ReadMoments(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const Clock& clock = parameters.cast_data->Cast<ClockData>().clock;
  return CastEach<string_t, To>(source, result, count, parameters, [&](string_t text) -> Result<To> {
    WEIR_ASSIGN_OR_RETURN(const int64_t value, Read(View(text), clock));
    return To(static_cast<Raw>(value));
  });
}

constexpr auto kReadDates = ReadMoments<duckdb::date_t, int32_t, ReadDate>;
constexpr auto kReadTimes = ReadMoments<duckdb::dtime_t, int64_t, ReadTime>;
constexpr auto kReadTimestamps = ReadMoments<duckdb::timestamp_t, int64_t, ReadTimestamp>;
constexpr auto kReadZoned = ReadMoments<duckdb::timestamp_t, int64_t, ReadTimestamptz>;

// Arrays

int DepthOf(const LogicalType& type) {
  return type.id() == LogicalTypeId::LIST ? 1 + DepthOf(duckdb::ListType::GetChildType(type)) : 0;
}

LogicalType ElementOf(const LogicalType& type) {
  return type.id() == LogicalTypeId::LIST ? ElementOf(duckdb::ListType::GetChildType(type)) : type;
}

Result<ArrayText> ReadArrayOfDepth(std::string_view text, size_t depth) {
  WEIR_ASSIGN_OR_RETURN(ArrayText array, ReadArray(text));
  if (array.dimensions.empty() || array.dimensions.size() == depth) return array;
  return Error("0A000", fmt::format("an array of {} dimensions does not fit a type of {}", array.dimensions.size(), depth),
               {.hint = "Write one pair of brackets for each dimension: int[][]."});
}

/// Lays the arrays of all rows out in the list vector and those below it; `rows` has one a row, nothing for NULL.
void FillLists(const std::vector<std::optional<ArrayText>>& rows, Vector& result) {
  std::vector<size_t> lists(rows.size(), 1);  // of each row on this level
  Vector* level = &result;
  for (int depth = 0; level->GetType().id() == LogicalTypeId::LIST; ++depth) {
    auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(*level);
    size_t at = 0, offset = 0;
    for (size_t row = 0; row < rows.size(); ++row) {
      const bool filled = rows[row] && !rows[row]->dimensions.empty();
      const size_t length = filled ? rows[row]->dimensions[static_cast<size_t>(depth)] : 0;
      for (size_t i = 0; i < lists[row]; ++i, offset += length) entries[at++] = {offset, length};
      lists[row] *= length;
    }
    duckdb::ListVector::Reserve(*level, offset);
    duckdb::ListVector::SetListSize(*level, offset);
    level = &duckdb::ListVector::GetEntry(*level);
  }
}

/// The texts of all elements, in one vector.
Vector ElementTexts(const std::vector<std::optional<ArrayText>>& rows, idx_t count) {
  Vector texts(LogicalType::VARCHAR, count);
  auto* data = duckdb::FlatVector::GetData<string_t>(texts);
  idx_t at = 0;
  for (const auto& row : rows) {
    if (!row) continue;
    for (const auto& element : row->elements) {
      if (element) {
        data[at] = duckdb::StringVector::AddString(texts, *element);
      } else {
        duckdb::FlatVector::SetNull(texts, at, true);
      }
      ++at;
    }
  }
  return texts;
}

bool ReadArrays(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& element_cast = parameters.cast_data->Cast<duckdb::ListBoundCastData>().child_cast_info;
  const auto depth = static_cast<size_t>(DepthOf(result.GetType()));
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  const auto* texts = duckdb::UnifiedVectorFormat::GetData<string_t>(format);
  std::vector<std::optional<ArrayText>> rows(count);
  bool all = true;
  idx_t elements = 0;
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    const idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) {
      auto array = ReadArrayOfDepth(View(texts[at]), depth);
      all &= array.ok();
      if (array.ok()) rows[row] = array.MoveValue();
      if (!array.ok()) Fail(array.status(), parameters);
    }
    if (!rows[row]) duckdb::FlatVector::SetNull(result, row, true);
    if (rows[row]) elements += rows[row]->elements.size();
  }
  FillLists(rows, result);
  Vector element_texts = ElementTexts(rows, elements);
  Vector* innermost = &result;
  while (innermost->GetType().id() == LogicalTypeId::LIST) innermost = &duckdb::ListVector::GetEntry(*innermost);
  CastParameters inner(parameters, element_cast.cast_data, parameters.local_state);
  if (elements > 0) all &= element_cast.function(element_texts, *innermost, elements, inner);
  if (source.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
  return all;
}

BoundCastInfo BindReadArrays(BindCastInput& input, const LogicalType& source, const LogicalType& target) {
  auto element = input.GetCastFunction(source, ElementOf(target));
  return {ReadArrays, duckdb::make_uniq<duckdb::ListBoundCastData>(std::move(element)),
          duckdb::ListBoundCastData::InitListLocalState};
}

/// An array's elements as texts that can stand between its braces.
std::string ElementText(const LogicalType& type, std::string_view text) {
  if (type.id() == LogicalTypeId::LIST) return std::string(text);
  if (type.id() == LogicalTypeId::BOOLEAN) return std::string(text.substr(0, 1));
  return ArrayElement(text);
}

bool WriteArrays(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& element_cast = parameters.cast_data->Cast<duckdb::ListBoundCastData>().child_cast_info;
  const LogicalType& type = duckdb::ListType::GetChildType(source.GetType());
  Vector& elements = duckdb::ListVector::GetEntry(source);
  const idx_t size = duckdb::ListVector::GetListSize(source);
  Vector texts(LogicalType::VARCHAR, std::max<idx_t>(size, 1));
  CastParameters inner(parameters, element_cast.cast_data, parameters.local_state);
  if (size > 0) element_cast.function(elements, texts, size, inner);
  duckdb::UnifiedVectorFormat format;
  texts.ToUnifiedFormat(size, format);
  const auto* data = duckdb::UnifiedVectorFormat::GetData<string_t>(format);
  UnaryExecutor::Execute<duckdb::list_entry_t, string_t>(source, result, count, [&](duckdb::list_entry_t list) {
    std::string text = "{";
    for (idx_t i = list.offset; i < list.offset + list.length; ++i) {
      const idx_t at = format.sel->get_index(i);
      if (text.size() > 1) text += ',';
      text += format.validity.RowIsValid(at) ? ElementText(type, View(data[at])) : "NULL";
    }
    return duckdb::StringVector::AddString(result, text + "}");
  });
  return true;
}

BoundCastInfo BindWriteArrays(BindCastInput& input, const LogicalType& source, const LogicalType& target) {
  auto element = input.GetCastFunction(duckdb::ListType::GetChildType(source), target);
  return {WriteArrays, duckdb::make_uniq<duckdb::ListBoundCastData>(std::move(element)),
          duckdb::ListBoundCastData::InitListLocalState};
}

// Texts

template <typename From, std::string (*TextOf)(From)>
bool WriteEach(Vector& source, Vector& result, idx_t count, CastParameters&) {
  UnaryExecutor::Execute<From, string_t>(
      source, result, count, [&](From value) { return duckdb::StringVector::AddString(result, TextOf(value)); });
  return true;
}

std::string TextOfDouble(double value) { return FloatText(value, false); }
std::string TextOfFloat(float value) { return FloatText(value, true); }
std::string TextOfBytes(string_t bytes) { return "\\x" + HexOf(View(bytes)); }

/// DuckDB writes "(BC)".
std::string WithoutParentheses(std::string text) {
  if (text.ends_with("(BC)")) text.replace(text.size() - 4, 4, "BC");
  return text;
}
std::string TextOfDate(duckdb::date_t date) { return WithoutParentheses(duckdb::Date::ToString(date)); }
std::string TextOfTimestamp(duckdb::timestamp_t moment) {
  return WithoutParentheses(duckdb::Timestamp::ToString(moment));
}

/// Adds casts that are as implicit as those that they replace.
class Casts {
 public:
  explicit Casts(duckdb::DuckDB& database) : set_(duckdb::CastFunctionSet::Get(*database.instance)) {}

  void Add(const LogicalType& source, const LogicalType& target, duckdb::cast_function_t function) {
    set_.RegisterCastFunction(source, target, BoundCastInfo(function), set_.ImplicitCastCost(nullptr, source, target));
  }
  /// `example`: of the types that `source` and `target` stand for.
  void Bind(const LogicalType& source, const LogicalType& target, duckdb::bind_cast_function_t bind,
            const LogicalType& source_example, const LogicalType& target_example) {
    set_.RegisterCastFunction(source, target, bind, set_.ImplicitCastCost(nullptr, source_example, target_example));
  }
  void Bind(const LogicalType& source, const LogicalType& target, duckdb::bind_cast_function_t bind) {
    Bind(source, target, bind, source, target);
  }

 private:
  duckdb::CastFunctionSet& set_;
};

template <duckdb::cast_function_t Function>
BoundCastInfo BindPlain(BindCastInput&, const LogicalType&, const LogicalType&) {
  return BoundCastInfo(Function);
}

}  // namespace

void RegisterCasts(duckdb::DuckDB& database) {
  Casts casts(database);
  const LogicalType text = LogicalType::VARCHAR;
  casts.Add(text, LogicalType::BOOLEAN, ReadBooleans);
  casts.Add(text, LogicalType::SMALLINT, ReadIntegers<int16_t>);
  casts.Add(text, LogicalType::INTEGER, ReadIntegers<int32_t>);
  casts.Add(text, LogicalType::BIGINT, ReadIntegers<int64_t>);
  casts.Add(text, LogicalType::FLOAT, ReadFloats);
  casts.Add(text, LogicalType::DOUBLE, ReadDoubles);
  casts.Add(text, LogicalType::BLOB, ReadBlobs);
  casts.Bind(text, LogicalType::DATE, BindWithClock<kReadDates>);
  casts.Bind(text, LogicalType::TIME, BindWithClock<kReadTimes>);
  casts.Bind(text, LogicalType::TIMESTAMP, BindWithClock<kReadTimestamps>);
  casts.Bind(text, LogicalType::TIMESTAMP_TZ, BindWithClock<kReadZoned>);

  const LogicalType decimals(LogicalTypeId::DECIMAL), decimal = LogicalType::DECIMAL(18, 3);
  casts.Bind(text, decimals, BindPlain<ReadDecimals>, text, decimal);
  casts.Bind(LogicalType::DOUBLE, decimals, BindPlain<DoublesToDecimals>, LogicalType::DOUBLE, decimal);
  casts.Bind(LogicalType::FLOAT, decimals, BindPlain<FloatsToDecimals>, LogicalType::FLOAT, decimal);
  const LogicalType plain = ToDuckType(PlainNumeric());
  casts.Bind(decimals, plain, BindPlainNumeric, decimal, plain);

  const LogicalType lists = LogicalType::LIST(LogicalType::ANY), list = LogicalType::LIST(LogicalType::INTEGER);
  casts.Bind(text, lists, BindReadArrays, text, list);
  casts.Bind(lists, text, BindWriteArrays, list, text);

  casts.Add(LogicalType::DOUBLE, text, WriteEach<double, TextOfDouble>);
  casts.Add(LogicalType::FLOAT, text, WriteEach<float, TextOfFloat>);
  casts.Add(LogicalType::BLOB, text, WriteEach<string_t, TextOfBytes>);
  casts.Add(LogicalType::DATE, text, WriteEach<duckdb::date_t, TextOfDate>);
  casts.Add(LogicalType::TIMESTAMP, text, WriteEach<duckdb::timestamp_t, TextOfTimestamp>);
}

duckdb::Value ValueOfText(duckdb::ClientContext& context, const std::string& text, const LogicalType& type) {
  Vector source((duckdb::Value(text)));
  Vector result(type);
  duckdb::VectorOperations::Cast(context, source, result, 1);
  return result.GetValue(0);
}

}  // namespace weir::sql
