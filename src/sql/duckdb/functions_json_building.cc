#include "postgres/compute/json_build.h"
#include "postgres/compute/json_text.h"
#include "postgres/compute/jsonb.h"
#include "postgres/value/json.h"
#include "sql/duckdb/json_writer.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using duckdb::LogicalTypeId;
using pg::Oid;
using pg::Value;
using Arguments = TypedArguments;

bool IsNested(const duckdb::Value& value) {
  return value.type().id() == LogicalTypeId::LIST || value.type().id() == LogicalTypeId::STRUCT;
}

}  // namespace

namespace {

/// The elements from `*next` on below a dimension of an array.
void AppendJsonDimension(const pg::Array& array, size_t dimension, const pg::Settings& settings, bool lines,
                         size_t* next, std::string* out) {
  *out += '[';
  const int32_t length = array.dimensions.empty() ? 0 : array.dimensions[dimension].length;
  for (int32_t i = 0; i < length; ++i) {
    if (i > 0) *out += lines ? ",\n " : ",";
    if (dimension + 1 < array.dimensions.size()) {
      AppendJsonDimension(array, dimension + 1, settings, false, next, out);
    } else {
      const pg::TypeRef element{array.element};
      AppendJson(ToDuck(array.elements[(*next)++], element, PhysicalType(element)), element.oid, settings, false, out);
    }
  }
  *out += ']';
}

}  // namespace

void AppendJson(const duckdb::Value& value, Oid type, const pg::Settings& settings, bool lines, std::string* out) {
  if (!value.IsNull() && IsShaped(type, value.type())) {
    size_t next = 0;
    return AppendJsonDimension(std::get<pg::Array>(FromDuck(value, {type})), 0, settings, lines, &next, out);
  }
  if (value.IsNull() || !IsNested(value)) return pg::AppendJsonOf(type, FromDuck(value, {type}), settings, out);
  const bool list = value.type().id() == LogicalTypeId::LIST;
  const auto& children = list ? duckdb::ListValue::GetChildren(value) : duckdb::StructValue::GetChildren(value);
  *out += list ? '[' : '{';
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) *out += lines ? ",\n " : ",";
    if (list) {
      const bool inner = duckdb::ListType::GetChildType(value.type()).id() == LogicalTypeId::LIST;
      AppendJson(children[i], inner ? type : ElementOf(type), settings, false, out);
    } else {
      const std::string& name = duckdb::StructType::GetChildName(value.type(), i);
      pg::AppendJsonString(FieldLabel(name), out);
      *out += ':';
      const pg::TypeRef field = FieldType(name);
      const bool filled = field.oid == pg::oid::kBpchar && !children[i].IsNull();  // char(n) shows its blanks
      const duckdb::Value& child = children[i];
      AppendJson(filled ? duckdb::Value(std::get<std::string>(FromDuck(child, field))) : child, field.oid, settings,
                 false, out);
    }
  }
  *out += list ? ']' : '}';
}

namespace {

/// As json is, or put right for jsonb.
Result<Value> Finished(const Arguments& arguments, std::string json) {
  if (arguments.result() != pg::oid::kJsonb) return Value(std::move(json));
  WEIR_ASSIGN_OR_RETURN(std::string canonical, pg::CanonicalJson(json));
  return Value(std::move(canonical));
}

Result<Value> ToJson(const Arguments& arguments) {
  const bool lines = arguments.size() > 1 && duckdb::BooleanValue::Get(arguments.raw(1));
  std::string json;
  AppendJson(arguments.raw(0), arguments.type(0), arguments.settings(), lines, &json);
  return Finished(arguments, std::move(json));
}

struct Item {
  duckdb::Value value;
  Oid type;
};

/// The arguments of "any", also those that an array brings.
std::vector<Item> ItemsOf(const Arguments& arguments) {
  std::vector<Item> items;
  if (!arguments.variadic_array()) {
    for (size_t i = 0; i < arguments.size(); ++i) items.push_back({arguments.raw(i), arguments.type(i)});
    return items;
  }
  const auto add = [&](const auto& self, const duckdb::Value& list) -> void {
    for (const auto& child : duckdb::ListValue::GetChildren(list)) {
      if (child.type().id() == LogicalTypeId::LIST) self(self, child);
      else items.push_back({child, ElementOf(arguments.type(0))});
    }
  };
  add(add, arguments.raw(0));
  return items;
}

Result<Value> BuildArray(const Arguments& arguments) {
  if (arguments.variadic_array() && arguments.is_null(0)) return Value();
  std::string json = "[";
  for (const Item& item : ItemsOf(arguments)) {
    if (json.size() > 1) json += ", ";
    AppendJson(item.value, item.type, arguments.settings(), false, &json);
  }
  return Finished(arguments, json + "]");
}

Status AppendKey(const Item& item, const pg::Settings& settings, std::string* out) {
  if (IsNested(item.value) || IsShaped(item.type, item.value.type())) {
    return Error("22023", "key value must be scalar, not array, composite, or json");
  }
  return pg::AppendJsonKeyOf(item.type, FromDuck(item.value, {item.type}), settings, out);
}

Status NullKey(const Arguments& arguments, size_t place) {
  const std::string argument = "argument " + std::to_string(place);
  if (arguments.result() == pg::oid::kJsonb) return Error("22023", argument + ": key must not be null");
  return Error("22023", argument + " cannot be null", {.hint = "Object keys should be text."});
}

Result<Value> BuildObject(const Arguments& arguments) {
  if (arguments.variadic_array() && arguments.is_null(0)) return Value();
  const auto items = ItemsOf(arguments);
  if (items.size() % 2 != 0) {
    const std::string name = arguments.result() == pg::oid::kJsonb ? "jsonb_build_object()" : "json_build_object()";
    return Error("22023", "argument list must have even number of elements",
                 {.hint = "The arguments of " + name + " must consist of alternating keys and values."});
  }
  std::string json = "{";
  for (size_t i = 0; i < items.size(); i += 2) {
    if (i > 0) json += ", ";
    if (items[i].value.IsNull()) return NullKey(arguments, i + 1);
    WEIR_RETURN_NOT_OK(AppendKey(items[i], arguments.settings(), &json));
    json += " : ";
    AppendJson(items[i + 1].value, items[i + 1].type, arguments.settings(), false, &json);
  }
  return Finished(arguments, json + "}");
}

size_t CountDimensions(const Arguments& arguments, size_t i) { return arguments.get<pg::Array>(i).dimensions.size(); }

Result<Value> ObjectOfTexts(const Arguments& arguments) {
  const auto texts = arguments.texts(0);
  const auto array = arguments.get<pg::Array>(0);
  const auto& dimensions = array.dimensions;
  if (dimensions.size() > 2) return Error("2202E", "wrong number of array subscripts");
  if (dimensions.size() == 2 && dimensions[1].length != 2) return Error("2202E", "array must have two columns");
  if (texts.size() % 2 != 0) return Error("2202E", "array must have even number of elements");
  std::vector<std::optional<std::string>> keys;
  std::vector<std::optional<std::string>> values;
  for (size_t i = 0; i < texts.size(); ++i) (i % 2 == 0 ? keys : values).push_back(texts[i]);
  WEIR_ASSIGN_OR_RETURN(std::string json, pg::JsonObjectOfTexts(keys, values));
  return Finished(arguments, std::move(json));
}

Result<Value> ObjectOfTwo(const Arguments& arguments) {
  if (CountDimensions(arguments, 0) > 1 || CountDimensions(arguments, 0) != CountDimensions(arguments, 1)) {
    return Error("2202E", "wrong number of array subscripts");
  }
  const auto keys = arguments.texts(0);
  const auto values = arguments.texts(1);
  if (keys.size() != values.size()) return Error("2202E", "mismatched array dimensions");
  WEIR_ASSIGN_OR_RETURN(std::string json, pg::JsonObjectOfTexts(keys, values));
  return Finished(arguments, std::move(json));
}

// --- what aggregates are made of ---

/// json_object_agg's key and value; NULL is no key.
Result<Value> Pair(const Arguments& arguments) {
  if (arguments.is_null(0)) return Error("22023", "field name must not be null");
  std::string pair;
  WEIR_RETURN_NOT_OK(AppendKey({arguments.raw(0), arguments.type(0)}, arguments.settings(), &pair));
  pair += " : ";
  AppendJson(arguments.raw(1), arguments.type(1), arguments.settings(), false, &pair);
  return Value(std::move(pair));
}

/// json_agg's values, which are JSON already; arrays and rows on lines of their own.
Result<Value> ArrayOfParts(const Arguments& arguments) {
  const bool lines = duckdb::BooleanValue::Get(arguments.raw(1));
  std::string json = "[";
  for (const auto& part : arguments.texts(0)) {
    if (json.size() > 1) json += part && lines ? ", \n " : ", ";
    json += part.value_or("null");
  }
  return Finished(arguments, json + "]");
}

Result<Value> ObjectOfPairs(const Arguments& arguments) {
  std::string json = "{ ";
  for (const auto& pair : arguments.texts(0)) {
    if (json.size() > 2) json += ", ";
    json += *pair;
  }
  return Finished(arguments, json + " }");
}

// --- what a path leads to ---

Result<Value> Json(Result<std::string> json) {
  if (!json.ok()) return json.status();
  return Value(std::move(*json));
}

/// A path's steps: an array of one dimension.
std::vector<std::optional<std::string>> StepsOf(const Arguments& arguments) {
  const duckdb::Value& path = arguments.raw(1);
  const bool deep = DimensionsOf(path.type()) > 1 && !duckdb::ListValue::GetChildren(path).empty();
  if (deep) Throw(Error("2202E", "wrong number of array subscripts"));
  return arguments.texts(1);
}

Result<Value> SetLax(const Arguments& arguments) {
  for (size_t i : {0, 1, 3}) {
    if (arguments.is_null(i)) return Value();
  }
  const std::string_view how = arguments.is_null(4) ? std::string_view() : arguments.text(4);
  constexpr std::string_view kWays[] = {"raise_exception", "use_json_null", "delete_key", "return_target"};
  const std::string_view json = arguments.text(0);
  const auto path = StepsOf(arguments);
  if (arguments.is_null(4)) {
    return Error(
        "22023",
        "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
  }
  const bool create = duckdb::BooleanValue::Get(arguments.raw(3));
  if (!arguments.is_null(2)) return Json(pg::JsonbSet(json, path, arguments.text(2), create));
  if (how == kWays[0]) {
    return Error(
        "22004", "JSON value must not be null",
        {.detail = "Exception was raised because null_value_treatment is \"raise_exception\".",
         .hint =
             "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed."});
  }
  if (how == kWays[1]) return Json(pg::JsonbSet(json, path, "null", create));
  if (how == kWays[2]) return Json(pg::JsonbDeletePath(json, path));
  if (how == kWays[3]) return Value(std::string(json));
  return Error(
      "22023",
      "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
}

template <bool kAll>
Result<Value> HasKeys(const Arguments& arguments) {
  for (const auto& key : arguments.texts(1)) {
    if (!key) continue;
    WEIR_ASSIGN_OR_RETURN(const bool has, pg::JsonbExists(arguments.text(0), *key));
    if (has != kAll) return Value(has);
  }
  return Value(kAll);
}

template <bool kText>
Result<Value> AtPath(const Arguments& arguments) {
  WEIR_RETURN_NOT_OK(pg::CheckEscapes(arguments.text(0)));
  const auto part = pg::JsonAtPath(arguments.text(0), arguments.texts(1));
  if (!part) return Value();
  if (!kText) return Value(std::string(*part));
  WEIR_ASSIGN_OR_RETURN(auto text, pg::JsonPartText(*part));
  return text ? Value(std::move(*text)) : Value();
}

void AddPaths(FunctionList* list) {
  AddTypedFunction(list, "jsonb_set(jsonb,_text,jsonb,bool)", [](const Arguments& a) -> Result<Value> {
    return Json(pg::JsonbSet(a.text(0), StepsOf(a), a.text(2), duckdb::BooleanValue::Get(a.raw(3))));
  });
  AddTypedFunction(list, "jsonb_insert(jsonb,_text,jsonb,bool)", [](const Arguments& a) -> Result<Value> {
    return Json(pg::JsonbInsert(a.text(0), StepsOf(a), a.text(2), duckdb::BooleanValue::Get(a.raw(3))));
  });
  AddTypedFunction(list, "jsonb_set_lax(jsonb,_text,jsonb,bool,text)", SetLax);
  AddTypedFunction(list, "jsonb_delete_path(jsonb,_text)", [](const Arguments& a) -> Result<Value> {
    return Json(pg::JsonbDeletePath(a.text(0), StepsOf(a)));
  });
  AddTypedFunction(list, "jsonb_delete(jsonb,_text)",
                   [](const Arguments& a) -> Result<Value> { return Json(pg::JsonbDelete(a.text(0), StepsOf(a))); });
  AddTypedFunction(list, "jsonb_exists_any(jsonb,_text)", HasKeys<false>);
  AddTypedFunction(list, "jsonb_exists_all(jsonb,_text)", HasKeys<true>);
  for (const std::string type : {"json", "jsonb"}) {
    AddTypedFunction(list, type + "_extract_path(" + type + ",_text)", AtPath<false>);
    AddTypedFunction(list, type + "_extract_path_text(" + type + ",_text)", AtPath<true>);
  }
}

}  // namespace

void AddJsonBuilding(FunctionList* list) {
  AddTypedFunction(list, "to_json(anyelement)", ToJson);
  AddTypedFunction(list, "to_jsonb(anyelement)", ToJson);
  AddTypedFunction(list, "array_to_json(anyarray)", ToJson);
  AddTypedFunction(list, "array_to_json(anyarray,bool)", ToJson);
  AddTypedFunction(list, "row_to_json(record)", ToJson);
  AddTypedFunction(list, "row_to_json(record,bool)", ToJson);
  for (const std::string type : {"json", "jsonb"}) {
    AddTypedFunction(list, type + "_build_array()", BuildArray);
    AddTypedFunction(list, type + "_build_array(any)", BuildArray);
    AddTypedFunction(list, type + "_build_object()", BuildObject);
    AddTypedFunction(list, type + "_build_object(any)", BuildObject);
    AddTypedFunction(list, type + "_object(_text)", ObjectOfTexts);
    AddTypedFunction(list, type + "_object(_text,_text)", ObjectOfTwo);
  }
  AddTypedHelper(list, "pg.json_of", ToJson);
  AddTypedHelper(list, "pg.json_pair", Pair, /*strict=*/false);
  AddTypedHelper(list, "pg.json_array_of", ArrayOfParts);
  AddTypedHelper(list, "pg.json_object_of", ObjectOfPairs);
  AddPaths(list);
}

}  // namespace weir::sql::duck
