#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/function.h"
#include "postgres/type.h"

namespace weir::postgres {

/// A row of pg_enum.
struct EnumLabel {
  Oid oid = 0;       // what it is hashed by, and what pg_enum shows
  double order = 0;  // pg_enum.enumsortorder, which stays when others come between
  std::string name;

  bool operator==(const EnumLabel&) const = default;
};

/// A CHECK of a domain.
struct DomainCheck {
  Oid oid = 0;  // pg_constraint's
  std::string name;
  std::string text;        // over VALUE
  bool not_valid = false;  // values that are stored may not meet it
  std::string comment = {};

  bool operator==(const DomainCheck&) const = default;
};

/// A part of a composite type.
struct Attribute {
  std::string name;
  TypeRef type;

  bool operator==(const Attribute&) const = default;
};

/// A type that a database has made. Plain data; a changed one takes its place whole.
struct MadeType {
  Oid oid = 0;
  Oid array = 0;  // the type of its arrays
  TypeKind kind = TypeKind::kEnum;
  std::string schema;  // the database that it is in
  std::string name;
  std::string array_name;  // "_mood"
  int64_t owner = 0;       // a role's id
  std::string comment = {};
  std::vector<EnumLabel> labels = {};  // of an enum, in their order

  // Of a domain; of a range type, what it is a range of.
  TypeRef base = {};
  bool not_null = false;
  std::optional<std::string> default_value = {};  // expression text
  std::vector<DomainCheck> checks = {};

  // Of a composite type.
  std::vector<Attribute> attributes = {};
  int64_t relation = 0;  // pg_type.typrelid: as what pg_class lists it

  // Of a range type: that of its multiranges; of such a one, the type of its ranges.
  Oid partner = 0;

  bool operator==(const MadeType&) const = default;

  /// Null for a text that is none of an enum's.
  const EnumLabel* FindLabel(std::string_view label) const;
  /// The place of an attribute; −1: there is none.
  int FindAttribute(std::string_view attribute) const;
};
using MadeTypePtr = std::shared_ptr<const MadeType>;

/// OIDs of made types and their arrays are above PostgreSQL's own. They are drawn by lot, so that no two databases that
/// a process has open use one for two types, and their types can be found without saying whose they are.
inline constexpr Oid kFirstMadeOid = 1u << 30;

/// An OID that no type has which this process knows of; the one behind it is free for its arrays.
Oid DrawTypeOid();

/// From now on FindType knows the type and its array type: in the place of what has had the OID until now, to which
/// those who use it may hold on. What a transaction makes is known at once, as nobody else has its OID; what it changes
/// when it commits.
void LearnType(const MadeTypePtr& type);

/// The type itself, not its array's; null for what none of the process's databases has made. Stays.
const MadeType* FindMadeType(Oid oid);

/// The same of a composite type; null for any other.
const MadeType* FindComposite(Oid oid);

/// The functions that make values of a made range type, or of its multiranges: named as the type is.
std::span<const Function> ConstructorsOf(Oid type);
/// Whether a function is one of them.
bool IsConstructor(const Function& function);

/// Its row, or that of its array type: FindType's of made types.
const Type* FindTypeMade(Oid oid);

/// A type's text as definitions keep it, and ParseType reads it: FormatType's, but of a made type by its OID, however
/// it is called: "type 1073741824".
std::string KeptTypeText(TypeRef type);
/// The made type that such a name, without its quotes, means; null for any other name.
const Type* FindKeptType(std::string_view name);
/// A kept expression with the names that types have now, as FormatType or `name_of` gives them.
std::string WithTypeNames(std::string_view text, const std::function<std::string(Oid)>& name_of = nullptr);
/// The OIDs of made types that a kept expression names.
std::vector<Oid> TypesNamedIn(std::string_view text);

/// What a domain is over, through all domains, with what the first of them says of it; any other type itself.
TypeRef BaseTypeOf(TypeRef type);

/// As it is stored, beside SQL's other definitions.
std::string WriteMadeType(const MadeType& type);
/// XX001 for what no WriteMadeType has written.
Result<MadeTypePtr> ReadMadeType(std::string_view json);

}  // namespace weir::postgres
