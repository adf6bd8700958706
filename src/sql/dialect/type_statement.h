#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/dialect/access_statement.h"
#include "sql/dialect/qualified_name.h"
#include "sql/dialect/sequence_statement.h"

namespace weir::sql {

/// CREATE TYPE name AS ENUM.
struct CreateEnum {
  QualifiedName name;
  std::vector<std::string> labels;
};

/// CREATE TYPE name AS (attribute type, …).
struct CreateComposite {
  struct Attribute {
    std::string name;
    TypeName type;
  };
  QualifiedName name;
  std::vector<Attribute> attributes;
};

/// CREATE TYPE name AS RANGE (SUBTYPE = type, …).
struct CreateRange {
  QualifiedName name;
  TypeName subtype;
  std::optional<QualifiedName> multirange = {};  // the name of the type of its multiranges; nothing: made of its own
  std::string operator_class = {};               // of the subtype; empty: its own
  std::string collation = {};
  std::string difference = {};  // SUBTYPE_DIFF, which only PostgreSQL's GiST asks
};

/// A text of a domain's definition and where it stands.
struct DomainText {
  std::string text;
  int position = 0;
};
struct DomainConstraint {
  std::string name;  // empty: chosen
  DomainText check;
  bool not_valid = false;  // ALTER DOMAIN: values that are stored are not looked at
};

struct CreateDomain {
  QualifiedName name;
  TypeName type;
  std::string collation;
  std::optional<DomainText> default_value;
  bool not_null = false;
  std::vector<DomainConstraint> checks;
};

/// The actions of ALTER TYPE and ALTER DOMAIN.
namespace alter_type {

struct AddValue {
  std::string label;
  bool if_not_exists = false;
  bool before = false;
  std::optional<std::string> neighbor;  // that it stands before or behind; nothing: last
};
struct RenameValue {
  std::string label;
  std::string new_label;
};
struct Rename {
  std::string new_name;
};
struct SetSchema {
  std::string schema;
};
struct SetOwner {
  RoleName role;
};
struct SetDefault {
  std::optional<DomainText> value;  // nothing: DROP DEFAULT
};
struct SetNotNull {
  bool not_null = true;
};
struct AddConstraint {
  DomainConstraint constraint;
};
struct DropConstraint {
  std::string name;
  bool if_exists = false;
};
struct RenameConstraint {
  std::string name;
  std::string new_name;
};
struct ValidateConstraint {
  std::string name;
};

struct AddAttribute {
  CreateComposite::Attribute attribute;
};
struct DropAttribute {
  std::string name;
  bool if_exists = false;
};
struct SetAttributeType {
  CreateComposite::Attribute attribute;
};
struct RenameAttribute {
  std::string name;
  std::string new_name;
};

}  // namespace alter_type

struct AlterType {
  QualifiedName name;
  bool domain = false;  // written ALTER DOMAIN
  std::variant<alter_type::AddValue, alter_type::RenameValue, alter_type::Rename, alter_type::SetSchema,
               alter_type::SetOwner, alter_type::SetDefault, alter_type::SetNotNull, alter_type::AddConstraint,
               alter_type::DropConstraint, alter_type::RenameConstraint, alter_type::ValidateConstraint,
               alter_type::AddAttribute, alter_type::DropAttribute, alter_type::SetAttributeType,
               alter_type::RenameAttribute>
      action = {};
};

struct DropTypes {
  bool if_exists = false;
  bool domain = false;  // written DROP DOMAIN
  std::vector<QualifiedName> names = {};
  bool cascade = false;
};

}  // namespace weir::sql
