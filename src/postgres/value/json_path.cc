#include "postgres/value/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "postgres/error.h"
#include "postgres/value/json.h"
#include "postgres/value/numeric.h"
#include "postgres/value/regular_expression.h"
#include "postgres/value/stack_budget.h"
#include "postgres/value/text.h"
#include "postgres/value/utf16.h"

namespace weir::postgres {
namespace {

using Kind = JsonPathNode::Kind;

// Paths are walked by recursion, a step or an operator a level: this holds its depth where the text does not nest.
constexpr int kMostPathTokens = 4'000;

Status TooDeep() { return Error("54001", "stack depth limit exceeded"); }

JsonPathNodePtr Node(Kind kind, std::string text = {}) {
  auto node = std::make_unique<JsonPathNode>();
  node->kind = kind;
  node->text = std::move(text);
  return node;
}

struct Token {
  enum class Kind : uint8_t { kEnd, kWord, kString, kVariable, kNumber, kSymbol } kind = Kind::kEnd;
  std::string text;  // without quotes and escapes
  std::string_view written;
};

class JsonPathLexer {
 public:
  explicit JsonPathLexer(std::string_view text) : text_(text) {}

  const Token& token() const { return token_; }

  Status Next() {
    if (++tokens_ > kMostPathTokens) return TooDeep();
    WEIR_RETURN_NOT_OK(SkipBlanks());
    const size_t begin = at_;
    token_ = {};
    if (at_ == text_.size()) return Status::OK();
    const char c = text_[at_];
    Status status;
    if (c == '"') {
      status = Quoted(Token::Kind::kString);
    } else if (c == '$') {
      status = Dollar();
    } else if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) {
      status = Number();
    } else if (kSpecial.find(c) != std::string_view::npos) {
      status = Symbol();
    } else {
      status = Word();
    }
    token_.written = text_.substr(begin, at_ - begin);
    return status;
  }

  Status Unexpected() const {
    if (token_.kind == Token::Kind::kEnd) return Error("42601", "syntax error at end of jsonpath input");
    return Error("42601", fmt::format("syntax error at or near \"{}\" of jsonpath input", token_.written));
  }

 private:
  static constexpr std::string_view kSpecial = "?%$.[]{}()|&!=<>@#,*:-+/\"";

  Status SkipBlanks() {
    while (at_ < text_.size()) {
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_).starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return Error("42601", "unexpected end of comment at end of jsonpath input");
        at_ = end + 2;
      } else {
        break;
      }
    }
    return Status::OK();
  }

  /// At a quote.
  Status Quoted(Token::Kind kind) {
    token_.kind = kind;
    for (++at_; at_ < text_.size() && text_[at_] != '"';) WEIR_RETURN_NOT_OK(Character());
    if (at_ >= text_.size()) return Error("42601", "unexpected end of quoted string at end of jsonpath input");
    ++at_;
    return Status::OK();
  }

  /// A byte of a string or word, or an escape.
  Status Character() {
    if (text_[at_] == '\\') return Escape();
    token_.text += text_[at_++];
    return Status::OK();
  }

  Status Escape() {
    const size_t begin = at_++;
    if (at_ == text_.size()) return ErrorNear("unexpected end after backslash", begin);
    const char c = text_[at_++];
    if (c == 'u') return UnicodeEscapes(begin);
    if (c == 'x') {
      const std::optional<uint32_t> code = HexDigits(2, 2);
      return code ? AppendCode(*code) : ErrorNear("invalid hex character sequence", begin);
    }
    constexpr std::string_view kLetters = "bfnrtv";
    constexpr std::string_view kMeanings = "\b\f\n\r\t\v";
    const size_t meaning = kLetters.find(c);
    token_.text += meaning == std::string_view::npos ? c : kMeanings[meaning];
    return Status::OK();
  }

  /// Behind the first "\u" of a row of such escapes, pairs of UTF-16 among them; to the row's end.
  Status UnicodeEscapes(size_t begin) {
    Utf16Reader utf16;
    while (true) {
      const bool braces = at_ < text_.size() && text_[at_] == '{';
      at_ += braces ? 1 : 0;
      const std::optional<uint32_t> code = braces ? HexDigits(1, 6) : HexDigits(4, 4);
      if (!code || (braces && (at_ == text_.size() || text_[at_] != '}'))) {
        return ErrorNear("invalid unicode sequence", begin);
      }
      at_ += braces ? 1 : 0;
      WEIR_RETURN_NOT_OK(CheckCode(*code));
      if (const char* wrong = utf16.Add(*code, &token_.text)) return Invalid(wrong);
      if (!text_.substr(at_).starts_with("\\u")) break;
      at_ += 2;
    }
    const char* const wrong = utf16.End();
    return wrong == nullptr ? Status::OK() : Invalid(wrong);
  }

  Status AppendCode(uint32_t code) {
    WEIR_RETURN_NOT_OK(CheckCode(code));
    AppendUtf8(code, &token_.text);
    return Status::OK();
  }

  static Status CheckCode(uint32_t code) {
    if (code > 0x10FFFF) return Error("42601", "invalid Unicode code point");
    if (code > 0) return Status::OK();
    return Error("22P05", "unsupported Unicode escape sequence", {.detail = "\\u0000 cannot be converted to text."});
  }

  /// So many digits, as far as there are; nothing for fewer than `least`.
  std::optional<uint32_t> HexDigits(int least, int most) {
    uint32_t code = 0;
    int digits = 0;
    for (; digits < most && at_ < text_.size() && HexDigit(text_[at_]) >= 0; ++digits) {
      code = code << 4 | static_cast<uint32_t>(HexDigit(text_[at_++]));
    }
    return digits < least ? std::nullopt : std::optional(code);
  }

  static Status Invalid(const char* detail) {
    return Error("22P02", "invalid input syntax for type jsonpath", {.detail = detail});
  }

  Status ErrorNear(const char* what, size_t begin) const {
    return Error("42601",
                 fmt::format("{} at or near \"{}\" of jsonpath input", what, text_.substr(begin, at_ - begin)));
  }

  Status Dollar() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return Quoted(Token::Kind::kVariable);
    if (at_ < text_.size() && kSpecial.find(text_[at_]) == std::string_view::npos && !IsSpace(text_[at_])) {
      const Status status = Word();
      token_.kind = Token::Kind::kVariable;
      return status;
    }
    token_.kind = Token::Kind::kSymbol;
    token_.text = "$";
    return Status::OK();
  }

  void Digits() {
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  }

  Status Number() {
    const size_t begin = at_;
    Digits();
    const bool zero = at_ - begin > 1 && text_[begin] == '0';
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      Digits();
    }
    if (at_ < text_.size() && ToLower(text_[at_]) == 'e') {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      Digits();
    }
    token_.kind = Token::Kind::kNumber;
    token_.text = text_.substr(begin, at_ - begin);
    token_.written = token_.text;
    const bool junk = at_ < text_.size() && kSpecial.find(text_[at_]) == std::string_view::npos && !IsSpace(text_[at_]);
    if (junk || zero || !IsDigit(text_[at_ - 1])) {
      if (!junk && !zero && text_[at_ - 1] == '.') return Status::OK();  // "1." is a number too
      const size_t end = junk ? at_ + 1 : at_;
      return Error("42601", fmt::format("trailing junk after numeric literal at or near \"{}\" of jsonpath input",
                                        text_.substr(begin, end - begin)));
    }
    return Status::OK();
  }

  Status Word() {
    token_.kind = Token::Kind::kWord;
    while (at_ < text_.size() && kSpecial.find(text_[at_]) == std::string_view::npos && !IsSpace(text_[at_])) {
      WEIR_RETURN_NOT_OK(Character());
    }
    return Status::OK();
  }

  Status Symbol() {
    constexpr std::array<std::string_view, 8> kLong = {"&&", "||", "==", "!=", "<>", "<=", ">=", "**"};
    token_.kind = Token::Kind::kSymbol;
    for (const std::string_view symbol : kLong) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      token_.text = symbol;
      at_ += symbol.size();
      return Status::OK();
    }
    token_.text = std::string(1, text_[at_++]);
    return Status::OK();
  }

  const std::string_view text_;
  size_t at_ = 0;
  int tokens_ = 0;
  Token token_;
};

class JsonPathParser {
 public:
  explicit JsonPathParser(std::string_view text) : lexer_(text) {}

  Result<JsonPath> Parse() {
    JsonPath path;
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (IsWord("strict") || IsWord("lax")) {
      path.strict = IsWord("strict");
      WEIR_RETURN_NOT_OK(lexer_.Next());
    }
    WEIR_ASSIGN_OR_RETURN(path.root, Or());
    if (lexer_.token().kind != Token::Kind::kEnd) return lexer_.Unexpected();
    return path;
  }

 private:
  bool IsSymbol(std::string_view symbol) const {
    return lexer_.token().kind == Token::Kind::kSymbol && lexer_.token().text == symbol;
  }
  bool IsWord(std::string_view word) const {
    return lexer_.token().kind == Token::Kind::kWord && lexer_.token().text == word;
  }
  Result<bool> Take(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    WEIR_RETURN_NOT_OK(lexer_.Next());
    return true;
  }
  Status Expect(std::string_view symbol) {
    if (!IsSymbol(symbol)) return lexer_.Unexpected();
    return lexer_.Next();
  }

  Result<JsonPathNodePtr> Two(Kind kind, JsonPathNodePtr left, JsonPathNodePtr right) {
    const bool wants_predicates = kind == Kind::kAnd || kind == Kind::kOr;
    if (IsBare(*left) != wants_predicates || IsBare(*right) != wants_predicates) return lexer_.Unexpected();
    auto node = Node(kind);
    node->arguments.push_back(std::move(left));
    node->arguments.push_back(std::move(right));
    return node;
  }
  /// A predicate that no accessor has made a path of.
  static bool IsBare(const JsonPathNode& node) { return IsPredicate(node.kind) && node.next == nullptr; }

  Result<JsonPathNodePtr> Or() {
    if (stack_.spent()) return TooDeep();
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr left, And());
    while (IsSymbol("||")) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr right, And());
      WEIR_ASSIGN_OR_RETURN(left, Two(Kind::kOr, std::move(left), std::move(right)));
    }
    return left;
  }

  Result<JsonPathNodePtr> And() {
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr left, Test());
    while (IsSymbol("&&")) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr right, Test());
      WEIR_ASSIGN_OR_RETURN(left, Two(Kind::kAnd, std::move(left), std::move(right)));
    }
    return left;
  }

  std::optional<Kind> Comparison() const {
    if (lexer_.token().kind != Token::Kind::kSymbol) return std::nullopt;
    const std::string& symbol = lexer_.token().text;
    if (symbol == "==") return Kind::kEqual;
    if (symbol == "!=" || symbol == "<>") return Kind::kNotEqual;
    if (symbol == "<") return Kind::kLess;
    if (symbol == "<=") return Kind::kLessEqual;
    if (symbol == ">") return Kind::kGreater;
    if (symbol == ">=") return Kind::kGreaterEqual;
    return std::nullopt;
  }

  /// A predicate, or an expression alone.
  Result<JsonPathNodePtr> Test() {
    if (IsSymbol("!")) return Not();
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr left, Sum());
    if (const auto kind = Comparison()) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr right, Sum());
      return Two(*kind, std::move(left), std::move(right));
    }
    if (IsWord("starts")) return StartsWith(std::move(left));
    if (IsWord("like_regex")) return LikeRegex(std::move(left));
    return left;
  }

  Result<JsonPathNodePtr> Not() {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (!IsSymbol("(") && !IsWord("exists")) return lexer_.Unexpected();
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr argument, Primary());
    if (!IsBare(*argument)) return lexer_.Unexpected();
    auto node = Node(Kind::kNot);
    node->arguments.push_back(std::move(argument));
    return node;
  }

  Result<JsonPathNodePtr> StartsWith(JsonPathNodePtr left) {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (!IsWord("with")) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(lexer_.Next());
    const Token token = lexer_.token();
    const bool variable = token.kind == Token::Kind::kVariable;
    if (!variable && token.kind != Token::Kind::kString) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(lexer_.Next());
    return Two(Kind::kStartsWith, std::move(left), Node(variable ? Kind::kVariable : Kind::kString, token.text));
  }

  Result<JsonPathNodePtr> LikeRegex(JsonPathNodePtr left) {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (lexer_.token().kind != Token::Kind::kString) return lexer_.Unexpected();
    auto node = Node(Kind::kLikeRegex, lexer_.token().text);
    node->arguments.push_back(std::move(left));
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (IsWord("flag")) WEIR_RETURN_NOT_OK(Flags(&node->flags));
    WEIR_RETURN_NOT_OK(RegularExpression::Compile(node->text, RegexOptions(node->flags)).status());
    return node;
  }

  Status Flags(std::string* flags) {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (lexer_.token().kind != Token::Kind::kString) return lexer_.Unexpected();
    for (const char flag : lexer_.token().text) {
      if (std::string_view("ismxq").find(flag) == std::string_view::npos) {
        return Error("42601", "invalid input syntax for type jsonpath",
                     {.detail = fmt::format("Unrecognized flag character \"{}\" in LIKE_REGEX predicate.", flag)});
      }
      if (flags->find(flag) == std::string::npos) *flags += flag;
    }
    if (flags->find('x') != std::string::npos && flags->find('q') == std::string::npos) {
      return Error("0A000", "XQuery \"x\" flag (expanded regular expressions) is not implemented");
    }
    return lexer_.Next();
  }

  Result<JsonPathNodePtr> Sum() {
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr left, Product());
    while (IsSymbol("+") || IsSymbol("-")) {
      const Kind kind = IsSymbol("+") ? Kind::kAdd : Kind::kSubtract;
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr right, Product());
      WEIR_ASSIGN_OR_RETURN(left, Two(kind, std::move(left), std::move(right)));
    }
    return left;
  }

  Result<JsonPathNodePtr> Product() {
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr left, Signed());
    while (IsSymbol("*") || IsSymbol("/") || IsSymbol("%")) {
      const Kind kind = IsSymbol("*") ? Kind::kMultiply : IsSymbol("/") ? Kind::kDivide : Kind::kModulo;
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr right, Signed());
      WEIR_ASSIGN_OR_RETURN(left, Two(kind, std::move(left), std::move(right)));
    }
    return left;
  }

  Result<JsonPathNodePtr> Signed() {
    if (!IsSymbol("+") && !IsSymbol("-")) return Primary();
    if (stack_.spent()) return TooDeep();
    const bool minus = IsSymbol("-");
    WEIR_RETURN_NOT_OK(lexer_.Next());
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr argument, Signed());
    if (IsBare(*argument)) return lexer_.Unexpected();
    if (argument->kind == Kind::kNumber && argument->next == nullptr) {
      if (minus) argument->text = argument->text.starts_with('-') ? argument->text.substr(1) : "-" + argument->text;
      return argument;
    }
    auto node = Node(minus ? Kind::kMinus : Kind::kPlus);
    node->arguments.push_back(std::move(argument));
    return node;
  }

  Result<JsonPathNodePtr> Primary() {
    if (IsSymbol("(")) return Parenthesised();
    if (IsWord("exists")) return Exists();
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr node, Begin());
    WEIR_RETURN_NOT_OK(Accessors(node.get()));
    return node;
  }

  Result<JsonPathNodePtr> Exists() {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    WEIR_RETURN_NOT_OK(Expect("("));
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr argument, Or());
    if (IsBare(*argument)) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(Expect(")"));
    auto node = Node(Kind::kExists);
    node->arguments.push_back(std::move(argument));
    return node;
  }

  Result<JsonPathNodePtr> Parenthesised() {
    WEIR_RETURN_NOT_OK(lexer_.Next());
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr node, Or());
    WEIR_RETURN_NOT_OK(Expect(")"));
    if (IsBare(*node) && IsWord("is")) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      if (!IsWord("unknown")) return lexer_.Unexpected();
      WEIR_RETURN_NOT_OK(lexer_.Next());
      auto unknown = Node(Kind::kIsUnknown);
      unknown->arguments.push_back(std::move(node));
      return unknown;
    }
    WEIR_RETURN_NOT_OK(Accessors(node.get()));
    return node;
  }

  Result<JsonPathNodePtr> Begin() {
    const Token token = lexer_.token();
    JsonPathNodePtr node;
    switch (token.kind) {
      case Token::Kind::kString: node = Node(Kind::kString, token.text); break;
      case Token::Kind::kVariable: node = Node(Kind::kVariable, token.text); break;
      case Token::Kind::kNumber: {
        WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(token.text));
        node = Node(Kind::kNumber);
        AppendNumeric(number, &node->text);
        break;
      }
      case Token::Kind::kWord:
        if (token.text == "null") node = Node(Kind::kNull);
        if (token.text == "true") node = Node(Kind::kTrue);
        if (token.text == "false") node = Node(Kind::kFalse);
        if (token.text == "last") node = Node(Kind::kLast);
        if (token.text == "last" && subscripts_ == 0) return Error("42601", "LAST is allowed only in array subscripts");
        break;
      case Token::Kind::kSymbol:
        if (token.text == "$") node = Node(Kind::kRoot);
        if (token.text == "@") node = Node(Kind::kCurrent);
        if (token.text == "@" && filters_ == 0) return Error("42601", "@ is not allowed in root expressions");
        break;
      case Token::Kind::kEnd: break;
    }
    if (!node) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(lexer_.Next());
    return node;
  }

  Status Accessors(JsonPathNode* last) {
    while (last->next != nullptr) last = last->next.get();
    while (true) {
      JsonPathNodePtr step;
      if (IsSymbol(".")) {
        WEIR_RETURN_NOT_OK(lexer_.Next());
        WEIR_ASSIGN_OR_RETURN(step, AfterPoint());
      } else if (IsSymbol("[")) {
        WEIR_RETURN_NOT_OK(lexer_.Next());
        WEIR_ASSIGN_OR_RETURN(step, Subscripts());
      } else if (IsSymbol("?")) {
        WEIR_RETURN_NOT_OK(lexer_.Next());
        WEIR_ASSIGN_OR_RETURN(step, Filter());
      } else {
        return Status::OK();
      }
      last->next = std::move(step);
      last = last->next.get();
    }
  }

  Result<JsonPathNodePtr> Filter() {
    WEIR_RETURN_NOT_OK(Expect("("));
    ++filters_;
    WEIR_ASSIGN_OR_RETURN(JsonPathNodePtr predicate, Or());
    --filters_;
    if (!IsBare(*predicate)) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(Expect(")"));
    auto node = Node(Kind::kFilter);
    node->arguments.push_back(std::move(predicate));
    return node;
  }

  Result<JsonPathNodePtr> Subscripts() {
    auto node = Node(Kind::kElements);
    WEIR_ASSIGN_OR_RETURN(const bool any, Take("*"));
    if (any) {
      WEIR_RETURN_NOT_OK(Expect("]"));
      return Node(Kind::kAnyElement);
    }
    if (stack_.spent()) return TooDeep();
    ++subscripts_;
    while (true) {
      JsonPathNode::Range range;
      WEIR_ASSIGN_OR_RETURN(range.from, Sum());
      if (IsWord("to")) {
        WEIR_RETURN_NOT_OK(lexer_.Next());
        WEIR_ASSIGN_OR_RETURN(range.to, Sum());
      }
      node->ranges.push_back(std::move(range));
      WEIR_ASSIGN_OR_RETURN(const bool more, Take(","));
      if (!more) break;
    }
    --subscripts_;
    WEIR_RETURN_NOT_OK(Expect("]"));
    return node;
  }

  Result<JsonPathNodePtr> AfterPoint() {
    const Token token = lexer_.token();
    if (token.kind == Token::Kind::kSymbol && token.text == "*") {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      return Node(Kind::kAnyMember);
    }
    if (token.kind == Token::Kind::kSymbol && token.text == "**") {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      return Depths();
    }
    if (token.kind == Token::Kind::kVariable) return lexer_.Unexpected();
    if (token.kind != Token::Kind::kWord && token.kind != Token::Kind::kString) return lexer_.Unexpected();
    WEIR_RETURN_NOT_OK(lexer_.Next());
    if (token.kind == Token::Kind::kString || !IsSymbol("(")) return Node(Kind::kMember, token.text);
    return Method(token.text);
  }

  Result<JsonPathNodePtr> Method(const std::string& name) {
    constexpr std::array<std::string_view, 8> kMethods = {"abs",    "size",    "type",     "floor",
                                                          "double", "ceiling", "keyvalue", "datetime"};
    if (std::find(kMethods.begin(), kMethods.end(), name) == kMethods.end()) return lexer_.Unexpected();
    auto node = Node(Kind::kMethod, name);
    WEIR_RETURN_NOT_OK(Expect("("));
    if (const Token token = lexer_.token(); name == "datetime" && token.kind == Token::Kind::kString) {
      node->arguments.push_back(Node(Kind::kString, token.text));
      WEIR_RETURN_NOT_OK(lexer_.Next());
    }
    WEIR_RETURN_NOT_OK(Expect(")"));
    return node;
  }

  Result<uint32_t> Depth() {
    const Token token = lexer_.token();
    if (IsWord("last")) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      return JsonPathNode::kLastDepth;
    }
    if (token.kind != Token::Kind::kNumber || token.text.find_first_not_of("0123456789") != std::string::npos ||
        token.text.size() > 9) {
      return lexer_.Unexpected();
    }
    WEIR_RETURN_NOT_OK(lexer_.Next());
    return static_cast<uint32_t>(std::stoul(token.text));
  }

  Result<JsonPathNodePtr> Depths() {
    auto node = Node(Kind::kAnyDepth);
    WEIR_ASSIGN_OR_RETURN(const bool bounded, Take("{"));
    if (!bounded) return node;
    WEIR_ASSIGN_OR_RETURN(node->first_depth, Depth());
    node->last_depth = node->first_depth;
    if (IsWord("to")) {
      WEIR_RETURN_NOT_OK(lexer_.Next());
      WEIR_ASSIGN_OR_RETURN(node->last_depth, Depth());
    }
    WEIR_RETURN_NOT_OK(Expect("}"));
    return node;
  }

  JsonPathLexer lexer_;
  StackBudget stack_;
  int filters_ = 0;     // around
  int subscripts_ = 0;  // around
};

// --- and back ---

struct PathOperator {
  Kind kind;
  std::string_view symbol;
  int priority;  // one that binds weaker stands in brackets
};
constexpr auto kPathOperators = std::to_array<PathOperator>({
    {Kind::kOr, "||", 0},       {Kind::kAnd, "&&", 1},      {Kind::kEqual, "==", 2},
    {Kind::kNotEqual, "!=", 2}, {Kind::kLess, "<", 2},      {Kind::kLessEqual, "<=", 2},
    {Kind::kGreater, ">", 2},   {Kind::kGreaterEqual, ">=", 2}, {Kind::kStartsWith, "starts with", 2},
    {Kind::kAdd, "+", 3},       {Kind::kSubtract, "-", 3},  {Kind::kMultiply, "*", 4},
    {Kind::kDivide, "/", 4},    {Kind::kModulo, "%", 4},    {Kind::kPlus, "+", 5},
    {Kind::kMinus, "-", 5},
});
constexpr int kPriorityOfOthers = 6;

const PathOperator* OperatorOf(Kind kind) {
  const auto* const found = std::ranges::find(kPathOperators, kind, &PathOperator::kind);
  return found == kPathOperators.end() ? nullptr : found;
}

int PriorityOf(Kind kind) {
  const PathOperator* const known = OperatorOf(kind);
  return known == nullptr ? kPriorityOfOthers : known->priority;
}

void AppendNode(const JsonPathNode& node, bool in_key, bool brackets, std::string* out);

void AppendArgument(const JsonPathNode& node, Kind within, std::string* out) {
  AppendNode(node, false, PriorityOf(node.kind) <= PriorityOf(within), out);
}

void AppendTwo(const JsonPathNode& node, bool brackets, std::string* out) {
  if (brackets) *out += '(';
  AppendArgument(*node.arguments[0], node.kind, out);
  (*out += ' ') += SymbolOf(node.kind);
  *out += ' ';
  AppendArgument(*node.arguments[1], node.kind, out);
  if (brackets) *out += ')';
}

void AppendElements(const JsonPathNode& node, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < node.ranges.size(); ++i) {
    if (i > 0) *out += ',';
    AppendNode(*node.ranges[i].from, false, false, out);
    if (node.ranges[i].to == nullptr) continue;
    *out += " to ";
    AppendNode(*node.ranges[i].to, false, false, out);
  }
  *out += ']';
}

void AppendDepths(const JsonPathNode& node, std::string* out) {
  const auto depth = [](uint32_t value) {
    return value == JsonPathNode::kLastDepth ? std::string("last") : std::to_string(value);
  };
  *out += "**";
  if (node.first_depth == 0 && node.last_depth == JsonPathNode::kLastDepth) return;
  if (node.first_depth == node.last_depth) *out += fmt::format("{{{}}}", depth(node.first_depth));
  else *out += fmt::format("{{{} to {}}}", depth(node.first_depth), depth(node.last_depth));
}

void AppendLikeRegex(const JsonPathNode& node, bool brackets, std::string* out) {
  if (brackets) *out += '(';
  AppendArgument(*node.arguments[0], node.kind, out);
  *out += " like_regex ";
  AppendJsonString(node.text, out);
  if (!node.flags.empty()) {
    *out += " flag \"";
    for (const char flag : std::string_view("ismxq")) {
      if (node.flags.find(flag) != std::string::npos) *out += flag;
    }
    *out += '"';
  }
  if (brackets) *out += ')';
}

void AppendNode(const JsonPathNode& node, bool in_key, bool brackets, std::string* out) {
  switch (node.kind) {
    case Kind::kNull: *out += "null"; break;
    case Kind::kTrue: *out += "true"; break;
    case Kind::kFalse: *out += "false"; break;
    case Kind::kRoot: *out += '$'; break;
    case Kind::kCurrent: *out += '@'; break;
    case Kind::kLast: *out += "last"; break;
    case Kind::kString: AppendJsonString(node.text, out); break;
    case Kind::kNumber: *out += node.next != nullptr ? "(" + node.text + ")" : node.text; break;
    case Kind::kVariable:
      *out += '$';
      AppendJsonString(node.text, out);
      break;
    case Kind::kMember:
      if (in_key) *out += '.';
      AppendJsonString(node.text, out);
      break;
    case Kind::kAnyMember: *out += in_key ? ".*" : "*"; break;
    case Kind::kAnyElement: *out += "[*]"; break;
    case Kind::kElements: AppendElements(node, out); break;
    case Kind::kAnyDepth:
      if (in_key) *out += '.';
      AppendDepths(node, out);
      break;
    case Kind::kFilter:
      *out += "?(";
      AppendNode(*node.arguments[0], false, false, out);
      *out += ')';
      break;
    case Kind::kMethod:
      *out += "." + node.text + "(";
      if (!node.arguments.empty()) AppendJsonString(node.arguments[0]->text, out);
      *out += ')';
      break;
    case Kind::kPlus:
    case Kind::kMinus:
      if (brackets) *out += '(';
      *out += SymbolOf(node.kind);
      AppendArgument(*node.arguments[0], node.kind, out);
      if (brackets) *out += ')';
      break;
    case Kind::kNot:
      *out += "!(";
      AppendNode(*node.arguments[0], false, false, out);
      *out += ')';
      break;
    case Kind::kIsUnknown:
      *out += '(';
      AppendNode(*node.arguments[0], false, false, out);
      *out += ") is unknown";
      break;
    case Kind::kExists:
      *out += "exists (";
      AppendNode(*node.arguments[0], false, false, out);
      *out += ')';
      break;
    case Kind::kLikeRegex: AppendLikeRegex(node, brackets, out); break;
    case Kind::kAdd:
    case Kind::kSubtract:
    case Kind::kMultiply:
    case Kind::kDivide:
    case Kind::kModulo:
    case Kind::kEqual:
    case Kind::kNotEqual:
    case Kind::kLess:
    case Kind::kLessEqual:
    case Kind::kGreater:
    case Kind::kGreaterEqual:
    case Kind::kAnd:
    case Kind::kOr:
    case Kind::kStartsWith: AppendTwo(node, brackets || node.next != nullptr, out); break;
  }
  if (node.next != nullptr) AppendNode(*node.next, true, true, out);
}

}  // namespace

std::string_view SymbolOf(JsonPathNode::Kind kind) {
  const PathOperator* const known = OperatorOf(kind);
  return known == nullptr ? std::string_view() : known->symbol;
}

std::string RegexOptions(const std::string& flags) {
  const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
  std::string options = has('i') ? "i" : "";
  if (has('q')) return options + "q";
  if (has('m')) return options + (has('s') ? "w" : "n");
  return options + (has('s') ? "s" : "p");
}

bool IsPredicate(Kind kind) { return kind >= Kind::kEqual; }

Result<JsonPath> ParseJsonPath(std::string_view text) {
  if (Trimmed(text).empty()) return InvalidSyntax("jsonpath", text);
  return JsonPathParser(text).Parse();
}

Result<std::string> CanonicalJsonPath(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const JsonPath path, ParseJsonPath(text));
  std::string out = path.strict ? "strict " : "";
  AppendNode(*path.root, false, true, &out);
  return out;
}

}  // namespace weir::postgres
