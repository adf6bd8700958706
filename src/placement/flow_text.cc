#include "placement/flow_text.h"

#include <algorithm>

#include "postgres/error.h"

namespace weir::placement {
namespace {

constexpr int kMaxDepth = 16;  // no configuration nests deeper than three
constexpr std::string_view kFlowIndicators = ",[]{}";
constexpr std::string_view kReservedStarts = "#&*!|>%@`'\"";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsIn(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

class FlowReader {
 public:
  explicit FlowReader(std::string_view text) : text_(text) {}

  Result<FlowValue> ReadAll() {
    WEIR_ASSIGN_OR_RETURN(FlowValue value, ReadValue(0));
    SkipBlanks();
    if (!AtEnd()) return Problem("did not expect anything behind the value");
    return value;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  int Line() const {
    const std::string_view before = text_.substr(0, at_);
    return 1 + static_cast<int>(std::ranges::count(before, '\n'));
  }

  Status Problem(const std::string& what) const {
    return postgres::Error(postgres::sqlstate::kInvalidParameterValue,
                           "yaml: line " + std::to_string(Line()) + ": " + what);
  }

  void SkipBlanks() {
    while (!AtEnd()) {
      if (IsBlank(Peek())) {
        ++at_;
      } else if (Peek() == '#' && (at_ == 0 || IsBlank(text_[at_ - 1]))) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  Result<FlowValue> ReadValue(int depth) {
    if (depth > kMaxDepth) return Problem("the value is nested too deeply");
    SkipBlanks();
    FlowValue value;
    value.line = Line();
    if (Peek() == '[') {
      WEIR_RETURN_NOT_OK(ReadSequence(depth, &value));
    } else if (Peek() == '{') {
      WEIR_RETURN_NOT_OK(ReadMapping(depth, &value));
    } else {
      WEIR_RETURN_NOT_OK(ReadScalar(&value));
    }
    return value;
  }

  /// Behind an item: takes the comma; false at the closing bracket, which it takes too.
  Result<bool> ReadSeparator(char close) {
    SkipBlanks();
    const char c = Peek();
    if (c != ',' && c != close) return Problem(std::string("did not find expected ',' or '") + close + "'");
    ++at_;
    return c == ',';
  }

  Status ReadSequence(int depth, FlowValue* value) {
    value->kind = FlowValue::Kind::kSequence;
    ++at_;
    for (bool more = true; more;) {
      SkipBlanks();
      if (Peek() == ']') {  // empty, or a comma before the end
        ++at_;
        return Status::OK();
      }
      WEIR_ASSIGN_OR_RETURN(FlowValue item, ReadValue(depth + 1));
      value->sequence.push_back(std::move(item));
      WEIR_ASSIGN_OR_RETURN(more, ReadSeparator(']'));
    }
    return Status::OK();
  }

  Status ReadMapping(int depth, FlowValue* value) {
    value->kind = FlowValue::Kind::kMapping;
    ++at_;
    for (bool more = true; more;) {
      SkipBlanks();
      if (Peek() == '}') {
        ++at_;
        return Status::OK();
      }
      FlowValue key;
      WEIR_RETURN_NOT_OK(ReadScalar(&key));
      if (std::ranges::find(value->mapping, key.scalar, &FlowMember::key) != value->mapping.end()) {
        return Problem("the key \"" + key.scalar + "\" is already in the mapping");
      }
      SkipBlanks();
      if (Peek() != ':') return Problem("did not find expected ':' behind the key \"" + key.scalar + "\"");
      ++at_;
      WEIR_ASSIGN_OR_RETURN(FlowValue item, ReadValue(depth + 1));
      value->mapping.push_back({std::move(key.scalar), std::move(item)});
      WEIR_ASSIGN_OR_RETURN(more, ReadSeparator('}'));
    }
    return Status::OK();
  }

  Status ReadScalar(FlowValue* value) {
    const char first = Peek();
    if (first == '\'' || first == '"') {
      value->quoted = true;
      return first == '"' ? ReadDoubleQuoted(&value->scalar) : ReadSingleQuoted(&value->scalar);
    }
    if (!AtEnd() && IsIn(kReservedStarts, first)) {
      return Problem(std::string("found character '") + first + "' that cannot start a value");
    }
    while (!AtEnd() && !IsIn(kFlowIndicators, Peek()) && !IsBlank(Peek())) {
      if (Peek() == ':' && (at_ + 1 == text_.size() || IsBlank(Peek(1)) || IsIn(kFlowIndicators, Peek(1)))) break;
      value->scalar += Peek();
      ++at_;
      TakeBlanksInside(&value->scalar);
    }
    if (value->scalar.empty() && !AtEnd() && Peek() != ',' && Peek() != ']' && Peek() != '}') {
      return Problem(std::string("did not expect '") + Peek() + "'");
    }
    return Status::OK();
  }

  /// Blanks between words belong to a plain scalar, as one blank; those at its end do not.
  void TakeBlanksInside(std::string* scalar) {
    size_t next = at_;
    while (next < text_.size() && IsBlank(text_[next])) ++next;
    if (next == at_ || next == text_.size()) return;
    if (IsIn(kFlowIndicators, text_[next]) || text_[next] == '#' || text_[next] == ':') return;
    *scalar += ' ';
    at_ = next;
  }

  Status ReadSingleQuoted(std::string* scalar) {
    for (++at_; !AtEnd(); ++at_) {
      if (Peek() == '\'') {
        ++at_;
        if (Peek() != '\'') return Status::OK();
      }
      *scalar += Peek();
    }
    return Problem("found unexpected end of the text in a quoted value");
  }

  Status ReadDoubleQuoted(std::string* scalar) {
    for (++at_; !AtEnd(); ++at_) {
      if (Peek() == '"') {
        ++at_;
        return Status::OK();
      }
      if (Peek() != '\\') {
        *scalar += Peek();
        continue;
      }
      ++at_;
      constexpr std::string_view kEscaped = "\"\\/nt";
      constexpr std::string_view kMeant = "\"\\/\n\t";
      const size_t found = AtEnd() ? std::string_view::npos : kEscaped.find(Peek());
      if (found == std::string_view::npos) return Problem("found unknown escape character");
      *scalar += kMeant[found];
    }
    return Problem("found unexpected end of the text in a quoted value");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<FlowValue> ParseFlow(std::string_view text) { return FlowReader(text).ReadAll(); }

std::string FlowScalarText(std::string_view scalar) {
  bool plain = !scalar.empty() && !IsIn(kReservedStarts, scalar.front()) && !IsIn(" ?:", scalar.front()) &&
               scalar.back() != ' ' && scalar.back() != ':' && !scalar.starts_with("- ") && scalar != "-";
  for (const std::string_view inside : {"  ", ": ", " :", " #"}) {
    plain = plain && scalar.find(inside) == std::string_view::npos;
  }
  for (const char c : scalar) plain = plain && !IsIn(kFlowIndicators, c) && (!IsBlank(c) || c == ' ');
  if (plain) return std::string(scalar);
  std::string quoted = "'";
  for (const char c : scalar) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace weir::placement
