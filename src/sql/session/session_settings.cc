// KWDB's settings of the whole cluster. They are kept with the zones, as what is set on one object more.
#include <array>

#include "sql/dialect/token.h"
#include "sql/engine/results.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

/// The key among the zones, which no object has.
constexpr const char* kSettingsKey = "cluster settings";

struct KnownSetting {
  const char* name;
  const char* value;  // the default, as it is shown
  char type;          // KWDB's letter: b, d
  bool fixed;         // no other value has an effect here
  const char* description;
};

constexpr const char* kHashSharded = "sql.defaults.experimental_hash_sharded_indexes.enabled";
constexpr std::array kSettings = {
    KnownSetting{"kv.allocator.load_based_lease_rebalancing.enabled", "false", 'b', true,
                 "whether leases are rebalanced by load: here they are by their number"},
    KnownSetting{"server.time_until_store_dead", "30m0s", 'd', true,
                 "the time after which a store that does not answer is considered dead"},
    KnownSetting{kHashSharded, "false", 'b', false,
                 "default value for experimental_enable_hash_sharded_indexes of new sessions"},
};

const KnownSetting* FindSetting(const std::string& name) {
  for (const KnownSetting& known : kSettings) {
    if (name == known.name) return &known;
  }
  return nullptr;
}

Status UnknownSetting(const std::string& name) {
  return Error("42704", "unknown cluster setting '" + name + "'");
}

/// A value as it is shown.
Result<std::string> ReadSetting(const KnownSetting& setting, const std::string& written) {
  const std::string value = dialect::Folded(written);
  if (setting.type == 'd') {
    const bool same = value == "30m" || value == "30m0s" || value == "30min" || value == "00:30:00";
    return same ? std::string(setting.value) : value;
  }
  for (const char* word : {"true", "on", "t", "yes", "1"}) {
    if (value == word) return std::string("true");
  }
  for (const char* word : {"false", "off", "f", "no", "0"}) {
    if (value == word) return std::string("false");
  }
  return Error("22023", std::string("argument of ") + setting.name + " must be type bool, not \"" + written + "\"");
}

std::string SettingIn(const ZoneMap& zones, const KnownSetting& setting) {
  const auto own = zones.find(kSettingsKey);
  if (own == zones.end()) return setting.value;
  const auto value = own->second.find(setting.name);
  return value == own->second.end() ? setting.value : value->second;
}

}  // namespace

EngineSession::Outcome EngineSession::RunClusterSetting(const ClusterSetting& setting) {
  using Kind = ClusterSetting::Action;
  WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr zones, catalog().Zones());
  if (setting.action == Kind::kShowAll) {
    std::vector<std::vector<std::string>> rows;
    for (const KnownSetting& known : kSettings) {
      rows.push_back({known.name, SettingIn(*zones, known), std::string(1, known.type), known.description});
    }
    return TextRows({"variable", "value", "setting_type", "description"}, std::move(rows), "SHOW CLUSTER SETTINGS");
  }
  const KnownSetting* known = FindSetting(setting.name);
  if (known == nullptr) return UnknownSetting(setting.name);
  if (setting.action == Kind::kShow) {
    return TextRows({setting.name}, {{SettingIn(*zones, *known)}}, "SHOW CLUSTER SETTING");
  }
  if (!access::IsAdmin(*Access(), current_role_)) {
    return Error("42501", "only users with the admin role are allowed to SET CLUSTER SETTING");
  }
  std::string value = known->value;
  if (setting.action == Kind::kSet) {
    WEIR_ASSIGN_OR_RETURN(value, ReadSetting(*known, setting.value));
  }
  if (known->fixed && value != known->value) {
    return Error("0A000", std::string("another value of ") + known->name + " is not supported");
  }
  WEIR_RETURN_NOT_OK(RefuseInBlock("SET CLUSTER SETTING"));
  WEIR_RETURN_NOT_OK(BeginStatement());
  const auto before = zones->find(kSettingsKey);
  ZoneFields fields = before == zones->end() ? ZoneFields() : before->second;
  fields[known->name] = value;
  WEIR_RETURN_NOT_OK(Draft()->PutZone(kSettingsKey, std::move(fields)));
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("SET CLUSTER SETTING");
}

Status EngineSession::TakeClusterSettings() {
  const auto zones = catalog().Zones();
  if (!zones.ok()) return Status::OK();  // of a target that has none
  const bool on = SettingIn(**zones, *FindSetting(kHashSharded)) == "true";
  return on ? SetOne("experimental_enable_hash_sharded_indexes", "on", false) : Status::OK();
}

}  // namespace weir::sql
