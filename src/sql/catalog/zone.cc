#include "sql/catalog/zone.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/zone_rules.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr auto kBuiltInRanges =
    std::to_array<std::string_view>({"default", "liveness", "meta", "system", "timeseries"});

constexpr std::string_view kSystemTables = "database system";

}  // namespace

std::string ZoneKeyOfRange(std::string_view name) { return fmt::format("range {}", name); }
std::string ZoneKeyOfDatabase(std::string_view name) { return fmt::format("database {}", name); }
std::string ZoneKeyOfRelation(int64_t id) { return fmt::format("relation {}", id); }
std::string ZoneKeyOfPrimaryIndex(int64_t table) { return fmt::format("primary index {}", table); }
std::string ZoneKeyOfIndexPartition(int64_t index, std::string_view partition) {
  return fmt::format("partition of index {} {}", index, partition);
}

ZoneLevel SystemTablesLevel() {
  return {ZoneKeyOfDatabase(kSystemTablesDatabase), fmt::format("DATABASE {}", kSystemTablesDatabase),
          std::string(kSystemTables)};
}

std::span<const std::string_view> BuiltInRanges() { return kBuiltInRanges; }

std::optional<ZoneFields> BuiltInZone(std::string_view range) {
  if (range == "default") {
    return ZoneFields{{"range_min_bytes", "134217728"}, {"range_max_bytes", "536870912"}, {"gc.ttlseconds", "90000"},
                      {"num_replicas", "3"},            {"constraints", "[]"},            {"lease_preferences", "[]"}};
  }
  if (range == "meta") return ZoneFields{{"num_replicas", "5"}, {"gc.ttlseconds", "3600"}};
  if (range == "liveness") return ZoneFields{{"num_replicas", "5"}, {"gc.ttlseconds", "600"}};
  if (range == "system" || range == kSystemTables) return ZoneFields{{"num_replicas", "5"}};
  return std::nullopt;
}

const ZoneFields* OwnZone(const ZoneMap& zones, const ZoneLevel& level) {
  const auto own = zones.find(level.key);
  if (own != zones.end()) return &own->second;
  static const auto built_in = [] {
    std::map<std::string, ZoneFields, std::less<>> fields;
    for (const std::string_view name : kBuiltInRanges) {
      if (auto zone = BuiltInZone(name)) fields.emplace(name, std::move(*zone));
    }
    fields.emplace(kSystemTables, *BuiltInZone(kSystemTables));
    return fields;
  }();
  const auto shipped = built_in.find(level.range);
  return shipped == built_in.end() ? nullptr : &shipped->second;
}

ZoneFields ZoneInForce(const ZoneMap& zones, std::span<const ZoneLevel> chain) {
  ZoneFields fields;
  for (const ZoneLevel& level : chain) {
    if (const ZoneFields* own = OwnZone(zones, level)) fields.insert(own->begin(), own->end());
  }
  return fields;
}

const ZoneLevel& NearestZone(const ZoneMap& zones, std::span<const ZoneLevel> chain) {
  const auto has_zone = [&](const ZoneLevel& level) { return OwnZone(zones, level) != nullptr; };
  const auto nearest = std::ranges::find_if(chain, has_zone);
  return nearest == chain.end() ? chain.back() : *nearest;
}

std::vector<std::string> ZoneFieldTexts(const ZoneFields& fields) {
  std::vector<std::string> texts;
  for (const ZoneVariable& variable : ZoneVariables()) {
    const auto field = fields.find(variable.name);
    if (field == fields.end()) continue;
    texts.push_back(fmt::format("{} = {}", variable.name,
                                variable.number ? field->second : QuoteLiteral(field->second)));
  }
  return texts;
}

std::string ZoneSql(std::string_view target, const ZoneFields& fields) {
  return fmt::format("ALTER {} CONFIGURE ZONE USING\n{}{}", target, fields.empty() ? "" : "\t",
                     fmt::join(ZoneFieldTexts(fields), ",\n\t"));
}

std::string WriteZone(const ZoneFields& fields) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [variable, value] : fields) json[variable] = value;
  return json.dump();
}

Result<ZoneFields> ReadZone(std::string_view text) {
  ZoneFields fields;
  try {
    const auto json = nlohmann::json::parse(text);
    for (const auto& [variable, value] : json.items()) {
      fields.emplace(variable, value.get<std::string>());
    }
  } catch (const nlohmann::json::exception& error) {
    return Error("XX001", fmt::format("a zone is damaged: {}", error.what()));
  }
  return fields;
}

}  // namespace weir::sql
