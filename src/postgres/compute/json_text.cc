#include "postgres/compute/json_text.h"

#include <charconv>

#include "postgres/value/json.h"
#include "postgres/value/json_parser.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

// Goes through a text that is JSON.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) { SkipBlanks(); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Skip() {
    ++at_;
    SkipBlanks();
  }
  bool Take(char c) {
    if (peek() != c) return false;
    Skip();
    return true;
  }

  // The next value, whole.
  JsonPart Value() {
    const size_t begin = at_;
    int depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        SkipString();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (c == '\0' && at_ >= text_.size()) {
        break;
      } else {
        SkipPlain(depth);
      }
    } while (depth > 0);
    const JsonPart part = text_.substr(begin, at_ - begin);
    SkipBlanks();
    return part;
  }

 private:
  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  void SkipString() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
    at_ = std::min(at_ + 1, text_.size());
  }
  // A number or a word; inside of brackets also what parts values.
  void SkipPlain(int depth) {
    if (depth > 0) {
      ++at_;
      return;
    }
    constexpr std::string_view kEnds = " \t\n\r,:]}[{\"";
    at_ = std::min(text_.find_first_of(kEnds, at_), text_.size());
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string KeyOf(JsonPart quoted) {
  auto value = ParseJson(quoted, JsonEscapes::kReplace);
  if (value.ok()) return std::move(value->text);
  // \u0000 and its like cannot be replaced: the key as it is written.
  return std::string(quoted.substr(1, quoted.size() - 2));
}

}  // namespace

Status CheckEscapes(JsonPart json) {
  if (json.find("\\u") == std::string_view::npos) return Status::OK();
  return ParseJson(json, JsonEscapes::kReplace).status();
}

std::string_view JsonTypeOf(JsonPart json) {
  switch (Walker(json).peek()) {
    case '{': return "object";
    case '[': return "array";
    case '"': return "string";
    case 't':
    case 'f': return "boolean";
    case 'n': return "null";
    default: return "number";
  }
}

std::optional<std::vector<std::pair<std::string, JsonPart>>> JsonFields(JsonPart json) {
  Walker walker(json);
  if (!walker.Take('{')) return std::nullopt;
  std::vector<std::pair<std::string, JsonPart>> fields;
  if (walker.peek() == '}') return fields;
  do {
    std::string key = KeyOf(walker.Value());
    walker.Take(':');
    fields.emplace_back(std::move(key), walker.Value());
  } while (walker.Take(','));
  return fields;
}

std::optional<std::vector<JsonPart>> JsonElements(JsonPart json) {
  Walker walker(json);
  if (!walker.Take('[')) return std::nullopt;
  std::vector<JsonPart> elements;
  if (walker.peek() == ']') return elements;
  do {
    elements.push_back(walker.Value());
  } while (walker.Take(','));
  return elements;
}

std::optional<JsonPart> JsonField(JsonPart json, std::string_view key) {
  std::optional<JsonPart> found;
  const auto fields = JsonFields(json);
  if (!fields) return found;
  for (const auto& [name, value] : *fields) {
    if (name == key) found = value;
  }
  return found;
}

std::optional<JsonPart> JsonElement(JsonPart json, int32_t at) {
  const auto elements = JsonElements(json);
  if (!elements) return std::nullopt;
  const auto count = static_cast<int64_t>(elements->size());
  const int64_t index = at < 0 ? count + at : at;
  if (index < 0 || index >= count) return std::nullopt;
  return (*elements)[static_cast<size_t>(index)];
}

std::optional<JsonPart> JsonAtPath(JsonPart json, std::span<const std::optional<std::string>> path) {
  std::optional<JsonPart> part = Walker(json).Value();
  for (const auto& step : path) {
    if (!step) return std::nullopt;
    const char first = Walker(*part).peek();
    if (first == '{') {
      part = JsonField(*part, *step);
    } else if (first == '[') {
      int32_t at = 0;
      const std::string_view digits = WithoutLeadingSpace(*step);  // as strtol() reads it
      const char* end = digits.data() + digits.size();
      const auto read = std::from_chars(digits.data() + (digits.starts_with('+') ? 1 : 0), end, at);
      if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
      part = JsonElement(*part, at);
    } else {
      return std::nullopt;
    }
    if (!part) return std::nullopt;
  }
  return part;
}

Result<std::optional<std::string>> JsonPartText(JsonPart json) {
  const JsonPart part = Walker(json).Value();
  if (part == "null") return std::optional<std::string>();
  if (!part.starts_with('"')) return std::optional<std::string>(part);
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJson(part, JsonEscapes::kReplace));
  return std::optional(std::move(value.text));
}

std::string JsonWithoutNulls(JsonPart json) {
  std::string out;
  if (const auto elements = JsonElements(json)) {
    for (const JsonPart element : *elements) out += (out.empty() ? "[" : ",") + JsonWithoutNulls(element);
    return out.empty() ? "[]" : out + "]";
  }
  const auto fields = JsonFields(json);
  if (!fields) {
    const JsonPart scalar = Walker(json).Value();
    if (!scalar.starts_with('"')) return std::string(scalar);
    const auto text = JsonPartText(scalar);  // written anew, its escapes as well
    if (!text.ok() || !*text) return std::string(scalar);
    AppendJsonString(**text, &out);
    return out;
  }
  for (const auto& [key, value] : *fields) {
    if (value == "null") continue;
    out += out.empty() ? "{" : ",";
    AppendJsonString(key, &out);
    out += ":" + JsonWithoutNulls(value);
  }
  return out.empty() ? "{}" : out + "}";
}

}  // namespace weir::postgres
