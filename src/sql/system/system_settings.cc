#include "sql/system/system_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/engine/parameter_list.h"
#include "sql/engine/parameters.h"
#include "sql/system/system_cells.h"

namespace weir::sql {
namespace {

using cells::Text;
using duckdb::LogicalType;
using duckdb::Value;

struct SettingRow {
  std::string name;
  std::string value;
  std::string at_reset;
  const KnownParameter* known = nullptr;  // null: a client's own, "app.user"

  bool is_fixed() const { return known != nullptr && known->kind == KnownParameter::Kind::kFixed; }
  bool has_range() const { return known != nullptr && known->max > 0; }
  std::string Shown(const std::string& text) const { return known == nullptr ? text : InOwnUnit(*known, text); }
};

Value TextOrNone(std::string_view text) {
  return text.empty() ? Value(LogicalType::VARCHAR) : Text(std::string(text));
}

/// "{auto,force_generic_plan}"
Value WordsOf(const SettingRow& row) {
  if (row.known == nullptr || row.known->kind != KnownParameter::Kind::kWord) {
    return Value(LogicalType::LIST(LogicalType::VARCHAR));
  }
  std::vector<std::string> words = duckdb::StringUtil::Split(row.known->words, ", ");
  return cells::Texts(words);
}

Value Limit(const SettingRow& row, double limit) {
  if (!row.has_range()) return Value(LogicalType::VARCHAR);
  return Text(row.known->kind == KnownParameter::Kind::kReal ? fmt::format("{:g}", limit)
                                                             : fmt::format("{:.0f}", limit));
}

std::string SourceOf(const SettingRow& row) {
  if (row.known != nullptr && row.value == row.known->value) return "default";
  return row.is_fixed() ? "configuration file" : row.value == row.at_reset ? "client" : "session";
}

}  // namespace

std::unique_ptr<SystemRows> SettingRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = SettingRow;
  static const auto* getters = new cells::Getters<Row>{
      {"name", [](const Row& r) { return Text(r.name); }},
      {"setting", [](const Row& r) { return Text(r.Shown(r.value)); }},
      {"unit", [](const Row& r) { return TextOrNone(r.known == nullptr ? "" : UnitOfParameter(*r.known)); }},
      {"context",
       [](const Row& r) { return Text(r.known == nullptr ? "user" : std::string(ContextOfParameter(*r.known))); }},
      {"vartype",
       [](const Row& r) { return Text(r.known == nullptr ? "string" : std::string(TypeOfParameter(*r.known))); }},
      {"source", [](const Row& r) { return Text(SourceOf(r)); }},
      {"min_val", [](const Row& r) { return Limit(r, r.known == nullptr ? 0 : r.known->min); }},
      {"max_val", [](const Row& r) { return Limit(r, r.known == nullptr ? 0 : r.known->max); }},
      {"enumvals", WordsOf},
      {"boot_val",
       [](const Row& r) { return r.known == nullptr ? Value(LogicalType::VARCHAR) : Text(r.Shown(r.known->value)); }},
      {"reset_val", [](const Row& r) { return Text(r.Shown(r.at_reset)); }},
      {"pending_restart", [](const Row&) { return cells::Bool(false); }},
  };
  std::vector<Row> rows;
  for (auto& [name, value] : sources.parameters.All()) {
    const auto known = std::ranges::find(KnownParameters(), name, &KnownParameter::name);
    rows.push_back({name, value, sources.parameters.GetDefault(name).value_or(value),
                    known == KnownParameters().end() ? nullptr : &*known});
  }
  return std::make_unique<cells::GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace weir::sql
