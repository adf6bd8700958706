#include "postgres/compute/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "postgres/compute/ordinal.h"
#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

using Item = NumberFormat::Item;

struct NumberKeyword {
  std::string_view text;
  Item item;
};
// Where one begins with another, the longer one comes first. Both spellings mean the same, but for RN and TH.
constexpr auto kNumberKeywords = std::to_array<NumberKeyword>({
    {",", Item::kComma},   {".", Item::kPoint},        {"0", Item::kZero},         {"9", Item::kNine},
    {"B", Item::kOther},   {"C", Item::kOther},        {"c", Item::kOther},        {"SP", Item::kOther},
    {"sp", Item::kOther},  {"D", Item::kLocalPoint},   {"EEEE", Item::kOther},     {"FM", Item::kOther},
    {"G", Item::kGroup},   {"L", Item::kCurrency},     {"MI", Item::kMinus},       {"PL", Item::kPlus},
    {"PR", Item::kOther},  {"RN", Item::kRoman},       {"SG", Item::kSign},        {"S", Item::kOther},
    {"TH", Item::kOrdinal}, {"V", Item::kOther},       {"b", Item::kOther},        {"d", Item::kLocalPoint},
    {"eeee", Item::kOther}, {"fm", Item::kOther},      {"g", Item::kGroup},        {"l", Item::kCurrency},
    {"mi", Item::kMinus},  {"pl", Item::kPlus},        {"pr", Item::kOther},       {"rn", Item::kRomanLower},
    {"sg", Item::kSign},   {"s", Item::kOther},        {"th", Item::kOrdinalLower}, {"v", Item::kOther},
});

const NumberKeyword* FindNumberKeyword(std::string_view text) {
  for (const NumberKeyword& keyword : kNumberKeywords) {
    if (text.starts_with(keyword.text)) return &keyword;
  }
  return nullptr;
}

Status Syntax(std::string message, std::string detail = {}) {
  return Error(sqlstate::kSyntaxError, std::move(message), {.detail = std::move(detail)});
}


std::string RomanOf(long long number) {
  if (number < 1 || number > 3999) return std::string(15, '#');
  constexpr std::pair<int, const char*> kParts[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                                                    {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                                                    {5, "V"},    {4, "IV"},   {1, "I"}};
  std::string roman;
  for (const auto& [value, letters] : kParts) {
    for (; number >= value; number -= value) roman += letters;
  }
  return roman;
}

}  // namespace

Result<NumberFormat> NumberFormat::Parse(std::string_view pattern) {
  NumberFormat format;
  bool quoted = false;
  while (!pattern.empty()) {
    const NumberKeyword* keyword = quoted ? nullptr : FindNumberKeyword(pattern);
    if (keyword != nullptr) {
      WEIR_RETURN_NOT_OK(format.Take(keyword->text));
      format.pieces_.push_back({.item = keyword->item, .text = {}});
      pattern.remove_prefix(keyword->text.size());
      continue;
    }
    if (pattern.front() == '"') {
      quoted = !quoted;
      pattern.remove_prefix(1);
      continue;
    }
    const bool escape = quoted ? pattern.front() == '\\' && pattern.size() > 1 : pattern.starts_with("\\\"");
    if (escape) pattern.remove_prefix(1);
    const size_t length = CharacterLength(pattern);
    format.pieces_.push_back({.item = Item::kText, .text = std::string(pattern.substr(0, length))});
    pattern.remove_prefix(length);
  }
  return format;
}

Status NumberFormat::Take(std::string_view keyword) {
  const char first = static_cast<char>(keyword[0] | 0x20);
  const char second = static_cast<char>(keyword.size() > 1 ? keyword[1] | 0x20 : 0);
  if (scientific_ && first != 'e') return Syntax("\"EEEE\" must be the last pattern used");
  if (keyword == "9") {
    if (bracket_) return Syntax("\"9\" must be ahead of \"PR\"");
    ++(multiply_ ? shift_ : point_ ? post_ : pre_);
  } else if (keyword == "0") {
    if (bracket_) return Syntax("\"0\" must be ahead of \"PR\"");
    if (!zero_ && !point_) {
      zero_ = true;
      zero_start_ = pre_;
    }
    ++(point_ ? post_ : pre_);
    zero_end_ = pre_ + post_;
  } else if (first == 'b') {
    if (pre_ == 0 && post_ == 0 && !zero_) blank_ = true;
  } else if (first == 'd' || keyword == ".") {
    if (point_) return Syntax("multiple decimal points");
    if (multiply_) return Syntax("cannot use \"V\" and decimal point together");
    point_ = true;
  } else if (first == 'f') {
    fill_ = true;
  } else if (first == 'c' || (first == 's' && second == 'p')) {
    return Status::OK();  // a currency's code and spelt numbers: known words that show nothing
  } else if (first == 's' && second == 'g') {
    if (has_locale_sign_) return Syntax("cannot use \"S\" and \"SG\" together");
    minus_ = plus_ = true;
  } else if (first == 's') {
    if (has_locale_sign_) return Syntax("cannot use \"S\" twice");
    if (plus_ || minus_ || bracket_) return Syntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
    if (!point_) {
      locale_sign_ = SignPlace::kBefore;
      pre_at_sign_ = pre_;
    } else {
      locale_sign_ = SignPlace::kAfter;
    }
    has_locale_sign_ = true;
  } else if (first == 'm') {
    if (has_locale_sign_) return Syntax("cannot use \"S\" and \"MI\" together");
    minus_ = true;
  } else if (first == 'p' && second == 'l') {
    if (has_locale_sign_) return Syntax("cannot use \"S\" and \"PL\" together");
    plus_ = true;
  } else if (first == 'p') {
    if (has_locale_sign_ || plus_ || minus_) return Syntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
    bracket_ = true;
  } else if (first == 'r') {
    roman_ = true;
  } else if (first == 'v') {
    if (point_) return Syntax("cannot use \"V\" and decimal point together");
    multiply_ = true;
  } else if (first == 'e') {
    if (scientific_) return Syntax("cannot use \"EEEE\" twice");
    if (blank_ || fill_ || has_locale_sign_ || bracket_ || minus_ || plus_ || roman_ || multiply_) {
      return Syntax("\"EEEE\" is incompatible with other formats",
                    "\"EEEE\" may only be used together with digit and decimal point patterns.");
    }
    scientific_ = true;
  }
  return Status::OK();
}

/// Shows one number by a template: every digit, zero and point of the template is a slot; the first slots may be
/// wider than the number.
class NumberWriter {
 public:
  /// `digits`: without a sign.
  NumberWriter(const NumberFormat& format, bool negative, std::string_view digits)
      : format_(format), negative_(negative), digits_(digits) {
    const size_t point = std::min(digits_.find('.'), digits_.size());
    const int width = format.pre_ + format.shift_;
    blanks_ = std::max(0, width - static_cast<int>(point));
    if (static_cast<int>(point) > width) {
      digits_ = std::string(static_cast<size_t>(width), '#');
      if (format.post_ > 0 || format.point_) digits_ += "." + std::string(static_cast<size_t>(format.post_), '#');
    }
    bracket_ = format.bracket_;
    sign_place_ = format.locale_sign_;
    if (format.plus_ || format.minus_) {
      sign_written_ = !(format.plus_ && !format.minus_);
    } else {
      if (!negative_ && bracket_ && format.fill_) bracket_ = false;
      sign_written_ = !negative_ && format.fill_ && !format.has_locale_sign_;
      if (sign_place_ == NumberFormat::SignPlace::kBefore && width == format.pre_at_sign_) {
        sign_place_ = NumberFormat::SignPlace::kAfter;
      }
    }
    slots_ = format.post_ + width - 1 + (!sign_written_ && blanks_ == 0 ? 1 : 0);
    if (format.fill_ && format.point_) FindLastRelevant();
  }

  std::string Run() {
    for (const NumberFormat::Piece& piece : format_.pieces_) One(piece);
    return std::move(out_);
  }

 private:
  // FM leaves zeros away behind the point, but for those that a 0 of the template stands for.
  void FindLastRelevant() {
    size_t last = digits_.find('.');
    if (last == std::string::npos) return;
    for (size_t i = last + 1; i < digits_.size(); ++i) {
      if (digits_[i] != '0') last = i;
    }
    if (format_.zero_end_ > blanks_ && !digits_.empty()) {
      const size_t asked = std::min(digits_.size() - 1, static_cast<size_t>(format_.zero_end_ - blanks_));
      last = std::max(last, asked);
    }
    last_relevant_ = static_cast<int>(last);
  }
  bool ends_at_point() const { return last_relevant_ >= 0 && digits_[static_cast<size_t>(last_relevant_)] == '.'; }
  char digit() const { return static_cast<size_t>(at_) < digits_.size() ? digits_[static_cast<size_t>(at_)] : '\0'; }
  // 0.1 is shown as " .1" where no 0 of the template asks for the zero.
  bool at_hidden_zero() const { return !format_.zero_ && at_ == 0 && digit() == '0' && format_.post_ != 0; }

  void Blank() {
    if (!format_.fill_) out_ += ' ';
  }

  void One(const NumberFormat::Piece& piece) {
    switch (piece.item) {
      case Item::kNine:
      case Item::kZero:
      case Item::kPoint:
      case Item::kLocalPoint: return Slot(piece.item);
      case Item::kComma:
      case Item::kGroup: return in_number_ ? void(out_ += ',') : Blank();
      case Item::kCurrency: out_ += ' '; return;
      case Item::kMinus: return negative_ ? void(out_ += '-') : Blank();
      case Item::kPlus: return negative_ ? Blank() : void(out_ += '+');
      case Item::kSign: out_ += negative_ ? '-' : '+'; return;
      case Item::kOrdinal:
      case Item::kOrdinalLower: {
        const bool shown = !digits_.empty() && digits_[0] != '#' && !negative_ && !format_.point_;
        if (shown) out_ += OrdinalSuffix(digits_, piece.item == Item::kOrdinal);
        return;
      }
      case Item::kText: out_ += piece.text; return;
      case Item::kRoman:
      case Item::kRomanLower:
      case Item::kOther: return;
    }
  }

  void Sign() {
    const bool begins = slot_ >= blanks_ || (format_.zero_ && format_.zero_start_ == slot_);
    if (sign_written_ || !begins || (at_hidden_zero() && !ends_at_point())) return;
    if (format_.has_locale_sign_) {
      if (sign_place_ != NumberFormat::SignPlace::kBefore) return;
      out_ += negative_ ? '-' : '+';
    } else if (bracket_) {
      out_ += negative_ ? '<' : ' ';
    } else if (!negative_) {
      Blank();
    } else {
      out_ += '-';
    }
    sign_written_ = true;
  }

  void Slot(Item item) {
    in_number_ = false;
    Sign();
    const bool leading = slot_ < blanks_;
    if (leading && (!format_.zero_ || format_.zero_start_ > slot_)) {
      Blank();
    } else if (leading) {
      out_ += '0';
      in_number_ = true;
    } else {
      Digit(item);
      if (digit() != '\0') ++at_;
    }
    Close();
    ++slot_;
  }

  void Digit(Item item) {
    if (digit() == '.') {
      if (last_relevant_ < 0 || !ends_at_point() || format_.fill_) out_ += '.';
    } else if (last_relevant_ >= 0 && at_ > last_relevant_ && item != Item::kZero) {
      return;
    } else if (at_hidden_zero()) {
      if (!format_.fill_) {
        out_ += ' ';
      } else if (ends_at_point()) {
        out_ += '0';
      }
    } else if (digit() != '\0') {
      out_ += digit();
      in_number_ = true;
    }
  }

  // Behind the last digit: the bracket, or S.
  void Close() {
    int end = slots_ + (blanks_ > 0 ? 1 : 0) + (format_.point_ ? 1 : 0);
    if (last_relevant_ >= 0 && last_relevant_ == at_) end = slot_;
    if (slot_ + 1 != end) return;
    if (sign_written_ && bracket_) {
      out_ += negative_ ? '>' : ' ';
    } else if (format_.has_locale_sign_ && sign_place_ == NumberFormat::SignPlace::kAfter) {
      out_ += negative_ ? '-' : '+';
    }
  }

  const NumberFormat& format_;
  bool negative_;
  std::string digits_;
  std::string out_;
  int blanks_ = 0;  // slots that the number does not fill
  int slots_ = 0;
  int slot_ = 0;
  int at_ = 0;              // in digits_
  int last_relevant_ = -1;  // in digits_; −1: all are
  bool bracket_ = false;
  bool sign_written_ = false;
  bool in_number_ = false;  // a digit was the last slot's text
  NumberFormat::SignPlace sign_place_ = NumberFormat::SignPlace::kNone;
};

std::string NumberFormat::Write(std::string_view number) const {
  const bool negative = number.starts_with('-');
  if (scientific_) return (negative ? "" : " ") + std::string(number);
  const std::string_view digits = number.substr(negative ? 1 : 0);
  if (!roman_) return NumberWriter(*this, negative, digits).Run();
  std::string roman = RomanOf(negative ? 0 : std::strtoll(std::string(digits).c_str(), nullptr, 10));
  if (!fill_) roman = fmt::format("{:>15}", roman);
  std::string out;
  for (const Piece& piece : pieces_) {
    if (piece.item == Item::kText) out += piece.text;
    if (piece.item == Item::kCurrency) out += ' ';
    if (piece.item == Item::kRoman) out += roman;
    if (piece.item == Item::kRomanLower) out += Lowered(roman);
  }
  return out;
}

std::string NumberFormat::WriteNotFinite(std::string_view number) const {
  if (!scientific_) return Write(number);
  return " " + std::string(static_cast<size_t>(pre_), '#') + "." + std::string(static_cast<size_t>(post_ + 4), '#');
}

/// Reads a number by a template.
class NumberReader {
 public:
  NumberReader(const NumberFormat& format, std::string_view text) : format_(format), text_(text) {}

  std::string Run() {
    for (const NumberFormat::Piece& piece : format_.pieces_) {
      if (at_ >= text_.size()) break;
      One(piece);
    }
    if (!digits_.empty() && digits_.back() == '.') digits_.pop_back();
    return (negative_ ? "-" : "") + digits_;
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void One(const NumberFormat::Piece& piece) {
    switch (piece.item) {
      case Item::kNine:
      case Item::kZero:
      case Item::kPoint:
      case Item::kLocalPoint: return Slot();
      case Item::kComma:
      case Item::kGroup:
        if ((in_number_ || !format_.fill_) && next() == ',') ++at_;
        return;
      case Item::kMinus: return TakeSign("-");
      case Item::kPlus: return TakeSign("+");
      case Item::kSign: return TakeSign("+-");
      case Item::kOrdinal:
      case Item::kOrdinalLower: return PassOver(2);
      case Item::kCurrency:
      case Item::kText: return PassOver(1);
      case Item::kRoman:
      case Item::kRomanLower:
      case Item::kOther: return;
    }
  }
  // Characters that cannot be part of a number.
  void PassOver(int count) {
    constexpr std::string_view kNumber = "0123456789.,+-";
    for (; count > 0 && at_ < text_.size() && kNumber.find(next()) == std::string_view::npos; --count) {
      at_ += CharacterLength(text_.substr(at_));
    }
  }
  void TakeSign(std::string_view signs) {
    if (next() == '\0' || signs.find(next()) == std::string_view::npos) return PassOver(1);
    negative_ = next() == '-';
    ++at_;
  }

  void Slot() {
    if (next() == ' ') ++at_;
    if (at_ >= text_.size()) return;
    if (!has_sign_ && digits_.empty()) ReadSign();
    if (at_ >= text_.size()) return;
    const bool digit = IsDigit(next());
    const bool point = format_.point_ && next() == '.' && !seen_point_;
    const bool too_many = digit && seen_point_ && digits_behind_point_ == format_.post_;
    if (digit && !too_many) {
      digits_ += next();
      digits_behind_point_ += seen_point_ ? 1 : 0;
      in_number_ = true;
    } else if (point) {
      digits_ += digits_.empty() ? "0." : ".";
      seen_point_ = true;
    } else if (!digit) {
      ReadSignInSlot();
    }
    ++at_;  // whatever it was
    // A sign behind the number.
    const bool sign = next() == '-' || next() == '+';
    const bool trailing = format_.has_locale_sign_ && !has_sign_ && sign;
    if (trailing && (point || (digit && !too_many))) ReadSign();
  }
  /// MI, PL and SG take a sign that comes before their own place.
  void ReadSignInSlot() {
    const bool taken = !format_.has_locale_sign_ && (format_.plus_ || format_.minus_) && !has_sign_;
    if (!taken || digits_.empty() || (next() != '-' && next() != '+')) return;
    negative_ = next() == '-';
    has_sign_ = true;
  }
  void ReadSign() {
    const bool opens = format_.bracket_ && next() == '<';
    if (next() != '-' && next() != '+' && !opens) return;
    negative_ = next() != '+';
    has_sign_ = true;
    ++at_;
  }

  const NumberFormat& format_;
  std::string_view text_;
  size_t at_ = 0;
  std::string digits_;
  bool negative_ = false;
  bool has_sign_ = false;
  bool seen_point_ = false;
  bool in_number_ = false;
  int digits_behind_point_ = 0;
};

Result<std::string> NumberFormat::Read(std::string_view text) const {
  if (roman_) return Error(sqlstate::kFeatureNotSupported, "\"RN\" not supported for input");
  if (scientific_) return Error(sqlstate::kFeatureNotSupported, "\"EEEE\" not supported for input");
  std::string number = NumberReader(*this, text).Run();
  if (number.empty() || number == "-")
    return Error(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type numeric: \" \"");
  return number;
}

}  // namespace weir::postgres
