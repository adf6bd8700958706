#include <limits>

#include "postgres/compute/json_build.h"
#include "postgres/value/bits.h"
#include "postgres/value/character.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/time_lanes.h"

namespace weir::sql::duck {
namespace {

/// Casts that hold a value to its type's modifier, called by name, and those of jsonb and "char".

namespace pg = ::weir::postgres;
using pg::Interval;
using pg::Numeric;
using pg::Time;
using pg::Timestamp;
using pg::TimeTz;
using View = std::string_view;
using Text = Result<std::string>;

Text ModifiedBits(View bits, int32_t modifier, bool varying, bool is_explicit) {
  WEIR_ASSIGN_OR_RETURN(pg::Bits value, pg::ReadBits(bits, -1, true));
  WEIR_ASSIGN_OR_RETURN(value, pg::ApplyBitsModifier(std::move(value), modifier, varying, is_explicit));
  std::string text;
  pg::AppendBits(value, &text);
  return text;
}

void AddOfModifiers(FunctionList* list) {
  list->Add("varchar(varchar,int4,bool)", [](View a, int32_t modifier, bool is_explicit) -> Text {
    return pg::ApplyVarcharModifier(a, modifier, is_explicit);
  });
  list->Add("bpchar(bpchar,int4,bool)", [](View a, int32_t modifier, bool is_explicit) -> Text {
    WEIR_ASSIGN_OR_RETURN(const std::string filled, pg::ApplyBpcharModifier(a, modifier, is_explicit));
    return std::string(pg::WithoutTrailingBlanks(filled));
  });
  list->Add("bit(bit,int4,bool)", [](View a, int32_t modifier, bool is_explicit) -> Text {
    return ModifiedBits(a, modifier, false, is_explicit);
  });
  list->Add("varbit(varbit,int4,bool)", [](View a, int32_t modifier, bool is_explicit) -> Text {
    return ModifiedBits(a, modifier, true, is_explicit);
  });
  list->Add("numeric(numeric,int4)", [](const Numeric& a, int32_t modifier) -> Result<Numeric> {
    return pg::ApplyNumericModifier(a, modifier);
  });
  list->Add("interval(interval,int4)",
            [](Interval a, int32_t modifier) -> Interval { return pg::ApplyIntervalModifier(a, modifier); });
  list->Add("time(time,int4)", [](Time a, int32_t modifier) -> Time { return pg::ApplyTimeModifier(a, modifier); });
  list->Add("timetz(timetz,int4)",
            [](TimeTz a, int32_t modifier) -> TimeTz { return pg::ApplyTimeModifier(a, modifier); });
  for (const char* name : {"timestamp(timestamp,int4)", "timestamptz(timestamptz,int4)"}) {
    list->Add(name, [](Timestamp a, int32_t modifier) -> Result<Timestamp> {
      if (modifier > 6 && pg::IsFinite(a)) {
        return Error("22023", "timestamp(" + std::to_string(modifier) + ") precision must be between 0 and 6");
      }
      return pg::ApplyTimestampModifier(a, modifier);
    });
  }
}

template <typename T>
Result<T> IntegerOfJsonb(View json, const char* type) {
  WEIR_ASSIGN_OR_RETURN(const Numeric number, pg::NumericOfJsonb(json, type));
  WEIR_ASSIGN_OR_RETURN(const int64_t integer,
                        pg::IntegerOf(number, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), type));
  return static_cast<T>(integer);
}

void AddOfJsonb(FunctionList* list) {
  list->Add("bool(jsonb)", [](View a) -> Result<bool> { return pg::BoolOfJsonb(a); });
  list->Add("numeric(jsonb)", [](View a) -> Result<Numeric> { return pg::NumericOfJsonb(a, "numeric"); });
  list->Add("int2(jsonb)", [](View a) -> Result<int16_t> { return IntegerOfJsonb<int16_t>(a, "smallint"); });
  list->Add("int4(jsonb)", [](View a) -> Result<int32_t> { return IntegerOfJsonb<int32_t>(a, "integer"); });
  list->Add("int8(jsonb)", [](View a) -> Result<int64_t> { return IntegerOfJsonb<int64_t>(a, "bigint"); });
  list->Add("float4(jsonb)", [](View a) -> Result<float> {
    WEIR_ASSIGN_OR_RETURN(const Numeric number, pg::NumericOfJsonb(a, "real"));
    return pg::FloatOf(number);
  });
  list->Add("float8(jsonb)", [](View a) -> Result<double> {
    WEIR_ASSIGN_OR_RETURN(const Numeric number, pg::NumericOfJsonb(a, "double precision"));
    return pg::DoubleOf(number);
  });
}

}  // namespace

void AddModifiers(FunctionList* list) {
  AddOfModifiers(list);
  AddOfJsonb(list);
  list->Add("char(int4)", [](int32_t a) -> Text {
    if (a < -128 || a > 127) return Error("22003", "\"char\" out of range");
    return a == 0 ? std::string() : std::string(1, static_cast<char>(a));
  });
  list->Add("int4(char)", [](View a) -> int32_t { return a.empty() ? 0 : static_cast<int8_t>(a[0]); });
  list->Add("xid(xid8)", [](uint64_t a) -> int64_t { return static_cast<int64_t>(a & 0xFFFFFFFF); });
}

}  // namespace weir::sql::duck
