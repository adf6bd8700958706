#include "sql/catalog/table_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "sql/error.h"

namespace weir::sql {
namespace {

enum class OptionKind { kBoolean, kInteger, kReal, kEnum };

/// A parameter of PostgreSQL's or Cloudberry's tables and the values that it takes.
struct Parameter {
  std::string_view name;
  OptionKind kind;
  double least = 0;
  double greatest = 0;
  std::string_view words = {};  // kEnum: between blanks
};

constexpr std::array kParameters = {
    Parameter{"fillfactor", OptionKind::kInteger, 10, 100},
    Parameter{"toast_tuple_target", OptionKind::kInteger, 128, 8160},
    Parameter{"parallel_workers", OptionKind::kInteger, 0, 1024},
    Parameter{"user_catalog_table", OptionKind::kBoolean},
    Parameter{"autovacuum_enabled", OptionKind::kBoolean},
    Parameter{"vacuum_truncate", OptionKind::kBoolean},
    Parameter{"vacuum_index_cleanup", OptionKind::kEnum, 0, 0, " auto on off true false yes no 1 0 "},
    Parameter{"autovacuum_vacuum_threshold", OptionKind::kInteger, 0, 2147483647},
    Parameter{"autovacuum_vacuum_insert_threshold", OptionKind::kInteger, -1, 2147483647},
    Parameter{"autovacuum_analyze_threshold", OptionKind::kInteger, 0, 2147483647},
    Parameter{"autovacuum_vacuum_cost_limit", OptionKind::kInteger, 1, 10000},
    Parameter{"autovacuum_vacuum_cost_delay", OptionKind::kReal, 0, 100},
    Parameter{"autovacuum_vacuum_scale_factor", OptionKind::kReal, 0, 100},
    Parameter{"autovacuum_vacuum_insert_scale_factor", OptionKind::kReal, 0, 100},
    Parameter{"autovacuum_analyze_scale_factor", OptionKind::kReal, 0, 100},
    Parameter{"autovacuum_freeze_min_age", OptionKind::kInteger, 0, 1000000000},
    Parameter{"autovacuum_freeze_max_age", OptionKind::kInteger, 100000, 2000000000},
    Parameter{"autovacuum_freeze_table_age", OptionKind::kInteger, 0, 2000000000},
    Parameter{"autovacuum_multixact_freeze_min_age", OptionKind::kInteger, 0, 1000000000},
    Parameter{"autovacuum_multixact_freeze_max_age", OptionKind::kInteger, 10000, 2000000000},
    Parameter{"autovacuum_multixact_freeze_table_age", OptionKind::kInteger, 0, 2000000000},
    Parameter{"log_autovacuum_min_duration", OptionKind::kInteger, -1, 2147483647},
    Parameter{"appendonly", OptionKind::kBoolean},
    Parameter{"appendoptimized", OptionKind::kBoolean},
    Parameter{"orientation", OptionKind::kEnum, 0, 0, " row column "},
    Parameter{"compresstype", OptionKind::kEnum, 0, 0, " none zlib zstd quicklz rle_type "},
    Parameter{"compresslevel", OptionKind::kInteger, 0, 19},
    Parameter{"blocksize", OptionKind::kInteger, 8192, 2097152},
    Parameter{"checksum", OptionKind::kBoolean},
    Parameter{"analyze_hll_non_part_table", OptionKind::kBoolean},
};

Status InvalidOption(std::string message, std::string detail = {}) {
  return Error("22023", std::move(message), {.detail = std::move(detail)});
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool IsBoolean(std::string_view value) {
  constexpr std::string_view kWords = " true false on off yes no t f y n 1 0 ";
  return kWords.find(" " + Lower(value) + " ") != std::string_view::npos;
}

template <typename Number>
std::optional<Number> NumberOf(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Status CheckRange(const Parameter& parameter, double number, std::string_view value) {
  if (parameter.name == "blocksize") {
    const bool fits =
        number >= parameter.least && number <= parameter.greatest && static_cast<int64_t>(number) % 8192 == 0;
    if (fits) return Status::OK();
    return InvalidOption(fmt::format("block size must be between 8KB and 2MB and be an 8KB multiple, got {}", value));
  }
  if (number >= parameter.least && number <= parameter.greatest) return Status::OK();
  const bool whole = parameter.kind == OptionKind::kInteger;
  const std::string range = whole ? fmt::format("\"{:.0f}\" and \"{:.0f}\"", parameter.least, parameter.greatest)
                                  : fmt::format("\"{:f}\" and \"{:f}\"", parameter.least, parameter.greatest);
  return InvalidOption(fmt::format("value {} out of bounds for option \"{}\"", value, parameter.name),
                 fmt::format("Valid values are between {}.", range));
}

Status CheckValue(const Parameter& parameter, std::string_view value) {
  switch (parameter.kind) {
    case OptionKind::kBoolean:
      if (IsBoolean(value)) return Status::OK();
      return InvalidOption(fmt::format("invalid value for boolean option \"{}\": {}", parameter.name, value));
    case OptionKind::kInteger: {
      const auto number = NumberOf<int64_t>(value);
      if (number) return CheckRange(parameter, static_cast<double>(*number), value);
      return InvalidOption(fmt::format("invalid value for integer option \"{}\": {}", parameter.name, value));
    }
    case OptionKind::kReal: {
      const auto number = NumberOf<double>(value);
      if (number) return CheckRange(parameter, *number, value);
      return InvalidOption(fmt::format("invalid value for floating point option \"{}\": {}", parameter.name, value));
    }
    case OptionKind::kEnum:
      if (parameter.words.find(" " + Lower(value) + " ") != std::string_view::npos) return Status::OK();
      if (parameter.name == "compresstype") return InvalidOption(fmt::format("unknown compresstype \"{}\"", value));
      return InvalidOption(fmt::format("invalid value for enum option \"{}\": {}", parameter.name, value));
  }
  return Status::OK();
}

Status CheckOids(std::string_view value) {
  if (!IsBoolean(value)) return Error("42601", "oids requires a Boolean value");
  const bool on = std::string_view(" true on yes t y 1 ").find(" " + Lower(value) + " ") != std::string_view::npos;
  return on ? Error("0A000", "tables declared WITH OIDS are not supported") : Status::OK();
}

Status CheckOption(std::string_view name, std::string_view value) {
  if (name == "oids") return CheckOids(value);
  std::string_view own = name;
  if (own.starts_with("toast.")) {
    own.remove_prefix(6);
  } else if (own.find('.') != std::string_view::npos) {
    return Status::OK();  // Fluss's
  }
  const auto parameter = std::ranges::find(kParameters, own, &Parameter::name);
  if (parameter == kParameters.end()) return InvalidOption(fmt::format("unrecognized parameter \"{}\"", own));
  return value.empty() ? Status::OK() : CheckValue(*parameter, value);
}

}  // namespace

Status CheckOptions(const std::vector<std::pair<std::string, std::string>>& options) {
  for (const auto& [name, value] : options) WEIR_RETURN_NOT_OK(CheckOption(name, value));
  return Status::OK();
}

Status CheckAccessMethod(std::string_view name) {
  constexpr std::array<std::string_view, 4> kMethods = {"heap", "ao_row", "ao_column", "appendoptimized"};
  if (std::ranges::find(kMethods, name) != kMethods.end()) return Status::OK();
  return Error("42704", fmt::format("access method \"{}\" does not exist", name));
}

}  // namespace weir::sql
