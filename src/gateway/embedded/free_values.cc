#include "gateway/embedded/free_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gateway/embedded/catalog_keys.h"

namespace weir {

Result<FreeValues> FreeValues::Parse(std::string_view key, std::string_view text) {
  FreeValues values;
  size_t end = std::min(text.find(' '), text.size());
  WEIR_ASSIGN_OR_RETURN(values.next, ParseNumber<int64_t>(key, text.substr(0, end), 10));
  while (end < text.size()) {
    text.remove_prefix(end + 1);
    end = std::min(text.find(' '), text.size());
    const size_t dash = std::min(text.find('-'), end);
    ValueRange range;
    WEIR_ASSIGN_OR_RETURN(range.first, ParseNumber<int64_t>(key, text.substr(0, dash), 10));
    const size_t last = std::min(dash + 1, end);
    WEIR_ASSIGN_OR_RETURN(range.end, ParseNumber<int64_t>(key, text.substr(last, end - last), 10));
    values.returned.push_back(range);
  }
  return values;
}

std::string FreeValues::ToText() const {
  std::string text = fmt::format("{}", next);
  for (const ValueRange& range : returned) text += fmt::format(" {}-{}", range.first, range.end);
  return text;
}

ValueRange FreeValues::Take(int64_t count) {
  if (returned.empty()) {
    const ValueRange taken{next, next + count};
    next = taken.end;
    return taken;
  }
  ValueRange& lowest = returned.front();
  const ValueRange taken{lowest.first, std::min(lowest.end, lowest.first + count)};
  lowest.first = taken.end;
  if (lowest.empty()) returned.erase(returned.begin());
  return taken;
}

void FreeValues::Return(ValueRange values) {
  if (values.empty()) return;
  auto after =
      std::find_if(returned.begin(), returned.end(), [&](const ValueRange& r) { return r.first >= values.end; });
  if (after != returned.end() && after->first == values.end) {
    values.end = after->end;
    after = returned.erase(after);
  }
  if (after != returned.begin() && std::prev(after)->end == values.first) {
    std::prev(after)->end = values.end;
  } else {
    returned.insert(after, values);
  }
  if (returned.back().end == next) {
    next = returned.back().first;
    returned.pop_back();
  }
}

}  // namespace weir
