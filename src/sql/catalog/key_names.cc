#include "sql/catalog/key_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "postgres/made_type.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

/// A default operator class of btree and of hash, or, behind it, one that orders and hashes as it does here.
struct OperatorClass {
  std::string_view name;
  std::array<uint32_t, 6> types;  // OIDs; 0: none
  bool btree = true;
  bool hash = true;
};

constexpr std::array kClasses = {
    OperatorClass{"bool_ops", {16}},
    OperatorClass{"int2_ops", {21}},
    OperatorClass{"int4_ops", {23}},
    OperatorClass{"int8_ops", {20}},
    OperatorClass{"oid_ops", {26}},
    OperatorClass{"float4_ops", {700}},
    OperatorClass{"float8_ops", {701}},
    OperatorClass{"numeric_ops", {1700}},
    OperatorClass{"text_ops", {25, 1043}},
    OperatorClass{"varchar_ops", {25, 1043}},
    OperatorClass{"text_pattern_ops", {25, 1043}},
    OperatorClass{"varchar_pattern_ops", {25, 1043}},
    OperatorClass{"bpchar_ops", {1042}},
    OperatorClass{"bpchar_pattern_ops", {1042}},
    OperatorClass{"name_ops", {19}},
    OperatorClass{"bytea_ops", {17}},
    OperatorClass{"date_ops", {1082}},
    OperatorClass{"time_ops", {1083}},
    OperatorClass{"timetz_ops", {1266}},
    OperatorClass{"timestamp_ops", {1114}},
    OperatorClass{"timestamptz_ops", {1184}},
    OperatorClass{"interval_ops", {1186}},
    OperatorClass{"uuid_ops", {2950}},
    OperatorClass{"jsonb_ops", {3802}},
    OperatorClass{"inet_ops", {869, 650}},
    OperatorClass{"cidr_ops", {869, 650}},
    OperatorClass{"macaddr_ops", {829}},
    OperatorClass{"macaddr8_ops", {774}},
    OperatorClass{"bit_ops", {1560}, true, false},
    OperatorClass{"varbit_ops", {1562}, true, false},
    OperatorClass{"money_ops", {790}, true, false},
    OperatorClass{"range_ops", {3904, 3926, 3906, 3912, 3908, 3910}},
    OperatorClass{"multirange_ops", {4451, 4536, 4532, 4535, 4533, 4534}},
};

}  // namespace

Status CheckCollationExists(std::string_view name, int position) {
  constexpr std::array<std::string_view, 4> kKnownCollations = {"default", "C", "POSIX", "ucs_basic"};
  if (name.empty() || std::ranges::find(kKnownCollations, name) != kKnownCollations.end()) return Status::OK();
  return Error("42704", fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", name),
               {.position = position});
}

namespace {

std::string HowToGetClass(ClassUse use, std::string_view method) {
  switch (use) {
    case ClassUse::kPartitionKey: break;
    case ClassUse::kIndex:
      return "You must specify an operator class for the index or define a default operator class for the data type.";
    case ClassUse::kRangeType:
      return "You must specify an operator class for the range type or define a default operator class for the "
             "subtype.";
  }
  return fmt::format("You must specify a {0} operator class or define a default {0} operator class for the data type.",
                     method);
}

}  // namespace

Status CheckHasOperatorClass(const SqlType& type, std::string_view method, ClassUse use, int position) {
  if (method == "hash" ? type.hashable : type.ordered) return Status::OK();
  return Error("42704",
               fmt::format("data type {} has no default operator class for access method \"{}\"",
                           postgres::WithTypeNames(type.name.substr(0, type.name.find('('))), method),
               {.hint = HowToGetClass(use, method), .position = position});
}

Status CheckHasOneForm(const SqlType& type, bool primary, int position) {
  const bool has = type.one_form != OneForm::kNever && (!primary || type.one_form != OneForm::kInIndexes);
  if (has) return Status::OK();
  return Error("0A000",
               fmt::format("{} of type {} is not supported", primary ? "a primary key" : "a unique key",
                           postgres::WithTypeNames(type.name)),
               {.hint = primary && type.one_form == OneForm::kInIndexes ? "Make it UNIQUE and NOT NULL." : "",
                .position = position});
}

std::string OtherOperatorClass(std::string_view name, const SqlType& type) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const auto own = std::ranges::find_if(kClasses, [&](const OperatorClass& one) {
    return std::ranges::find(one.types, type.oid) != one.types.end();
  });
  return std::string(own != kClasses.end() && own->name == last ? "" : last);
}

Status CheckOperatorClass(std::string_view name, std::string_view method, const SqlType& type, int position) {
  if (name.empty()) return Status::OK();
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const auto found = std::ranges::find(kClasses, last, &OperatorClass::name);
  const bool exists = found != kClasses.end() && (method == "hash" ? found->hash : found->btree);
  if (!exists) {
    return Error("42704", fmt::format("operator class \"{}\" does not exist for access method \"{}\"", last, method),
                 {.position = position});
  }
  if (std::ranges::find(found->types, type.oid) != found->types.end()) return Status::OK();
  return Error("42804", fmt::format("operator class \"{}\" does not accept data type {}", last, type.name),
               {.position = position});
}

}  // namespace weir::sql
