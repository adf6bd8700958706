#include "server/pgwire/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>

namespace weir::pgwire {
namespace {

class FixedZone final : public TimeZone {
 public:
  explicit FixedZone(int32_t offset) : offset_(offset) {}
  int32_t OffsetAt(int64_t) const override { return offset_; }

 private:
  const int32_t offset_;
};

class NamedZone final : public TimeZone {
 public:
  explicit NamedZone(const date::time_zone* zone) : zone_(zone) {}

  /// Keeps the last stretch of constant offset: the values of a column mostly share one.
  int32_t OffsetAt(int64_t utc_seconds) const override {
    constexpr int64_t kLimit = int64_t{30'000} * 366 * 86'400;  // of the library's years
    const int64_t at = std::clamp(utc_seconds, -kLimit, kLimit);
    if (at < begin_ || at >= end_) {
      const date::sys_info info = zone_->get_info(date::sys_seconds(std::chrono::seconds(at)));
      begin_ = info.begin.time_since_epoch().count();
      end_ = info.end.time_since_epoch().count();
      offset_ = static_cast<int32_t>(info.offset.count());
    }
    return offset_;
  }

 private:
  const date::time_zone* zone_;
  mutable int64_t begin_ = 0;
  mutable int64_t end_ = 0;
  mutable int32_t offset_ = 0;
};

std::optional<int32_t> ParseOffset(const std::string& text) {
  int hours = 0, minutes = 0, end = 0;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const char* digits = text.c_str() + 1;
  const bool full = std::sscanf(digits, "%2d:%2d%n", &hours, &minutes, &end) == 2 && digits[end] == 0;
  if (!full && !(std::sscanf(digits, "%2d%n", &hours, &end) == 1 && digits[end] == 0)) return std::nullopt;
  const int32_t seconds = hours * 3600 + (full ? minutes * 60 : 0);
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

TimeZonePtr TimeZone::Find(const std::string& name) {
  if (name.empty() || name == "UTC") return nullptr;
  if (const auto offset = ParseOffset(name)) return std::make_shared<FixedZone>(*offset);
  try {
    return std::make_shared<NamedZone>(date::locate_zone(name));
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace weir::pgwire
