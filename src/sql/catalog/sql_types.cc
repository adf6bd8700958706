#include "sql/catalog/sql_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include "postgres/made_type.h"
#include "postgres/type.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr int kMaxDecimalDigits = 38;
constexpr int kMaxTimePrecision = 6;
constexpr int32_t kModifierOffset = 4;  // PostgreSQL adds it to lengths and precisions
constexpr size_t kMaxIdentifier = 63;

enum class Shape { kPlain, kNumeric, kCharacter, kVarying, kTime, kTimestamp, kLtz, kText };

struct BaseType {
  std::string_view name;  // canonical, without modifiers
  Shape shape;
  TypeId id;
  uint32_t oid;
  uint32_t array_oid;
  int16_t size;
  bool ordered = true;
  bool hashable = true;
  OneForm one_form = OneForm::kAlways;
  bool compared_by_value = false;
};

constexpr BaseType Text(std::string_view name, uint32_t oid, uint32_t array_oid, int16_t size, bool ordered = true,
                        bool hashable = true) {
  return {name, Shape::kText, TypeId::kString, oid, array_oid, size, ordered, hashable};
}

/// An OID that is read and shown as a name. Bounds and keys by names are not kept.
constexpr BaseType NameOfCatalog(std::string_view name, uint32_t oid, uint32_t array_oid) {
  return {name, Shape::kPlain, TypeId::kBigInt, oid, array_oid, 4, false, false};
}

/// A type whose texts do not compare or hash as its values do.
constexpr BaseType ByValue(BaseType type) {
  type.compared_by_value = true;
  return type;
}

/// Such a type whose keys hold one of the texts that equal values may have: 1.5 of 1.50.
constexpr BaseType OfOneFormInKeys(BaseType type) {
  type.one_form = OneForm::kInKeys;
  return ByValue(type);
}

/// Such a type of which values that are equal mean different things all the same: '1 day' and '24:00:00'.
constexpr BaseType OfOneFormInIndexes(BaseType type) {
  type.one_form = OneForm::kInIndexes;
  return ByValue(type);
}

constexpr std::array kBaseTypes = {
    BaseType{"boolean", Shape::kPlain, TypeId::kBoolean, 16, 1000, 1},
    BaseType{"smallint", Shape::kPlain, TypeId::kSmallInt, 21, 1005, 2},
    BaseType{"integer", Shape::kPlain, TypeId::kInt, 23, 1007, 4},
    BaseType{"bigint", Shape::kPlain, TypeId::kBigInt, 20, 1016, 8},
    BaseType{"real", Shape::kPlain, TypeId::kFloat, 700, 1021, 4},
    BaseType{"double precision", Shape::kPlain, TypeId::kDouble, 701, 1022, 8},
    OfOneFormInKeys({"numeric", Shape::kNumeric, TypeId::kString, 1700, 1231, -1}),
    BaseType{"text", Shape::kPlain, TypeId::kString, 25, 1009, -1},
    BaseType{"character varying", Shape::kVarying, TypeId::kString, 1043, 1015, -1},
    BaseType{"character", Shape::kCharacter, TypeId::kChar, 1042, 1014, -1},
    BaseType{"bytea", Shape::kPlain, TypeId::kBytes, 17, 1001, -1},
    BaseType{"date", Shape::kPlain, TypeId::kDate, 1082, 1182, 4},
    BaseType{"time without time zone", Shape::kTime, TypeId::kTime, 1083, 1183, 8},
    BaseType{"timestamp without time zone", Shape::kTimestamp, TypeId::kTimestamp, 1114, 1115, 8},
    BaseType{"timestamp with time zone", Shape::kLtz, TypeId::kTimestampLtz, 1184, 1185, 8},
    ByValue(Text("time with time zone", 1266, 1270, 12)),
    OfOneFormInIndexes(Text("interval", 1186, 1187, 16)),
    ByValue(Text("uuid", 2950, 2951, 16)),
    Text("json", 114, 199, -1, false, false),
    OfOneFormInKeys(Text("jsonb", 3802, 3807, -1)),
    Text("xml", 142, 143, -1, false, false),
    Text("point", 600, 1017, 16, false, false),
    ByValue(Text("inet", 869, 1041, -1)),
    ByValue(Text("cidr", 650, 651, -1)),
    ByValue(Text("macaddr", 829, 1040, 6)),
    ByValue(Text("macaddr8", 774, 775, 8)),
    ByValue(Text("bit", 1560, 1561, -1, true, false)),
    ByValue(Text("bit varying", 1562, 1563, -1, true, false)),
    ByValue(Text("money", 790, 791, 8, true, false)),
    Text("name", 19, 1003, 64),
    ByValue(Text("\"char\"", 18, 1002, 1)),
    Text("tsvector", 3614, 3643, -1, true, false),
    ByValue(Text("int4range", 3904, 3905, -1)),
    ByValue(Text("int8range", 3926, 3927, -1)),
    OfOneFormInKeys(Text("numrange", 3906, 3907, -1)),
    ByValue(Text("daterange", 3912, 3913, -1)),
    ByValue(Text("tsrange", 3908, 3909, -1)),
    ByValue(Text("tstzrange", 3910, 3911, -1)),
    ByValue(Text("int4multirange", 4451, 6150, -1)),
    ByValue(Text("int8multirange", 4536, 6157, -1)),
    OfOneFormInKeys(Text("nummultirange", 4532, 6151, -1)),
    ByValue(Text("datemultirange", 4535, 6155, -1)),
    ByValue(Text("tsmultirange", 4533, 6152, -1)),
    ByValue(Text("tstzmultirange", 4534, 6153, -1)),
    BaseType{"oid", Shape::kPlain, TypeId::kBigInt, 26, 1028, 4},
    NameOfCatalog("regproc", 24, 1008),
    NameOfCatalog("regprocedure", 2202, 2207),
    NameOfCatalog("regoper", 2203, 2208),
    NameOfCatalog("regoperator", 2204, 2209),
    NameOfCatalog("regclass", 2205, 2210),
    NameOfCatalog("regtype", 2206, 2211),
    NameOfCatalog("regnamespace", 4089, 4090),
    NameOfCatalog("regrole", 4096, 4097),
    NameOfCatalog("regcollation", 4191, 4192),
};

struct Alias {
  std::string_view written;
  std::string_view name;
};
constexpr std::array kAliases = {
    Alias{"bool", "boolean"},
    Alias{"int2", "smallint"},
    Alias{"int", "integer"},
    Alias{"int4", "integer"},
    Alias{"int8", "bigint"},
    Alias{"int64", "bigint"},
    Alias{"serial2", "smallint"},
    Alias{"smallserial", "smallint"},
    Alias{"serial", "integer"},
    Alias{"serial4", "integer"},
    Alias{"bigserial", "bigint"},
    Alias{"serial8", "bigint"},
    Alias{"float4", "real"},
    Alias{"float8", "double precision"},
    Alias{"float", "double precision"},
    Alias{"double", "double precision"},
    Alias{"decimal", "numeric"},
    Alias{"dec", "numeric"},
    Alias{"string", "text"},
    Alias{"clob", "text"},
    Alias{"varchar", "character varying"},
    Alias{"nvarchar", "character varying"},
    Alias{"char varying", "character varying"},
    Alias{"char", "character"},
    Alias{"nchar", "character"},
    Alias{"bpchar", "character"},
    Alias{"bytes", "bytea"},
    Alias{"varbytes", "bytea"},
    Alias{"blob", "bytea"},
    Alias{"time", "time without time zone"},
    Alias{"timetz", "time with time zone"},
    Alias{"timestamp", "timestamp without time zone"},
    Alias{"timestamptz", "timestamp with time zone"},
    Alias{"varbit", "bit varying"},
    Alias{"\"bit\"", "bit"},  // without a length, which bit alone has
};

/// A type's name taken apart: "numeric(10,2)[]".
struct Spelling {
  std::string name;  // lower case, single blanks
  std::vector<int> modifiers;
  bool has_modifiers = false;
  size_t dimensions = 0;  // as many as [] stand behind it
};

std::string Collapsed(std::string_view text) {
  std::string collapsed;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank && (collapsed.empty() || collapsed.back() == ' ')) continue;
    collapsed += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (!collapsed.empty() && collapsed.back() == ' ') collapsed.pop_back();
  return collapsed;
}

std::optional<std::vector<int>> ReadModifiers(std::string_view text) {
  std::vector<int> modifiers;
  while (true) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string part = Collapsed(text.substr(0, comma));
    int value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
    modifiers.push_back(value);
    if (comma == text.size()) return modifiers;
    text.remove_prefix(comma + 1);
  }
}

std::optional<Spelling> ReadSpelling(std::string_view text) {
  Spelling spelling;
  std::string name = Collapsed(text);
  while (name.ends_with("[]")) {
    ++spelling.dimensions;
    name = Collapsed(name.substr(0, name.size() - 2));
  }
  const size_t open = name.find('(');
  if (open != std::string::npos) {
    const size_t close = name.find(')', open);
    if (close == std::string::npos) return std::nullopt;
    auto modifiers = ReadModifiers(std::string_view(name).substr(open + 1, close - open - 1));
    if (!modifiers) return std::nullopt;
    spelling.modifiers = std::move(*modifiers);
    spelling.has_modifiers = true;
    name = Collapsed(name.substr(0, open) + " " + name.substr(close + 1));
  }
  spelling.name = name.starts_with("interval ") ? "interval" : name;
  return spelling;
}

const BaseType* FindBase(std::string_view name) {
  const auto alias = std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& a) { return a.written == name; });
  if (alias != kAliases.end()) name = alias->name;
  const auto base =
      std::find_if(kBaseTypes.begin(), kBaseTypes.end(), [&](const BaseType& b) { return b.name == name; });
  return base == kBaseTypes.end() ? nullptr : &*base;
}

Status Unknown(std::string_view text, int position) {
  return Error("42704", fmt::format("type \"{}\" does not exist", text.substr(0, 2 * kMaxIdentifier)),
               {.position = position});
}

Status BadModifier(std::string message, int position) {
  return Error("22023", std::move(message), {.position = position});
}

DataType Plain(TypeId id) {
  switch (id) {
    case TypeId::kBoolean:
      return DataType::Boolean();
    case TypeId::kSmallInt:
      return DataType::SmallInt();
    case TypeId::kInt:
      return DataType::Int();
    case TypeId::kBigInt:
      return DataType::BigInt();
    case TypeId::kFloat:
      return DataType::Float();
    case TypeId::kDouble:
      return DataType::Double();
    case TypeId::kBytes:
      return DataType::Bytes();
    case TypeId::kDate:
      return DataType::Date();
    case TypeId::kTinyInt:
    case TypeId::kString:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return DataType::String();
}

/// Of what lies as text: bit(3), time(2) with time zone, interval year to month.
Status FillModifier(std::string_view text, int position, SqlType* type) {
  const uint32_t oid = type->oid;
  WEIR_ASSIGN_OR_RETURN(const postgres::TypeRef written, postgres::ParseType(text, position));
  type->modifier = written.modifier;
  type->name = postgres::FormatType({oid, written.modifier});
  return Status::OK();
}

/// A DECIMAL where the type's values fit one, else a text.
Status FillNumeric(std::string_view text, const Spelling& spelling, int position, SqlType* type) {
  const int precision = spelling.has_modifiers ? spelling.modifiers[0] : 0;
  const int scale = spelling.modifiers.size() > 1 ? spelling.modifiers[1] : 0;
  if (precision < 1 || precision > kMaxDecimalDigits || scale < 0 || scale > precision) {
    return FillModifier(text, position, type);
  }
  type->one_form = OneForm::kAlways;
  type->compared_by_value = false;
  type->name = fmt::format("numeric({},{})", precision, scale);
  type->data_type = DataType::Decimal(precision, scale);
  type->modifier = (precision << 16 | scale) + kModifierOffset;
  return Status::OK();
}

Status FillText(const BaseType& base, const Spelling& spelling, bool length_is_one, int position, SqlType* type) {
  const bool fixed = base.shape == Shape::kCharacter;
  if (!spelling.has_modifiers && !length_is_one) {
    if (!fixed) return Status::OK();
    type->name = "bpchar";
    type->data_type = DataType::String();
    return Status::OK();
  }
  const int length = spelling.has_modifiers ? spelling.modifiers[0] : 1;
  if (length < 1) {
    return BadModifier(fmt::format("length for type {} must be at least 1", fixed ? "char" : "varchar"), position);
  }
  type->name = fmt::format("{}({})", base.name, length);
  type->data_type = fixed ? DataType::Char(length) : DataType::String();
  type->modifier = length + kModifierOffset;
  return Status::OK();
}

Status FillTime(const BaseType& base, const Spelling& spelling, int position, SqlType* type) {
  int precision = kMaxTimePrecision;
  if (spelling.has_modifiers) {
    precision = spelling.modifiers[0];
    if (precision < 0) {
      return BadModifier(fmt::format("{}({}) precision must not be negative", base.name, precision), position);
    }
    precision = std::min(precision, kMaxTimePrecision);
    const size_t word = base.name.find(' ');
    type->name = fmt::format("{}({}){}", base.name.substr(0, word), precision, base.name.substr(word));
    type->modifier = precision;
  }
  if (base.shape == Shape::kTime) {
    constexpr int kMillis = 3;  // what Fluss keeps of a time of day; one of more digits lies as text
    type->data_type = precision <= kMillis ? DataType::Time(precision) : DataType::String();
    type->compared_by_value = precision > kMillis;
  } else {
    type->data_type = base.shape == Shape::kLtz ? DataType::TimestampLtz(precision) : DataType::Timestamp(precision);
  }
  return Status::OK();
}

/// Of a type of elements. Arrays of one dimension that begin with 1 are Fluss's; a column that is declared with more
/// dimensions holds any, and lies as text.
void MakeArray(const Spelling& spelling, uint32_t array, SqlType* type) {
  const bool padded = type->data_type.id() == TypeId::kChar;  // a text would not tell the blanks
  const bool any = spelling.dimensions > 1 && !padded;
  for (size_t i = 1; any && i < spelling.dimensions; ++i) type->name += "[]";
  type->data_type = any ? DataType::String() : DataType::Array(type->data_type);
  type->one_form = any ? OneForm::kNever : type->one_form;
  type->compared_by_value = false;
  type->oid = array;
  type->size = -1;
}

/// A type that a database has made, by its OID: an enum is held as its label, a row as its text, a domain as what it is
/// over.
Result<SqlType> ResolveMade(std::string_view text, const Spelling& spelling, int position) {
  const auto known = postgres::ParseType(text);
  if (!known.ok()) return Unknown(text, position);
  const postgres::Oid element = postgres::ArrayElement(known->oid);
  const postgres::Type* row = postgres::FindType(element != 0 ? element : known->oid);
  if (row == nullptr || postgres::FindMadeType(row->oid) == nullptr) return Unknown(text, position);
  SqlType type;
  if (row->kind == postgres::TypeKind::kDomain) {
    if (spelling.dimensions > 0) {
      return Error("0A000", fmt::format("columns of arrays of domain {} are not supported", row->name),
                   {.position = position});
    }
    WEIR_ASSIGN_OR_RETURN(type, ResolveType(postgres::KeptTypeText({row->base, row->base_modifier}), position));
    type.modifier = -1;  // the domain's, not the column's
  } else if (row->kind == postgres::TypeKind::kComposite) {
    type.ordered = type.hashable = false;
    type.one_form = OneForm::kNever;
  } else {
    type.compared_by_value = true;
    const postgres::Oid subtype = postgres::RangeElement(row->oid);
    const auto of = subtype == 0 ? Result<SqlType>(SqlType()) : ResolveType(postgres::KeptTypeText({subtype}));
    if (of.ok() && subtype != 0) {
      type.hashable = of->hashable;
      type.one_form = of->one_form == OneForm::kAlways ? OneForm::kAlways : OneForm::kNever;
      if (subtype == postgres::oid::kNumeric) type.one_form = OneForm::kInKeys;
    }
  }
  type.name = postgres::KeptTypeText(*known);
  type.oid = row->oid;
  type.size = row->length;
  if (spelling.dimensions == 0) return type;
  MakeArray(spelling, row->array, &type);
  return type;
}

}  // namespace

Result<SqlType> ResolveType(std::string_view text, int position) {
  const auto spelling = ReadSpelling(text);
  if (!spelling) return Unknown(text, position);
  const BaseType* base = FindBase(spelling->name);
  if (base == nullptr && spelling->name.starts_with('_') && spelling->dimensions == 0) {
    const auto array = postgres::ParseType(text);  // _int4: as pg_type calls int4[]
    const bool known = array.ok() && postgres::ArrayElement(array->oid) != 0;
    if (known) return ResolveType(postgres::FormatType(*array), position);
  }
  if (base == nullptr) return ResolveMade(text, *spelling, position);
  SqlType type;
  type.name = base->name;
  type.data_type = Plain(base->id);
  type.oid = base->oid;
  type.size = base->size;
  type.ordered = base->ordered;
  type.hashable = base->hashable;
  type.one_form = base->one_form;
  type.compared_by_value = base->compared_by_value;
  switch (base->shape) {
    case Shape::kNumeric:
      WEIR_RETURN_NOT_OK(FillNumeric(text, *spelling, position, &type));
      break;
    case Shape::kCharacter:
    case Shape::kVarying:
      WEIR_RETURN_NOT_OK(FillText(*base, *spelling, base->shape == Shape::kCharacter && spelling->name != "bpchar",
                                  position, &type));
      break;
    case Shape::kTime:
    case Shape::kTimestamp:
    case Shape::kLtz:
      WEIR_RETURN_NOT_OK(FillTime(*base, *spelling, position, &type));
      break;
    case Shape::kText:
      WEIR_RETURN_NOT_OK(FillModifier(text, position, &type));
      break;
    case Shape::kPlain:
      break;
  }
  if (spelling->dimensions == 0) return type;
  type.name += "[]";
  MakeArray(*spelling, base->array_oid, &type);
  return type;
}

OneForm OneFormOf(uint32_t oid) {
  const auto base = std::ranges::find(kBaseTypes, oid, &BaseType::oid);
  return base == kBaseTypes.end() ? OneForm::kAlways : base->one_form;
}

OneForm OneFormOf(std::string_view type, const DataType& data_type) {
  if (data_type.id() != TypeId::kString) return OneForm::kAlways;
  const auto resolved = ResolveType(type);
  return resolved.ok() ? resolved->one_form : OneForm::kAlways;
}

std::string SqlTypeName(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return "boolean";
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
      return "smallint";
    case TypeId::kInt:
      return "integer";
    case TypeId::kBigInt:
      return "bigint";
    case TypeId::kFloat:
      return "real";
    case TypeId::kDouble:
      return "double precision";
    case TypeId::kDecimal:
      return fmt::format("numeric({},{})", type.precision(), type.scale());
    case TypeId::kChar:
      return fmt::format("character({})", type.length());
    case TypeId::kBytes:
    case TypeId::kBinary:
      return "bytea";
    case TypeId::kDate:
      return "date";
    case TypeId::kTime:
      return fmt::format("time({}) without time zone", std::min(type.precision(), 3));
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      const char* zone = type.id() == TypeId::kTimestamp ? "without" : "with";
      if (type.precision() >= kMaxTimePrecision) return fmt::format("timestamp {} time zone", zone);
      return fmt::format("timestamp({}) {} time zone", type.precision(), zone);
    }
    case TypeId::kArray:
      return type.element_type().is_nested() ? "jsonb" : SqlTypeName(type.element_type()) + "[]";
    case TypeId::kMap:
    case TypeId::kRow:
      return "jsonb";
    case TypeId::kString: break;
  }
  return "text";
}

}  // namespace weir::sql
