#include "sql/catalog/sequence.h"

#include <fmt/format.h>

#include <charconv>

namespace weir::sql {
namespace {

constexpr std::string_view kHead = "nextval('";
constexpr std::string_view kTail = "'::regclass)";

}  // namespace

std::string NextValueText(int64_t sequence) { return fmt::format("{}{}{}", kHead, sequence, kTail); }

std::optional<int64_t> SequenceOfDefault(std::string_view text) {
  const bool formed = text.starts_with(kHead) && text.ends_with(kTail) && text.size() > kHead.size() + kTail.size();
  if (!formed) return std::nullopt;
  const std::string_view digits = text.substr(kHead.size(), text.size() - kHead.size() - kTail.size());
  int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return id;
}

}  // namespace weir::sql
