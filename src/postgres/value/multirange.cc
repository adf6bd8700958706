#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/nested.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr std::string_view kEmptyRange = "empty";

/// Cuts a multirange's text into the texts of its ranges, and reads each before it looks at what comes behind.
class MultirangeParser {
 public:
  MultirangeParser(Oid element, std::string_view text, const Settings& settings)
      : element_(element), text_(text), left_(WithoutLeadingSpace(text)), settings_(settings) {}

  Result<std::vector<Range>> Parse() {
    if (!left_.starts_with('{')) return Malformed("Missing left brace.");
    Skip(1);
    std::vector<Range> ranges;
    bool more = !left_.starts_with('}');
    while (more) {
      WEIR_ASSIGN_OR_RETURN(const std::string_view text, TakeRange());
      WEIR_ASSIGN_OR_RETURN(Range range, ReadRange(element_, text, settings_));
      ranges.push_back(std::move(range));
      if (left_.empty()) return EndsEarly();
      if (!left_.starts_with(',') && !left_.starts_with('}')) return Malformed("Expected comma or end of multirange.");
      more = left_.starts_with(',');
      if (more) Skip(1);
    }
    Skip(1);
    if (!left_.empty()) return Malformed("Junk after closing right brace.");
    return ranges;
  }

 private:
  Status Malformed(std::string_view detail) const {
    return Error("22P02", fmt::format("malformed multirange literal: \"{}\"", text_), {.detail = std::string(detail)});
  }
  Status EndsEarly() const { return Malformed("Unexpected end of input."); }

  void Skip(size_t count) { left_ = WithoutLeadingSpace(left_.substr(count)); }

  Result<std::string_view> TakeRange() {
    if (left_.empty()) return EndsEarly();
    const std::string_view from = left_;
    if (EqualsIgnoringCase(left_.substr(0, kEmptyRange.size()), kEmptyRange)) {
      Skip(kEmptyRange.size());
      return from.substr(0, kEmptyRange.size());
    }
    if (!left_.starts_with('[') && !left_.starts_with('(')) return Malformed("Expected range start.");
    bool quoted = false;
    for (size_t i = 1; i < from.size(); ++i) {
      const char c = from[i];
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = !quoted;  // two of them in quotes close and open them again
      } else if (!quoted && (c == ']' || c == ')')) {
        Skip(i + 1);
        return from.substr(0, i + 1);
      }
    }
    return EndsEarly();
  }

  const Oid element_;
  const std::string_view text_;
  std::string_view left_;
  const Settings& settings_;
};

bool AreApart(Oid element, const Range& left, const Range& right) {
  const RangeEnd end = UpperOf(left);
  const RangeEnd begin = LowerOf(right);
  if (end.value->empty() || begin.value->empty()) return false;
  const auto order = CompareValues(element, end.value->front(), begin.value->front());
  return order < 0 || (order == 0 && !end.inclusive && !begin.inclusive);
}

}  // namespace

Multirange CanonicalMultirange(Oid element, std::vector<Range> ranges) {
  std::erase_if(ranges, [](const Range& range) { return range.empty; });
  std::ranges::sort(ranges, [&](const Range& a, const Range& b) { return CompareRanges(element, a, b) < 0; });
  Multirange result;
  for (Range& range : ranges) {
    if (result.ranges.empty() || AreApart(element, result.ranges.back(), range)) {
      result.ranges.push_back(std::move(range));
    } else if (CompareEnds(element, UpperOf(result.ranges.back()), UpperOf(range)) < 0) {
      result.ranges.back().upper = std::move(range.upper);
      result.ranges.back().upper_inclusive = range.upper_inclusive;
    }
  }
  return result;
}

Result<Multirange> ReadMultirange(Oid element, std::string_view text, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(std::vector<Range> ranges, MultirangeParser(element, text, settings).Parse());
  return CanonicalMultirange(element, std::move(ranges));
}

void AppendMultirange(Oid element, const Multirange& value, const Settings& settings, std::string* out) {
  out->push_back('{');
  for (size_t i = 0; i < value.ranges.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendRange(element, value.ranges[i], settings, out);
  }
  out->push_back('}');
}

Result<Multirange> ReadMultirangeBinary(Oid element, std::string_view bytes, const Settings& settings) {
  const auto take = [&]() -> Result<uint32_t> {
    if (bytes.size() < sizeof(uint32_t)) return TooFewBytes();
    const auto number = LoadBigEndian<uint32_t>(bytes);
    bytes.remove_prefix(sizeof(uint32_t));
    return number;
  };
  WEIR_ASSIGN_OR_RETURN(const uint32_t count, take());
  std::vector<Range> ranges;
  for (uint32_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(const uint32_t size, take());
    if (size > bytes.size()) return TooFewBytes();
    WEIR_ASSIGN_OR_RETURN(Range range, ReadRangeBinary(element, bytes.substr(0, size), settings));
    bytes.remove_prefix(size);
    ranges.push_back(std::move(range));
  }
  if (!bytes.empty()) return TooManyBytes();
  return CanonicalMultirange(element, std::move(ranges));
}

Status AppendMultirangeBinary(Oid element, const Multirange& value, const Settings& settings, std::string* out) {
  AppendBigEndian(static_cast<uint32_t>(value.ranges.size()), out);
  for (const Range& range : value.ranges) {
    const size_t size_at = out->size();
    AppendBigEndian(uint32_t{0}, out);
    WEIR_RETURN_NOT_OK(AppendRangeBinary(element, range, settings, out));
    StoreBigEndian(static_cast<uint32_t>(out->size() - size_at - sizeof(uint32_t)), out->data() + size_at);
  }
  return Status::OK();
}

std::strong_ordering CompareMultiranges(Oid element, const Multirange& a, const Multirange& b) {
  for (size_t i = 0; i < std::min(a.ranges.size(), b.ranges.size()); ++i) {
    if (const auto order = CompareRanges(element, a.ranges[i], b.ranges[i]); order != 0) return order;
  }
  return a.ranges.size() <=> b.ranges.size();
}

}  // namespace weir::postgres
