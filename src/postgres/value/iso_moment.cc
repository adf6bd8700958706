#include "postgres/value/iso_moment.h"

#include "postgres/value/calendar.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

/// Takes a text from its front.
class Front {
 public:
  explicit Front(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// `count` digits as a number up to `most`; -1 where there are none such.
  int Number(size_t count, int most) {
    if (text_.size() < count) return -1;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(text_[i])) return -1;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value <= most ? value : -1;
  }
  /// Digits behind the second's point, up to six, as microseconds; -1 where there are none.
  int Fraction() {
    constexpr int kDigits = 6;
    int value = 0, digits = 0;
    for (; digits < kDigits && !text_.empty() && IsDigit(text_.front()); ++digits) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    if (digits == 0) return -1;
    for (; digits < kDigits; ++digits) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
};

bool TakeClock(Front& front, IsoMoment* moment) {
  const int hour = front.Number(2, 23);
  const int minute = front.Take(':') ? front.Number(2, 59) : -1;
  const int second = front.Take(':') ? front.Number(2, 59) : -1;
  const int fraction = front.Take('.') ? front.Fraction() : 0;
  if (hour < 0 || minute < 0 || second < 0 || fraction < 0) return false;
  moment->clock = hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond + fraction;
  return true;
}

bool TakeOffset(Front& front, IsoMoment* moment) {
  const bool west = front.Take('-');
  if (!west && !front.Take('+')) return false;
  const int hours = front.Number(2, 15);
  const int minutes = front.Take(':') ? front.Number(2, 59) : 0;
  if (hours < 0 || minutes < 0) return false;
  moment->offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return true;
}

}  // namespace

std::optional<IsoMoment> ReadIsoMoment(std::string_view text) {
  Front front(text);
  const int year = front.Number(4, 9999);
  const int month = front.Take('-') ? front.Number(2, 12) : -1;
  const int day = front.Take('-') ? front.Number(2, 31) : -1;
  if (year < 1 || month < 1 || day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  IsoMoment moment{.days = DaysOf(year, month, day)};
  if (front.AtEnd()) return moment;
  if (!front.Take(' ') && !front.Take('T')) return std::nullopt;
  if (!TakeClock(front, &moment)) return std::nullopt;
  if (front.AtEnd()) return moment;
  return TakeOffset(front, &moment) && front.AtEnd() ? std::optional(moment) : std::nullopt;
}

}  // namespace weir::postgres
