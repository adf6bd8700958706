#include "postgres/compute/jsonb.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <climits>

#include "postgres/error.h"
#include "postgres/value/json.h"
#include "postgres/value/json_parser.h"
#include "postgres/value/numeric.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

using JsonKind = JsonValue::Kind;

bool IsScalar(const JsonValue& value) { return value.kind != JsonKind::kArray && value.kind != JsonKind::kObject; }
Result<JsonValue> ParseJsonb(std::string_view json) { return ParseJson(json, JsonEscapes::kReplace); }

// As JSON in any order; CanonicalJson puts it right.
void AppendJson(const JsonValue& value, std::string* out) {
  switch (value.kind) {
    case JsonKind::kNull: *out += "null"; return;
    case JsonKind::kBool: *out += value.truth ? "true" : "false"; return;
    case JsonKind::kNumber: *out += value.text; return;
    case JsonKind::kString: return AppendJsonString(value.text, out);
    case JsonKind::kArray:
      *out += '[';
      for (size_t i = 0; i < value.elements.size(); ++i) {
        if (i > 0) *out += ", ";
        AppendJson(value.elements[i], out);
      }
      *out += ']';
      return;
    case JsonKind::kObject:
      *out += '{';
      for (size_t i = 0; i < value.fields.size(); ++i) {
        if (i > 0) *out += ", ";
        AppendJsonString(value.fields[i].first, out);
        *out += ": ";
        AppendJson(value.fields[i].second, out);
      }
      *out += '}';
      return;
  }
}

Result<std::string> Canonical(const JsonValue& value) {
  std::string text;
  AppendJson(value, &text);
  return CanonicalJson(text);
}

// Of two scalars of one kind. Numbers may be equal that are written differently.
bool Equal(const JsonValue& a, const JsonValue& b) {
  if (a.truth == b.truth && a.text == b.text) return true;
  if (a.kind != JsonKind::kNumber) return false;
  const Result<Numeric> left = ReadNumeric(a.text);
  const Result<Numeric> right = ReadNumeric(b.text);
  return left.ok() && right.ok() && *left == *right;
}

JsonValue* FieldOf(JsonValue* object, std::string_view key) {
  for (auto& [name, value] : object->fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

bool Holds(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind) return false;
  if (IsScalar(a)) return Equal(a, b);
  if (a.kind == JsonKind::kObject) {
    return std::all_of(b.fields.begin(), b.fields.end(), [&](const auto& field) {
      const JsonValue* own = FieldOf(const_cast<JsonValue*>(&a), field.first);
      return own != nullptr && Holds(*own, field.second);
    });
  }
  return std::all_of(b.elements.begin(), b.elements.end(), [&](const JsonValue& wanted) {
    return std::any_of(a.elements.begin(), a.elements.end(), [&](const JsonValue& own) { return Holds(own, wanted); });
  });
}

Status Refused(std::string message, std::string hint = {}) {
  return Error(sqlstate::kInvalidParameterValue, std::move(message), {.hint = std::move(hint)});
}

// A number, as a step into an array.
std::optional<int32_t> IndexOfStep(std::string_view step) {
  int32_t index = 0;
  const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
  return read.ec == std::errc() && read.ptr == step.data() + step.size() ? std::optional(index) : std::nullopt;
}

Status NoIndex(size_t level, const std::string& step) {
  return Error(sqlstate::kInvalidTextRepresentation,
               fmt::format("path element at position {} is not an integer: \"{}\"", level + 1, step));
}

// What a path leads to is changed, or made where the last step is missing.
class PathChange {
 public:
  enum class Kind { kDelete, kSet, kSetOrCreate, kInsertBefore, kInsertAfter };

  PathChange(Kind kind, JsonbPath path, JsonValue value) : kind_(kind), path_(path), value_(std::move(value)) {}

  // Whether what the path does not find is made.
  bool makes() const { return inserts() || kind_ == Kind::kSetOrCreate; }

  Status Apply(JsonValue* json, size_t level = 0) {
    if (!path_[level]) {
      return Error(sqlstate::kNullValueNotAllowed, fmt::format("path element at position {} is null", level + 1));
    }
    if (json->kind == JsonValue::Kind::kObject) return ApplyToObject(json, level);
    return json->kind == JsonValue::Kind::kArray ? ApplyToArray(json, level) : Status::OK();
  }

 private:
  bool is_last(size_t level) const { return level + 1 == path_.size(); }
  bool inserts() const { return kind_ == Kind::kInsertBefore || kind_ == Kind::kInsertAfter; }
  Status ApplyToObject(JsonValue* object, size_t level) {
    const std::string& key = *path_[level];
    JsonValue* field = FieldOf(object, key);
    if (!is_last(level)) return field != nullptr ? Apply(field, level + 1) : Status::OK();
    if (field == nullptr) {
      if (makes()) object->fields.emplace_back(key, value_);
      return Status::OK();
    }
    if (inserts())
      return Refused("cannot replace existing key", "Try using the function jsonb_set to replace key value.");
    if (kind_ == Kind::kDelete) {
      std::erase_if(object->fields, [&](const auto& entry) { return entry.first == key; });
    } else {
      *field = value_;
    }
    return Status::OK();
  }

  Status ApplyToArray(JsonValue* array, size_t level) {
    auto& elements = array->elements;
    const auto count = static_cast<int64_t>(elements.size());
    WEIR_ASSIGN_OR_RETURN(int64_t index, IndexOf(level));
    if (index < 0) index = -index > count ? -1 : index + count;
    const bool present = index >= 0 && index < count;
    if (!is_last(level)) return present ? Apply(&elements[static_cast<size_t>(index)], level + 1) : Status::OK();
    const auto at = elements.begin() + std::clamp<int64_t>(index, 0, count);
    if (!present) {
      if (makes()) elements.insert(at, value_);
      return Status::OK();
    }
    if (kind_ == Kind::kDelete) {
      elements.erase(at);
    } else if (inserts()) {
      elements.insert(at + (kind_ == Kind::kInsertAfter ? 1 : 0), value_);
    } else {
      *at = value_;
    }
    return Status::OK();
  }

  Result<int64_t> IndexOf(size_t level) const {
    const std::string& step = *path_[level];
    const std::string_view digits = WithoutLeadingSpace(step);
    if (const auto index = IndexOfStep(digits.substr(digits.starts_with('+') ? 1 : 0))) return int64_t{*index};
    return NoIndex(level, step);
  }

  Kind kind_;
  JsonbPath path_;
  JsonValue value_;
};

Result<std::string> Change(std::string_view json, PathChange change, JsonbPath path) {
  WEIR_ASSIGN_OR_RETURN(JsonValue root, ParseJsonb(json));
  const bool empty = root.elements.empty() && root.fields.empty();
  if (path.empty() || (empty && !change.makes())) return std::string(json);
  WEIR_RETURN_NOT_OK(change.Apply(&root));
  return Canonical(root);
}

Result<bool> ScalarRoot(std::string_view json) {
  return !json.starts_with('{') && !json.starts_with('[');
}

}  // namespace

Result<std::string> JsonbConcat(std::string_view a, std::string_view b) {
  WEIR_ASSIGN_OR_RETURN(JsonValue left, ParseJsonb(a));
  WEIR_ASSIGN_OR_RETURN(JsonValue right, ParseJsonb(b));
  if (left.kind == JsonKind::kObject && right.kind == JsonKind::kObject) {
    for (auto& field : right.fields) left.fields.push_back(std::move(field));
    return Canonical(left);
  }
  JsonValue array;
  array.kind = JsonKind::kArray;
  for (JsonValue* part : {&left, &right}) {
    if (part->kind != JsonKind::kArray) {
      array.elements.push_back(std::move(*part));
    } else {
      std::move(part->elements.begin(), part->elements.end(), std::back_inserter(array.elements));
    }
  }
  return Canonical(array);
}

Result<bool> JsonbContains(std::string_view a, std::string_view b) {
  WEIR_ASSIGN_OR_RETURN(JsonValue left, ParseJsonb(a));
  WEIR_ASSIGN_OR_RETURN(JsonValue right, ParseJsonb(b));
  // An array has its elements, and as a whole also a scalar that is one of them.
  if (left.kind == JsonKind::kArray && IsScalar(right)) {
    return std::any_of(left.elements.begin(), left.elements.end(),
                       [&](const JsonValue& own) { return Holds(own, right); });
  }
  return Holds(left, right);
}

Result<bool> JsonbExists(std::string_view json, std::string_view key) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJsonb(json));
  if (value.kind == JsonKind::kObject) return FieldOf(&value, key) != nullptr;
  const auto is_key = [&](const JsonValue& own) { return own.kind == JsonKind::kString && own.text == key; };
  if (value.kind != JsonKind::kArray) return is_key(value);
  return std::any_of(value.elements.begin(), value.elements.end(), is_key);
}

Result<std::string> JsonbDelete(std::string_view json, std::span<const std::optional<std::string>> keys) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJsonb(json));
  if (IsScalar(value)) return Refused("cannot delete from scalar");
  const auto goes = [&](const std::string& key) {
    return std::any_of(keys.begin(), keys.end(), [&](const auto& wanted) { return wanted == key; });
  };
  std::erase_if(value.fields, [&](const auto& field) { return goes(field.first); });
  std::erase_if(value.elements, [&](const JsonValue& own) { return own.kind == JsonKind::kString && goes(own.text); });
  return Canonical(value);
}

Result<std::string> JsonbDeleteElement(std::string_view json, int32_t at) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJsonb(json));
  if (IsScalar(value)) return Refused("cannot delete from scalar");
  if (value.kind == JsonKind::kObject) return Refused("cannot delete from object using integer index");
  const auto count = static_cast<int64_t>(value.elements.size());
  const int64_t index = at < 0 ? count + at : at;
  if (index < 0 || index >= count) return std::string(json);
  value.elements.erase(value.elements.begin() + index);
  return Canonical(value);
}

Result<std::string> JsonbDeletePath(std::string_view json, JsonbPath path) {
  WEIR_ASSIGN_OR_RETURN(bool scalar, ScalarRoot(json));
  if (scalar) return Refused("cannot delete path in scalar");
  return Change(json, PathChange(PathChange::Kind::kDelete, path, {}), path);
}

Result<std::string> JsonbSet(std::string_view json, JsonbPath path, std::string_view value, bool create_missing) {
  WEIR_ASSIGN_OR_RETURN(bool scalar, ScalarRoot(json));
  if (scalar) return Refused("cannot set path in scalar");
  WEIR_ASSIGN_OR_RETURN(JsonValue added, ParseJsonb(value));
  const auto kind = create_missing ? PathChange::Kind::kSetOrCreate : PathChange::Kind::kSet;
  return Change(json, PathChange(kind, path, std::move(added)), path);
}

namespace {

// What the steps from `level` on lead to, where there is nothing yet.
JsonValue Built(JsonbPath path, size_t level, const JsonValue& value) {
  if (level == path.size()) return value;
  JsonValue made;
  const auto index = IndexOfStep(*path[level]);
  made.kind = index ? JsonKind::kArray : JsonKind::kObject;
  if (index) {
    made.elements.resize(static_cast<size_t>(std::max(*index, 0)) + 1);
    made.elements.back() = Built(path, level + 1, value);
  } else {
    made.fields.emplace_back(*path[level], Built(path, level + 1, value));
  }
  return made;
}

Status SetElement(JsonValue* json, JsonbPath path, size_t level, const JsonValue& value) {
  const std::string& step = *path[level];
  const bool last = level + 1 == path.size();
  if (json->kind == JsonKind::kObject) {
    JsonValue* field = FieldOf(json, step);
    if (field == nullptr) {
      json->fields.emplace_back(step, Built(path, level + 1, value));
      return Status::OK();
    }
    if (!last) return SetElement(field, path, level + 1, value);
    *field = value;
    return Status::OK();
  }
  if (json->kind != JsonKind::kArray) {
    return Error(sqlstate::kInvalidParameterValue, "cannot replace existing key",
                 {.detail = "The path assumes key is a composite object, but it is a scalar value."});
  }
  const auto written = IndexOfStep(step);
  if (!written) return NoIndex(level, step);
  const auto count = static_cast<int64_t>(json->elements.size());
  const int64_t index = *written < 0 ? count + *written : *written;
  if (index < 0) return Refused(fmt::format("path element at position {} is out of range: {}", level + 1, *written));
  const auto place = static_cast<size_t>(index);
  if (index >= count) {
    json->elements.resize(place + 1);
    json->elements[place] = Built(path, level + 1, value);
    return Status::OK();
  }
  if (!last) return SetElement(&json->elements[place], path, level + 1, value);
  json->elements[place] = value;
  return Status::OK();
}

}  // namespace

Result<std::string> JsonbWithElement(std::string_view json, JsonbPath path, std::string_view value) {
  WEIR_ASSIGN_OR_RETURN(JsonValue root, ParseJsonb(json));
  WEIR_ASSIGN_OR_RETURN(const JsonValue set, ParseJsonb(value));
  WEIR_RETURN_NOT_OK(SetElement(&root, path, 0, set));
  return Canonical(root);
}

Result<std::string> JsonbInsert(std::string_view json, JsonbPath path, std::string_view value, bool after) {
  WEIR_ASSIGN_OR_RETURN(bool scalar, ScalarRoot(json));
  if (scalar) return Refused("cannot set path in scalar");
  WEIR_ASSIGN_OR_RETURN(JsonValue added, ParseJsonb(value));
  const auto kind = after ? PathChange::Kind::kInsertAfter : PathChange::Kind::kInsertBefore;
  return Change(json, PathChange(kind, path, std::move(added)), path);
}

namespace {

void AppendPretty(const JsonValue& value, size_t indent, std::string* out) {
  if (IsScalar(value)) return AppendJson(value, out);
  const bool object = value.kind == JsonKind::kObject;
  const size_t count = object ? value.fields.size() : value.elements.size();
  *out += object ? '{' : '[';
  for (size_t i = 0; i < count; ++i) {
    *out += i > 0 ? ",\n" : "\n";
    out->append(indent + 4, ' ');
    if (object) {
      AppendJsonString(value.fields[i].first, out);
      *out += ": ";
    }
    AppendPretty(object ? value.fields[i].second : value.elements[i], indent + 4, out);
  }
  *out += '\n';
  out->append(indent, ' ');
  *out += object ? '}' : ']';
}

void RemoveNulls(JsonValue* value) {
  std::erase_if(value->fields, [](const auto& field) { return field.second.kind == JsonKind::kNull; });
  for (auto& field : value->fields) RemoveNulls(&field.second);
  for (JsonValue& element : value->elements) RemoveNulls(&element);
}

}  // namespace

std::string JsonbPretty(std::string_view json) {
  auto value = ParseJsonb(json);
  if (!value.ok()) return std::string(json);
  std::string out;
  AppendPretty(*value, 0, &out);
  return out;
}

Result<std::string> JsonbWithoutNulls(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ParseJsonb(json));
  RemoveNulls(&value);
  return Canonical(value);
}

}  // namespace weir::postgres
