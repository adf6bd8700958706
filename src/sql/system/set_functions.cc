#include "sql/system/set_functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "postgres/identifier.h"
#include "postgres/value/time_zone.h"
#include "sql/system/system_cells.h"

namespace weir::sql {
namespace {

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Letter;
using cells::Text;
using duckdb::Value;

constexpr auto kSetFunctionTables = std::to_array<SystemDefinition>({
    {"pg_get_keywords", "word text, catcode char, barelabel bool, catdesc text, baredesc text"},
    {"pg_timezone_names", "name text, abbrev text, utc_offset interval, is_dst bool"},
    {"pg_timezone_abbrevs", "abbrev text, utc_offset interval, is_dst bool"},
});

std::string_view KindOfKeyword(postgres::KeywordKind kind) {
  switch (kind) {
    case postgres::KeywordKind::kUnreserved: return "unreserved";
    case postgres::KeywordKind::kColumnName: return "unreserved (cannot be function or type name)";
    case postgres::KeywordKind::kTypeOrFunctionName: return "reserved (can be function or type name)";
    case postgres::KeywordKind::kReserved: return "reserved";
  }
  return "";
}

std::unique_ptr<SystemRows> KeywordRows(const std::vector<SystemColumn>& columns) {
  using Row = postgres::Keyword;
  static const auto* getters = new Getters<Row>{
      {"word", [](const Row& r) { return Text(std::string(r.word)); }},
      {"catcode", [](const Row& r) { return Letter(static_cast<char>(r.kind)); }},
      {"barelabel", [](const Row& r) { return Bool(r.bare_label); }},
      {"catdesc", [](const Row& r) { return Text(std::string(KindOfKeyword(r.kind))); }},
      {"baredesc", [](const Row& r) { return Text(r.bare_label ? "can be bare label" : "requires AS"); }},
  };
  const auto all = postgres::AllKeywords();
  return std::make_unique<GivenRows<Row>>(std::vector<Row>(all.begin(), all.end()), columns, *getters);
}

// --- time zones, as they are now

struct ClockRow {
  std::string name;
  std::string abbreviation;
  int64_t offset = 0;  // in seconds
  bool daylight = false;
};

std::unique_ptr<SystemRows> ClockRows(std::vector<ClockRow> rows, const std::vector<SystemColumn>& columns) {
  using Row = ClockRow;
  constexpr int64_t kMicroseconds = 1'000'000;
  static const auto* getters = new Getters<Row>{
      {"name", [](const Row& r) { return Text(r.name); }},
      {"abbrev", [](const Row& r) { return Text(r.abbreviation); }},
      {"utc_offset", [](const Row& r) { return Value::INTERVAL(0, 0, r.offset * kMicroseconds); }},
      {"is_dst", [](const Row& r) { return Bool(r.daylight); }},
  };
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

int64_t SecondsNow() { return duckdb::Timestamp::GetEpochSeconds(duckdb::Timestamp::GetCurrentTimestamp()); }

std::vector<ClockRow> ZonesByName() {
  const int64_t now = SecondsNow();
  std::vector<ClockRow> rows;
  for (const std::string& name : postgres::AllZoneNames()) {
    const postgres::TimeZonePtr zone = postgres::TimeZone::Find(name);
    if (zone == nullptr) continue;
    const auto local = zone->At(now);
    rows.push_back({name, std::string(local.abbreviation), local.offset, local.daylight});
  }
  return rows;
}

/// One that stands for a zone has the offset that the zone uses it for now.
ClockRow ClockOf(const postgres::ZoneAbbreviation& abbreviation, int64_t now) {
  std::string name(abbreviation.name);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  ClockRow row{{}, name, abbreviation.offset, abbreviation.daylight};
  if (abbreviation.zone.empty()) return row;
  const postgres::TimeZonePtr zone = postgres::TimeZone::Find(abbreviation.zone);
  if (zone != nullptr) row.offset = zone->OffsetOfAbbreviation(name, now).value_or(zone->OffsetAt(now));
  return row;
}

std::vector<ClockRow> ZonesByAbbreviation() {
  const int64_t now = SecondsNow();
  std::vector<ClockRow> rows;
  for (const auto& abbreviation : postgres::AllAbbreviations()) rows.push_back(ClockOf(abbreviation, now));
  return rows;
}

}  // namespace

std::span<const SystemDefinition> SetFunctionTables() { return kSetFunctionTables; }

std::unique_ptr<SystemRows> SetFunctionRows(std::string_view table, const std::vector<SystemColumn>& columns) {
  if (table == "pg_get_keywords") return KeywordRows(columns);
  if (table == "pg_timezone_names") return ClockRows(ZonesByName(), columns);
  if (table == "pg_timezone_abbrevs") return ClockRows(ZonesByAbbreviation(), columns);
  return nullptr;
}

}  // namespace weir::sql
