#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "sql/catalog/foreign_table.h"
#include "sql/catalog/made_types.h"
#include "sql/catalog/relation.h"
#include "sql/catalog/zone.h"
#include "weir/status.h"

namespace weir::sql {

class CatalogDraft;

/// What COMMENT ON has said of what has no definition of its own, by such keys.
using CommentMap = std::map<std::string, std::string>;
using CommentMapPtr = std::shared_ptr<const CommentMap>;
inline std::string CommentKeyOfSchema(const std::string& database) { return "schema " + database; }
inline std::string CommentKeyOfDatabase(const std::string& database) { return "database " + database; }
inline std::string CommentKeyOfServer(const std::string& name) { return "server " + name; }
inline std::string CommentKeyOfRole(int64_t role) { return "role " + std::to_string(role); }

/// The databases and relations that somebody sees: what is committed (Catalog), or a transaction's own (CatalogDraft).
class CatalogView {
 public:
  virtual ~CatalogView() = default;

  virtual Result<std::vector<std::string>> ListDatabases() = 0;
  virtual Result<bool> DatabaseExists(const std::string& name) = 0;
  virtual Result<std::vector<RelationPtr>> ListRelations(const std::string& database) = 0;
  /// Null when there is none. Looks at the target when the cached answer may be out of date.
  virtual Result<RelationPtr> Find(const TablePath& path) = 0;
  virtual Result<RelationPtr> FindById(int64_t id) = 0;
  /// The children of a partitioned relation; loaded on first use and kept until they change.
  virtual Result<PartitionChildrenPtr> Children(const Relation& relation) = 0;
  /// All zones that are set.
  virtual Result<ZoneMapPtr> Zones() = 0;
  /// What CREATE SERVER has made, by name.
  virtual Result<ForeignServersPtr> Servers() = 0;
  virtual Result<CommentMapPtr> Comments() = 0;
  /// All types that were made. postgres::FindType knows them then.
  virtual Result<TypeMapPtr> Types() = 0;
};

/// What SQL knows of a target's tables: the relations of SQL's own partition trees, kept in PK
/// tables of the database `weir` through the Gateway, and every other Fluss table as it is. A Fluss
/// table partitioned by columns appears as a tree one LIST level deep whose leaves are its
/// partitions. Loaded as it is asked for; a change made by another door is seen by the next
/// statement (Refresh). Thread-safe.
class Catalog : public CatalogView {
 public:
  static Result<std::shared_ptr<Catalog>> Open(std::shared_ptr<Gateway> gateway);

  virtual Gateway& gateway() const = 0;
  /// Drops what is cached of Fluss's own tables, so that the next look sees other doors' changes.
  virtual void Refresh() = 0;
  /// Goes up with every change made through this catalog.
  virtual uint64_t version() const = 0;

  /// A draft without changes yet.
  virtual std::unique_ptr<CatalogDraft> NewDraft() = 0;
  /// Makes a draft what everybody sees. `write` commits what it is given, together with the transaction's rows and all
  /// or nothing; no other draft is committed meanwhile. 40001: others have changed what the draft was built on. After
  /// an error of which it is not known whether it wrote (code -1), the catalog is read anew.
  using Write = std::function<Status(CommitRequest)>;
  virtual Status Commit(CatalogDraft* draft, const Write& write) = 0;
};

/// What a row of this partition meets, its ancestors' bounds included, as pg_get_partition_constraintdef shows it;
/// empty for a relation that is no partition, and for a DEFAULT without siblings. HASH bounds are calls of
/// satisfies_hash_partition(parent, modulus, remainder, key…).
Result<std::string> PartitionConstraintText(CatalogView& catalog, const Relation& relation);

}  // namespace weir::sql
