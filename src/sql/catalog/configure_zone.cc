#include "sql/catalog/configure_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "client/system_table.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/catalog/whole_zone.h"
#include "sql/catalog/zone_rules.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr const char* kPrimary = "primary";

std::string TableText(const Relation& table, bool full) {
  const std::string name = QuoteIdentifier(table.path.table);
  return full ? fmt::format("{}.public.{}", QuoteIdentifier(table.path.database), name) : name;
}

std::string IndexText(const Relation& table, const Relation* index, bool full) {
  return TableText(table, full) + "@" + (index == nullptr ? kPrimary : QuoteIdentifier(index->path.table));
}

ZoneChain Above(ZoneLevel level, ZoneChain parents) {
  parents.insert(parents.begin(), std::move(level));
  return parents;
}

/// Whether a name means KWDB's own database: there is no other of that name.
Result<bool> MeansSystemTables(const std::string& database, CatalogView& catalog) {
  if (database != kSystemTablesDatabase) return false;
  WEIR_ASSIGN_OR_RETURN(const bool exists, catalog.DatabaseExists(database));
  return !exists;
}

Status CheckNoSystemTable(const TablePath& path, CatalogView& catalog) {
  WEIR_ASSIGN_OR_RETURN(const bool of_kwdb, MeansSystemTables(path.database, catalog));
  if (path.database != kSystemDatabase && !of_kwdb) return Status::OK();
  return Error("23514", "cannot set zone configs for system config tables; try setting your config on the entire "
                        "\"system\" database instead");
}

Result<RelationPtr> FindZonedTable(const ZoneTarget& target, const DdlContext& context, CatalogView& catalog) {
  const TablePath path = PathOf(target.table, context);
  WEIR_RETURN_NOT_OK(CheckNoSystemTable(path, catalog));
  WEIR_ASSIGN_OR_RETURN(RelationPtr table, catalog.Find(path));
  // An index may stand without its table.
  const bool alone = target.kind == ZoneTarget::Kind::kIndex || target.of_index;
  if (table && table->is_index() && alone && target.index.empty()) return table;
  if (alone && target.index.empty()) {
    return Error("42704", fmt::format("index \"{}\" does not exist", target.table.name), {.position = target.position});
  }
  if (!table || table->is_index()) return NoRelation(target.table);
  if (table->is_foreign() || (!table->is_leaf() && !table->is_partitioned())) {
    return Error("42809", fmt::format("\"{}\" is not a table", target.table.name), {.position = target.position});
  }
  return table;
}

/// A table, and one of its indexes; null: the primary one.
struct ZonedIndex {
  RelationPtr table;
  RelationPtr index;
};

Result<ZonedIndex> FindZonedIndex(const ZoneTarget& target, const DdlContext& context, CatalogView& catalog) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr found, FindZonedTable(target, context, catalog));
  if (found->is_index()) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr table, catalog.FindById(found->index->table));
    if (table) return ZonedIndex{std::move(table), std::move(found)};
  }
  const bool primary = target.index.empty() || target.index == "*" || target.index == kPrimary;
  if (primary) return ZonedIndex{std::move(found), nullptr};
  for (const RelationPtr& index : found->indexes) {
    if (index->path.table == target.index) return ZonedIndex{found, index};
  }
  return Error("42704", fmt::format("index \"{}\" does not exist", target.index), {.position = target.position});
}

Result<RelationPtr> FindPartition(const Relation& table, const std::string& name, CatalogView& catalog) {
  if (!table.is_partitioned()) return RelationPtr();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(table));
  for (const RelationPtr& child : children->relations) {
    if (!name.empty() && KwdbPartitionName(table, *child) == name) return child;
  }
  return RelationPtr();
}

bool HasPartition(const Relation& index, const std::string& name) {
  return index.index->declared &&
         std::ranges::find(index.index->declared->partitions, name, &SqlIndex::Partition::name) !=
             index.index->declared->partitions.end();
}

Status NoPartition(const ZoneTarget& target, const ZonedIndex& of) {
  const std::string& index = of.index ? of.index->path.table : kPrimary;
  return Error("42704", fmt::format("partition \"{}\" does not exist on {} \"{}\"", target.partition,
                                    target.of_index ? "index" : "table",
                                    target.of_index ? index : of.table->path.table),
               {.position = target.position});
}

/// Of the table's indexes that have such a partition: of the one that is named, of all for *, or of the only one.
Result<std::vector<ZoneChain>> FindZonedPartition(const ZoneTarget& target, const DdlContext& context,
                                                  CatalogView& catalog) {
  const bool full = !target.table.schema.empty();
  WEIR_ASSIGN_OR_RETURN(const ZonedIndex of, FindZonedIndex(target, context, catalog));
  const bool all = target.index == "*";
  const bool any = all || !target.of_index;
  std::vector<ZoneChain> found;
  if (!of.index) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr partition, FindPartition(*of.table, target.partition, catalog));
    if (partition) found.push_back(ZoneChainOfPartition(*of.table, *partition, target.of_index, full));
  }
  for (const RelationPtr& index : of.table->indexes) {
    const bool meant = any || (of.index && of.index->id == index->id);
    if (!meant || !HasPartition(*index, target.partition)) continue;
    found.push_back(ZoneChainOfIndexPartition(*of.table, *index, target.partition, target.of_index, full));
  }
  if (found.empty() && !all) return NoPartition(target, of);
  if (found.size() < 2 || all) return found;
  return Error("22023", fmt::format("partition \"{}\" exists on multiple indexes of table \"{}\"", target.partition,
                                    of.table->path.table),
               {.hint = "try ALTER PARTITION ... OF INDEX ...", .position = target.position});
}

// --- CONFIGURE ZONE

/// The kind of a value where it is not the variable's; else nothing.
std::string WrongKind(const ZoneAssignment& assignment, bool number, const DdlContext& context) {
  if (!context.type_of || IsUntypedConstant(assignment.value)) return {};
  const auto type = context.type_of({}, {.text = assignment.value, .position = assignment.position});
  if (!type.ok()) return {};  // evaluating it says more
  const std::string kind = KwdbTypeFamily(*type);
  return kind == (number ? "int" : "string") || kind == "unknown" ? std::string() : kind;
}

Result<AssignedZoneValue> EvaluateZoneValue(const ZoneAssignment& assignment, const DdlContext& context) {
  AssignedZoneValue assigned{.variable = assignment.variable,
                             .copy_from_parent = assignment.copy_from_parent,
                             .value = std::nullopt,
                             .type = {},
                             .position = assignment.position};
  const auto known = std::ranges::find(ZoneVariables(), assignment.variable, &ZoneVariable::name);
  if (assignment.copy_from_parent || known == ZoneVariables().end()) return assigned;
  assigned.type = WrongKind(assignment, known->number, context);
  if (!assigned.type.empty()) return assigned;
  const auto values = context.evaluate({{assignment.value, known->number ? "bigint" : "text", assignment.position}});
  if (!values.ok()) return KwdbReadError(values.status(), "bigint");
  const KeyValue& value = values->front();
  if (const auto* number = std::get_if<int64_t>(&value)) assigned.value = std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) assigned.value = *text;
  return assigned;
}

/// The text of CONFIGURE ZONE = …; nothing for NULL.
Result<std::optional<std::string>> EvaluateWholeZone(const ConfigureZone& statement, const DdlContext& context) {
  const ZoneAssignment written{.variable = {}, .value = statement.whole, .position = statement.whole_position};
  const std::string kind = WrongKind(written, false, context);
  if (!kind.empty() && kind != "bytes") {
    return Error("22023", fmt::format("zone config must be of type string or bytes, not {}", kind),
                 {.position = written.position});
  }
  WEIR_ASSIGN_OR_RETURN(const auto values, context.evaluate({{written.value, "text", written.position}}));
  const auto* text = std::get_if<std::string>(&values.front());
  return text == nullptr ? std::nullopt : std::optional(*text);
}

Result<int> DiscardZones(const std::vector<ZoneChain>& chains, CatalogDraft* draft) {
  int written = 0;
  for (const ZoneChain& chain : chains) {
    const ZoneLevel& level = chain.front();
    if (level.range == "default") return Error("23514", "cannot remove default zone");
    WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr zones, draft->Zones());
    if (OwnZone(*zones, level) == nullptr) continue;
    // What KWDB ships a zone with would have that again.
    std::optional<ZoneFields> nothing;
    if (BuiltInZone(level.range)) nothing.emplace();
    WEIR_RETURN_NOT_OK(draft->PutZone(level.key, std::move(nothing)));
    ++written;
  }
  return written;
}

Status PutDefault(const ZoneLevel& level, CatalogDraft* draft) {
  if (level.range == "default") return draft->PutZone(level.key, std::nullopt);
  return draft->PutZone(level.key, ZoneFields());
}

Status AssignTo(const ZoneChain& chain, const std::vector<AssignedZoneValue>& assignments,
                std::span<const placement::Node> nodes, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const ZoneMapPtr zones, draft->Zones());
  const ZoneFields* before = OwnZone(*zones, chain.front());
  const std::span<const ZoneLevel> above = std::span(chain).subspan(1);
  const ZoneFields parent = above.empty() ? *BuiltInZone("default") : ZoneInForce(*zones, above);
  WEIR_ASSIGN_OR_RETURN(ZoneFields own, AssignZone(before == nullptr ? ZoneFields() : *before, assignments, parent,
                                                   nodes));
  ZoneFields in_force = own;
  in_force.insert(parent.begin(), parent.end());
  WEIR_RETURN_NOT_OK(CheckZone(own, in_force));
  return draft->PutZone(chain.front().key, std::move(own));
}

}  // namespace

ZoneChain ZoneChainOfRange(const std::string& name) {
  ZoneChain chain{ZoneLevel{ZoneKeyOfRange("default"), "RANGE default", "default"}};
  if (name == "default") return chain;
  return Above({ZoneKeyOfRange(name), "RANGE " + name, name}, std::move(chain));
}

ZoneChain ZoneChainOfSystemTables() { return Above(SystemTablesLevel(), ZoneChainOfRange("default")); }

ZoneChain ZoneChainOfDatabase(const std::string& name) {
  return Above({ZoneKeyOfDatabase(name), "DATABASE " + QuoteIdentifier(name)}, ZoneChainOfRange("default"));
}

ZoneChain ZoneChainOfTable(const Relation& table, bool full) {
  return Above({ZoneKeyOfRelation(table.id), "TABLE " + TableText(table, full)},
               ZoneChainOfDatabase(table.path.database));
}

ZoneChain ZoneChainOfIndex(const Relation& table, const Relation* index, bool full) {
  return Above({index == nullptr ? ZoneKeyOfPrimaryIndex(table.id) : ZoneKeyOfRelation(index->id),
                "INDEX " + IndexText(table, index, full)},
               ZoneChainOfTable(table, full));
}

ZoneChain ZoneChainOfPartition(const Relation& table, const Relation& partition, bool of_index, bool full) {
  const std::string of = of_index ? "INDEX " + IndexText(table, nullptr, full) : "TABLE " + TableText(table, full);
  return Above({ZoneKeyOfRelation(partition.id),
                fmt::format("PARTITION {} OF {}", QuoteIdentifier(KwdbPartitionName(table, partition)), of)},
               ZoneChainOfIndex(table, nullptr, full));
}

ZoneChain ZoneChainOfIndexPartition(const Relation& table, const Relation& index, const std::string& partition,
                                    bool of_index, bool full) {
  const std::string of = of_index ? "INDEX " + IndexText(table, &index, full) : "TABLE " + TableText(table, full);
  return Above({ZoneKeyOfIndexPartition(index.id, partition),
                fmt::format("PARTITION {} OF {}", QuoteIdentifier(partition), of)},
               ZoneChainOfIndex(table, &index, full));
}

Result<std::vector<ZoneChain>> FindZoned(const ZoneTarget& target, const DdlContext& context, CatalogView& catalog) {
  switch (target.kind) {
    case ZoneTarget::Kind::kRange:
      if (std::ranges::find(BuiltInRanges(), target.name) != BuiltInRanges().end()) {
        return std::vector<ZoneChain>{ZoneChainOfRange(target.name)};
      }
      return Error("42704", fmt::format("\"{}\" is not a built-in zone", target.name), {.position = target.position});
    case ZoneTarget::Kind::kDatabase: {
      WEIR_ASSIGN_OR_RETURN(const bool exists, catalog.DatabaseExists(target.name));
      if (exists) return std::vector<ZoneChain>{ZoneChainOfDatabase(target.name)};
      if (target.name == kSystemTablesDatabase) return std::vector<ZoneChain>{ZoneChainOfSystemTables()};
      return Error("3D000", fmt::format("database \"{}\" does not exist", target.name), {.position = target.position});
    }
    case ZoneTarget::Kind::kTable: {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindZonedTable(target, context, catalog));
      return std::vector<ZoneChain>{ZoneChainOfTable(*table, !target.table.schema.empty())};
    }
    case ZoneTarget::Kind::kIndex: {
      WEIR_ASSIGN_OR_RETURN(const ZonedIndex of, FindZonedIndex(target, context, catalog));
      return std::vector<ZoneChain>{ZoneChainOfIndex(*of.table, of.index.get(), !target.table.schema.empty())};
    }
    case ZoneTarget::Kind::kPartition: return FindZonedPartition(target, context, catalog);
  }
  return std::vector<ZoneChain>();
}

Result<int> Configure(const ConfigureZone& statement, std::span<const placement::Node> nodes, const DdlContext& context,
                      CatalogDraft* draft) {
  const ZoneTarget& target = statement.target;
  const bool of_partition = target.kind == ZoneTarget::Kind::kPartition;
  // The statement's own mistakes come before a partition that is not there, and behind a table.
  ZoneTarget named = target;
  if (of_partition) named.kind = target.of_index ? ZoneTarget::Kind::kIndex : ZoneTarget::Kind::kTable;
  WEIR_RETURN_NOT_OK(FindZoned(named, context, *draft).status());
  std::vector<AssignedZoneValue> assignments;
  for (const ZoneAssignment& assignment : statement.assignments) {
    WEIR_ASSIGN_OR_RETURN(AssignedZoneValue value, EvaluateZoneValue(assignment, context));
    assignments.push_back(std::move(value));
  }
  bool discard = statement.action == ConfigureZone::Action::kDiscard;
  if (statement.action == ConfigureZone::Action::kWhole) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> yaml, EvaluateWholeZone(statement, context));
    discard = !yaml;
    if (yaml) {
      WEIR_ASSIGN_OR_RETURN(assignments, ReadWholeZone(*yaml));
    }
  }
  WEIR_RETURN_NOT_OK(CheckZoneAssignments(assignments, of_partition));
  WEIR_ASSIGN_OR_RETURN(const std::vector<ZoneChain> chains, FindZoned(target, context, *draft));
  if (discard) return DiscardZones(chains, draft);
  for (const ZoneChain& chain : chains) {
    const bool reset = statement.action == ConfigureZone::Action::kDefault;
    WEIR_RETURN_NOT_OK(reset ? PutDefault(chain.front(), draft) : AssignTo(chain, assignments, nodes, draft));
  }
  return static_cast<int>(chains.size());
}

}  // namespace weir::sql
