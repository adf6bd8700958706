#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// The run-time parameters of one session: those that clients set and ask for. Names are case-insensitive.
class Parameters {
 public:
  Parameters();

  /// 42704 for a name without a dot that is not known, 22023 for a value that cannot be, 55P02 for what cannot change.
  Status Set(const std::string& name, const std::string& value);
  /// What clients cannot set themselves.
  void Report(const std::string& name, const std::string& value);
  /// To the value at connect. "all" leaves the role as it is, as in PostgreSQL.
  Status Reset(const std::string& name);
  /// What Reset goes back to from now on.
  void KeepAsDefaults() { defaults_ = values_; }
  /// Whether the two hold the same for certain; false where they may.
  bool IsSame(const Parameters& other) const { return values_ == other.values_; }
  std::optional<std::string> Get(std::string_view name) const;
  /// As PostgreSQL spells it.
  std::string NameOf(const std::string& name) const;
  /// What RESET makes of it.
  std::optional<std::string> GetDefault(const std::string& name) const;
  /// A parameter that is a time, as statement_timeout; 0: none.
  std::chrono::milliseconds Time(std::string_view name) const;
  bool IsOn(std::string_view name) const { return Get(name) == "on"; }
  /// Name and value, by name.
  std::vector<std::pair<std::string, std::string>> All() const;

 private:
  struct Entry {
    std::string name;  // as PostgreSQL spells it
    std::string value;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;  // by lower-case name

  /// To be changed: other copies keep what they hold.
  Entries& Own();

  std::shared_ptr<const Entries> values_;  // shared by copies, which transactions make many of
  std::shared_ptr<const Entries> defaults_;
};

}  // namespace weir::sql
