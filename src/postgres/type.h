#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postgres/oid.h"
#include "weir/data_type.h"
#include "weir/status.h"

namespace weir::postgres {

/// pg_type.typtype
enum class TypeKind : char {
  kBase = 'b',
  kComposite = 'c',
  kDomain = 'd',
  kEnum = 'e',
  kPseudo = 'p',
  kRange = 'r',
  kMultirange = 'm',
};

/// A row of pg_type: one of PostgreSQL's own types, or one that a database has made.
struct Type {
  Oid oid = 0;
  std::string_view name;      // typname: "int4"
  std::string_view spelling;  // as format_type shows it without a modifier: "integer"
  int16_t length = -1;        // bytes; -1: varies, -2: ends with a zero byte
  bool by_value = false;
  TypeKind kind = TypeKind::kBase;
  char category = 'U';     // typcategory: N numeric, S string, D date and time, …
  bool preferred = false;  // of its category
  char delimiter = ',';    // between the elements of an array's text
  char align = 'i';        // c, s, i, d
  char storage = 'p';      // p, e, m, x
  Oid element = 0;         // typelem: of arrays and of types that can be subscripted (name, point)
  Oid array = 0;           // the type of its arrays
  Oid base = 0;            // of a domain
  int32_t base_modifier = -1;
  Oid collation = 0;  // 100 default, 950 "C"
  Oid input = 0;      // functions: text and binary forms
  Oid output = 0;
  Oid receive = 0;
  Oid send = 0;
  Oid modifier_input = 0;
  Oid modifier_output = 0;
  Oid range_element = 0;  // of a range type: what it is a range of
  Oid multirange = 0;     // of a range type: the type of its multiranges
  Oid range = 0;          // of a multirange type: the type of its ranges

  /// int4[], and oidvector and int2vector too; not name and point, which only have an element.
  bool is_array() const { return element != 0 && category == 'A'; }
  bool is_pseudo() const { return kind == TypeKind::kPseudo; }
};

/// A type with its modifier in pg_attribute.atttypmod's form (FormatModifier and ApplyModifiers); -1: none.
struct TypeRef {
  Oid oid = 0;
  int32_t modifier = -1;

  bool operator==(const TypeRef&) const = default;
};

/// All of PostgreSQL's own types that Weir knows, by OID.
std::span<const Type> AllTypes();
/// Theirs, and those that a database has made (made_type.h); null for an OID that no type has.
const Type* FindType(Oid oid);
/// By pg_type.typname ("int4", "_int4", "timestamptz"); null for a name that is none of theirs.
const Type* FindType(std::string_view name);
/// The element's type of an array type; 0 of any other type.
Oid ArrayElement(Oid array);
/// What a range type, or a multirange type, has ranges of; 0 of any other type.
Oid RangeElement(Oid type);

/// The type that a type name of PostgreSQL's parse tree means: `name` is the last of its names as the grammar
/// gives it ("int4" for INTEGER, "bpchar" for CHAR), or one of KWDB's (string, bytes, int64, clob, …), `modifiers`
/// what stood in parentheses (an interval's fields first, as the grammar gives them), `array` whether [] followed.
/// Errors: 42704 for a name that is no type, 22023 and 42601 for modifiers that the type does not take.
Result<TypeRef> MakeType(std::string_view name, std::span<const int32_t> modifiers, bool array, int position = 0);

/// A type by its text, as SQL and to_regtype() take it: every spelling of PostgreSQL and KWDB ("numeric(10,2)",
/// "timestamp(3) with time zone", "interval day to second(3)", "int8[]", "pg_catalog.int4", "\"char\"", "STRING(9)").
/// Errors: as MakeType's, and 42601 for what is no type's text.
Result<TypeRef> ParseType(std::string_view text, int position = 0);

/// The modifier that `type` makes of what stands in its parentheses: numeric(10,2) has ((10 << 16) | 2) + 4.
Result<int32_t> PackModifiers(const Type& type, std::span<const int32_t> modifiers, int position = 0);

/// What format_type() gives: "numeric(10,2)", "timestamp(3) without time zone[]"; "-" for OID 0, "???" for one that
/// no type has.
std::string FormatType(TypeRef type);
std::string FormatType(Oid oid);
/// What stands behind the name: "(10,2)", " day to second(3)"; empty for -1.
std::string FormatModifier(Oid oid, int32_t modifier);

struct NumericModifier {
  int precision;  // 1 to 1000 digits
  int scale;      // -1000 to 1000; digits behind the point
};
int32_t PackNumeric(NumericModifier numeric);
std::optional<NumericModifier> UnpackNumeric(int32_t modifier);
/// Characters of a varchar(n) or char(n); nothing without a modifier.
int32_t PackLength(int32_t length);
std::optional<int32_t> UnpackLength(int32_t modifier);
/// An interval's fields and its seconds' digits.
struct IntervalModifier {
  int32_t fields;     // a bit each: 1 month, 2 year, 3 day, 10 hour, 11 minute, 12 second; kIntervalAllFields
  int32_t precision;  // 0 to 6, or kIntervalFullPrecision
};
inline constexpr int32_t kIntervalAllFields = 0x7FFF;
inline constexpr int32_t kIntervalFullPrecision = 0xFFFF;
IntervalModifier UnpackInterval(int32_t modifier);

/// How a column of this type lies in a Fluss table; types that Fluss has nothing of its own for lie as their text.
DataType StorageType(TypeRef type);
/// The type that SQL sees in a column of a Fluss table which SQL has not made.
TypeRef TypeOfStorage(const DataType& type);

}  // namespace weir::postgres
