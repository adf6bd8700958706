#include "sql/catalog/whole_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "placement/flow_text.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Status CannotRead(int line, const std::string& what) {
  return Error("23514", fmt::format("could not parse zone config: yaml: line {}: {}", line, what));
}

bool IsInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// "key: value" in two; without a colon there is no value either.
std::pair<std::string_view, std::optional<std::string_view>> KeyAndValue(std::string_view line) {
  for (size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    const std::string_view behind = line.substr(colon + 1);
    if (!behind.empty() && kBlanks.find(behind.front()) == std::string_view::npos) continue;
    const std::string_view value = Trimmed(behind);
    return {Trimmed(line.substr(0, colon)), value.starts_with('#') ? std::string_view() : value};
  }
  return {line, std::nullopt};
}

class WholeZoneReader {
 public:
  Result<std::vector<AssignedZoneValue>> Read(std::string_view yaml) {
    while (!yaml.empty()) {
      const size_t end = std::min(yaml.find('\n'), yaml.size());
      ++line_;
      WEIR_RETURN_NOT_OK(ReadLine(yaml.substr(0, end)));
      yaml.remove_prefix(std::min(end + 1, yaml.size()));
    }
    return std::move(assigned_);
  }

 private:
  Status ReadLine(std::string_view line) {
    const std::string_view content = Trimmed(line);
    if (content.empty() || content.starts_with('#')) return Status::OK();
    const size_t indent = line.find_first_not_of(kBlanks);
    if (!outer_) outer_ = indent;
    const bool inner = indent > *outer_;
    if (indent < *outer_ || (inner && !in_gc_)) return CannotRead(line_, "did not find expected key");
    in_gc_ = inner;
    const auto [key, value] = KeyAndValue(content);
    if (!value) return CannotRead(line_, fmt::format("cannot unmarshal !!str `{}` into a zone", key));
    if (inner) return Assign(fmt::format("gc.{}", key), *value);
    if (key != "gc") return Assign(std::string(key), *value);
    in_gc_ = value->empty();
    return in_gc_ ? Status::OK() : ReadGc(*value);
  }

  /// gc: {ttlseconds: 42}
  Status ReadGc(std::string_view value) {
    const auto flow = placement::ParseFlow(value);
    if (!flow.ok()) return CannotRead(line_, "the value of gc cannot be read");
    if (flow->kind != placement::FlowValue::Kind::kMapping) {
      return CannotRead(line_, fmt::format("cannot unmarshal `{}` into the mapping gc", value));
    }
    for (const placement::FlowMember& member : flow->mapping) {
      WEIR_RETURN_NOT_OK(Assign("gc." + member.key, member.value.scalar));
    }
    return Status::OK();
  }

  Status Assign(std::string variable, std::string_view value) {
    const auto known = std::ranges::find(ZoneVariables(), variable, &ZoneVariable::name);
    if (known == ZoneVariables().end()) return CannotRead(line_, fmt::format("field {} not found", variable));
    if (value.empty()) return CannotRead(line_, fmt::format("field {} has no value", variable));
    std::string text(value);
    if (known->number) {
      const auto flow = placement::ParseFlow(value);
      const bool plain = flow.ok() && flow->kind == placement::FlowValue::Kind::kScalar && !flow->quoted;
      if (!plain || !IsInteger(flow->scalar)) {
        return CannotRead(line_, fmt::format("cannot unmarshal !!str `{}` into int64", value));
      }
      text = flow->scalar;
    }
    assigned_.push_back({.variable = std::move(variable),
                         .copy_from_parent = false,
                         .value = std::move(text),
                         .type = {},
                         .position = 0});
    return Status::OK();
  }

  std::vector<AssignedZoneValue> assigned_;
  std::optional<size_t> outer_;  // how far the zone itself is indented
  bool in_gc_ = false;           // what is indented further belongs to gc
  int line_ = 0;
};

}  // namespace

Result<std::vector<AssignedZoneValue>> ReadWholeZone(std::string_view yaml) { return WholeZoneReader().Read(yaml); }

}  // namespace weir::sql
