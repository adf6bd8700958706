#include <fmt/format.h>

#include "postgres/compute/strings.h"
#include "postgres/error.h"
#include "postgres/identifier.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

// %[position$][-][width]type
class Formatter {
 public:
  Formatter(std::string_view pattern, std::span<const FormatArgument> arguments)
      : rest_(pattern), arguments_(arguments) {}

  Result<std::string> Run() {
    while (!rest_.empty()) {
      const size_t percent = std::min(rest_.find('%'), rest_.size());
      out_ += rest_.substr(0, percent);
      rest_.remove_prefix(percent);
      if (rest_.empty()) break;
      rest_.remove_prefix(1);
      if (rest_.empty()) return Unterminated();
      if (rest_[0] == '%') {
        out_ += '%';
        rest_.remove_prefix(1);
        continue;
      }
      WEIR_RETURN_NOT_OK(One());
    }
    return std::move(out_);
  }

 private:
  static Status Unterminated() {
    return Error(sqlstate::kInvalidParameterValue, "unterminated format() type specifier",
                 {.hint = "For a single \"%\" use \"%%\"."});
  }
  static Status TooFew() { return Error(sqlstate::kInvalidParameterValue, "too few arguments for format()"); }

  // Digits at the begin; absent where there are none.
  Result<std::optional<int64_t>> Number() {
    if (rest_.empty() || !IsDigit(rest_[0])) return std::optional<int64_t>();
    int64_t number = 0;
    while (!rest_.empty() && IsDigit(rest_[0])) {
      number = number * 10 + (rest_[0] - '0');
      if (number > INT32_MAX) return Error(sqlstate::kNumericValueOutOfRange, "number is out of range");
      rest_.remove_prefix(1);
    }
    return rest_.empty() ? Result<std::optional<int64_t>>(Unterminated()) : std::optional(number);
  }

  Result<FormatArgument> Next() {
    if (next_ >= arguments_.size()) return TooFew();
    return arguments_[next_++];
  }
  Result<FormatArgument> At(int64_t position) {
    if (position == 0) {
      return Error(sqlstate::kInvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
    }
    next_ = static_cast<size_t>(position) - 1;
    return Next();
  }

  // A width that an argument gives: * or *position$.
  Result<int64_t> WidthArgument() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return Unterminated();
    WEIR_ASSIGN_OR_RETURN(auto position, Number());
    if (position && !rest_.starts_with('$')) {
      return Error(sqlstate::kInvalidParameterValue, "width argument position must be ended by \"$\"");
    }
    if (position) rest_.remove_prefix(1);
    if (rest_.empty()) return Unterminated();
    WEIR_ASSIGN_OR_RETURN(FormatArgument argument, position ? At(*position) : Next());
    if (!argument) return int64_t{0};
    const std::string text(*argument);
    char* end = nullptr;
    const int64_t width = std::strtoll(text.c_str(), &end, 10);
    if (end == text.c_str() || *end != '\0') return InvalidSyntax("integer", text);
    if (width < -INT32_MAX || width > INT32_MAX)
      return Error(sqlstate::kNumericValueOutOfRange, "number is out of range");
    return width;
  }

  Status One() {
    std::optional<int64_t> position;
    int64_t width = 0;
    bool left = false;
    WEIR_ASSIGN_OR_RETURN(auto number, Number());
    bool has_width = false;
    if (number && rest_.starts_with('$')) {
      position = number;
      if (*position == 0) {
        return Error(sqlstate::kInvalidParameterValue,
                     "format specifies argument 0, but arguments are numbered from 1");
      }
      rest_.remove_prefix(1);
    } else if (number) {
      width = *number;
      has_width = true;
    }
    while (!has_width && rest_.starts_with('-')) {
      left = true;
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return Unterminated();
    if (!has_width && rest_[0] == '*') {
      WEIR_ASSIGN_OR_RETURN(width, WidthArgument());
    } else if (!has_width) {
      WEIR_ASSIGN_OR_RETURN(auto written, Number());
      width = written.value_or(0);
    }
    if (rest_.empty()) return Unterminated();
    return Value(position, width, left);
  }

  Status Value(std::optional<int64_t> position, int64_t width, bool left) {
    const std::string_view type = rest_.substr(0, std::max<size_t>(1, CharacterBytes(rest_)));
    rest_.remove_prefix(type.size());
    if (type != "s" && type != "I" && type != "L") {
      return Error(sqlstate::kInvalidParameterValue, fmt::format("unrecognized format() type specifier \"{}\"", type),
                   {.hint = "For a single \"%\" use \"%%\"."});
    }
    WEIR_ASSIGN_OR_RETURN(FormatArgument argument, position ? At(*position) : Next());
    if (type == "I" && !argument) {
      return Error(sqlstate::kNullValueNotAllowed, "null values cannot be formatted as an SQL identifier");
    }
    std::string text(argument.value_or(""));
    if (type == "I") text = QuoteIdentifier(*argument);
    if (type == "L") text = argument ? QuoteLiteral(*argument) : "NULL";
    const size_t shown = CountCharacters(text);
    const auto wanted = static_cast<size_t>(width < 0 ? -width : width);
    const std::string blanks(wanted > shown ? wanted - shown : 0, ' ');
    out_ += left || width < 0 ? text + blanks : blanks + text;
    return Status::OK();
  }

  std::string_view rest_;
  std::span<const FormatArgument> arguments_;
  size_t next_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> FormatText(std::string_view pattern, std::span<const FormatArgument> arguments) {
  return Formatter(pattern, arguments).Run();
}

}  // namespace weir::postgres
