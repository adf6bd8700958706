#include "postgres/value/one_form.h"

#include <algorithm>
#include <utility>

#include "postgres/value.h"
#include "postgres/value/calendar.h"

namespace weir::postgres {
namespace {

/// The numbers of a jsonb; what stands in quotes stays.
Result<std::string> JsonbInOneForm(std::string_view json) {
  std::string form;
  for (size_t at = 0; at < json.size();) {
    size_t end = at + 1;
    if (json[at] == '"') {
      while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
      ++end;
    } else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
      end = std::min(json.find_first_of(",]} ", at), json.size());
      WEIR_ASSIGN_OR_RETURN(const std::string number, WithoutLastZeros(json.substr(at, end - at)));
      form += number;
      at = end;
      continue;
    }
    form += json.substr(at, end - at);
    at = end;
  }
  return form;
}

void TrimBounds(Range* range) {
  for (auto* bound : {&range->lower, &range->upper}) {
    for (Value& value : *bound) value = TrimScale(std::get<Numeric>(value));
  }
}

Value WithoutZeros(Value value) {
  if (auto* range = std::get_if<Range>(&value)) TrimBounds(range);
  if (auto* ranges = std::get_if<Multirange>(&value)) {
    for (Range& range : ranges->ranges) TrimBounds(&range);
  }
  return value;
}

Interval WholeMonths(const Interval& interval) {
  constexpr Int128 kMonth = Int128{30} * kMicrosPerDay;
  const Int128 span = SpanOf(interval);
  return {.months = static_cast<int32_t>(span / kMonth),
          .days = static_cast<int32_t>(span % kMonth / kMicrosPerDay),
          .microseconds = static_cast<int64_t>(span % kMicrosPerDay)};
}

}  // namespace

Result<std::string> InOneForm(Oid type, std::string_view text) {
  if (type == oid::kNumeric) return WithoutLastZeros(text);
  if (type == oid::kJsonb) return JsonbInOneForm(text);
  const bool ranges = RangeElement(type) == oid::kNumeric;
  if (!ranges && type != oid::kInterval) return std::string(text);
  WEIR_ASSIGN_OR_RETURN(Value value, ReadText({type}, text, {}));
  if (ranges) value = WithoutZeros(std::move(value));
  else value = WholeMonths(std::get<Interval>(value));
  std::string form;
  WriteText(type, value, {}, &form);
  return form;
}

}  // namespace weir::postgres
