#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/value/date_token.h"
#include "postgres/value/settings.h"
#include "postgres/value/time_zone.h"
#include "weir/status.h"

namespace weir::postgres {

/// What a text says of a moment.
struct DateFields {
  /// kNone: the fields hold; else one of kEpoch, kInfinity, kMinusInfinity.
  DateWord special = DateWord::kNone;
  int64_t year = 0;  // 0 is 1 BC
  int month = 0;
  int day = 0;
  int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int64_t fraction = 0;  // microseconds
  int32_t offset = 0;    // seconds east of Greenwich: the text's, else the session's zone then
};

/// Reads a text of a date, time or both as PostgreSQL does: its order of rules decides what each part is.
class DateReader {
 public:
  /// kMoment: date, timestamp and timestamptz, whose text has a date; kTime: time and timetz, whose text has a time.
  enum class Goal { kMoment, kTime };

  DateReader(std::string_view text, std::string_view type, Goal goal, const Settings& settings)
      : text_(text), type_(type), goal_(goal), settings_(settings) {}

  Result<DateFields> Read();
  Status Fail(DateFault fault) const { return FaultStatus(fault, text_, type_); }

 private:
  using Mask = uint32_t;  // of kinds of fields

  Status ReadToken(size_t index, Mask* found);
  Status ReadDateToken(size_t index, Mask* found);
  Status ReadTimeOfMomentToken(std::string token, Mask* found);
  Status ReadRunTogether(std::string token, Mask known, Mask* found);
  Status ReadZoneName(const std::string& name, Mask* found);
  Status ReadNumberToken(size_t index, Mask* found);
  Status ReadMomentNumber(const std::string& token, Mask* found);
  Status ReadTimeNumber(size_t index, Mask* found);
  Status ReadLabelled(const std::string& token, Mask* found);
  Status ReadJulian(const std::string& token, Mask* found);
  Status ReadSeconds(int value, std::string_view rest, Mask* found);
  Status ReadWord(size_t index, Mask* found);
  Status ReadAbbreviation(const std::string& token, Mask* found, bool* is_one);
  Status ReadMeaning(size_t index, DateMeaning meaning, Mask* found);
  Status ReadReserved(DateWord word, Mask* found);
  Status ReadUnit(size_t index, DateUnit unit);
  void ReadMonthName(int month, Mask* found);

  Status ReadDate(std::string token, Mask known, Mask* found);
  Status ReadClock(std::string_view token, Mask* found);
  Status ReadNumber(const std::string& token, bool month_named, Mask known, Mask* found);
  Status ReadNumberField(std::string token, Mask known, Mask* found);
  Status ReadOffset(std::string_view token);
  Status PlaceNumber(int value, size_t size, bool month_named, Mask known, Mask* found);
  Status ReadFraction(std::string_view token);

  Status Finish();
  Status CheckDate();
  Status ApplyHalfDay();
  Status FinishMoment();
  Status FinishTime();
  Status ResolveZone(int64_t day);
  bool TimeOverflows() const;
  void SetDay(int64_t days);
  int64_t Today() const;
  void SetClock(int64_t microseconds);

  const std::string_view text_;
  const std::string_view type_;
  const Goal goal_;
  const Settings& settings_;

  std::vector<DateToken> tokens_;
  DateFields fields_;
  int day_of_year_ = 0;
  Mask known_ = 0;
  DateUnit label_ = DateUnit::kNone;  // what the next number is
  bool month_named_ = false;
  bool julian_ = false;
  bool short_year_ = false;
  bool before_christ_ = false;
  DateWord half_day_ = DateWord::kNone;
  TimeZonePtr zone_;               // named in full
  std::string abbreviation_;       // whose meaning depends on the time, in zone_of_abbreviation_
  TimeZonePtr abbreviation_zone_;
};

}  // namespace weir::postgres
