#include "weir/data_type.h"

namespace weir {
namespace {

std::string_view RootName(TypeId id) {
  switch (id) {
    case TypeId::kBoolean: return "boolean";
    case TypeId::kTinyInt: return "tinyint";
    case TypeId::kSmallInt: return "smallint";
    case TypeId::kInt: return "int";
    case TypeId::kBigInt: return "bigint";
    case TypeId::kFloat: return "float";
    case TypeId::kDouble: return "double";
    case TypeId::kString: return "string";
    case TypeId::kBytes: return "bytes";
    case TypeId::kDate: return "date";
    case TypeId::kTime: return "time";
    case TypeId::kTimestamp: return "timestamp";
    case TypeId::kTimestampLtz: return "timestamp_ltz";
    case TypeId::kDecimal: return "decimal";
    case TypeId::kChar: return "char";
    case TypeId::kBinary: return "binary";
    case TypeId::kArray: return "array";
    case TypeId::kMap: return "map";
    case TypeId::kRow: return "row";
  }
  return "unknown";
}

bool HasPrecision(TypeId id) {
  return id == TypeId::kTime || id == TypeId::kTimestamp || id == TypeId::kTimestampLtz || id == TypeId::kDecimal;
}

bool HasLength(TypeId id) { return id == TypeId::kChar || id == TypeId::kBinary; }

Status OutOfRange(const DataType& type, std::string_view what, int value, std::string_view range) {
  return {ErrorCode::kInvalidTable, "type " + type.ToString() + ": " + std::string(what) + " " + std::to_string(value) +
                                        " is out of range, it must be " + std::string(range)};
}

const std::vector<Field>& NoFields() {
  static const auto& none = *new std::vector<Field>;  // never destroyed: threads may outlive main
  return none;
}

}  // namespace

DataType DataType::Array(DataType element) {
  DataType type(TypeId::kArray);
  type.children_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"element", std::move(element)}});
  return type;
}

DataType DataType::Map(DataType key, DataType value) {
  DataType type(TypeId::kMap);
  type.children_ = std::make_shared<const std::vector<Field>>(
      std::vector<Field>{{"key", key.NotNull()}, {"value", std::move(value)}});
  return type;
}

DataType DataType::Row(std::vector<Field> fields) {
  DataType type(TypeId::kRow);
  type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

DataType DataType::WithNullable(bool nullable) const {
  DataType copy = *this;
  copy.nullable_ = nullable;
  return copy;
}

int DataType::precision() const { return HasPrecision(id_) ? parameter_ : 0; }
int DataType::length() const { return HasLength(id_) ? parameter_ : 0; }
const DataType& DataType::element_type() const { return (*children_)[0].type; }
const DataType& DataType::key_type() const { return (*children_)[0].type; }
const DataType& DataType::value_type() const { return (*children_)[1].type; }
const std::vector<Field>& DataType::fields() const { return id_ == TypeId::kRow ? *children_ : NoFields(); }

std::string DataType::ToString() const {
  std::string text(RootName(id_));
  switch (id_) {
    case TypeId::kTime:
      if (parameter_ != 0) text += "(" + std::to_string(parameter_) + ")";
      break;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      if (parameter_ != 6) text += "(" + std::to_string(parameter_) + ")";
      break;
    case TypeId::kDecimal:
      text += "(" + std::to_string(parameter_) + "," + std::to_string(scale_) + ")";
      break;
    case TypeId::kChar:
    case TypeId::kBinary:
      text += "(" + std::to_string(parameter_) + ")";
      break;
    case TypeId::kArray:
      text += "<" + element_type().ToString() + ">";
      break;
    case TypeId::kMap:
      text += "<" + key_type().ToString() + "," + value_type().ToString() + ">";
      break;
    case TypeId::kRow: {
      text += "<";
      for (const Field& field : *children_) {
        if (&field != &children_->front()) text += ", ";
        text += field.name + ": " + field.type.ToString();
      }
      text += ">";
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
  if (!nullable_) text += " NOT NULL";
  return text;
}

Status DataType::Validate() const {
  switch (id_) {
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
      if (parameter_ < 0 || parameter_ > 9) return OutOfRange(*this, "precision", parameter_, "0 to 9");
      break;
    case TypeId::kDecimal:
      if (parameter_ < 1 || parameter_ > 38) return OutOfRange(*this, "precision", parameter_, "1 to 38");
      if (scale_ < 0 || scale_ > parameter_) return OutOfRange(*this, "scale", scale_, "0 to the precision");
      break;
    case TypeId::kChar:
    case TypeId::kBinary:
      if (parameter_ < 1) return OutOfRange(*this, "length", parameter_, "at least 1");
      break;
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
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow:
      break;
  }
  if (children_ != nullptr) {
    for (const Field& field : *children_) WEIR_RETURN_NOT_OK(field.type.Validate());
  }
  return Status::OK();
}

bool DataType::operator==(const DataType& other) const {
  if (id_ != other.id_ || nullable_ != other.nullable_ || parameter_ != other.parameter_ || scale_ != other.scale_) {
    return false;
  }
  if (children_ == other.children_) return true;
  if (children_ == nullptr || other.children_ == nullptr || children_->size() != other.children_->size()) return false;
  for (size_t i = 0; i < children_->size(); ++i) {
    const Field &a = (*children_)[i], &b = (*other.children_)[i];
    if (a.name != b.name || !(a.type == b.type)) return false;
  }
  return true;
}

}  // namespace weir
