#include "postgres/value/settings.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr std::array<std::pair<std::string_view, IntervalStyle>, 4> kIntervalStyles = {{
    {"postgres", IntervalStyle::kPostgres},
    {"postgres_verbose", IntervalStyle::kPostgresVerbose},
    {"sql_standard", IntervalStyle::kSqlStandard},
    {"iso_8601", IntervalStyle::kIso8601},
}};

Status Invalid(std::string_view name, std::string_view value, ErrorExtras extras = {}) {
  return Error("22023", fmt::format("invalid value for parameter \"{}\": \"{}\"", name, value), std::move(extras));
}

/// What the words of DateStyle say; each of style and order at most once, or twice the same.
struct DateWords {
  std::optional<DateStyle> style;
  std::optional<DateOrder> order;
  bool known = true;  // the last word

  bool Add(std::string_view word) {
    if (word == "iso") return SetStyle(DateStyle::kIso);
    if (word == "sql") return SetStyle(DateStyle::kSql);
    if (word.starts_with("postgres")) return SetStyle(DateStyle::kPostgres);
    if (word == "german") {
      if (!order) order = DateOrder::kDmy;
      return SetStyle(DateStyle::kGerman);
    }
    if (word == "ymd") return SetOrder(DateOrder::kYmd);
    if (word == "dmy" || word.starts_with("euro")) return SetOrder(DateOrder::kDmy);
    if (word == "mdy" || word == "us" || word.starts_with("noneuro")) return SetOrder(DateOrder::kMdy);
    known = word == "default";
    return known;
  }

  std::string WhyNot(std::string_view word) const {
    return known ? "Conflicting \"datestyle\" specifications." : fmt::format("Unrecognized key word: \"{}\".", word);
  }

  bool SetStyle(DateStyle value) {
    const bool agrees = !style || *style == value;
    style = value;
    return agrees;
  }
  bool SetOrder(DateOrder value) {
    const bool agrees = !order || *order == value || style == DateStyle::kGerman;
    order = value;
    return agrees;
  }
};

}  // namespace

Status SetDateStyle(std::string_view text, Settings* settings) {
  DateWords words;
  std::string_view left = text;
  while (true) {
    const size_t comma = left.find(',');
    const std::string word = Lowered(Trimmed(left.substr(0, comma)));
    if (!words.Add(word)) return Invalid("DateStyle", text, {.detail = words.WhyNot(word)});
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  settings->date_style = words.style.value_or(settings->date_style);
  settings->date_order = words.order.value_or(settings->date_order);
  return Status::OK();
}

std::string ShowDateStyle(const Settings& settings) {
  constexpr std::array<std::string_view, 4> kStyles = {"ISO", "SQL", "Postgres", "German"};
  constexpr std::array<std::string_view, 3> kOrders = {"MDY", "DMY", "YMD"};
  return fmt::format("{}, {}", kStyles[static_cast<size_t>(settings.date_style)],
                     kOrders[static_cast<size_t>(settings.date_order)]);
}

Status SetIntervalStyle(std::string_view text, Settings* settings) {
  for (const auto& [name, style] : kIntervalStyles) {
    if (!EqualsIgnoringCase(text, name)) continue;
    settings->interval_style = style;
    return Status::OK();
  }
  return Invalid("IntervalStyle", text,
                 {.hint = "Available values: postgres, postgres_verbose, sql_standard, iso_8601."});
}

std::string_view ShowIntervalStyle(const Settings& settings) {
  return kIntervalStyles[static_cast<size_t>(settings.interval_style)].first;
}

Status SetByteaOutput(std::string_view text, Settings* settings) {
  if (EqualsIgnoringCase(text, "hex")) settings->bytea_output = ByteaOutput::kHex;
  else if (EqualsIgnoringCase(text, "escape")) settings->bytea_output = ByteaOutput::kEscape;
  else return Invalid("bytea_output", text, {.hint = "Available values: escape, hex."});
  return Status::OK();
}

Status SetTimeZone(std::string_view text, Settings* settings) {
  TimeZonePtr zone = TimeZone::OfSetting(text);
  if (zone == nullptr) return Invalid("TimeZone", text);
  settings->zone = std::move(zone);
  return Status::OK();
}

}  // namespace weir::postgres
