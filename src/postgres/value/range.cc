#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/nested.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

enum Flag : uint8_t {
  kEmpty = 0x01,
  kLowerInclusive = 0x02,
  kUpperInclusive = 0x04,
  kLowerInfinite = 0x08,
  kUpperInfinite = 0x10,
};

/// The next value of a discrete type.
Result<Value> Next(const Value& value) {
  if (const auto* number = std::get_if<int32_t>(&value)) {
    if (*number == std::numeric_limits<int32_t>::max()) return Error("22003", "integer out of range");
    return Value(*number + 1);
  }
  if (const auto* number = std::get_if<int64_t>(&value)) {
    if (*number == std::numeric_limits<int64_t>::max()) return Error("22003", "bigint out of range");
    return Value(*number + 1);
  }
  const auto* date = std::get_if<Date>(&value);
  if (date == nullptr || !IsFinite(*date)) return value;
  if (!IsValidDate(int64_t{date->days} + 1)) return Error("22008", "date out of range");
  return Value(Date{date->days + 1});
}

bool IsDiscrete(Oid element) { return element == oid::kInt4 || element == oid::kInt8 || element == oid::kDate; }

/// Whether the bounds hold nothing between them; 22000 where they are the wrong way round.
Result<bool> IsEmpty(Oid element, const Range& range) {
  if (range.lower.empty() || range.upper.empty()) return false;
  const auto order = CompareValues(element, range.lower[0], range.upper[0]);
  if (order > 0) return Error("22000", "range lower bound must be less than or equal to range upper bound");
  return order == 0 && !(range.lower_inclusive && range.upper_inclusive);
}

bool IsInfiniteDate(const std::vector<Value>& bound) {
  const auto* date = bound.empty() ? nullptr : std::get_if<Date>(&bound[0]);
  return date != nullptr && !IsFinite(*date);
}

class RangeParser {
 public:
  RangeParser(Oid element, std::string_view text, const Settings& settings)
      : element_(element), text_(text), left_(WithoutLeadingSpace(text)), settings_(settings) {}

  Result<Range> Parse() {
    if (EqualsIgnoringCase(left_.substr(0, 5), "empty")) {
      if (!WithoutLeadingSpace(left_.substr(5)).empty()) return Malformed("Junk after \"empty\" key word.");
      return Range{.empty = true};
    }
    Range range;
    if (!left_.starts_with('[') && !left_.starts_with('(')) return Malformed("Missing left parenthesis or bracket.");
    range.lower_inclusive = left_[0] == '[';
    left_.remove_prefix(1);
    std::optional<std::string> lower, upper;
    WEIR_RETURN_NOT_OK(TakeBound(&lower));
    if (!left_.starts_with(',')) return Malformed("Missing comma after lower bound.");
    left_.remove_prefix(1);
    WEIR_RETURN_NOT_OK(TakeBound(&upper));
    if (!left_.starts_with(']') && !left_.starts_with(')')) return Malformed("Too many commas.");
    range.upper_inclusive = left_[0] == ']';
    if (!WithoutLeadingSpace(left_.substr(1)).empty()) return Malformed("Junk after right parenthesis or bracket.");
    WEIR_RETURN_NOT_OK(ReadBound(lower, &range.lower));
    WEIR_RETURN_NOT_OK(ReadBound(upper, &range.upper));
    return range;
  }

 private:
  Status Malformed(std::string_view detail) const {
    return Error("22P02", fmt::format("malformed range literal: \"{}\"", text_), {.detail = std::string(detail)});
  }

  Status TakeBound(std::optional<std::string>* bound) {
    const auto ends = [this] { return left_.starts_with(',') || left_.starts_with(')') || left_.starts_with(']'); };
    if (ends()) return Status::OK();
    bound->emplace();
    bool quoted = false;
    while (quoted || !ends()) {
      if (left_.empty()) return Malformed("Unexpected end of input.");
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == '\\') {
        if (left_.empty()) return Malformed("Unexpected end of input.");
        (*bound)->push_back(left_.front());
        left_.remove_prefix(1);
      } else if (c != '"') {
        (*bound)->push_back(c);
      } else if (quoted && left_.starts_with('"')) {
        (*bound)->push_back('"');
        left_.remove_prefix(1);
      } else {
        quoted = !quoted;
      }
    }
    return Status::OK();
  }

  Status ReadBound(const std::optional<std::string>& text, std::vector<Value>* bound) const {
    if (!text) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(Value value, ReadText({.oid = element_, .modifier = -1}, *text, settings_));
    bound->push_back(std::move(value));
    return Status::OK();
  }

  const Oid element_;
  const std::string_view text_;
  std::string_view left_;
  const Settings& settings_;
};

void AppendBound(std::string_view text, std::string* out) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || c == '(' || c == ')' || c == '[' || c == ']' || c == ',' || IsSpace(c);
  });
  if (plain) {
    *out += text;
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back(c);
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace

Result<Range> CanonicalRange(Oid element, Range range) {
  if (range.empty) return Range{.empty = true};
  range.lower_inclusive &= !range.lower.empty();
  range.upper_inclusive &= !range.upper.empty();
  WEIR_ASSIGN_OR_RETURN(const bool empty, IsEmpty(element, range));
  if (empty) return Range{.empty = true};
  if (!IsDiscrete(element)) return range;
  if (!range.lower.empty() && !range.lower_inclusive && !IsInfiniteDate(range.lower)) {
    WEIR_ASSIGN_OR_RETURN(range.lower[0], Next(range.lower[0]));
    range.lower_inclusive = true;
  }
  if (range.upper_inclusive && !IsInfiniteDate(range.upper)) {
    WEIR_ASSIGN_OR_RETURN(range.upper[0], Next(range.upper[0]));
    range.upper_inclusive = false;
  }
  WEIR_ASSIGN_OR_RETURN(const bool nothing, IsEmpty(element, range));
  return nothing ? Range{.empty = true} : range;
}

Result<Range> ReadRange(Oid element, std::string_view text, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(Range range, RangeParser(element, text, settings).Parse());
  return CanonicalRange(element, std::move(range));
}

void AppendRange(Oid element, const Range& value, const Settings& settings, std::string* out) {
  if (value.empty) {
    *out += "empty";
    return;
  }
  const auto bound = [&](const std::vector<Value>& of) {
    if (of.empty()) return;
    std::string text;
    WriteText(element, of[0], settings, &text);
    AppendBound(text, out);
  };
  out->push_back(value.lower_inclusive ? '[' : '(');
  bound(value.lower);
  out->push_back(',');
  bound(value.upper);
  out->push_back(value.upper_inclusive ? ']' : ')');
}

Result<Range> ReadRangeBinary(Oid element, std::string_view bytes, const Settings& settings) {
  if (bytes.empty()) return TooFewBytes();
  const auto flags = static_cast<uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  Range range{.empty = (flags & kEmpty) != 0,
              .lower_inclusive = (flags & kLowerInclusive) != 0,
              .upper_inclusive = (flags & kUpperInclusive) != 0};
  const auto take = [&](std::vector<Value>* bound) -> Status {
    if (bytes.size() < sizeof(int32_t)) return TooFewBytes();
    const auto size = LoadBigEndian<int32_t>(bytes);
    bytes.remove_prefix(sizeof(int32_t));
    if (size < 0 || static_cast<size_t>(size) > bytes.size()) return TooFewBytes();
    WEIR_ASSIGN_OR_RETURN(Value value, ReadBinary({.oid = element, .modifier = -1},
                                                  bytes.substr(0, static_cast<size_t>(size)), settings));
    bytes.remove_prefix(static_cast<size_t>(size));
    bound->push_back(std::move(value));
    return Status::OK();
  };
  if (!range.empty && (flags & kLowerInfinite) == 0) WEIR_RETURN_NOT_OK(take(&range.lower));
  if (!range.empty && (flags & kUpperInfinite) == 0) WEIR_RETURN_NOT_OK(take(&range.upper));
  if (!bytes.empty()) return TooManyBytes();
  return CanonicalRange(element, std::move(range));
}

Status AppendRangeBinary(Oid element, const Range& value, const Settings& settings, std::string* out) {
  uint8_t flags = 0;
  if (value.empty) flags |= kEmpty;
  if (value.lower_inclusive) flags |= kLowerInclusive;
  if (value.upper_inclusive) flags |= kUpperInclusive;
  if (!value.empty && value.lower.empty()) flags |= kLowerInfinite;
  if (!value.empty && value.upper.empty()) flags |= kUpperInfinite;
  out->push_back(static_cast<char>(flags));
  for (const std::vector<Value>* bound : {&value.lower, &value.upper}) {
    if (bound->empty()) continue;
    const size_t size_at = out->size();
    AppendBigEndian(int32_t{0}, out);
    WEIR_RETURN_NOT_OK(WriteBinary(element, (*bound)[0], settings, out));
    StoreBigEndian(static_cast<int32_t>(out->size() - size_at - sizeof(int32_t)), out->data() + size_at);
  }
  return Status::OK();
}

std::strong_ordering CompareEnds(Oid element, const RangeEnd& a, const RangeEnd& b) {
  const auto infinite = [](const RangeEnd& end) { return !end.value->empty() ? 0 : end.lower ? -1 : 1; };
  if (infinite(a) != 0 || infinite(b) != 0) return infinite(a) <=> infinite(b);
  if (const auto order = CompareValues(element, a.value->front(), b.value->front()); order != 0) return order;
  // An exclusive bound lies a little inside of the range.
  const auto shift = [](const RangeEnd& end) { return end.inclusive ? 0 : end.lower ? 1 : -1; };
  return shift(a) <=> shift(b);
}

std::strong_ordering CompareRanges(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return b.empty <=> a.empty;
  if (const auto order = CompareEnds(element, LowerOf(a), LowerOf(b)); order != 0) return order;
  return CompareEnds(element, UpperOf(a), UpperOf(b));
}

}  // namespace weir::postgres
