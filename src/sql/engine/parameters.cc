#include "sql/engine/parameters.h"

#include <algorithm>

#include "sql/engine/parameter_list.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// `key`: lower case.
const KnownParameter* FindKnown(std::string_view key) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == b; };
  const auto known = std::ranges::find_if(KnownParameters(), [&](const auto& one) {
    return std::ranges::equal(std::string_view(one.name), key, same);
  });
  return known == KnownParameters().end() ? nullptr : &*known;
}

bool IsFixed(const std::string& key) {
  const KnownParameter* known = FindKnown(key);
  return known != nullptr && known->kind == KnownParameter::Kind::kFixed;
}

Status Unknown(const std::string& name) {
  return Error("42704", "unrecognized configuration parameter \"" + name + "\"");
}

}  // namespace

Parameters::Parameters() {
  for (const KnownParameter& known : KnownParameters()) values_[Lower(known.name)] = {known.name, known.value};
  defaults_ = values_;
}

Status Parameters::Set(const std::string& name, const std::string& value) {
  std::string key = Lower(name);
  if (key == "timezone" || key == "time zone") key = "timezone";
  auto found = values_.find(key);
  if (found == values_.end() && key.find('.') == std::string::npos) return Unknown(name);
  std::string checked = value;
  if (const KnownParameter* known = FindKnown(key)) {
    WEIR_ASSIGN_OR_RETURN(checked, CheckParameter(*known, value));
  }
  if (found == values_.end()) {
    values_[key] = {name, checked};
  } else {
    found->second.value = checked;
  }
  return Status::OK();
}

void Parameters::Report(const std::string& name, const std::string& value) { values_.at(Lower(name)).value = value; }

Status Parameters::Reset(const std::string& name) {
  if (Lower(name) == "all") {
    for (const auto& [key, entry] : defaults_) {
      if (key != "role" && key != "session_authorization" && !IsFixed(key)) values_[key] = entry;
    }
    std::erase_if(values_, [&](const auto& value) { return !defaults_.contains(value.first); });
    return Status::OK();
  }
  auto found = defaults_.find(Lower(name));
  if (found == defaults_.end()) return values_.erase(Lower(name)) ? Status::OK() : Unknown(name);
  values_[found->first] = found->second;
  return Status::OK();
}

std::chrono::milliseconds Parameters::Time(const std::string& name) const {
  return std::chrono::milliseconds(std::max(MillisecondsOf(values_.at(name).value), int64_t{0}));
}

std::optional<std::string> Parameters::Get(const std::string& name) const {
  auto found = values_.find(Lower(name));
  if (found == values_.end()) return std::nullopt;
  return found->second.value;
}

std::vector<std::pair<std::string, std::string>> Parameters::All() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, entry] : values_) all.emplace_back(entry.name, entry.value);
  return all;
}

}  // namespace weir::sql
