#include "postgres/value/time_zone.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "format/big_endian.h"
#include "postgres/value/calendar.h"
#include "postgres/value/posix_zone.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kLongestName = 255;
constexpr std::string_view kDatabase = "/usr/share/zoneinfo";

constexpr ZoneAbbreviation kAbbreviations[] = {
#include "postgres/facts/zone_abbreviations.inc"
};

/// What a zone's file (TZif) says: the changes of its clock, and rules for the time after the last.
struct History {
  struct Stretch {
    int64_t begin = 0;  // UTC
    TimeZone::Local local;
  };
  std::string abbreviations;  // what the stretches' views point into
  TimeZone::Local first;      // before the first change
  std::vector<Stretch> stretches;
  std::optional<PosixZone> rules;
};

/// Reads integers off the front of a file's bytes; all are 0 once it is at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  T Take() {
    if (left_.size() < sizeof(T)) {
      left_ = {};
      failed_ = true;
      return 0;
    }
    const T value = LoadBigEndian<T>(left_);
    left_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view Take(size_t size) {
    failed_ |= size > left_.size();
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view left() const { return left_; }
  bool failed() const { return failed_; }

 private:
  std::string_view left_;
  bool failed_ = false;
};

struct Counts {
  uint32_t utc_marks, standard_marks, leaps, times, types, characters;
};

/// A block's header: "TZif", version, 15 bytes of nothing, six counts.
std::optional<Counts> ReadHeader(ByteReader* in) {
  if (in->Take(4) != "TZif") return std::nullopt;
  in->Take(16);
  Counts counts{};
  for (uint32_t* count : {&counts.utc_marks, &counts.standard_marks, &counts.leaps, &counts.times, &counts.types,
                          &counts.characters}) {
    *count = in->Take<uint32_t>();
  }
  constexpr uint32_t kMost = 1 << 16;
  const bool sound = !in->failed() && counts.times < kMost && counts.types > 0 && counts.types <= 256 &&
                     counts.characters < kMost && counts.leaps < kMost && counts.utc_marks <= 256 &&
                     counts.standard_marks <= 256;
  return sound ? std::optional(counts) : std::nullopt;
}

/// The bytes of a block's body whose times have `width` bytes.
size_t BodySize(const Counts& counts, size_t width) {
  return counts.times * (width + 1) + counts.types * 6 + counts.characters + counts.leaps * (width + 4) +
         counts.standard_marks + counts.utc_marks;
}

bool ReadBody(const Counts& counts, ByteReader* in, History* history) {
  std::vector<int64_t> times(counts.times);
  for (int64_t& time : times) time = in->Take<int64_t>();
  const std::string_view indexes = in->Take(counts.times);
  const std::string_view types = in->Take(size_t{counts.types} * 6);
  history->abbreviations = in->Take(counts.characters);
  in->Take(counts.leaps * size_t{12} + counts.standard_marks + counts.utc_marks);
  if (in->failed()) return false;
  const auto local_of = [&](size_t type) {
    const std::string_view bytes = types.substr(type * 6, 6);
    const auto at = std::min<size_t>(static_cast<uint8_t>(bytes[5]), history->abbreviations.size());
    return TimeZone::Local{.offset = LoadBigEndian<int32_t>(bytes), .daylight = bytes[4] != 0,
                           .abbreviation = history->abbreviations.c_str() + at};
  };
  history->first = local_of(0);
  for (size_t i = 0; i < times.size(); ++i) {
    const auto type = static_cast<uint8_t>(indexes[i]);
    if (type >= counts.types) return false;
    history->stretches.push_back({.begin = times[i], .local = local_of(type)});
  }
  return std::is_sorted(times.begin(), times.end());
}

/// Null where the bytes are no file of a zone. A file has all twice; the second time with 64-bit times.
std::unique_ptr<History> ReadHistory(std::string_view bytes) {
  ByteReader in(bytes);
  const std::optional<Counts> narrow = ReadHeader(&in);
  if (!narrow || bytes[4] < '2') return nullptr;
  in.Take(BodySize(*narrow, 4));
  const std::optional<Counts> counts = ReadHeader(&in);
  auto history = std::make_unique<History>();
  if (!counts || !ReadBody(*counts, &in, history.get())) return nullptr;
  std::string_view footer = in.left();
  if (footer.starts_with('\n')) {
    footer.remove_prefix(1);
    history->rules = ParsePosixZone(footer.substr(0, footer.find('\n')));
  }
  return history;
}

class HistoryZone final : public TimeZone {
 public:
  HistoryZone(std::string name, std::unique_ptr<const History> history)
      : TimeZone(std::move(name)), history_(std::move(history)) {}

  Local At(int64_t utc) const override {
    const auto& stretches = history_->stretches;
    const auto after =
        std::upper_bound(stretches.begin(), stretches.end(), utc,
                         [](int64_t time, const History::Stretch& stretch) { return time < stretch.begin; });
    if (after == stretches.end() && history_->rules) return history_->rules->At(utc);
    return after == stretches.begin() ? history_->first : std::prev(after)->local;
  }

  int32_t OffsetOfLocal(int64_t local) const override {
    // A clock is changed at most once within the days around.
    const int32_t before = OffsetAt(local - kSecondsPerDay);
    const int32_t after = OffsetAt(local + kSecondsPerDay);
    if (before == after) return before;
    const bool before_holds = OffsetAt(local - before) == before;
    const bool after_holds = OffsetAt(local - after) == after;
    if (before_holds != after_holds) return before_holds ? before : after;
    return before_holds ? after : before;
  }

  std::optional<int32_t> OnlyOffset() const override {
    const auto& stretches = history_->stretches;
    const int32_t offset = history_->first.offset;
    const bool same = std::all_of(stretches.begin(), stretches.end(),
                                  [&](const History::Stretch& stretch) { return stretch.local.offset == offset; });
    const bool rules =
        history_->rules && (history_->rules->has_daylight() || history_->rules->standard_offset != offset);
    return same && !rules ? std::optional(offset) : std::nullopt;
  }

  std::optional<int32_t> OffsetOfAbbreviation(std::string_view abbreviation, int64_t utc) const override {
    if (const Local now = At(utc); now.abbreviation == abbreviation) return now.offset;
    const auto& stretches = history_->stretches;
    std::optional<int32_t> found;
    if (history_->first.abbreviation == abbreviation) found = history_->first.offset;
    for (const History::Stretch& stretch : stretches) {
      if (stretch.begin > utc && found) break;
      if (stretch.local.abbreviation == abbreviation) found = stretch.local.offset;
    }
    return found;
  }

 private:
  const std::unique_ptr<const History> history_;
};

class PosixTimeZone final : public TimeZone {
 public:
  PosixTimeZone(std::string name, PosixZone zone) : TimeZone(std::move(name)), zone_(std::move(zone)) {}

  Local At(int64_t utc) const override { return zone_.At(utc); }
  int32_t OffsetOfLocal(int64_t local) const override {
    const int32_t standard = zone_.standard_offset;
    if (!zone_.has_daylight()) return standard;
    const int32_t daylight = zone_.daylight_offset;
    const bool standard_holds = OffsetAt(local - standard) == standard;
    const bool daylight_holds = OffsetAt(local - daylight) == daylight;
    if (standard_holds != daylight_holds) return standard_holds ? standard : daylight;
    return standard;  // jumped over by the clock, or shown the second time
  }
  std::optional<int32_t> OnlyOffset() const override {
    return zone_.has_daylight() ? std::nullopt : std::optional(zone_.standard_offset);
  }
  std::optional<int32_t> OffsetOfAbbreviation(std::string_view abbreviation, int64_t) const override {
    if (abbreviation == zone_.standard_name) return zone_.standard_offset;
    if (zone_.has_daylight() && abbreviation == zone_.daylight_name) return zone_.daylight_offset;
    return std::nullopt;
  }

 private:
  const PosixZone zone_;
};

/// The path below the database in its own spelling; empty where there is none.
std::string PathOf(std::string_view name) {
  namespace fs = std::filesystem;
  fs::path folder(kDatabase);
  std::string path;
  while (true) {
    const size_t slash = name.find('/');
    const std::string part = Lowered(name.substr(0, slash));
    if (part.empty() || part[0] == '.') return {};
    std::error_code error;
    std::string found;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      const std::string candidate = entry->path().filename().string();
      if (EqualsIgnoringCase(candidate, part)) found = candidate;
    }
    if (found.empty()) return {};
    path += (path.empty() ? "" : "/") + found;
    folder /= found;
    if (slash == std::string_view::npos) return fs::is_regular_file(folder, error) ? path : std::string();
    name.remove_prefix(slash + 1);
  }
}

TimeZonePtr LoadZone(std::string_view name) {
  if (const std::string path = PathOf(name); !path.empty()) {
    std::ifstream file(std::filesystem::path(kDatabase) / path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (auto history = ReadHistory(bytes)) return std::make_shared<HistoryZone>(path, std::move(history));
  }
  if (std::optional<PosixZone> zone = ParsePosixZone(name)) {
    return std::make_shared<PosixTimeZone>(std::string(name), *std::move(zone));
  }
  return nullptr;
}

}  // namespace

TimeZonePtr TimeZone::Find(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || name.find('\0') != std::string_view::npos) return nullptr;
  // Zones do not change while the process runs: each is read once.
  static std::mutex mutex;
  static std::map<std::string, TimeZonePtr> zones;
  const std::string key = Lowered(name);
  const std::lock_guard lock(mutex);
  if (const auto known = zones.find(key); known != zones.end()) return known->second;
  TimeZonePtr zone = LoadZone(name);
  constexpr size_t kMostZones = 2'000;  // texts that are no zone are not kept, and zones by POSIX text are many
  if (zone != nullptr && zones.size() < kMostZones) zones.emplace(key, zone);
  return zone;
}

TimeZonePtr TimeZone::Fixed(int32_t offset) {
  const int32_t size = std::abs(offset);
  std::string clock = fmt::format("{:02}", size / 3600);
  if (size % 3600 != 0) clock += fmt::format(":{:02}", size % 3600 / 60);
  if (size % 60 != 0) clock += fmt::format(":{:02}", size % 60);
  const std::string shown = (offset < 0 ? "-" : "+") + clock;
  PosixZone zone;
  zone.standard_name = shown;
  zone.standard_offset = offset;
  return std::make_shared<PosixTimeZone>(fmt::format("<{}>{}{}", shown, offset < 0 ? "+" : "-", clock),
                                         std::move(zone));
}

TimeZonePtr TimeZone::Utc() {
  PosixZone zone;
  zone.standard_name = "UTC";
  return std::make_shared<PosixTimeZone>("UTC", std::move(zone));
}

TimeZonePtr TimeZone::OfSetting(std::string_view text) {
  const std::string whole(text);
  char* end = nullptr;
  const double hours = std::strtod(whole.c_str(), &end);
  constexpr double kMostHours = 168;
  if (!whole.empty() && *end == '\0' && end != whole.c_str()) {
    return hours > -kMostHours && hours < kMostHours ? Fixed(static_cast<int32_t>(hours * 3600)) : nullptr;
  }
  return Find(text);
}

std::span<const ZoneAbbreviation> AllAbbreviations() { return kAbbreviations; }

std::vector<std::string> AllZoneNames() {
  namespace fs = std::filesystem;
  const fs::path root(kDatabase);
  std::vector<std::string> names;
  std::error_code error;
  // Zones are in files and folders with capitals; the others are lists, and the same zones with other rules.
  const auto is_zones = [](const fs::path& path) {
    return std::isupper(static_cast<unsigned char>(path.filename().string().front())) != 0;
  };
  const fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator entry(root, error); !error && entry != end; entry.increment(error)) {
    if (!is_zones(entry->path())) {
      if (entry->is_directory(error)) entry.disable_recursion_pending();
      continue;
    }
    if (entry->is_regular_file(error)) names.push_back(entry->path().lexically_relative(root).string());
  }
  std::ranges::sort(names);
  return names;
}

const ZoneAbbreviation* FindAbbreviation(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kAbbreviations), std::end(kAbbreviations), name,
                       [](const ZoneAbbreviation& row, std::string_view key) { return row.name < key; });
  return found != std::end(kAbbreviations) && found->name == name ? found : nullptr;
}

}  // namespace weir::postgres
