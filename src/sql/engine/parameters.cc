#include "sql/engine/parameters.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sql/engine/quiet_parameters.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

struct Known {
  const char* name;
  const char* value;
  bool fixed = false;
};

constexpr std::array kKnown = {
    Known{"application_name", ""},
    Known{"bytea_output", "hex"},
    Known{"client_encoding", "UTF8"},
    Known{"client_min_messages", "notice"},
    Known{"constraint_exclusion", "partition"},
    Known{"DateStyle", "ISO, MDY"},
    Known{"default_table_access_method", "heap"},
    Known{"default_transaction_deferrable", "off"},
    Known{"default_transaction_isolation", "read committed"},
    Known{"default_transaction_read_only", "off"},
    Known{"enable_partition_pruning", "on"},
    Known{"enable_partitionwise_aggregate", "off"},
    Known{"enable_partitionwise_join", "off"},
    Known{"extra_float_digits", "1"},
    Known{"idle_in_transaction_session_timeout", "0"},
    Known{"in_hot_standby", "off"},
    Known{"integer_datetimes", "on", true},
    Known{"IntervalStyle", "postgres"},
    Known{"is_superuser", "on", true},
    Known{"jit", "off"},
    Known{"lc_messages", "C"},
    Known{"lc_monetary", "C"},
    Known{"lc_numeric", "C"},
    Known{"lc_time", "C"},
    Known{"lock_timeout", "0"},
    Known{"max_identifier_length", "63", true},
    Known{"max_parallel_workers_per_gather", "2"},
    Known{"plan_cache_mode", "auto"},
    Known{"role", "none"},
    Known{"row_security", "on"},
    Known{"search_path", "\"$user\", public"},
    Known{"server_encoding", "UTF8", true},
    Known{"server_version", "15.0 (Weir)", true},
    Known{"server_version_num", "150000", true},
    Known{"session_authorization", "weir"},
    Known{"standard_conforming_strings", "on"},
    Known{"statement_timeout", "0"},
    Known{"synchronize_seqscans", "on"},
    Known{"TimeZone", "UTC"},
    Known{"transaction_deferrable", "off"},
    Known{"transaction_isolation", "read committed"},
    Known{"transaction_read_only", "off"},
    Known{"work_mem", "4MB"},
    Known{"xmloption", "content"},
};

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool IsFixed(const std::string& key) {
  return std::any_of(kKnown.begin(), kKnown.end(), [&](const Known& known) { return known.fixed && Lower(known.name) == key; });
}

Status Unknown(const std::string& name) {
  return Error("42704", "unrecognized configuration parameter \"" + name + "\"");
}

/// "250", "250ms", "5s", "1min"; nothing for what is no time.
std::optional<int64_t> Milliseconds(const std::string& text) {
  size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || text.empty() || text.size() > 12) return std::nullopt;
  digits = std::min(digits, text.size());
  const std::string unit = text.substr(std::min(text.find_first_not_of(' ', digits), text.size()));
  const int64_t number = std::stoll(text.substr(0, digits));
  if (unit.empty() || unit == "ms") return number;
  if (unit == "s") return number * 1000;
  if (unit == "min") return number * 60'000;
  if (unit == "h") return number * 3'600'000;
  if (unit == "d") return number * 86'400'000;
  return std::nullopt;
}

/// In the largest unit that has no remainder, as SHOW gives it.
std::string TimeText(int64_t milliseconds) {
  constexpr std::pair<int64_t, const char*> kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}};
  if (milliseconds == 0) return "0";
  for (const auto& [size, name] : kUnits) {
    if (milliseconds % size == 0) return std::to_string(milliseconds / size) + name;
  }
  return std::to_string(milliseconds) + "ms";
}

bool IsOneOf(std::string_view key, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, key) != names.end();
}

/// "on" or "off".
Result<std::string> Switch(const std::string& name, const std::string& value) {
  const std::string text = Lower(value);
  const auto begins = [&](std::string_view word) { return !text.empty() && word.starts_with(text); };
  if (text == "1" || text == "on" || begins("true") || begins("yes")) return std::string("on");
  if (text == "0" || begins("false") || begins("no") || (text.size() > 1 && begins("off"))) return std::string("off");
  return Error("22023", "parameter \"" + name + "\" requires a Boolean value");
}

Result<std::string> CheckedQuiet(const QuietParameter& parameter, const std::string& name, const std::string& value) {
  switch (parameter.kind) {
    case QuietParameter::Kind::kSwitch: return Switch(name, value);
    case QuietParameter::Kind::kText: return value;
    case QuietParameter::Kind::kOnly: break;
  }
  if (Lower(value) == parameter.value) return value;
  return Error("0A000", "parameter \"" + name + "\" can only be \"" + std::string(parameter.value) + "\"");
}

/// The value as SHOW gives it, or what is wrong with it.
Result<std::string> Checked(const std::string& name, const std::string& key, const std::string& value) {
  if (key == "client_encoding") {
    std::string encoding = Lower(value);
    if (encoding == "utf8" || encoding == "utf-8" || encoding == "unicode") return std::string("UTF8");
    return Error("22023", "invalid value for parameter \"" + name + "\": \"" + value + "\"",
                 {.hint = "Texts are UTF8 here."});
  }
  if (key == "standard_conforming_strings" && Lower(value) != "on" && Lower(value) != "true") {
    return Error("0A000", "standard_conforming_strings cannot be turned off");
  }
  if (key == "datestyle") return Lower(value).starts_with("iso") ? Result<std::string>(std::string("ISO, MDY"))
                                                                 : Error("0A000", "DateStyle can only be ISO");
  if (IsOneOf(key, {"default_transaction_isolation", "transaction_isolation"})) {
    std::string level = Lower(value);
    if (IsOneOf(level, {"serializable", "repeatable read", "read committed", "read uncommitted"})) return level;
    return Error("22023", "invalid value for parameter \"" + name + "\": \"" + value + "\"",
                 {.hint = "Available values: serializable, repeatable read, read committed, read uncommitted."});
  }
  if (IsOneOf(key, {"default_transaction_read_only", "transaction_read_only", "default_transaction_deferrable",
                    "transaction_deferrable"})) {
    return Switch(name, value);
  }
  if (IsOneOf(key, {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"})) {
    const auto time = Milliseconds(value);
    if (time && *time <= std::numeric_limits<int32_t>::max()) return TimeText(*time);
    return Error("22023", "invalid value for parameter \"" + name + "\": \"" + value + "\"",
                 {.hint = "Valid units for this parameter are \"ms\", \"s\", \"min\", \"h\", and \"d\"."});
  }
  if (const QuietParameter* quiet = FindQuietParameter(key)) return CheckedQuiet(*quiet, name, value);
  return value;
}

}  // namespace

Parameters::Parameters() {
  for (const Known& known : kKnown) values_[Lower(known.name)] = {known.name, known.value};
  for (const QuietParameter& quiet : QuietParameters()) {
    values_[std::string(quiet.name)] = {std::string(quiet.name), std::string(quiet.value)};
  }
  defaults_ = values_;
}

Status Parameters::Set(const std::string& name, const std::string& value) {
  std::string key = Lower(name);
  if (key == "timezone" || key == "time zone") key = "timezone";
  auto found = values_.find(key);
  if (found == values_.end() && key.find('.') == std::string::npos) return Unknown(name);
  if (IsFixed(key)) return Error("55P02", "parameter \"" + name + "\" cannot be changed");
  WEIR_ASSIGN_OR_RETURN(std::string checked, Checked(name, key, value));
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
  return std::chrono::milliseconds(Milliseconds(values_.at(name).value).value_or(0));
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
