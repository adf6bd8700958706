#include <algorithm>
#include <iterator>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/inheritance.h"
#include "sql/catalog/pending_key.h"
#include "sql/catalog/zone.h"
#include "sql/engine/errors.h"
#include "sql/one_of.h"
#include "sql/overloaded.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

/// A table that a statement names and how it locks it.
struct NeededLock {
  QualifiedName name;
  LockMode mode = LockMode::kAccessExclusive;
  bool below = false;   // its partitions, too
  bool heirs = false;   // the tables that inherit from it, too
  bool parent = false;  // the table that it is a partition of, too
  bool of_index = false;  // the name is an index's: its table
  /// ACCESS EXCLUSIVE where there is a DEFAULT partition, which would have to give rows up.
  bool for_default = false;
  bool referenced = false;  // by a new foreign key: nothing of it changes
};
using NeededLocks = std::vector<NeededLock>;

/// The same lock on each.
NeededLocks LocksOnAll(const std::vector<QualifiedName>& names, const NeededLock& like) {
  NeededLocks locks(names.size(), like);
  for (size_t i = 0; i < names.size(); ++i) locks[i].name = names[i];
  return locks;
}

/// The tables that new foreign keys refer to: nobody changes their rows meanwhile.
NeededLocks LocksOnReferenced(const std::vector<TableConstraint>& constraints) {
  NeededLocks locks;
  for (const TableConstraint& constraint : constraints) {
    if (!constraint.references) continue;
    locks.push_back({.name = *constraint.references, .mode = LockMode::kShareRowExclusive, .referenced = true});
  }
  return locks;
}

/// Those that an action adds.
std::vector<TableConstraint> ConstraintsOf(const AlterAction& action) {
  if (const auto* column = std::get_if<alter::AddColumn>(&action)) return column->constraints;
  if (const auto* added = std::get_if<alter::AddConstraint>(&action)) return {added->constraint};
  return {};
}

/// What one action needs of the table, as in PostgreSQL: who only reads goes on beside a new foreign key, and who
/// writes beside what no row depends on, or what new rows are held to already.
LockMode ModeOf(const AlterAction& action) {
  const Overloaded mode{
      [](const alter::AddConstraint& added) {
        return added.constraint.references ? LockMode::kShareRowExclusive : LockMode::kAccessExclusive;
      },
      [](const alter::SwitchTriggers&) { return LockMode::kShareRowExclusive; },
      [](const alter::SetStatistics&) { return LockMode::kShareUpdateExclusive; },
      [](const alter::SetParameters&) { return LockMode::kShareUpdateExclusive; },
      [](const alter::SetOptions&) { return LockMode::kShareUpdateExclusive; },
      [](const alter::ClusterOn&) { return LockMode::kShareUpdateExclusive; },
      [](const alter::ValidateConstraint&) { return LockMode::kShareUpdateExclusive; },
      [](const auto&) { return LockMode::kAccessExclusive; },
  };
  return std::visit(mode, action);
}

/// Partitions stay what they are called and where they are.
bool IsOfTableAlone(const AlterTable& alter) {
  return std::ranges::all_of(alter.actions, [](const AlterAction& action) {
    return std::holds_alternative<alter::RenameTable>(action) || std::holds_alternative<alter::SetSchema>(action);
  });
}

/// Tables that inherit from it: what ONLY drops of it becomes theirs.
bool ChangesHeirs(const AlterTable& alter) {
  return std::ranges::any_of(alter.actions, [&](const AlterAction& action) {
    const bool drops = std::holds_alternative<alter::DropColumn>(action) ||
                       std::holds_alternative<alter::DropConstraint>(action);
    return GoesToHeirs(action) && (drops || !alter.only);
  });
}

LockMode ModeOf(const AlterTable& alter) {
  if (alter.actions.empty()) return LockMode::kAccessExclusive;
  const auto weaker = [](const AlterAction& a, const AlterAction& b) { return ModeOf(a) < ModeOf(b); };
  return ModeOf(*std::ranges::max_element(alter.actions, weaker));
}

/// What may not be done to a table of which rows are still to be checked; empty: it may.
std::string CommandOnRows(const Action& action) {
  const Overloaded command{
      [](const OneOf<AlterTable, AttachPartition, DetachPartition, AlterPartitioning, AlterClassicPartition> auto&) {
        return "ALTER TABLE";
      },
      [](const DropTable&) { return "DROP TABLE"; },
      [](const Truncate&) { return "TRUNCATE"; },
      [](const ArchivePartition&) { return "CALL"; },
      [](const CreateIndex&) { return "CREATE INDEX"; },
      [](const auto&) { return ""; },
  };
  return std::visit(command, action);
}

std::optional<LockMode> ModeOf(const std::string& text) {
  static constexpr std::pair<const char*, LockMode> kModes[] = {
      {"access share", LockMode::kAccessShare},
      {"row share", LockMode::kRowShare},
      {"row exclusive", LockMode::kRowExclusive},
      {"share update exclusive", LockMode::kShareUpdateExclusive},
      {"share", LockMode::kShare},
      {"share row exclusive", LockMode::kShareRowExclusive},
      {"exclusive", LockMode::kExclusive},
      {"access exclusive", LockMode::kAccessExclusive},
  };
  for (const auto& [name, mode] : kModes) {
    if (text == name) return mode;
  }
  return std::nullopt;
}

/// VACUUM and ANALYZE count the rows of what they name.
NeededLocks LocksOfMaintenance(const NoEffect& nothing) {
  NeededLocks locks;
  const bool counts = nothing.tag == "VACUUM" || nothing.tag == "ANALYZE";
  if (!counts || nothing.skip_locked) return locks;
  for (const NoEffect::Target& target : nothing.targets) {
    locks.push_back({.name = target.name, .mode = LockMode::kShareUpdateExclusive});
  }
  return locks;
}

NeededLocks LocksOfZone(const ZoneTarget& target) {
  // KWDB's own tables, which are not there, have an error of their own.
  if (target.table.name.empty() || target.table.schema == kSystemTablesDatabase) return {};
  const bool of_index = target.index.empty();
  return {{.name = target.table, .mode = LockMode::kShareUpdateExclusive, .of_index = of_index}};
}

NeededLocks LocksOfNewTable(const CreateTable& create) {
  NeededLocks locks = LocksOnReferenced(create.constraints);
  if (create.parent) locks.push_back({.name = *create.parent});
  for (const QualifiedName& parent : create.inherits) {
    locks.push_back({.name = parent, .mode = LockMode::kShareUpdateExclusive});
  }
  for (const LikeTable& like : create.likes) locks.push_back({.name = like.source, .mode = LockMode::kAccessShare});
  return locks;
}

NeededLocks LocksOfAlteredTable(const AlterTable& alter) {
  const bool below = !alter.only && !IsOfTableAlone(alter);
  NeededLocks locks = {{.name = alter.name, .mode = ModeOf(alter), .below = below, .heirs = ChangesHeirs(alter)}};
  for (const AlterAction& one : alter.actions) {
    if (const auto* inherit = std::get_if<alter::Inherit>(&one)) {
      locks.push_back({.name = inherit->parent, .mode = LockMode::kShareUpdateExclusive});
    }
    NeededLocks more = LocksOnReferenced(ConstraintsOf(one));
    std::ranges::move(more, std::back_inserter(locks));
  }
  return locks;
}

/// What DDL locks before it looks at its tables: what changes where the rows of a table go, or takes rows away, waits
/// for all who use that table and lets nobody in until the transaction ends.
NeededLocks LocksOf(const Action& action) {
  const Overloaded needs{
      [](const CreateTable& create) { return LocksOfNewTable(create); },
      [](const AttachPartition& attach) {
        return NeededLocks{
            {.name = attach.parent, .mode = LockMode::kShareUpdateExclusive, .for_default = true},
            {.name = attach.partition, .below = true}};
      },
      [](const DetachPartition& detach) {
        return NeededLocks{{.name = detach.parent}, {.name = detach.partition, .below = true}};
      },
      [](const AlterClassicPartition& alter) {  // partitions are locked as they are found (DdlContext::lock)
        NeededLocks locks = {{.name = alter.name}};
        AlterClassicPartition::ForEachExchanged(
            alter, [&](const QualifiedName& table) { locks.push_back({.name = table, .below = true}); });
        return locks;
      },
      [](const ArchivePartition& archive) { return NeededLocks{{.name = archive.name, .parent = true}}; },
      [](const AlterPartitioning& alter) { return NeededLocks{{.name = alter.name, .below = true}}; },
      [](const ConfigureZone& configure) { return LocksOfZone(configure.target); },
      [](const CommentOn& comment) {
        if (!comment.is_of_relation()) return NeededLocks();
        return NeededLocks{{.name = comment.table, .mode = LockMode::kShareUpdateExclusive}};
      },
      [](const NoEffect& nothing) { return LocksOfMaintenance(nothing); },
      [](const AlterTable& alter) { return LocksOfAlteredTable(alter); },
      [](const AccessStatement& access) {
        const auto* owner = std::get_if<ChangeOwner>(&access);
        return owner == nullptr ? NeededLocks() : LocksOnAll(owner->table, {});
      },
      [](const DropTable& drop) { return LocksOnAll(drop.names, {.name = {}, .below = true, .parent = true}); },
      [](const CreateView& create) { return create.replace ? NeededLocks{{.name = create.name}} : NeededLocks(); },
      [](const DropView& drop) { return LocksOnAll(drop.names, {}); },
      [](const Truncate& truncate) {
        return LocksOnAll(truncate.names, {.name = {}, .below = !truncate.only, .heirs = !truncate.only});
      },
      [](const CreateIndex& create) {
        // Not SHARE, as in PostgreSQL: two at once would both make the table's definition anew.
        return NeededLocks{{.name = create.table, .mode = LockMode::kShareRowExclusive, .below = true}};
      },
      [](const RenameIndex& rename) {
        return NeededLocks{{.name = rename.name, .mode = LockMode::kShareUpdateExclusive, .of_index = true}};
      },
      [](const AttachIndex& attach) {
        return NeededLocks{{.name = attach.name, .mode = LockMode::kShareUpdateExclusive, .of_index = true},
                           {.name = attach.partition, .mode = LockMode::kShareUpdateExclusive, .of_index = true}};
      },
      [](const DropIndexes& drop) {
        return LocksOnAll(drop.names, {.name = {}, .below = true, .parent = true, .of_index = true});
      },
      [](const AlterSequence& alter) {
        return NeededLocks{{.name = alter.name, .mode = LockMode::kShareRowExclusive}};
      },
      [](const DropSequences& drop) { return LocksOnAll(drop.names, {}); },
      // They lock what they come to when they run.
      [](const OneOf<Query, Copy, Explain, PrepareQuery, ExecutePrepared, DeclareCursor, CallProcedure, LockTable,
                     RefreshMaterializedView> auto&) { return NeededLocks(); },
      // No tables.
      [](const OneOf<CreateDatabase, DropDatabase, RenameDatabase, CreateSequence, CreateEnum, CreateRange,
                     CreateComposite, CreateDomain, AlterType, DropTypes, CreateFunction, DropFunctions, AlterFunction,
                     CreateServer, AlterServer, DropServers, ImportSchema, CreateExtension, DropAbsent> auto&) {
        return NeededLocks();
      },
      [](const OneOf<TransactionControl, SetParameter, ShowParameter, SetConstraints, ClusterSetting, ShowCatalog,
                     Deallocate, FetchCursor, CloseCursor, Discard, Unsupported> auto&) { return NeededLocks(); },
  };
  return std::visit(needs, action);
}

Status NotAvailable(const Relation& relation) {
  return Error("55P03", "could not obtain lock on relation \"" + relation.path.table + "\"");
}

}  // namespace

Status EngineSession::LockFor(const Action& action) {
  for (const NeededLock& needed : LocksOf(action)) {
    OpenTransaction();
    WEIR_ASSIGN_OR_RETURN(const TablePath path, LockedPath(needed.name, needed.of_index));
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(path));
    // Parents first, as writers come from the root.
    if (relation && relation->parent && needed.parent) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, catalog().FindById(*relation->parent));
      if (parent) WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation(parent->id), needed.mode).status());
    }
    WEIR_ASSIGN_OR_RETURN(relation, LockNamed(path, needed.mode, LockPolicy::kWait, needed.below));
    if (relation && needed.heirs) WEIR_RETURN_NOT_OK(LockHeirs(relation, needed.mode, LockPolicy::kWait));
    if (relation && needed.mode == LockMode::kAccessExclusive) WEIR_RETURN_NOT_OK(LockSequencesOf(*relation));
    const std::string command = CommandOnRows(action);
    if (relation && !command.empty() && !needed.referenced)
      WEIR_RETURN_NOT_OK(CheckNothingIsDeferred(relation, command));
    if (!relation || !needed.for_default || !relation->is_partitioned()) continue;
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*relation));
    if (std::ranges::none_of(children->relations, [](const auto& child) { return IsDefault(child->bound); })) continue;
    WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation(relation->id), LockMode::kAccessExclusive).status());
  }
  return Status::OK();
}

/// What a name stands for is locked; for an index's, its table.
Result<TablePath> EngineSession::LockedPath(const QualifiedName& name, bool of_index) {
  const TablePath path = PathOf(name);
  if (!of_index) return path;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr index, catalog().Find(path));
  if (!index) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr of_key, TableOfKey(catalog(), path));
    return of_key ? of_key->path : path;
  }
  if (!index->is_index()) return path;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, catalog().FindById(index->index->table));
  return table ? table->path : path;
}

/// Who has a table alone has the sequences that go with it: nobody takes values from them.
Status EngineSession::LockSequencesOf(const Relation& table) {
  for (const OwnedSequence& owned : table.owned_sequences) {
    WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation(owned.sequence), LockMode::kAccessExclusive).status());
  }
  return Status::OK();
}

/// Null when there is no such relation. What the name means is looked up again once the lock is there: it may have
/// been dropped, or made anew, while the lock was waited for.
Result<RelationPtr> EngineSession::LockNamed(const TablePath& path, LockMode mode, LockPolicy policy, bool below) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(path));
  while (relation) {
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(LockTag::Relation(relation->id), mode, policy));
    if (grant == LockGrant::kNotAvailable) return NotAvailable(*relation);
    WEIR_ASSIGN_OR_RETURN(RelationPtr again, catalog().Find(path));
    const bool same = again && again->id == relation->id;
    relation = std::move(again);
    if (same) break;
  }
  if (relation && below) WEIR_RETURN_NOT_OK(LockBelow(*relation, mode, policy));
  return relation;
}

Result<RelationPtr> EngineSession::LockAlone(const RelationPtr& relation, bool below) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr locked,
                        LockNamed(relation->path, LockMode::kAccessExclusive, LockPolicy::kWait, below));
  // Another one has got its name meanwhile.
  return locked && locked->id == relation->id ? std::move(locked) : RelationPtr();
}

Status EngineSession::LockBelow(const Relation& relation, LockMode mode, LockPolicy policy) {
  if (!relation.is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(relation));
  for (const RelationPtr& child : children->relations) {
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(LockTag::Relation(child->id), mode, policy));
    if (grant == LockGrant::kNotAvailable) return NotAvailable(*child);
    WEIR_RETURN_NOT_OK(LockBelow(*child, mode, policy));
  }
  return Status::OK();
}

Status EngineSession::LockHeirs(const RelationPtr& table, LockMode mode, LockPolicy policy) {
  WEIR_ASSIGN_OR_RETURN(const auto heirs, WithHeirs(catalog(), table, state_->temporary));
  for (size_t i = 1; i < heirs.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(LockTag::Relation(heirs[i]->id), mode, policy));
    if (grant == LockGrant::kNotAvailable) return NotAvailable(*heirs[i]);
  }
  return Status::OK();
}

/// A table that is written to is locked from its root down: whoever changes where rows go locks the table whose
/// partitions change, and so meets those who write to one of them directly.
Status EngineSession::LockToWrite(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(path));
  while (relation) {
    std::vector<RelationPtr> ancestors;
    for (RelationPtr at = relation; at->parent;) {
      WEIR_ASSIGN_OR_RETURN(at, catalog().FindById(*at->parent));
      if (!at) break;
      ancestors.push_back(at);
    }
    for (auto at = ancestors.rbegin(); at != ancestors.rend(); ++at) {
      WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation((*at)->id), LockMode::kRowExclusive).status());
    }
    WEIR_ASSIGN_OR_RETURN(const RelationPtr locked,
                          LockNamed(path, LockMode::kRowExclusive, LockPolicy::kWait, false));
    const bool same = locked && locked->id == relation->id && locked->parent == relation->parent;
    if (same) break;
    relation = locked;
  }
  return Status::OK();
}

EngineSession::Outcome EngineSession::RunLock(const LockTable& lock) {
  if (!in_block()) return Error("25P01", "LOCK TABLE can only be used in transaction blocks");
  const auto mode = ModeOf(lock.mode);
  if (!mode) return Error("42601", "\"" + lock.mode + "\" is no lock mode");
  for (const LockTable::Item& item : lock.items) {
    const LockPolicy policy = lock.nowait ? LockPolicy::kNoWait : LockPolicy::kWait;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, LockNamed(PathOf(item.name), *mode, policy, !item.only));
    if (relation && !item.only) WEIR_RETURN_NOT_OK(LockHeirs(relation, *mode, policy));
    std::vector<RelationPtr> views;  // what they read is locked as they are
    if (relation && relation->is_view()) views.push_back(relation);
    for (size_t i = 0; i < views.size(); ++i) {
      for (const ViewSource& source : views[i]->view->sources) {
        WEIR_ASSIGN_OR_RETURN(RelationPtr read, catalog().FindById(source.relation));
        if (!read || read->is_foreign() || !(read->is_view() || read->is_table())) continue;
        WEIR_ASSIGN_OR_RETURN(read, LockNamed(read->path, *mode, policy, true));
        if (read && read->is_view()) views.push_back(std::move(read));
      }
    }
    if (!views.empty()) continue;
    if (relation && (relation->is_foreign() || !relation->is_table())) {
      return Error("42809", "cannot lock relation \"" + relation->path.table + "\"",
                   {.detail = "This operation is not supported for " + PluralOfKind(*relation) + "."});
    }
    if (relation) continue;
    return Error("42P01", "relation \"" + item.name.name + "\" does not exist", {.position = item.name.position});
  }
  return NoRows("LOCK TABLE");
}

}  // namespace weir::sql
