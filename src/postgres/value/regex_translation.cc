#include "postgres/value/regex_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

enum class Flavour { kBasic, kExtended, kAdvanced, kLiteral };

struct Options {
  Flavour flavour = Flavour::kAdvanced;
  bool ignore_case = false;
  bool newline_stops = false;     // . and [^…] do not take a newline
  bool newline_anchors = false;   // ^ and $ also at lines
  bool expanded = false;
};

Status InvalidRegex(std::string_view what) {
  return Error(sqlstate::kInvalidRegularExpression, fmt::format("invalid regular expression: {}", what));
}

// Whether the letter is one.
bool TakeOption(char letter, Options* options) {
  switch (letter) {
    case 'b': options->flavour = Flavour::kBasic; return true;
    case 'c': options->ignore_case = false; return true;
    case 'e': options->flavour = Flavour::kExtended; return true;
    case 'i': options->ignore_case = true; return true;
    case 'm':
    case 'n': options->newline_stops = options->newline_anchors = true; return true;
    case 'p':
      options->newline_stops = true;
      options->newline_anchors = false;
      return true;
    case 'q': options->flavour = Flavour::kLiteral; return true;
    case 's': options->newline_stops = options->newline_anchors = false; return true;
    case 't': options->expanded = false; return true;
    case 'w':
      options->newline_stops = false;
      options->newline_anchors = true;
      return true;
    case 'x': options->expanded = true; return true;
    default: return false;
  }
}

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// A character that stands for itself.
std::string Plain(uint32_t code) { return fmt::format("\\x{{{:x}}}", code); }

constexpr auto kClasses =
    std::to_array<std::string_view>({"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
                                     "space", "upper", "xdigit", "word"});

// Characters by the names that [. .] knows, beside themselves.
struct Named {
  std::string_view name;
  char character;
};
constexpr auto kNamed = std::to_array<Named>({
    {"NUL", '\0'}, {"alert", '\a'}, {"backspace", '\b'}, {"tab", '\t'}, {"newline", '\n'}, {"vertical-tab", '\v'},
    {"form-feed", '\f'}, {"carriage-return", '\r'}, {"space", ' '}, {"exclamation-mark", '!'}, {"quotation-mark", '"'},
    {"number-sign", '#'}, {"dollar-sign", '$'}, {"percent-sign", '%'}, {"ampersand", '&'}, {"apostrophe", '\''},
    {"left-parenthesis", '('}, {"right-parenthesis", ')'}, {"asterisk", '*'}, {"plus-sign", '+'}, {"comma", ','},
    {"hyphen", '-'}, {"hyphen-minus", '-'}, {"period", '.'}, {"full-stop", '.'}, {"slash", '/'}, {"solidus", '/'},
    {"zero", '0'}, {"one", '1'}, {"two", '2'}, {"three", '3'}, {"four", '4'}, {"five", '5'}, {"six", '6'},
    {"seven", '7'}, {"eight", '8'}, {"nine", '9'}, {"colon", ':'}, {"semicolon", ';'}, {"less-than-sign", '<'},
    {"equals-sign", '='}, {"greater-than-sign", '>'}, {"question-mark", '?'}, {"commercial-at", '@'},
    {"left-square-bracket", '['}, {"backslash", '\\'}, {"reverse-solidus", '\\'}, {"right-square-bracket", ']'},
    {"circumflex", '^'}, {"circumflex-accent", '^'}, {"underscore", '_'}, {"low-line", '_'}, {"grave-accent", '`'},
    {"left-brace", '{'}, {"left-curly-bracket", '{'}, {"vertical-line", '|'}, {"right-brace", '}'},
    {"right-curly-bracket", '}'}, {"tilde", '~'}, {"DEL", '\x7f'},
});

class Translator {
 public:
  Translator(std::string_view text, const Options& options) : text_(text), options_(options) {}

  Result<RegexTranslation> Run() {
    WEIR_ASSIGN_OR_RETURN(const Preference preference, Branches(0));
    if (at_ < text_.size()) return InvalidRegex("parentheses () not balanced");
    if (max_reference_ > captures_) return InvalidRegex("invalid backreference number");
    RegexTranslation translation;
    translation.pattern = std::move(out_);
    translation.captures = captures_;
    translation.prefers_shortest = preference.value_or(false);
    translation.back_references = max_reference_ > 0;
    return translation;
  }

 private:
  static constexpr int kMaxDepth = 200;  // of parentheses
  /// Whether a part takes as few characters as it can (true), as many (false), or cannot choose.
  using Preference = std::optional<bool>;

  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }
  bool Take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool basic() const { return options_.flavour == Flavour::kBasic; }
  bool advanced() const { return options_.flavour == Flavour::kAdvanced; }

  // The next character as its code point.
  uint32_t NextCode() {
    const auto first = static_cast<unsigned char>(text_[at_++]);
    if (first < 0xC0) return first;
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    uint32_t code = first & (0x3FU >> more);
    for (int i = 0; i < more && at_ < text_.size(); ++i)
      code = code << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3FU);
    return code;
  }

  void SkipExpanded() {
    while (options_.expanded && !AtEnd()) {
      if (Peek() == ' ' || (Peek() >= '\t' && Peek() <= '\r')) {
        ++at_;
      } else if (Peek() == '#') {
        while (!AtEnd() && Peek() != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  void SkipComments() {
    SkipExpanded();
    while (advanced() && text_.substr(at_).starts_with("(?#")) {
      while (!AtEnd() && Peek() != ')') ++at_;
      if (!AtEnd()) ++at_;
      SkipExpanded();
    }
  }

  bool AtClose() const { return basic() ? text_.substr(at_).starts_with("\\)") : Peek() == ')' && !AtEnd(); }

  // More than one alternative: the longest counts.
  Result<Preference> Branches(int depth) {
    if (depth > kMaxDepth) return InvalidRegex("regular expression is too complex");
    WEIR_ASSIGN_OR_RETURN(Preference preference, Branch(depth));
    while (!basic() && !AtEnd() && Peek() == '|') {
      out_ += text_[at_++];
      WEIR_RETURN_NOT_OK(Branch(depth).status());
      preference = false;
    }
    return preference;
  }

  Result<Preference> Branch(int depth) {
    Preference preference;
    bool first = true;
    while (true) {
      SkipComments();
      if (AtEnd() || (!basic() && Peek() == '|') || (AtClose() && depth > 0)) return preference;
      if (AtClose()) return InvalidRegex("parentheses () not balanced");
      WEIR_ASSIGN_OR_RETURN(Preference of_piece, Piece(depth, first));
      if (!preference) preference = of_piece;
      first = false;
    }
  }

  Result<Preference> Piece(int depth, bool first) {
    const size_t start = out_.size();
    repeatable_ = true;
    atom_preference_.reset();
    WEIR_RETURN_NOT_OK(Atom(depth, first));
    const bool repeatable = repeatable_;
    const Preference of_atom = atom_preference_;
    SkipComments();
    if (!repeatable && AtBounds()) return InvalidRegex("quantifier operand invalid");
    std::string bounds;
    WEIR_ASSIGN_OR_RETURN(bool found, Bounds(&bounds));
    if (!found) return of_atom;
    const bool shortest = advanced() && Peek() == '?' && !AtEnd();
    if (shortest) ++at_;
    Repeat(start, bounds, shortest);
    SkipComments();
    if (AtBounds()) return InvalidRegex("quantifier operand invalid");
    // {m} cannot choose how much it takes, {m,m} prefers as it is written.
    return bounds[0] != '{' || bounds.find(',') != std::string::npos ? Preference(shortest) : of_atom;
  }

  // Repeats the atom that begins at `start` of the output. {1,1}? is how an atom is made to prefer the shortest.
  void Repeat(size_t start, const std::string& bounds, bool shortest) {
    const std::string atom = out_.substr(start);
    out_.resize(start);
    if (bounds == "{1,1}") {
      out_ += (shortest ? "(?U:" : "(?:") + atom + ")";
    } else {
      out_ += "(?:" + atom + ")" + bounds + (shortest ? "?" : "");
    }
  }

  bool AtBounds() const {
    const char c = Peek();
    if (c == '*' || (!basic() && (c == '+' || c == '?'))) return true;
    if (basic()) return c == '\\' && Peek(1) == '{';
    return c == '{' && (!advanced() || IsDigit(Peek(1)));
  }
  Result<bool> Bounds(std::string* out) {
    if (!AtBounds()) return false;
    const char c = text_[at_++];
    if (c == '*' || (!basic() && c != '{')) {
      *out = c;
      return true;
    }
    const std::string_view close = basic() ? "\\}" : "}";
    at_ += basic() ? 1 : 0;
    WEIR_ASSIGN_OR_RETURN(int low, Count());
    int high = low;
    bool open_ended = false;
    const bool has_comma = Peek() == ',' && !AtEnd();
    if (has_comma) {
      ++at_;
      open_ended = !IsDigit(Peek());
      if (!open_ended) {
        WEIR_ASSIGN_OR_RETURN(high, Count());
      }
    }
    if (!Take(close))
      return AtEnd() ? InvalidRegex("braces {} not balanced") : InvalidRegex("invalid repetition count(s)");
    if (low > high) return InvalidRegex("invalid repetition count(s)");
    *out = open_ended ? fmt::format("{{{},}}", low) : fmt::format("{{{},{}}}", low, high);
    if (!has_comma) *out = fmt::format("{{{}}}", low);
    return true;
  }
  Result<int> Count() {
    constexpr int kMost = 255;
    if (!IsDigit(Peek()))
      return AtEnd() ? InvalidRegex("braces {} not balanced") : InvalidRegex("invalid repetition count(s)");
    int count = 0;
    while (IsDigit(Peek()) && !AtEnd()) {
      count = count * 10 + (text_[at_++] - '0');
      if (count > kMost) return InvalidRegex("invalid repetition count(s)");
    }
    return count;
  }

  Status Atom(int depth, bool first) {
    if (basic()) return BasicAtom(depth, first);
    const char c = Peek();
    switch (c) {
      case '(': return Group(depth);
      case '[': return Bracket();
      case '.': ++at_; out_ += options_.newline_stops ? "[^\\n]" : "(?s:.)"; return Status::OK();
      case '^': ++at_; return Anchor("^");
      case '$': ++at_; return Anchor("$");
      case '*':
      case '+':
      case '?': return InvalidRegex("quantifier operand invalid");
      case '{':
        if (advanced() && !IsDigit(Peek(1))) break;
        return InvalidRegex("quantifier operand invalid");
      case '\\':
        ++at_;
        if (AtEnd()) return InvalidRegex("invalid escape \\ sequence");
        if (advanced()) return Escape();
        break;
      default: break;
    }
    out_ += Plain(NextCode());
    return Status::OK();
  }

  Status BasicAtom(int depth, bool first) {
    const char c = Peek();
    if (Take("\\(")) return Capture(depth, "\\)");
    if (Take("\\<")) return Edge("\\b(?=\\w)");
    if (Take("\\>")) return Edge("\\b(?<=\\w)");
    if (c == '[') return Bracket();
    if (c == '.') {
      ++at_;
      out_ += options_.newline_stops ? "[^\\n]" : "(?s:.)";
      return Status::OK();
    }
    if (c == '^' && first) {
      ++at_;
      return Anchor("^");
    }
    if (c == '$' && (at_ + 1 == text_.size() || text_.substr(at_ + 1).starts_with("\\)"))) {
      ++at_;
      return Anchor("$");
    }
    if (c == '\\') {
      ++at_;
      if (AtEnd()) return InvalidRegex("invalid escape \\ sequence");
      if (IsDigit(Peek()) && Peek() != '0') return Reference();
    }
    out_ += Plain(NextCode());
    return Status::OK();
  }

  Status Edge(std::string_view assertion) {
    out_ += assertion;
    repeatable_ = false;
    return Status::OK();
  }
  Status Anchor(std::string_view anchor) {
    if (options_.newline_anchors) return Edge(anchor == "^" ? "(?m:^)" : "(?m:$)");
    return Edge(anchor == "^" ? "\\A" : "\\z");
  }

  Status Group(int depth) {
    if (advanced()) {
      for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
        if (!Take(look)) continue;
        repeatable_ = false;
        out_ += look;
        return Close(depth, ")");
      }
      if (Take("(?:")) {
        out_ += "(?:";
        return Close(depth, ")");
      }
      if (text_.substr(at_).starts_with("(?")) return InvalidRegex("quantifier operand invalid");
    }
    ++at_;
    return Capture(depth, ")");
  }
  Status Capture(int depth, std::string_view close) {
    ++captures_;
    out_ += "(";
    return Close(depth, close);
  }
  Status Close(int depth, std::string_view close) {
    const bool repeatable = repeatable_;
    WEIR_ASSIGN_OR_RETURN(atom_preference_, Branches(depth + 1));
    repeatable_ = repeatable;
    if (!Take(close)) return InvalidRegex("parentheses () not balanced");
    out_ += ")";
    return Status::OK();
  }

  // Behind a backslash, outside of brackets.
  Status Escape() {
    const char c = Peek();
    switch (c) {
      case 'A': ++at_; return Edge("\\A");
      case 'Z': ++at_; return Edge("\\z");
      case 'm': ++at_; return Edge("\\b(?=\\w)");
      case 'M': ++at_; return Edge("\\b(?<=\\w)");
      case 'y': ++at_; return Edge("\\b");
      case 'Y': ++at_; return Edge("\\B");
      case 'd':
      case 's':
      case 'w':
      case 'D':
      case 'S':
      case 'W':
        ++at_;
        out_ += fmt::format("\\{}", c);
        return Status::OK();
      default: break;
    }
    if (IsDigit(c) && c != '0' && IsReference()) return Reference();
    WEIR_ASSIGN_OR_RETURN(uint32_t code, EscapedCode());
    out_ += Plain(code);
    return Status::OK();
  }
  // \7 is a reference; \12 is one where there are twelve captures so far, else an octal number.
  bool IsReference() const {
    if (!IsDigit(Peek(1))) return true;
    size_t number = 0;
    for (size_t i = 0; IsDigit(Peek(i)) && i < 4; ++i) number = number * 10 + static_cast<size_t>(Peek(i) - '0');
    return number <= captures_;
  }
  Status Reference() {
    size_t number = 0;
    while (IsDigit(Peek()) && number < 1000) {
      number = number * 10 + static_cast<size_t>(text_[at_++] - '0');
      if (basic()) break;
    }
    if (number > captures_) return InvalidRegex("invalid backreference number");
    max_reference_ = std::max(max_reference_, number);
    out_ += fmt::format("(?:\\g{{{}}})", number);
    return Status::OK();
  }

  // A character by its escape, behind the backslash.
  Result<uint32_t> EscapedCode() {
    const char c = Peek();
    if (!IsLetter(c) && !IsDigit(c)) return NextCode();
    ++at_;
    switch (c) {
      case 'a': return uint32_t{'\a'};
      case 'b': return uint32_t{'\b'};
      case 'B': return uint32_t{'\\'};
      case 'c':
        return AtEnd() ? Result<uint32_t>(InvalidRegex("invalid escape \\ sequence"))
                       : Result<uint32_t>(NextCode() & 0x1FU);
      case 'e': return uint32_t{0x1B};
      case 'f': return uint32_t{'\f'};
      case 'n': return uint32_t{'\n'};
      case 'r': return uint32_t{'\r'};
      case 't': return uint32_t{'\t'};
      case 'v': return uint32_t{'\v'};
      case 'u': return Hexadecimal(4, 4);
      case 'U': return Hexadecimal(8, 8);
      case 'x': return Hexadecimal(1, 255);
      default: break;
    }
    if (!IsOctal(c)) return InvalidRegex("invalid escape \\ sequence");
    uint32_t code = static_cast<uint32_t>(c - '0');
    for (int i = 0; i < 2 && IsOctal(Peek()) && !AtEnd(); ++i)
      code = code * 8 + static_cast<uint32_t>(text_[at_++] - '0');
    return code;
  }
  Result<uint32_t> Hexadecimal(size_t least, size_t most) {
    uint32_t code = 0;
    size_t digits = 0;
    for (; digits < most && HexDigit(Peek()) >= 0 && !AtEnd(); ++digits, ++at_) {
      code = code << 4 | static_cast<uint32_t>(HexDigit(Peek()));
    }
    if (digits < least || code > 0x10FFFF) return InvalidRegex("invalid escape \\ sequence");
    return code;
  }

  // A set of characters, or [[:<:]] and [[:>:]], the edges of words.
  Status Bracket() {
    if (Take("[[:<:]]")) return Edge("\\b(?=\\w)");
    if (Take("[[:>:]]")) return Edge("\\b(?<=\\w)");
    ++at_;
    const bool negated = Take("^");
    std::string set = negated ? "[^" : "[";
    if (negated && options_.newline_stops) set += "\\n";
    bool any = false;
    while (true) {
      if (AtEnd()) return InvalidRegex("brackets [] not balanced");
      if (Peek() == ']' && any) break;
      any = true;
      WEIR_RETURN_NOT_OK(Member(&set));
    }
    ++at_;
    out_ += set + "]";
    return Status::OK();
  }

  Status Member(std::string* set) {
    if (Take("[:")) return Class(set);
    if (advanced() && Peek() == '\\') {
      const char c = Peek(1);
      if (c == 'd' || c == 's' || c == 'w' || c == 'D' || c == 'S' || c == 'W') {
        at_ += 2;
        *set += fmt::format("\\{}", c);
        return Status::OK();
      }
    }
    const bool equivalence = text_.substr(at_).starts_with("[=");
    WEIR_ASSIGN_OR_RETURN(uint32_t low, Element());
    const bool range = !equivalence && Peek() == '-' && Peek(1) != ']' && at_ + 1 < text_.size();
    if (!range) {
      *set += Plain(low);
      return Status::OK();
    }
    ++at_;
    if (text_.substr(at_).starts_with("[:") || text_.substr(at_).starts_with("[="))
      return InvalidRegex("invalid character range");
    WEIR_ASSIGN_OR_RETURN(uint32_t high, Element());
    if (low > high) return InvalidRegex("invalid character range");
    *set += Plain(low) + "-" + Plain(high);
    return Status::OK();
  }
  Status Class(std::string* set) {
    const size_t end = text_.find(":]", at_);
    if (end == std::string_view::npos) return InvalidRegex("brackets [] not balanced");
    const std::string_view name = text_.substr(at_, end - at_);
    if (std::find(kClasses.begin(), kClasses.end(), name) == kClasses.end())
      return InvalidRegex("invalid character class");
    at_ = end + 2;
    *set += fmt::format("[:{}:]", name);
    return Status::OK();
  }
  Result<uint32_t> Element() {
    for (const std::string_view kind : {".", "="}) {
      if (!Take("[" + std::string(kind))) continue;
      const size_t end = text_.find(std::string(kind) + "]", at_);
      if (end == std::string_view::npos) return InvalidRegex("brackets [] not balanced");
      const std::string_view name = text_.substr(at_, end - at_);
      for (const Named& known : kNamed) {
        if (known.name != name) continue;
        at_ = end + 2;
        return static_cast<uint32_t>(known.character);
      }
      if (name.empty()) return InvalidRegex("invalid collating element");
      const uint32_t code = NextCode();
      if (at_ != end) return InvalidRegex("invalid collating element");
      at_ = end + 2;
      return code;
    }
    if (advanced() && Take("\\")) {
      if (AtEnd()) return InvalidRegex("invalid escape \\ sequence");
      return EscapedCode();
    }
    return NextCode();
  }

  std::string_view text_;
  const Options& options_;
  size_t at_ = 0;
  std::string out_;
  size_t captures_ = 0;
  size_t max_reference_ = 0;
  // Of the atom that was read last.
  bool repeatable_ = true;
  Preference atom_preference_;
};

// ***: and ***= at the begin of a pattern, then (?xyz).
Status TakePrefix(std::string_view* pattern, Options* options) {
  if (pattern->starts_with("***=")) {
    options->flavour = Flavour::kLiteral;
    pattern->remove_prefix(4);
    return Status::OK();
  }
  if (pattern->starts_with("***:")) {
    options->flavour = Flavour::kAdvanced;
    pattern->remove_prefix(4);
  } else if (pattern->starts_with("***")) {
    return InvalidRegex("invalid regexp (reg version 0.8)");
  }
  if (options->flavour != Flavour::kAdvanced || !pattern->starts_with("(?") || pattern->size() < 3 ||
      !IsLetter((*pattern)[2])) {
    return Status::OK();
  }
  size_t at = 2;
  for (; at < pattern->size() && IsLetter((*pattern)[at]); ++at) {
    if (!TakeOption((*pattern)[at], options)) return InvalidRegex("invalid embedded option");
  }
  if (at >= pattern->size() || (*pattern)[at] != ')') return InvalidRegex("invalid embedded option");
  pattern->remove_prefix(at + 1);
  return Status::OK();
}

}  // namespace

Result<RegexTranslation> TranslateRegex(std::string_view pattern, std::string_view letters) {
  Options options;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (TakeOption(letters[i], &options)) continue;
    const std::string_view rest = letters.substr(i);
    return Error(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid regular expression option: \"{}\"", rest.substr(0, CharacterLength(rest))));
  }
  if (options.flavour == Flavour::kAdvanced) WEIR_RETURN_NOT_OK(TakePrefix(&pattern, &options));
  RegexTranslation translation;
  if (options.flavour == Flavour::kLiteral) {
    translation.pattern = std::string(pattern);
    translation.literal = true;
  } else {
    WEIR_ASSIGN_OR_RETURN(translation, Translator(pattern, options).Run());
  }
  translation.ignore_case = options.ignore_case;
  translation.dot_takes_newline = !options.newline_stops;
  translation.anchors_at_lines = options.newline_anchors;
  return translation;
}

}  // namespace weir::postgres
