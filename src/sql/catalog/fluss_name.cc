#include "sql/catalog/fluss_name.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "model/table_rules.h"

namespace weir::sql {
namespace {

constexpr std::string_view kMark = "-u-";
constexpr size_t kEscaped = 3;  // "-e4"

bool StaysAsItIs(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string FlussNameOf(std::string_view name) {
  if (ValidateTableName(name).ok() && !name.starts_with(kMark)) return std::string(name);
  std::string escaped(kMark);
  for (const char c : name) {
    if (StaysAsItIs(c)) {
      escaped += c;
    } else {
      fmt::format_to(std::back_inserter(escaped), "-{:02x}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

std::string SqlNameOf(std::string_view fluss_name) {
  if (!fluss_name.starts_with(kMark)) return std::string(fluss_name);
  std::string name;
  for (size_t i = kMark.size(); i < fluss_name.size();) {
    if (fluss_name[i] != '-') {
      name += fluss_name[i++];
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = fluss_name.substr(i).substr(1, kEscaped - 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    name += static_cast<char>(byte);
    i += kEscaped;
  }
  return FlussNameOf(name) == fluss_name ? name : std::string(fluss_name);
}

}  // namespace weir::sql
