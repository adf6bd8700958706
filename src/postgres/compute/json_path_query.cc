#include "postgres/compute/json_path_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "postgres/compute/json_path_moment.h"
#include "postgres/error.h"
#include "postgres/value/json.h"
#include "postgres/value/json_parser.h"
#include "postgres/value/number.h"
#include "postgres/value/numeric.h"
#include "postgres/value/regular_expression.h"

namespace weir::postgres {
namespace {

using Kind = JsonPathNode::Kind;
using Items = std::vector<JsonValue>;

constexpr std::string_view kMemberNotFound = "2203A";
constexpr std::string_view kArrayNotFound = "22039";
constexpr std::string_view kObjectNotFound = "2203C";
constexpr std::string_view kNumberNotFound = "2203B";
constexpr std::string_view kBadSubscript = "22033";
constexpr std::string_view kNotNumeric = "22036";
constexpr std::string_view kNotSingle = "22038";
constexpr std::string_view kNotDateTime = "22031";

enum class Truth : uint8_t { kFalse, kTrue, kUnknown };

bool IsArray(const JsonValue& value) { return value.kind == JsonValue::Kind::kArray; }
bool IsObject(const JsonValue& value) { return value.kind == JsonValue::Kind::kObject; }
bool IsNumber(const JsonValue& value) { return value.kind == JsonValue::Kind::kNumber; }

Numeric NumberOf(const JsonValue& value) {
  const auto number = ReadNumeric(value.text);
  return number.ok() ? *number : Numeric::Nan();
}
JsonValue OfNumber(const Numeric& number) {
  JsonValue value;
  value.kind = JsonValue::Kind::kNumber;
  AppendNumeric(number, &value.text);
  return value;
}
JsonValue OfText(std::string text, JsonValue::Kind kind = JsonValue::Kind::kString) {
  JsonValue value;
  value.kind = kind;
  value.text = std::move(text);
  return value;
}
/// What datetime() has made: a string with its type's name as an element, which strings of JSON do not have.
JsonValue OfMoment(JsonMoment moment) {
  JsonValue value = OfText(std::move(moment.text));
  value.elements.push_back(OfText(std::string(FindType(moment.type)->name)));
  return value;
}
bool IsMoment(const JsonValue& value) { return value.kind == JsonValue::Kind::kString && !value.elements.empty(); }
bool IsString(const JsonValue& value) { return value.kind == JsonValue::Kind::kString && value.elements.empty(); }
JsonMoment MomentOf(const JsonValue& value) {
  return {.type = FindType(value.elements[0].text)->oid, .text = value.text};
}

JsonValue OfTruth(Truth truth) {
  if (truth == Truth::kUnknown) return {};
  JsonValue value;
  value.kind = JsonValue::Kind::kBool;
  value.truth = truth == Truth::kTrue;
  return value;
}

std::string_view TypeNameOf(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::kNull: return "null";
    case JsonValue::Kind::kString: return IsMoment(value) ? FindType(MomentOf(value).type)->spelling : "string";
    case JsonValue::Kind::kNumber: return "number";
    case JsonValue::Kind::kBool: return "boolean";
    case JsonValue::Kind::kArray: return "array";
    case JsonValue::Kind::kObject: return "object";
  }
  return "";
}

Truth Holds(Kind kind, std::strong_ordering order) {
  bool holds = false;
  if (kind == Kind::kEqual) holds = order == 0;
  if (kind == Kind::kNotEqual) holds = order != 0;
  if (kind == Kind::kLess) holds = order < 0;
  if (kind == Kind::kLessEqual) holds = order <= 0;
  if (kind == Kind::kGreater) holds = order > 0;
  if (kind == Kind::kGreaterEqual) holds = order >= 0;
  return holds ? Truth::kTrue : Truth::kFalse;
}

/// Values of one kind; those of others cannot be told.
Truth Compared(Kind kind, const JsonValue& a, const JsonValue& b) {
  const auto decided = [&](std::strong_ordering order) { return Holds(kind, order); };
  if (a.kind != b.kind) {
    const bool null = a.kind == JsonValue::Kind::kNull || b.kind == JsonValue::Kind::kNull;
    if (!null) return Truth::kUnknown;
    return kind == Kind::kNotEqual ? Truth::kTrue : Truth::kFalse;
  }
  switch (a.kind) {
    case JsonValue::Kind::kNull: return decided(std::strong_ordering::equal);
    case JsonValue::Kind::kBool: return decided(a.truth <=> b.truth);
    case JsonValue::Kind::kString: return decided(a.text.compare(b.text) <=> 0);
    case JsonValue::Kind::kNumber: return decided(NumberOf(a) <=> NumberOf(b));
    case JsonValue::Kind::kArray:
    case JsonValue::Kind::kObject: break;
  }
  return Truth::kUnknown;
}

/// Where PostgreSQL keeps the arrays and objects of a jsonb, in bytes from the outermost: keyvalue() gives it as an id.
/// A container is a word, a word for each element (for each key and each value), and then they themselves one after
/// another; numbers and containers begin at whole words.
class Places {
 public:
  explicit Places(const JsonValue& root) { Put(root, 0); }
  int64_t Of(const JsonValue& value) const {
    const auto found = places_.find(&value);
    return found == places_.end() ? 0 : found->second;
  }

 private:
  static constexpr int64_t kWord = 4;
  static int64_t Aligned(int64_t at) { return (at + kWord - 1) / kWord * kWord; }

  /// A varlena of 4 bytes, 2 or 4 of sign, scale and weight, and the digits of base 10000.
  static int64_t BytesOf(const Numeric& number) {
    constexpr int kShortScale = 63;
    constexpr int kShortWeight = 63;
    const NumericDigits digits = DigitsOf(number);
    const bool is_short =
        number.scale() <= kShortScale && digits.weight <= kShortWeight && digits.weight >= -kShortWeight - 1;
    return kWord + (is_short ? 2 : kWord) + 2 * static_cast<int64_t>(digits.digits.size());
  }

  /// The byte behind the value, which may begin at `at`.
  int64_t Put(const JsonValue& value, int64_t at) {
    switch (value.kind) {
      case JsonValue::Kind::kNull:
      case JsonValue::Kind::kBool: return at;
      case JsonValue::Kind::kString: return at + static_cast<int64_t>(value.text.size());
      case JsonValue::Kind::kNumber: return Aligned(at) + BytesOf(NumberOf(value));
      case JsonValue::Kind::kArray:
      case JsonValue::Kind::kObject: break;
    }
    at = Aligned(at);
    places_.emplace(&value, at);
    at += kWord * static_cast<int64_t>(1 + value.elements.size() + 2 * value.fields.size());
    for (const JsonValue& element : value.elements) at = Put(element, at);
    for (const auto& [key, field] : value.fields) at += static_cast<int64_t>(key.size());
    for (const auto& [key, field] : value.fields) at = Put(field, at);
    return at;
  }

  std::unordered_map<const JsonValue*, int64_t> places_;
};

/// A search: every step hands each of its items to the next one.
class Search {
 public:
  /// `variables`: null: each of them is null. `settings`: whose zone moments without one are in; null: in none.
  Search(const JsonPath& path, const JsonValue& root, const JsonValue* variables, const Settings* settings)
      : settings_(settings),
        lax_(!path.strict),
        ignores_structure_(lax_),
        root_(root),
        variables_(variables),
        base_{&root, 0},
        next_id_(variables == nullptr ? 1 : 2) {}

  /// `any`: only whether there is something is of interest.
  Status Run(const JsonPathNode& node, const JsonValue& item, bool any, Items* found) {
    if (any && lax_) asked_for_any_ = found;
    return Step(node, item, lax_, found);
  }
  /// What is an error wherever it happens, in filters too.
  const Status& fatal() const { return fatal_; }

 private:
  /// What the item's steps find. `unwrap`: an array stands for its elements where a step takes none.
  Status Step(const JsonPathNode& node, const JsonValue& item, bool unwrap, Items* found) {
    switch (node.kind) {
      case Kind::kRoot: return NextOf({&root_, 0}, node, root_, found);
      case Kind::kCurrent: return Next(node, *current_, found);
      case Kind::kNull: return Next(node, JsonValue(), found);
      case Kind::kTrue: return Next(node, OfTruth(Truth::kTrue), found);
      case Kind::kFalse: return Next(node, OfTruth(Truth::kFalse), found);
      case Kind::kString: return Next(node, OfText(node.text), found);
      case Kind::kNumber: return Next(node, OfText(node.text, JsonValue::Kind::kNumber), found);
      case Kind::kLast: return Next(node, OfNumber(Numeric(last_)), found);
      case Kind::kVariable: return Variable(node, found);
      case Kind::kMember: return Member(node, item, unwrap, found);
      case Kind::kAnyMember: return AnyMember(node, item, unwrap, found);
      case Kind::kAnyElement: return AnyElement(node, item, found);
      case Kind::kElements: return Elements(node, item, found);
      case Kind::kAnyDepth: return AnyDepth(node, item, found);
      case Kind::kFilter: return Filter(node, item, unwrap, found);
      case Kind::kMethod: return Method(node, item, unwrap, found);
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kMultiply:
      case Kind::kDivide:
      case Kind::kModulo: return Arithmetic(node, item, found);
      case Kind::kPlus:
      case Kind::kMinus: return Sign(node, item, found);
      case Kind::kEqual:
      case Kind::kNotEqual:
      case Kind::kLess:
      case Kind::kLessEqual:
      case Kind::kGreater:
      case Kind::kGreaterEqual:
      case Kind::kAnd:
      case Kind::kOr:
      case Kind::kNot:
      case Kind::kIsUnknown:
      case Kind::kExists:
      case Kind::kStartsWith:
      case Kind::kLikeRegex: {
        WEIR_ASSIGN_OR_RETURN(const Truth truth, Test(node, item));
        return Next(node, OfTruth(truth), found);
      }
    }
    return Status::OK();
  }

  Status Next(const JsonPathNode& node, const JsonValue& item, Items* found) {
    if (node.next != nullptr) return Step(*node.next, item, lax_, found);
    found->push_back(item);
    return Status::OK();
  }

  /// What ids of objects are made of: those within `value` are counted from it.
  struct Base {
    const JsonValue* value;
    int64_t id;
  };
  Status NextOf(Base base, const JsonPathNode& node, const JsonValue& item, Items* found) {
    const Base outer = std::exchange(base_, base);
    const Status status = Next(node, item, found);
    base_ = outer;
    return status;
  }

  /// The step on each element instead of the array.
  Status OnElements(const JsonPathNode& node, const JsonValue& array, Items* found) {
    for (const JsonValue& element : array.elements) WEIR_RETURN_NOT_OK(Step(node, element, false, found));
    return Status::OK();
  }

  Status Refused(std::string_view state, std::string message) const { return Error(state, std::move(message)); }
  /// A structural error: lax paths find nothing there.
  Status Misfit(std::string_view state, std::string message) const {
    return ignores_structure_ ? Status::OK() : Refused(state, std::move(message));
  }

  Status Variable(const JsonPathNode& node, Items* found) {
    if (variables_ == nullptr) return Next(node, JsonValue(), found);
    for (const auto& [name, value] : variables_->fields) {
      if (name == node.text) return NextOf({variables_, 1}, node, value, found);
    }
    return fatal_ = Refused("42704", fmt::format("could not find jsonpath variable \"{}\"", node.text));
  }

  Status Member(const JsonPathNode& node, const JsonValue& item, bool unwrap, Items* found) {
    if (IsObject(item)) {
      for (const auto& [key, value] : item.fields) {
        if (key == node.text) return Next(node, value, found);
      }
      return Misfit(kMemberNotFound, fmt::format("JSON object does not contain key \"{}\"", node.text));
    }
    if (unwrap && IsArray(item)) return OnElements(node, item, found);
    return Misfit(kMemberNotFound, "jsonpath member accessor can only be applied to an object");
  }

  Status AnyMember(const JsonPathNode& node, const JsonValue& item, bool unwrap, Items* found) {
    if (IsObject(item)) {
      for (const auto& [key, value] : item.fields) WEIR_RETURN_NOT_OK(Next(node, value, found));
      return Status::OK();
    }
    if (unwrap && IsArray(item)) return OnElements(node, item, found);
    return Misfit(kObjectNotFound, "jsonpath wildcard member accessor can only be applied to an object");
  }

  Status AnyElement(const JsonPathNode& node, const JsonValue& item, Items* found) {
    if (IsArray(item)) {
      for (const JsonValue& element : item.elements) WEIR_RETURN_NOT_OK(Next(node, element, found));
      return Status::OK();
    }
    if (lax_) return Next(node, item, found);
    return Misfit(kArrayNotFound, "jsonpath wildcard array accessor can only be applied to an array");
  }

  Result<int64_t> Subscript(const JsonPathNode& node, const JsonValue& item) {
    Items values;
    WEIR_RETURN_NOT_OK(Step(node, item, lax_, &values));
    if (values.size() != 1 || !IsNumber(values[0])) {
      return Refused(kBadSubscript, "jsonpath array subscript is not a single numeric value");
    }
    const auto whole = IntegerOf(Truncate(NumberOf(values[0]), 0), INT32_MIN, INT32_MAX, "integer");
    if (!whole.ok()) return Refused(kBadSubscript, "jsonpath array subscript is out of integer range");
    return *whole;
  }

  Status Elements(const JsonPathNode& node, const JsonValue& item, Items* found) {
    if (!IsArray(item) && !lax_) {
      return Misfit(kArrayNotFound, "jsonpath array accessor can only be applied to an array");
    }
    const int64_t size = IsArray(item) ? static_cast<int64_t>(item.elements.size()) : 1;
    const int64_t outer = std::exchange(last_, size - 1);
    Status status;
    for (const JsonPathNode::Range& range : node.ranges) {
      status = Between(node, range, item, size, found);
      if (!status.ok()) break;
    }
    last_ = outer;
    return status;
  }

  Status Between(const JsonPathNode& node, const JsonPathNode::Range& range, const JsonValue& item, int64_t size,
                 Items* found) {
    WEIR_ASSIGN_OR_RETURN(int64_t from, Subscript(*range.from, item));
    int64_t to = from;
    if (range.to != nullptr) {
      WEIR_ASSIGN_OR_RETURN(to, Subscript(*range.to, item));
    }
    if (!ignores_structure_ && (from < 0 || from > to || to >= size)) {
      return Refused(kBadSubscript, "jsonpath array subscript is out of bounds");
    }
    const int64_t inner = last_;
    for (int64_t i = std::max<int64_t>(from, 0); i <= std::min(to, size - 1); ++i) {
      WEIR_RETURN_NOT_OK(Next(node, IsArray(item) ? item.elements[static_cast<size_t>(i)] : item, found));
      last_ = inner;
    }
    return Status::OK();
  }

  Status AnyDepth(const JsonPathNode& node, const JsonValue& item, Items* found) {
    const bool outer = ignores_structure_;
    Status status;
    if (node.first_depth == 0) {
      ignores_structure_ = true;
      status = Next(node, item, found);
      ignores_structure_ = outer;
    }
    return status.ok() && node.last_depth > 0 ? Below(node, item, 1, found) : status;
  }

  Status Below(const JsonPathNode& node, const JsonValue& item, uint32_t depth, Items* found) {
    const auto one = [&](const JsonValue& child) -> Status {
      const bool leaves = node.first_depth == JsonPathNode::kLastDepth && node.last_depth == JsonPathNode::kLastDepth;
      const bool nested = IsArray(child) || IsObject(child);
      if (depth >= node.first_depth || (leaves && !nested)) {
        const bool outer = std::exchange(ignores_structure_, true);
        const Status status = Next(node, child, found);
        ignores_structure_ = outer;
        WEIR_RETURN_NOT_OK(status);
      }
      return nested && depth < node.last_depth ? Below(node, child, depth + 1, found) : Status::OK();
    };
    for (const JsonValue& element : item.elements) WEIR_RETURN_NOT_OK(one(element));
    for (const auto& field : item.fields) WEIR_RETURN_NOT_OK(one(field.second));
    return Status::OK();
  }

  Status Filter(const JsonPathNode& node, const JsonValue& item, bool unwrap, Items* found) {
    if (unwrap && IsArray(item)) return OnElements(node, item, found);
    const JsonValue* outer = std::exchange(current_, &item);
    const auto truth = Test(*node.arguments[0], item);
    current_ = outer;
    if (!truth.ok()) return truth.status();
    return *truth == Truth::kTrue ? Next(node, item, found) : Status::OK();
  }

  Status Method(const JsonPathNode& node, const JsonValue& item, bool unwrap, Items* found) {
    if (node.text == "type") return Next(node, OfText(std::string(TypeNameOf(item))), found);
    if (node.text == "size") {
      if (!IsArray(item) && !lax_) {
        return Misfit(kArrayNotFound, "jsonpath item method .size() can only be applied to an array");
      }
      return Next(node, OfNumber(Numeric(IsArray(item) ? static_cast<int64_t>(item.elements.size()) : 1)), found);
    }
    if (unwrap && IsArray(item)) return OnElements(node, item, found);
    if (node.text == "double") return Double(node, item, found);
    if (node.text == "datetime") return DateTime(node, item, found);
    if (node.text == "keyvalue") return KeyValue(node, item, found);
    if (!IsNumber(item)) {
      return Refused(kNotNumeric,
                     fmt::format("jsonpath item method .{}() can only be applied to a numeric value", node.text));
    }
    const Numeric number = NumberOf(item);
    if (node.text == "abs") return Next(node, OfNumber(Abs(number)), found);
    WEIR_ASSIGN_OR_RETURN(const Numeric whole, node.text == "floor" ? Floor(number) : Ceil(number));
    return Next(node, OfNumber(whole), found);
  }

  /// An object with id, key and value for each of an object's pairs.
  Status KeyValue(const JsonPathNode& node, const JsonValue& item, Items* found) {
    constexpr int64_t kIdsOfBase = 10'000'000'000;
    if (!IsObject(item)) {
      return Refused(kObjectNotFound, "jsonpath item method .keyvalue() can only be applied to an object");
    }
    if (item.fields.empty()) return Status::OK();
    const Numeric id(Places(*base_.value).Of(item) + base_.id * kIdsOfBase);
    for (const auto& [key, value] : item.fields) {
      JsonValue pair;
      pair.kind = JsonValue::Kind::kObject;
      pair.fields.emplace_back("id", OfNumber(id));
      pair.fields.emplace_back("key", OfText(key));
      pair.fields.emplace_back("value", value);
      WEIR_RETURN_NOT_OK(NextOf({&pair, next_id_++}, node, pair, found));
    }
    return Status::OK();
  }

  Status DateTime(const JsonPathNode& node, const JsonValue& item, Items* found) {
    if (!IsString(item)) {
      return Refused(kNotDateTime, "jsonpath item method .datetime() can only be applied to a string");
    }
    bool bad_template = false;
    auto moment = node.arguments.empty() ? ReadJsonMoment(item.text)
                                         : ReadJsonMoment(item.text, node.arguments[0]->text, &bad_template);
    if (bad_template) fatal_ = moment.status();
    if (!moment.ok()) return moment.status();
    return Next(node, OfMoment(std::move(*moment)), found);
  }

  Status Double(const JsonPathNode& node, const JsonValue& item, Items* found) {
    const bool text = IsString(item);
    if (!text && !IsNumber(item)) {
      return Refused(kNotNumeric, "jsonpath item method .double() can only be applied to a string or numeric value");
    }
    const auto number = ReadDouble(item.text);
    if (!number.ok() || *number != *number || *number - *number != 0) {
      return Refused(kNotNumeric, fmt::format("{} argument of jsonpath item method .double() {}",
                                              text ? "string" : "numeric",
                                              text ? "is not a valid representation of a double precision number"
                                                   : "is out of range for type double precision"));
    }
    return Next(node, text ? OfNumber(NumericOfDouble(*number)) : item, found);
  }

  /// What an operand finds; in a lax path arrays stand for their elements.
  Status Operand(const JsonPathNode& node, const JsonValue& item, Items* values) {
    Items all;
    WEIR_RETURN_NOT_OK(Step(node, item, lax_, &all));
    for (JsonValue& value : all) {
      if (lax_ && IsArray(value)) std::move(value.elements.begin(), value.elements.end(), std::back_inserter(*values));
      else values->push_back(std::move(value));
    }
    return Status::OK();
  }

  Result<Numeric> Number(const JsonPathNode& node, size_t side, const JsonValue& item) {
    Items values;
    WEIR_RETURN_NOT_OK(Operand(*node.arguments[side], item, &values));
    if (values.size() == 1 && IsNumber(values[0])) return NumberOf(values[0]);
    return Refused(kNotSingle, fmt::format("{} operand of jsonpath operator {} is not a single numeric value",
                                           side == 0 ? "left" : "right", SymbolOf(node.kind)));
  }

  Status Arithmetic(const JsonPathNode& node, const JsonValue& item, Items* found) {
    WEIR_ASSIGN_OR_RETURN(const Numeric left, Number(node, 0, item));
    WEIR_ASSIGN_OR_RETURN(const Numeric right, Number(node, 1, item));
    Result<Numeric> result = node.kind == Kind::kAdd        ? Add(left, right)
                             : node.kind == Kind::kSubtract ? Subtract(left, right)
                             : node.kind == Kind::kMultiply ? Multiply(left, right)
                             : node.kind == Kind::kDivide   ? Divide(left, right)
                                                            : Modulo(left, right);
    if (!result.ok()) return result.status();
    return Next(node, OfNumber(*result), found);
  }

  Status Sign(const JsonPathNode& node, const JsonValue& item, Items* found) {
    Items values;
    WEIR_RETURN_NOT_OK(Operand(*node.arguments[0], item, &values));
    for (const JsonValue& value : values) {
      if (!IsNumber(value) && found == asked_for_any_ && node.next == nullptr) continue;
      if (!IsNumber(value)) {
        return Refused(kNumberNotFound, fmt::format("operand of unary jsonpath operator {} is not a numeric value",
                                                    SymbolOf(node.kind)));
      }
      WEIR_RETURN_NOT_OK(Next(node, node.kind == Kind::kMinus ? OfNumber(Negate(NumberOf(value))) : value, found));
    }
    return Status::OK();
  }

  Result<Truth> Test(const JsonPathNode& node, const JsonValue& item) {
    switch (node.kind) {
      case Kind::kAnd:
      case Kind::kOr: return Both(node, item);
      case Kind::kNot: {
        WEIR_ASSIGN_OR_RETURN(const Truth truth, Test(*node.arguments[0], item));
        if (truth == Truth::kUnknown) return truth;
        return truth == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
      }
      case Kind::kIsUnknown: {
        WEIR_ASSIGN_OR_RETURN(const Truth truth, Test(*node.arguments[0], item));
        return truth == Truth::kUnknown ? Truth::kTrue : Truth::kFalse;
      }
      case Kind::kExists: {
        Items values;
        const Status status = Step(*node.arguments[0], item, lax_, &values);
        if (!status.ok() && (!lax_ || values.empty())) return Truth::kUnknown;
        return values.empty() ? Truth::kFalse : Truth::kTrue;
      }
      case Kind::kRoot:
      case Kind::kCurrent:
      case Kind::kLast:
      case Kind::kVariable:
      case Kind::kNull:
      case Kind::kTrue:
      case Kind::kFalse:
      case Kind::kString:
      case Kind::kNumber:
      case Kind::kMember:
      case Kind::kAnyMember:
      case Kind::kElements:
      case Kind::kAnyElement:
      case Kind::kAnyDepth:
      case Kind::kFilter:
      case Kind::kMethod:
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kMultiply:
      case Kind::kDivide:
      case Kind::kModulo:
      case Kind::kPlus:
      case Kind::kMinus:
      case Kind::kEqual:
      case Kind::kNotEqual:
      case Kind::kLess:
      case Kind::kLessEqual:
      case Kind::kGreater:
      case Kind::kGreaterEqual:
      case Kind::kStartsWith:
      case Kind::kLikeRegex: break;
    }
    return Pairs(node, item);
  }

  Result<Truth> Both(const JsonPathNode& node, const JsonValue& item) {
    const Truth decides = node.kind == Kind::kAnd ? Truth::kFalse : Truth::kTrue;
    WEIR_ASSIGN_OR_RETURN(const Truth left, Test(*node.arguments[0], item));
    if (left == decides) return left;
    WEIR_ASSIGN_OR_RETURN(const Truth right, Test(*node.arguments[1], item));
    return right == decides || left != Truth::kUnknown ? right : left;
  }

  /// Whether any pair of what the operands find fits. Lax paths are content with the first, strict ones look at all.
  Result<Truth> Pairs(const JsonPathNode& node, const JsonValue& item) {
    Items left;
    Items right;
    if (!Operand(*node.arguments[0], item, &left).ok()) return Truth::kUnknown;
    if (node.kind == Kind::kLikeRegex) right.emplace_back();
    else if (node.kind == Kind::kStartsWith ? !Step(*node.arguments[1], item, false, &right).ok()
                                            : !Operand(*node.arguments[1], item, &right).ok()) {
      return Truth::kUnknown;
    }
    bool any = false;
    bool unknown = false;
    for (const JsonValue& a : left) {
      for (const JsonValue& b : right) {
        WEIR_ASSIGN_OR_RETURN(const Truth truth, Pair(node, a, b));
        if (truth == Truth::kUnknown && !lax_) return truth;
        if (truth == Truth::kTrue && lax_) return truth;
        unknown |= truth == Truth::kUnknown;
        any |= truth == Truth::kTrue;
      }
    }
    return any ? Truth::kTrue : unknown ? Truth::kUnknown : Truth::kFalse;
  }

  Result<Truth> ComparedMoments(Kind kind, const JsonValue& a, const JsonValue& b) {
    const auto order = CompareJsonMoments(MomentOf(a), MomentOf(b), settings_);
    if (!order.ok()) return fatal_ = order.status();
    return *order ? Holds(kind, **order) : Truth::kUnknown;
  }

  Result<Truth> Pair(const JsonPathNode& node, const JsonValue& a, const JsonValue& b) {
    if (node.kind != Kind::kStartsWith && node.kind != Kind::kLikeRegex) {
      if (IsMoment(a) && IsMoment(b)) return ComparedMoments(node.kind, a, b);
      const bool unlike = (IsMoment(a) && IsString(b)) || (IsString(a) && IsMoment(b));
      return unlike ? Truth::kUnknown : Compared(node.kind, a, b);
    }
    if (!IsString(a)) return Truth::kUnknown;
    if (node.kind == Kind::kStartsWith) {
      if (!IsString(b)) return Truth::kUnknown;
      return a.text.starts_with(b.text) ? Truth::kTrue : Truth::kFalse;
    }
    WEIR_ASSIGN_OR_RETURN(const auto regex, RegularExpression::Compile(node.text, RegexOptions(node.flags)));
    WEIR_ASSIGN_OR_RETURN(const bool matches, regex->Matches(a.text));
    return matches ? Truth::kTrue : Truth::kFalse;
  }

  const Settings* const settings_;
  const bool lax_;
  bool ignores_structure_;
  const JsonValue& root_;
  const JsonValue* const variables_;
  Base base_;
  int64_t next_id_;  // of the next object that keyvalue() makes
  Status fatal_;
  const Items* asked_for_any_ = nullptr;  // signs pass over what is no number on the way to it
  const JsonValue* current_ = nullptr;
  int64_t last_ = 0;  // of the array whose subscripts are looked at
};

void AppendValue(const JsonValue& value, std::string* out) {
  switch (value.kind) {
    case JsonValue::Kind::kNull: *out += "null"; return;
    case JsonValue::Kind::kBool: *out += value.truth ? "true" : "false"; return;
    case JsonValue::Kind::kNumber: *out += value.text; return;
    case JsonValue::Kind::kString: return AppendJsonString(value.text, out);
    case JsonValue::Kind::kArray:
      *out += '[';
      for (size_t i = 0; i < value.elements.size(); ++i) {
        if (i > 0) *out += ", ";
        AppendValue(value.elements[i], out);
      }
      *out += ']';
      return;
    case JsonValue::Kind::kObject:
      *out += '{';
      for (size_t i = 0; i < value.fields.size(); ++i) {
        if (i > 0) *out += ", ";
        AppendJsonString(value.fields[i].first, out);
        *out += ": ";
        AppendValue(value.fields[i].second, out);
      }
      *out += '}';
  }
}

}  // namespace

namespace {

Result<JsonPathItems> FoundByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                  const Settings* settings, bool any) {
  WEIR_ASSIGN_OR_RETURN(const JsonValue root, ParseJson(json, JsonEscapes::kReplace));
  JsonValue named;
  if (!variables.empty()) {
    WEIR_ASSIGN_OR_RETURN(named, ParseJson(variables, JsonEscapes::kReplace));
  }
  if (!variables.empty() && !IsObject(named)) {
    return Error("22023", "\"vars\" argument is not an object",
                 {.detail = "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."});
  }
  Items found;
  JsonPathItems result;
  Search search(path, root, variables.empty() ? nullptr : &named, settings);
  result.error = search.Run(*path.root, root, any, &found);
  WEIR_RETURN_NOT_OK(search.fatal());
  for (const JsonValue& item : found) AppendValue(item, &result.items.emplace_back());
  return result;
}

}  // namespace

Result<JsonPathItems> FindByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                 const Settings* settings) {
  return FoundByPath(path, json, variables, settings, false);
}

Result<std::optional<bool>> ExistsByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                         bool silent, const Settings* settings) {
  WEIR_ASSIGN_OR_RETURN(const JsonPathItems found, FoundByPath(path, json, variables, settings, true));
  if (found.error.ok() || (!path.strict && !found.items.empty())) return std::optional(!found.items.empty());
  if (silent) return std::optional<bool>();
  return found.error;
}

Result<std::optional<bool>> MatchesByPath(const JsonPath& path, std::string_view json, std::string_view variables,
                                          bool silent, const Settings* settings) {
  WEIR_ASSIGN_OR_RETURN(const JsonPathItems found, FindByPath(path, json, variables, settings));
  if (!found.error.ok() && !silent) return found.error;
  if (found.error.ok() && found.items.size() == 1) {
    const std::string& item = found.items.front();
    if (item == "true" || item == "false") return std::optional(item == "true");
    if (item == "null") return std::optional<bool>();
  }
  if (silent) return std::optional<bool>();
  return Error(kNotSingle, "single boolean result is expected");
}

}  // namespace weir::postgres
