#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::postgres {

/// SQL/JSON path expressions (PostgreSQL's manual, section 9.16.2): type jsonpath.

struct JsonPathNode;
using JsonPathNodePtr = std::unique_ptr<JsonPathNode>;

/// A step of a path, or an operator on paths. Steps are chained by `next`.
struct JsonPathNode {
  enum class Kind : uint8_t {
    // what a path begins with
    kRoot, kCurrent, kLast, kVariable, kNull, kTrue, kFalse, kString, kNumber,
    // accessors
    kMember, kAnyMember, kElements, kAnyElement, kAnyDepth, kFilter, kMethod,
    // arithmetic: two arguments, or one
    kAdd, kSubtract, kMultiply, kDivide, kModulo, kPlus, kMinus,
    // predicates
    kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kAnd, kOr, kNot, kIsUnknown, kExists, kStartsWith,
    kLikeRegex,
  };
  static constexpr uint32_t kLastDepth = UINT32_MAX;
  struct Range {
    JsonPathNodePtr from;
    JsonPathNodePtr to;  // null: one element
  };

  Kind kind = Kind::kRoot;
  std::string text;   // a member's or variable's name, a string, a number, a method's name, a pattern
  std::string flags;  // of like_regex: "i", "s", "m", "x", "q", as written and each once
  std::vector<JsonPathNodePtr> arguments;  // of datetime(): its template, if it has one
  std::vector<Range> ranges;  // kElements
  uint32_t first_depth = 0;   // kAnyDepth
  uint32_t last_depth = kLastDepth;
  JsonPathNodePtr next;
};

/// like_regex' flags as PostgreSQL's options: without "s" a point takes no newline, with "m" ^ and $ stand at lines.
std::string RegexOptions(const std::string& flags);

bool IsPredicate(JsonPathNode::Kind kind);
/// As it is written: "+", "==", "starts with"; "" for what is no operator with a sign of its own.
std::string_view SymbolOf(JsonPathNode::Kind kind);

struct JsonPath {
  bool strict = false;
  JsonPathNodePtr root;
};

/// 42601 for what is no path, 22P02 for an empty text, 54001 for one that is too long or nested too deeply.
Result<JsonPath> ParseJsonPath(std::string_view text);
/// As PostgreSQL shows it.
Result<std::string> CanonicalJsonPath(std::string_view text);

}  // namespace weir::postgres
