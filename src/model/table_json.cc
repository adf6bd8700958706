#include "model/table_json.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "model/hex.h"

namespace weir {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr int kMaxTypeDepth = 64;
/// Leaves room for the columns that later changes add.
constexpr int kMaxFieldId = 1 << 30;

struct TypeName {
  TypeId id;
  std::string_view name;
};

constexpr std::array<TypeName, 19> kTypeNames = {{
    {TypeId::kBoolean, "BOOLEAN"},
    {TypeId::kTinyInt, "TINYINT"},
    {TypeId::kSmallInt, "SMALLINT"},
    {TypeId::kInt, "INTEGER"},
    {TypeId::kBigInt, "BIGINT"},
    {TypeId::kFloat, "FLOAT"},
    {TypeId::kDouble, "DOUBLE"},
    {TypeId::kString, "STRING"},
    {TypeId::kBytes, "BYTES"},
    {TypeId::kDate, "DATE"},
    {TypeId::kTime, "TIME_WITHOUT_TIME_ZONE"},
    {TypeId::kTimestamp, "TIMESTAMP_WITHOUT_TIME_ZONE"},
    {TypeId::kTimestampLtz, "TIMESTAMP_WITH_LOCAL_TIME_ZONE"},
    {TypeId::kDecimal, "DECIMAL"},
    {TypeId::kChar, "CHAR"},
    {TypeId::kBinary, "BINARY"},
    {TypeId::kArray, "ARRAY"},
    {TypeId::kMap, "MAP"},
    {TypeId::kRow, "ROW"},
}};

constexpr std::array<std::string_view, 13> kAggFunctions = {
    "sum", "product", "max", "min", "last_value", "last_value_ignore_nulls", "first_value", "first_value_ignore_nulls",
    "listagg", "bool_and", "bool_or", "rbm32", "rbm64"};

// ---------------------------------------------------------------------------------------- writing

OrderedJson TypeToJson(const DataType& type) {
  OrderedJson json;
  const auto* name =
      std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const TypeName& n) { return n.id == type.id(); });
  json["type"] = std::string(name->name);
  if (!type.nullable()) json["nullable"] = false;
  switch (type.id()) {
    case TypeId::kChar:
    case TypeId::kBinary:
      json["length"] = type.length();
      break;
    case TypeId::kDecimal:
      json["precision"] = type.precision();
      json["scale"] = type.scale();
      break;
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      json["precision"] = type.precision();
      break;
    case TypeId::kArray:
      json["element_type"] = TypeToJson(type.element_type());
      break;
    case TypeId::kMap:
      json["key_type"] = TypeToJson(type.key_type());
      json["value_type"] = TypeToJson(type.value_type());
      break;
    case TypeId::kRow: {
      OrderedJson fields = OrderedJson::array();
      for (const Field& field : type.fields()) {
        OrderedJson item;
        item["name"] = field.name;
        item["field_type"] = TypeToJson(field.type);
        if (!field.description.empty()) item["description"] = field.description;
        item["field_id"] = field.field_id;
        fields.push_back(std::move(item));
      }
      json["fields"] = std::move(fields);
      break;
    }
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDate:
      break;
  }
  return json;
}

OrderedJson ColumnToJson(const Column& column) {
  OrderedJson json;
  json["name"] = column.name;
  json["data_type"] = TypeToJson(column.type);
  if (column.comment) json["comment"] = *column.comment;
  if (column.agg_function) {
    OrderedJson parameters = OrderedJson::object();
    for (const auto& [key, value] : column.agg_function->parameters) parameters[key] = value;
    json["agg_function"]["type"] = column.agg_function->type;
    json["agg_function"]["parameters"] = std::move(parameters);
  }
  json["id"] = column.id;
  if (column.initial_default) json["initial_default"] = HexOf(*column.initial_default);
  return json;
}

OrderedJson SchemaToJsonValue(const Schema& schema) {
  OrderedJson json;
  json["version"] = kVersion;
  OrderedJson columns = OrderedJson::array();
  for (const Column& column : schema.columns()) columns.push_back(ColumnToJson(column));
  json["columns"] = std::move(columns);
  if (schema.has_primary_key()) json["primary_key"] = schema.primary_key();
  if (schema.auto_increment_column()) {
    json["auto_increment_column"] = std::vector<std::string>{*schema.auto_increment_column()};
  }
  json["highest_field_id"] = schema.highest_field_id();
  return json;
}

OrderedJson PropertiesToJson(const Properties& properties) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [key, value] : properties) json[key] = value;
  return json;
}

std::string Dump(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

// ---------------------------------------------------------------------------------------- reading

/// Reads keys of one JSON object; every error has `code` and names `what` and the key.
class Reader {
 public:
  static Result<Reader> Of(const Json& json, std::string what, ErrorCode code) {
    if (!json.is_object()) {
      return Status(code, what + ": expected a JSON object, found " + std::string(json.type_name()));
    }
    return Reader(json, std::move(what), code);
  }

  Status Error(std::string_view key, std::string_view problem) const {
    return {code_, what_ + ": '" + std::string(key) + "' " + std::string(problem)};
  }

  /// Null for a key that is absent or JSON null.
  const Json* Find(const char* key) const {
    const auto it = json_->find(key);
    return it == json_->end() || it->is_null() ? nullptr : &*it;
  }
  Result<const Json*> Require(const char* key) const {
    const Json* value = Find(key);
    if (value == nullptr) return Error(key, "is missing");
    return value;
  }

  Result<int> Int(const char* key, int min, int max) const {
    WEIR_ASSIGN_OR_RETURN(const Json* value, Require(key));
    const bool fits = value->is_number_unsigned()
                          ? value->get<uint64_t>() <= static_cast<uint64_t>(std::max(max, 0))
                          : value->is_number_integer() && value->get<int64_t>() <= max;
    if (!fits || value->get<int64_t>() < min) {
      return Error(key, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
    }
    return static_cast<int>(value->get<int64_t>());
  }
  Result<int> IntOr(const char* key, int fallback, int min, int max) const {
    if (Find(key) == nullptr) return fallback;
    return Int(key, min, max);
  }
  Result<std::string> String(const char* key) const {
    WEIR_ASSIGN_OR_RETURN(const Json* value, Require(key));
    if (!value->is_string()) return Error(key, "must be a string");
    return value->get<std::string>();
  }
  Result<std::optional<std::string>> OptionalString(const char* key) const {
    if (Find(key) == nullptr) return std::optional<std::string>();
    WEIR_ASSIGN_OR_RETURN(std::string value, String(key));
    return std::optional<std::string>(std::move(value));
  }
  Result<const Json*> Array(const char* key) const {
    WEIR_ASSIGN_OR_RETURN(const Json* value, Require(key));
    if (!value->is_array()) return Error(key, "must be an array");
    return value;
  }
  Result<std::vector<std::string>> Strings(const char* key) const {
    WEIR_ASSIGN_OR_RETURN(const Json* array, Array(key));
    std::vector<std::string> strings;
    for (const Json& item : *array) {
      if (!item.is_string()) return Error(key, "must hold strings only");
      strings.push_back(item.get<std::string>());
    }
    return strings;
  }
  Result<std::vector<std::string>> StringsOrNone(const char* key) const {
    if (Find(key) == nullptr) return std::vector<std::string>();
    return Strings(key);
  }
  Result<Properties> StringMap(const char* key) const {
    WEIR_ASSIGN_OR_RETURN(const Json* object, Require(key));
    if (!object->is_object()) return Error(key, "must be an object of strings");
    Properties properties;
    for (const auto& [name, value] : object->items()) {
      if (!value.is_string()) return Error(key, "must hold strings only, '" + name + "' is none");
      properties.emplace(name, value.get<std::string>());
    }
    return properties;
  }
  Status CheckVersion() const {
    WEIR_ASSIGN_OR_RETURN(const int version, Int("version", 0, INT32_MAX));
    if (version == kVersion) return Status::OK();
    return Error("version", "is " + std::to_string(version) + ", only 1 is known");
  }

 private:
  Reader(const Json& json, std::string what, ErrorCode code) : json_(&json), what_(std::move(what)), code_(code) {}

  const Json* json_;
  std::string what_;
  ErrorCode code_;
};

Result<Json> ParseText(std::string_view text, std::string_view what, ErrorCode code) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Status(code, std::string(what) + ": not a valid JSON document in UTF-8");
  return json;
}

Result<DataType> TypeFromJson(const Json& json, int depth);

Result<DataType> ChildType(const Reader& reader, const char* key, int depth) {
  WEIR_ASSIGN_OR_RETURN(const Json* child, reader.Require(key));
  return TypeFromJson(*child, depth + 1);
}

Result<DataType> RowFromJson(const Reader& reader, int depth) {
  WEIR_ASSIGN_OR_RETURN(const Json* items, reader.Array("fields"));
  std::vector<Field> fields;
  for (const Json& item : *items) {
    WEIR_ASSIGN_OR_RETURN(const Reader entry, Reader::Of(item, "field of a ROW type", ErrorCode::kInvalidTable));
    WEIR_ASSIGN_OR_RETURN(std::string name, entry.String("name"));
    WEIR_ASSIGN_OR_RETURN(DataType type, ChildType(entry, "field_type", depth));
    WEIR_ASSIGN_OR_RETURN(std::optional<std::string> description, entry.OptionalString("description"));
    WEIR_ASSIGN_OR_RETURN(const int id, entry.IntOr("field_id", -1, -1, kMaxFieldId));
    fields.push_back({std::move(name), std::move(type), description.value_or(""), id});
  }
  return DataType::Row(std::move(fields));
}

Result<DataType> RootFromJson(TypeId id, const Reader& reader, int depth) {
  switch (id) {
    case TypeId::kBoolean: return DataType::Boolean();
    case TypeId::kTinyInt: return DataType::TinyInt();
    case TypeId::kSmallInt: return DataType::SmallInt();
    case TypeId::kInt: return DataType::Int();
    case TypeId::kBigInt: return DataType::BigInt();
    case TypeId::kFloat: return DataType::Float();
    case TypeId::kDouble: return DataType::Double();
    case TypeId::kString: return DataType::String();
    case TypeId::kBytes: return DataType::Bytes();
    case TypeId::kDate: return DataType::Date();
    case TypeId::kTime: {
      WEIR_ASSIGN_OR_RETURN(const int precision, reader.IntOr("precision", 0, 0, 9));
      return DataType::Time(precision);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      WEIR_ASSIGN_OR_RETURN(const int precision, reader.IntOr("precision", 6, 0, 9));
      return id == TypeId::kTimestamp ? DataType::Timestamp(precision) : DataType::TimestampLtz(precision);
    }
    case TypeId::kDecimal: {
      WEIR_ASSIGN_OR_RETURN(const int precision, reader.Int("precision", 1, 38));
      WEIR_ASSIGN_OR_RETURN(const int scale, reader.Int("scale", 0, precision));
      return DataType::Decimal(precision, scale);
    }
    case TypeId::kChar:
    case TypeId::kBinary: {
      WEIR_ASSIGN_OR_RETURN(const int length, reader.Int("length", 1, INT32_MAX));
      return id == TypeId::kChar ? DataType::Char(length) : DataType::Binary(length);
    }
    case TypeId::kArray: {
      WEIR_ASSIGN_OR_RETURN(DataType element, ChildType(reader, "element_type", depth));
      return DataType::Array(std::move(element));
    }
    case TypeId::kMap: {
      WEIR_ASSIGN_OR_RETURN(DataType key, ChildType(reader, "key_type", depth));
      WEIR_ASSIGN_OR_RETURN(DataType value, ChildType(reader, "value_type", depth));
      return DataType::Map(std::move(key), std::move(value));
    }
    case TypeId::kRow: return RowFromJson(reader, depth);
  }
  return reader.Error("type", "is unknown");
}

Result<DataType> TypeFromJson(const Json& json, int depth) {
  if (depth > kMaxTypeDepth) {
    return Status(ErrorCode::kInvalidTable,
                  "data type: nested more than " + std::to_string(kMaxTypeDepth) + " levels deep");
  }
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(json, "data type", ErrorCode::kInvalidTable));
  WEIR_ASSIGN_OR_RETURN(const std::string name, reader.String("type"));
  const auto* root =
      std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const TypeName& n) { return n.name == name; });
  if (root == kTypeNames.end()) return reader.Error("type", "is '" + name + "', which is no data type");
  WEIR_ASSIGN_OR_RETURN(const DataType type, RootFromJson(root->id, reader, depth));
  const Json* nullable = reader.Find("nullable");
  if (nullable == nullptr) return type;
  if (!nullable->is_boolean()) return reader.Error("nullable", "must be true or false");
  return type.WithNullable(nullable->get<bool>());
}

/// Canonical name of a function; empty for one that is not known.
std::string AggFunctionName(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "string_agg") return "listagg";
  return std::find(kAggFunctions.begin(), kAggFunctions.end(), name) == kAggFunctions.end() ? "" : name;
}

Result<std::optional<AggFunction>> AggFunctionFromJson(const Reader& column) {
  const Json* json = column.Find("agg_function");
  if (json == nullptr) return std::optional<AggFunction>();
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(*json, "agg_function", ErrorCode::kInvalidTable));
  AggFunction function;
  WEIR_ASSIGN_OR_RETURN(function.type, reader.String("type"));
  function.type = AggFunctionName(std::move(function.type));
  if (function.type.empty()) return std::optional<AggFunction>();
  if (reader.Find("parameters") != nullptr) {
    WEIR_ASSIGN_OR_RETURN(function.parameters, reader.StringMap("parameters"));
  }
  return std::optional<AggFunction>(std::move(function));
}

Result<Column> ColumnFromJson(const Json& json) {
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(json, "column", ErrorCode::kInvalidTable));
  WEIR_ASSIGN_OR_RETURN(std::string name, reader.String("name"));
  WEIR_ASSIGN_OR_RETURN(const Json* type_json, reader.Require("data_type"));
  WEIR_ASSIGN_OR_RETURN(DataType type, TypeFromJson(*type_json, 0));
  Column column{std::move(name), std::move(type), {}, {}, -1};
  WEIR_ASSIGN_OR_RETURN(column.comment, reader.OptionalString("comment"));
  WEIR_ASSIGN_OR_RETURN(column.agg_function, AggFunctionFromJson(reader));
  WEIR_ASSIGN_OR_RETURN(column.id, reader.IntOr("id", -1, 0, kMaxFieldId));
  WEIR_ASSIGN_OR_RETURN(const auto initial_default, reader.OptionalString("initial_default"));
  if (initial_default) column.initial_default = FromHex(*initial_default);
  return column;
}

/// Columns carry ids all together or not at all; then their positions are the ids.
Status CompleteColumnIds(const Reader& reader, std::vector<Column>& columns) {
  const auto with_id = std::count_if(columns.begin(), columns.end(), [](const Column& c) { return c.id >= 0; });
  if (with_id == static_cast<int64_t>(columns.size())) return Status::OK();
  if (with_id != 0) return reader.Error("columns", "must either all have an 'id' or none of them");
  for (size_t i = 0; i < columns.size(); ++i) columns[i].id = static_cast<int>(i);
  return Status::OK();
}

Result<Schema> SchemaFromJsonValue(const Json& json) {
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(json, "schema", ErrorCode::kInvalidTable));
  WEIR_RETURN_NOT_OK(reader.CheckVersion());
  WEIR_ASSIGN_OR_RETURN(const Json* items, reader.Array("columns"));
  std::vector<Column> columns;
  for (const Json& item : *items) {
    WEIR_ASSIGN_OR_RETURN(Column column, ColumnFromJson(item));
    columns.push_back(std::move(column));
  }
  WEIR_RETURN_NOT_OK(CompleteColumnIds(reader, columns));
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> primary_key, reader.StringsOrNone("primary_key"));
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> auto_increment, reader.StringsOrNone("auto_increment_column"));
  if (auto_increment.size() > 1) return reader.Error("auto_increment_column", "must hold one name at most");
  WEIR_ASSIGN_OR_RETURN(const int highest, reader.IntOr("highest_field_id", -1, -1, kMaxFieldId));
  std::optional<std::string> auto_increment_column;
  if (!auto_increment.empty()) auto_increment_column = auto_increment[0];
  return Schema::Make(std::move(columns), std::move(primary_key), std::move(auto_increment_column), highest);
}

}  // namespace

std::string SchemaToJson(const Schema& schema) { return Dump(SchemaToJsonValue(schema)); }

Result<Schema> SchemaFromJson(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(const Json value, ParseText(json, "schema", ErrorCode::kInvalidTable));
  return SchemaFromJsonValue(value);
}

std::string DataTypeToJson(const DataType& type) { return Dump(TypeToJson(type)); }

Result<DataType> DataTypeFromJson(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(const Json value, ParseText(json, "data type", ErrorCode::kInvalidTable));
  return TypeFromJson(value, 0);
}

std::string TableDescriptorToJson(const TableDescriptor& descriptor) {
  OrderedJson json;
  json["version"] = kVersion;
  json["schema"] = SchemaToJsonValue(descriptor.schema);
  if (descriptor.comment) json["comment"] = *descriptor.comment;
  json["partition_key"] = descriptor.partition_keys;
  if (descriptor.bucket_count || !descriptor.bucket_keys.empty()) json["bucket_key"] = descriptor.bucket_keys;
  if (descriptor.bucket_count) json["bucket_count"] = *descriptor.bucket_count;
  json["properties"] = PropertiesToJson(descriptor.properties);
  json["custom_properties"] = PropertiesToJson(descriptor.custom_properties);
  return Dump(json);
}

Result<TableDescriptor> TableDescriptorFromJson(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(const Json value, ParseText(json, "table descriptor", ErrorCode::kInvalidTable));
  return TableDescriptorFromJsonValue(value);
}

Result<TableDescriptor> TableDescriptorFromJsonValue(const Json& json, const Schema* known) {
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(json, "table descriptor", ErrorCode::kInvalidTable));
  WEIR_RETURN_NOT_OK(reader.CheckVersion());
  TableDescriptor descriptor;
  if (known != nullptr) {
    descriptor.schema = *known;
  } else {
    WEIR_ASSIGN_OR_RETURN(const Json* schema, reader.Require("schema"));
    WEIR_ASSIGN_OR_RETURN(descriptor.schema, SchemaFromJsonValue(*schema));
  }
  WEIR_ASSIGN_OR_RETURN(descriptor.comment, reader.OptionalString("comment"));
  WEIR_ASSIGN_OR_RETURN(descriptor.partition_keys, reader.Strings("partition_key"));
  WEIR_ASSIGN_OR_RETURN(descriptor.bucket_keys, reader.StringsOrNone("bucket_key"));
  if (reader.Find("bucket_count") != nullptr) {
    WEIR_ASSIGN_OR_RETURN(descriptor.bucket_count, reader.Int("bucket_count", INT32_MIN, INT32_MAX));
  }
  WEIR_ASSIGN_OR_RETURN(descriptor.properties, reader.StringMap("properties"));
  WEIR_ASSIGN_OR_RETURN(descriptor.custom_properties, reader.StringMap("custom_properties"));
  return descriptor;
}

std::string DatabaseDescriptorToJson(const DatabaseDescriptor& descriptor) {
  OrderedJson json;
  json["version"] = kVersion;
  if (descriptor.comment) json["comment"] = *descriptor.comment;
  json["custom_properties"] = PropertiesToJson(descriptor.custom_properties);
  return Dump(json);
}

Result<DatabaseDescriptor> DatabaseDescriptorFromJson(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(const Json value, ParseText(json, "database descriptor", ErrorCode::kInvalidDatabase));
  WEIR_ASSIGN_OR_RETURN(const Reader reader, Reader::Of(value, "database descriptor", ErrorCode::kInvalidDatabase));
  WEIR_RETURN_NOT_OK(reader.CheckVersion());
  DatabaseDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.comment, reader.OptionalString("comment"));
  WEIR_ASSIGN_OR_RETURN(descriptor.custom_properties, reader.StringMap("custom_properties"));
  return descriptor;
}

}  // namespace weir
