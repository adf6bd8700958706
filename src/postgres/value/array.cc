#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/nested.h"
#include "postgres/value/number.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr size_t kMostDimensions = 6;

Status TooManyDimensions(size_t count) {
  return Error("54000",
               fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})", count, kMostDimensions));
}

/// An element as it is written; no text is a null.
using ElementText = std::optional<std::string>;

/// Reads an array's text up to its elements, whose texts it keeps: what is wrong with the braces comes before what is
/// wrong with an element.
class ArrayParser {
 public:
  ArrayParser(std::string_view text, char delimiter) : whole_(text), text_(text), left_(text), delimiter_(delimiter) {}

  Status Parse() {
    std::vector<Array::Dimension> declared;
    WEIR_RETURN_NOT_OK(ReadBounds(&declared));
    left_ = WithoutLeadingSpace(left_);
    if (!left_.starts_with('{')) {
      return Malformed(declared.empty() ? "Array value must start with \"{\" or dimension information."
                                        : "Array contents must start with \"{\".");
    }
    text_ = left_;  // what is wrong from here on is told without the bounds
    WEIR_RETURN_NOT_OK(ReadLevels());
    if (!WithoutLeadingSpace(left_).empty()) return Malformed("Junk after closing right brace.");
    return declared.empty() ? Status::OK() : Declare(std::move(declared));
  }

  std::vector<Array::Dimension> dimensions;
  std::vector<ElementText> elements;

 private:
  enum class State { kNone, kOpened, kClosed, kClosedDelimited, kElement, kQuoted, kQuotedEnd, kElementDelimited };

  Status Malformed(std::string_view detail) const {
    return Error("22P02", fmt::format("malformed array literal: \"{}\"", text_), {.detail = std::string(detail)});
  }
  Status Unexpected(char c) const { return Malformed(fmt::format("Unexpected \"{}\" character.", c)); }

  /// "[2:4][3]="
  Status ReadBounds(std::vector<Array::Dimension>* declared) {
    left_ = WithoutLeadingSpace(left_);
    while (left_.starts_with('[')) {
      left_.remove_prefix(1);
      if (declared->size() == kMostDimensions) return TooManyDimensions(declared->size() + 1);
      const std::optional<int32_t> first = TakeNumber();
      if (!first) return Malformed("\"[\" must introduce explicitly-specified array dimensions.");
      int32_t lower = 1;
      int32_t upper = *first;
      if (left_.starts_with(':')) {
        left_.remove_prefix(1);
        const std::optional<int32_t> second = TakeNumber();
        if (!second) return Malformed("Missing array dimension value.");
        lower = *first;
        upper = *second;
      }
      if (!left_.starts_with(']')) return Malformed("Missing \"]\" after array dimensions.");
      left_.remove_prefix(1);
      if (upper < lower) return Error("2202E", "upper bound cannot be less than lower bound");
      const int64_t length = int64_t{upper} - lower + 1;
      declared->push_back(
          {.length = static_cast<int32_t>(std::min<int64_t>(length, std::numeric_limits<int32_t>::max())),
           .lower_bound = lower});
      left_ = WithoutLeadingSpace(left_);
    }
    if (declared->empty()) return Status::OK();
    if (!left_.starts_with('=')) return Malformed("Missing \"=\" after array dimensions.");
    left_.remove_prefix(1);
    return Status::OK();
  }

  /// None where there is no digit; a number that does not fit is the nearest that does.
  std::optional<int32_t> TakeNumber() {
    size_t size = 0;
    while (size < left_.size() && (IsDigit(left_[size]) || left_[size] == '-' || left_[size] == '+')) ++size;
    if (size == 0) return std::nullopt;
    std::string_view digits = left_.substr(0, size);
    left_.remove_prefix(size);
    if (digits[0] == '+') digits.remove_prefix(1);
    int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return static_cast<int32_t>(
        std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
  }

  Status ReadLevels() {
    do {
      if (left_.empty()) return Malformed("Unexpected end of input.");
      const char c = left_[0];
      left_.remove_prefix(1);
      if (state_ == State::kQuoted && c != '"' && c != '\\') {
        current_.push_back(c);
        kept_ = current_.size();
        continue;
      }
      WEIR_RETURN_NOT_OK(ReadCharacter(c));
    } while (!counts_.empty());
    return Status::OK();
  }

  Status ReadCharacter(char c) {
    if (c == '\\') return ReadEscape();
    if (c == '"') return ReadQuote();
    if (c == '{') return Open();
    if (c == '}') return Close();
    if (c == delimiter_) return Delimit();
    if (IsSpace(c)) {
      if (state_ == State::kElement) current_.push_back(c);  // inside of it, if more follows
      return Status::OK();
    }
    if (!MayBeginElement() && state_ != State::kElement) return Malformed("Unexpected array element.");
    state_ = State::kElement;
    current_.push_back(c);
    kept_ = current_.size();
    return Status::OK();
  }

  bool MayBeginElement() const { return state_ == State::kOpened || state_ == State::kElementDelimited; }

  Status ReadEscape() {
    if (!MayBeginElement() && state_ != State::kElement && state_ != State::kQuoted) return Unexpected('\\');
    if (state_ != State::kQuoted) state_ = State::kElement;
    if (left_.empty()) return Malformed("Unexpected end of input.");
    current_.push_back(left_[0]);
    left_.remove_prefix(1);
    kept_ = current_.size();
    literal_ = true;
    return Status::OK();
  }

  Status ReadQuote() {
    if (!MayBeginElement() && state_ != State::kQuoted) return Malformed("Unexpected array element.");
    state_ = state_ == State::kQuoted ? State::kQuotedEnd : State::kQuoted;
    literal_ = true;
    return Status::OK();
  }

  Status Open() {
    if (state_ != State::kNone && state_ != State::kOpened && state_ != State::kClosedDelimited) return Unexpected('{');
    state_ = State::kOpened;
    if (counts_.size() == kMostDimensions) return TooManyDimensions(counts_.size() + 1);
    counts_.push_back(0);
    return Status::OK();
  }

  Status Close() {
    const bool empty = counts_.size() == 1 && state_ == State::kOpened;
    if (!empty) WEIR_RETURN_NOT_OK(FinishItem('}'));
    state_ = State::kClosed;
    const size_t level = counts_.size() - 1;
    const int32_t count = counts_.back();
    counts_.pop_back();
    if (lengths_[level] >= 0 && lengths_[level] != count) return Ragged();
    lengths_[level] = count;
    if (level == 0 && !empty) {
      for (size_t i = 0; i < depth_; ++i) dimensions.push_back({.length = lengths_[i], .lower_bound = 1});
    }
    return Status::OK();
  }

  Status Delimit() {
    const bool level = state_ == State::kClosed;
    WEIR_RETURN_NOT_OK(FinishItem(delimiter_));
    state_ = level ? State::kClosedDelimited : State::kElementDelimited;
    return Status::OK();
  }

  /// At the end of an element or of an inner level.
  Status FinishItem(char c) {
    const bool element = state_ == State::kElement || state_ == State::kQuotedEnd;
    if (!element && state_ != State::kClosed) return Unexpected(c);
    ++counts_.back();
    if (!element) return Status::OK();
    if (depth_ != 0 && depth_ != counts_.size()) return Ragged();
    depth_ = counts_.size();
    current_.resize(kept_);
    const bool null = !literal_ && EqualsIgnoringCase(current_, "null");
    elements.push_back(null ? ElementText() : std::move(current_));
    current_.clear();
    kept_ = 0;
    literal_ = false;
    return Status::OK();
  }

  Status Ragged() const { return Malformed("Multidimensional arrays must have sub-arrays with matching dimensions."); }

  Status Declare(std::vector<Array::Dimension> declared) {
    const auto same = [](const Array::Dimension& a, const Array::Dimension& b) { return a.length == b.length; };
    if (!std::equal(declared.begin(), declared.end(), dimensions.begin(), dimensions.end(), same)) {
      text_ = whole_;
      return Malformed("Specified array dimensions do not match array contents.");
    }
    dimensions = std::move(declared);
    return Status::OK();
  }

  const std::string_view whole_;
  std::string_view text_;
  std::string_view left_;
  const char delimiter_;
  State state_ = State::kNone;
  std::string current_;
  size_t kept_ = 0;       // of current_: without blanks at its end
  bool literal_ = false;  // a quote or an escape stood in it: it is no null
  size_t depth_ = 0;      // of the elements
  std::vector<int32_t> counts_;  // of the open levels
  std::array<int32_t, kMostDimensions> lengths_ = {-1, -1, -1, -1, -1, -1};
};

bool HasOtherBounds(const Array& value) {
  return std::any_of(value.dimensions.begin(), value.dimensions.end(),
                     [](const Array::Dimension& dimension) { return dimension.lower_bound != 1; });
}

/// Takes integers off the front of an array's bytes.
Result<int32_t> TakeInt32(std::string_view* bytes) {
  if (bytes->size() < sizeof(int32_t)) return TooFewBytes();
  const auto value = LoadBigEndian<int32_t>(*bytes);
  bytes->remove_prefix(sizeof(int32_t));
  return value;
}

Result<Value> TakeElement(TypeRef element, const Settings& settings, std::string_view* bytes) {
  WEIR_ASSIGN_OR_RETURN(const int32_t size, TakeInt32(bytes));
  if (size == -1) return Value();
  if (size < 0 || static_cast<size_t>(size) > bytes->size()) return TooFewBytes();
  const std::string_view taken = bytes->substr(0, static_cast<size_t>(size));
  bytes->remove_prefix(taken.size());
  return ReadBinary(element, taken, settings);
}

}  // namespace

Result<Array> ReadArray(TypeRef element, char delimiter, std::string_view text, const Settings& settings) {
  ArrayParser parser(text, delimiter);
  WEIR_RETURN_NOT_OK(parser.Parse());
  Array array{.element = element.oid, .dimensions = std::move(parser.dimensions), .elements = {}};
  array.elements.reserve(parser.elements.size());
  for (const ElementText& item : parser.elements) {
    if (!item) {
      array.elements.emplace_back();
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(Value value, ReadText(element, *item, settings));
    array.elements.push_back(std::move(value));
  }
  return array;
}

void AppendArrayElement(std::string_view text, char delimiter, std::string* out) {
  const bool plain =
      !text.empty() && !EqualsIgnoringCase(text, "null") && std::none_of(text.begin(), text.end(), [&](char c) {
        return c == '"' || c == '\\' || c == '{' || c == '}' || c == delimiter || IsSpace(c);
      });
  if (plain) {
    *out += text;
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

namespace {

/// The elements of one level from `*next` on.
void AppendLevel(const Array& value, size_t level, char delimiter, const Settings& settings, size_t* next,
                 std::string* out) {
  out->push_back('{');
  for (int32_t i = 0; i < value.dimensions[level].length; ++i) {
    if (i > 0) out->push_back(delimiter);
    if (level + 1 < value.dimensions.size()) {
      AppendLevel(value, level + 1, delimiter, settings, next, out);
      continue;
    }
    const Value& element = value.elements[(*next)++];
    if (element.is_null()) {
      *out += "NULL";
      continue;
    }
    std::string text;
    WriteText(value.element, element, settings, &text);
    AppendArrayElement(text, delimiter, out);
  }
  out->push_back('}');
}

}  // namespace

void AppendArray(const Array& value, char delimiter, const Settings& settings, std::string* out) {
  if (value.dimensions.empty()) {
    *out += "{}";
    return;
  }
  if (HasOtherBounds(value)) {
    for (const Array::Dimension& dimension : value.dimensions) {
      fmt::format_to(std::back_inserter(*out), "[{}:{}]", dimension.lower_bound,
                     dimension.lower_bound + dimension.length - 1);
    }
    out->push_back('=');
  }
  size_t next = 0;
  AppendLevel(value, 0, delimiter, settings, &next, out);
}

Result<Array> ReadArrayBinary(TypeRef element, std::string_view bytes, const Settings& settings) {
  WEIR_ASSIGN_OR_RETURN(const int32_t count, TakeInt32(&bytes));
  if (count < 0) return Error("22P03", fmt::format("invalid number of dimensions: {}", count));
  if (static_cast<size_t>(count) > kMostDimensions) return TooManyDimensions(static_cast<size_t>(count));
  WEIR_ASSIGN_OR_RETURN(const int32_t flags, TakeInt32(&bytes));
  if (flags != 0 && flags != 1) return Error("22P03", "invalid array flags");
  WEIR_ASSIGN_OR_RETURN(const int32_t type, TakeInt32(&bytes));
  if (static_cast<Oid>(type) != element.oid) {
    return Error("42804", fmt::format("binary data has array element type {} ({}) instead of expected {} ({})",
                                      static_cast<Oid>(type), FormatType(static_cast<Oid>(type)), element.oid,
                                      FormatType(element.oid)));
  }
  Array array{.element = element.oid, .dimensions = {}, .elements = {}};
  int64_t total = count == 0 ? 0 : 1;
  for (int32_t i = 0; i < count; ++i) {
    Array::Dimension& dimension = array.dimensions.emplace_back();
    WEIR_ASSIGN_OR_RETURN(dimension.length, TakeInt32(&bytes));
    WEIR_ASSIGN_OR_RETURN(dimension.lower_bound, TakeInt32(&bytes));
    total *= dimension.length;
    // Each element has its length at least.
    if (dimension.length < 0 || total > static_cast<int64_t>(bytes.size())) return TooFewBytes();
  }
  for (int64_t i = 0; i < total; ++i) {
    WEIR_ASSIGN_OR_RETURN(Value value, TakeElement(element, settings, &bytes));
    array.elements.push_back(std::move(value));
  }
  if (!bytes.empty()) return TooManyBytes();
  if (total == 0) array.dimensions.clear();
  return array;
}

Status AppendArrayBinary(const Array& value, const Settings& settings, std::string* out) {
  const bool nulls =
      std::any_of(value.elements.begin(), value.elements.end(), [](const Value& v) { return v.is_null(); });
  AppendBigEndian(static_cast<int32_t>(value.dimensions.size()), out);
  AppendBigEndian(int32_t{nulls}, out);
  AppendBigEndian(value.element, out);
  for (const Array::Dimension& dimension : value.dimensions) {
    AppendBigEndian(dimension.length, out);
    AppendBigEndian(dimension.lower_bound, out);
  }
  for (const Value& element : value.elements) {
    const size_t size_at = out->size();
    AppendBigEndian(int32_t{-1}, out);
    if (element.is_null()) continue;
    WEIR_RETURN_NOT_OK(WriteBinary(value.element, element, settings, out));
    StoreBigEndian(static_cast<int32_t>(out->size() - size_at - sizeof(int32_t)), out->data() + size_at);
  }
  return Status::OK();
}

Result<Array> ReadVector(Oid element, std::string_view text, const Settings& settings) {
  Array array{.element = element, .dimensions = {{.length = 0, .lower_bound = 0}}, .elements = {}};
  for (std::string_view left = WithoutLeadingSpace(text); !left.empty(); left = WithoutLeadingSpace(left)) {
    // An oid ends where its digits do, and what follows must be another one; a smallint ends at a blank.
    const auto end =
        std::find_if(left.begin(), left.end(), [&](char c) { return element == oid::kOid ? !IsDigit(c) : IsSpace(c); });
    const auto size = static_cast<size_t>(end - left.begin());
    WEIR_ASSIGN_OR_RETURN(
        Value value, ReadText({.oid = element, .modifier = -1}, size == 0 ? left : left.substr(0, size), settings));
    array.elements.push_back(std::move(value));
    left.remove_prefix(size == 0 ? left.size() : size);
  }
  array.dimensions[0].length = static_cast<int32_t>(array.elements.size());
  return array;
}

void AppendVector(const Array& value, const Settings& settings, std::string* out) {
  for (size_t i = 0; i < value.elements.size(); ++i) {
    if (i > 0) out->push_back(' ');
    WriteText(value.element, value.elements[i], settings, out);
  }
}

}  // namespace weir::postgres
