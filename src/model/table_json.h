#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "weir/table.h"

namespace weir {

/// The JSON documents of the Fluss protocol (docs/fluss-formats.md, "Metadata"): version 1, UTF-8.
/// Reading a document that is malformed or has a missing key is code 15 (tables, schemas) or 16.
std::string SchemaToJson(const Schema& schema);
Result<Schema> SchemaFromJson(std::string_view json);
std::string DataTypeToJson(const DataType& type);
Result<DataType> DataTypeFromJson(std::string_view json);
std::string TableDescriptorToJson(const TableDescriptor& descriptor);
Result<TableDescriptor> TableDescriptorFromJson(std::string_view json);
/// `known`: its schema, where the document has none; null: it has one.
Result<TableDescriptor> TableDescriptorFromJsonValue(const nlohmann::json& json, const Schema* known = nullptr);
std::string DatabaseDescriptorToJson(const DatabaseDescriptor& descriptor);
Result<DatabaseDescriptor> DatabaseDescriptorFromJson(std::string_view json);

}  // namespace weir
