#include "sql/engine/parameters.h"

#include <algorithm>

#include "postgres/value/text.h"
#include "sql/engine/parameter_list.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

bool IsFixed(const std::string& key) {
  const KnownParameter* known = FindParameter(key);
  return known != nullptr && known->kind == KnownParameter::Kind::kFixed;
}

Status Unknown(const std::string& name) {
  return Error("42704", "unrecognized configuration parameter \"" + name + "\"");
}

/// Of parameters that nobody knows: a.b, each part as a name without quotes is.
Status CheckCustomName(const std::string& name) {
  bool first = true;
  for (const char c : name + '.') {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
    const bool later = !first && ((c >= '0' && c <= '9') || c == '$' || c == '.');
    if (!letter && !later) {
      return Error("42602", "invalid configuration parameter name \"" + name + "\"",
                   {.detail = "Custom parameter names must be two or more simple identifiers separated by dots."});
    }
    first = c == '.';
  }
  return Status::OK();
}

}  // namespace

Parameters::Parameters() : defaults_(std::make_shared<Entries>()) {
  Entries known;
  for (const KnownParameter& one : KnownParameters()) known[postgres::Lowered(one.name)] = {one.name, one.value};
  values_ = std::make_shared<Entries>(std::move(known));
}

Parameters::Entries& Parameters::Own() {
  auto own = std::make_shared<Entries>(*values_);
  Entries& entries = *own;
  values_ = std::move(own);
  return entries;
}

Status Parameters::Set(const std::string& name, const std::string& value) {
  std::string key = postgres::Lowered(name);
  if (key == "timezone" || key == "time zone") key = "timezone";
  const auto found = values_->find(key);
  if (found == values_->end() && key.find('.') == std::string::npos) return Unknown(name);
  if (found == values_->end()) WEIR_RETURN_NOT_OK(CheckCustomName(name));
  std::string checked = value;
  if (const KnownParameter* known = FindParameter(key)) {
    WEIR_ASSIGN_OR_RETURN(checked, CheckParameter(*known, value, found->second.value));
  }
  if (found != values_->end() && found->second.value == checked) return Status::OK();
  Entry& entry = Own()[key];
  if (entry.name.empty()) entry.name = name;
  entry.value = std::move(checked);
  return Status::OK();
}

void Parameters::Report(const std::string& name, const std::string& value) {
  const auto found = values_->find(name);
  if (found != values_->end() && found->second.value == value) return;
  Own().at(postgres::Lowered(name)).value = value;
}

Status Parameters::Reset(const std::string& name) {
  if (postgres::Lowered(name) == "all") {
    Entries& own = Own();
    for (const auto& [key, entry] : *defaults_) {
      if (key != "role" && key != "session_authorization" && !IsFixed(key)) own[key] = entry;
    }
    std::erase_if(own, [&](const auto& value) { return !defaults_->contains(value.first); });
    return Status::OK();
  }
  const KnownParameter* known = FindParameter(name);
  if (known != nullptr && known->kind == KnownParameter::Kind::kFixed) {
    return CheckParameter(*known, known->value, known->value).status();  // as it is to set it
  }
  const auto found = defaults_->find(postgres::Lowered(name));
  if (found == defaults_->end()) return Own().erase(postgres::Lowered(name)) ? Status::OK() : Unknown(name);
  Own()[found->first] = found->second;
  return Status::OK();
}

std::chrono::milliseconds Parameters::Time(std::string_view name) const {
  const auto found = values_->find(name);
  if (found == values_->end()) return {};
  const std::string& text = found->second.value;
  if (text == "0") return {};  // nearly always
  return std::chrono::milliseconds(std::max(MillisecondsOf(text), int64_t{0}));
}

std::optional<std::string> Parameters::Get(std::string_view name) const {
  auto found = values_->find(name);  // most ask for it as it is kept
  if (found == values_->end()) found = values_->find(postgres::Lowered(name));
  if (found == values_->end()) return std::nullopt;
  return found->second.value;
}

std::string Parameters::NameOf(const std::string& name) const {
  const auto found = values_->find(postgres::Lowered(name));
  return found == values_->end() ? name : found->second.name;
}

std::optional<std::string> Parameters::GetDefault(const std::string& name) const {
  const auto found = defaults_->find(postgres::Lowered(name));
  return found == defaults_->end() ? std::nullopt : std::optional(found->second.value);
}

std::vector<std::pair<std::string, std::string>> Parameters::All() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, entry] : *values_) all.emplace_back(entry.name, entry.value);
  return all;
}

}  // namespace weir::sql
