#include "sql/catalog/table_definition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "model/sql_marks.h"
#include "postgres/catalog_name.h"
#include "postgres/made_type.h"
#include "postgres/oid.h"
#include "sql/catalog/alter_marks.h"
#include "sql/catalog/catalog_store.h"
#include "sql/catalog/column_encoding.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/inheritance.h"
#include "sql/catalog/key_names.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_options.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/tablespace.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr size_t kMostKeyColumns = 32;
constexpr size_t kMostTableColumns = 1600;

std::string QuotedError(std::string_view format, std::string_view name) {
  return fmt::format(fmt::runtime(format), name);
}

const char* ConstraintWord(const SqlConstraint& key) {
  return KeyWord(key.kind == SqlConstraint::Kind::kPrimaryKey || key.primary);
}

Status CheckNameOnce(std::set<std::string>* seen, const ColumnDefinition& column) {
  if (seen->insert(column.name).second) return Status::OK();
  return Error("42701", QuotedError("column \"{}\" specified more than once", column.name));
}

Status CheckCollation(const ColumnDefinition& column, const SqlType& type) {
  if (column.collation.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckCollationExists(column.collation, column.position));
  const bool text = type.data_type.id() == TypeId::kString || type.data_type.id() == TypeId::kChar;
  if (text) return Status::OK();
  return Error("42804", fmt::format("collations are not supported by type {}", type.name),
               {.position = column.position});
}

Result<std::vector<SqlColumn>> OwnColumns(const CreateTable& statement) {
  if (statement.columns.size() > kMostTableColumns) {
    return Error("54011", fmt::format("tables can have at most {} columns", kMostTableColumns));
  }
  std::vector<SqlColumn> columns;
  std::set<std::string> seen;
  for (const ColumnDefinition& definition : statement.columns) {
    WEIR_ASSIGN_OR_RETURN(SqlColumn column, DefineColumn(definition, statement.name.name));
    WEIR_RETURN_NOT_OK(CheckNameOnce(&seen, definition));
    columns.push_back(std::move(column));
  }
  return columns;
}

/// A partition has its parent's columns; what it says of them is added.
Result<std::vector<SqlColumn>> PartitionColumns(const CreateTable& statement, const Relation& parent) {
  std::vector<SqlColumn> columns = InheritedColumns(parent);
  std::set<std::string> seen;
  for (const ColumnDefinition& definition : statement.columns) {
    const int at = parent.ColumnIndex(definition.name);
    if (at < 0) return Error("42703", QuotedError("column \"{}\" does not exist", definition.name));
    WEIR_RETURN_NOT_OK(CheckNameOnce(&seen, definition));
    SqlColumn& column = columns[static_cast<size_t>(at)];
    if (definition.identity) return Error("0A000", "identity columns are not supported on partitions");
    if (definition.generated) return Error("0A000", "generated columns are not supported on partitions");
    if (definition.default_value && column.generated) {
      return Error("42611", fmt::format("column \"{}\" inherits from generated column but specifies default",
                                        definition.name));
    }
    if (definition.default_value) column.default_value = definition.default_value->text;
    if (definition.not_null) column.not_null = true;
    column.data_type = column.data_type.WithNullable(!column.not_null);
  }
  return columns;
}

bool IsWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool Mentions(std::string_view expression, std::string_view name) {
  for (size_t at = expression.find(name); at != std::string_view::npos; at = expression.find(name, at + 1)) {
    const bool begins = at == 0 || !IsWordCharacter(expression[at - 1]);
    const size_t end = at + name.size();
    if (begins && (end == expression.size() || !IsWordCharacter(expression[end]))) return true;
  }
  return false;
}

/// "<table>_<column>_check" when the condition is about one column.
std::string CheckColumnName(const Relation& relation, std::string_view expression) {
  std::vector<std::string> mentioned;
  for (const SqlColumn& column : relation.columns) {
    if (Mentions(expression, column.name)) mentioned.push_back(column.name);
  }
  return relation.path.table + (mentioned.size() == 1 ? "_" + mentioned[0] : "") + "_check";
}


std::string Unused(const Relation& relation, const std::string& wanted) {
  const auto is_used = [&](const std::string& name) {
    return std::any_of(relation.constraints.begin(), relation.constraints.end(),
                       [&](const SqlConstraint& constraint) { return constraint.name == name; });
  };
  std::string name = wanted;
  for (int i = 1; is_used(name); ++i) name = wanted + std::to_string(i);
  return name;
}

Status AddKey(const TableConstraint& definition, Relation* relation) {
  SqlConstraint key;
  const bool primary = definition.kind == TableConstraint::Kind::kPrimaryKey;
  key.kind = primary ? SqlConstraint::Kind::kPrimaryKey : SqlConstraint::Kind::kUnique;
  std::set<std::string> seen;
  for (const std::string& name : definition.columns) {
    const int at = relation->ColumnIndex(name);
    if (at < 0) {
      return Error("42703", QuotedError("column \"{}\" named in key does not exist", name),
                   {.position = definition.position});
    }
    if (!seen.insert(name).second) {
      return Error("42701", fmt::format("column \"{}\" appears twice in {} constraint", name,
                                        primary ? "primary key" : "unique"),
                   {.position = definition.position});
    }
    SqlColumn& column = relation->columns[static_cast<size_t>(at)];
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
    const bool unordered =
        !type.ordered && postgres::FindComposite(type.oid) == nullptr && !postgres::NamesCatalog(type.oid);
    if (unordered) WEIR_RETURN_NOT_OK(CheckHasOperatorClass(type, "btree", ClassUse::kIndex, 0));
    const bool in_index = primary && definition.shards == 0 && type.one_form == OneForm::kInIndexes;
    if (!in_index) WEIR_RETURN_NOT_OK(CheckHasOneForm(type, primary, definition.position));
    key.primary = key.primary || in_index;
    if (definition.shards > 0 && column.generated) return ShardOfComputed();
    if (primary) column.not_null = true;
    column.data_type = column.data_type.WithNullable(!column.not_null);
    key.columns.push_back(name);
  }
  for (const std::string& name : definition.included) {
    if (relation->ColumnIndex(name) < 0) {
      return Error("42703", QuotedError("column \"{}\" named in key does not exist", name),
                   {.position = definition.position});
    }
    key.included.push_back(name);
  }
  if (key.primary) key.kind = SqlConstraint::Kind::kUnique;
  key.shards = definition.shards;
  key.nulls_distinct = !definition.nulls_not_distinct;
  key.descending = definition.descending;
  key.name = Unused(*relation, definition.name.empty() ? ChosenKeyName(relation->path.table, key) : definition.name);
  if (primary) WEIR_RETURN_NOT_OK(CheckHasNoPrimaryKey(*relation, definition.position));
  key.comment = definition.comment;
  relation->constraints.push_back(std::move(key));
  const auto shards = HashShardsOf(*relation);
  if (!primary || !shards || relation->ColumnIndex(shards->column) < 0) return Status::OK();
  return Error("42701", fmt::format("column name \"{}\" is that of the key's shard column", shards->column),
               {.position = definition.position});
}

Status AddCheck(const TableConstraint& definition, Relation* relation) {
  SqlConstraint check;
  check.kind = SqlConstraint::Kind::kCheck;
  WEIR_ASSIGN_OR_RETURN(check.check, dialect::WithoutTable(definition.check->text, relation->path.table));
  check.no_inherit = definition.no_inherit;
  check.not_valid = definition.not_valid;
  check.comment = definition.comment;
  for (const SqlConstraint& other : relation->constraints) {
    if (definition.name.empty() || other.name != definition.name) continue;
    return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", definition.name,
                                      relation->path.table));
  }
  check.name = definition.name.empty() ? Unused(*relation, CheckColumnName(*relation, check.check)) : definition.name;
  relation->constraints.push_back(std::move(check));
  return Status::OK();
}

/// A UNIQUE without a name that says what another key of the statement says is that key.
bool IsSaidTwice(const CreateTable& statement, const TableConstraint& constraint) {
  if (constraint.kind != TableConstraint::Kind::kUnique || !constraint.name.empty()) return false;
  for (const TableConstraint& other : statement.constraints) {
    const bool key = other.kind == TableConstraint::Kind::kPrimaryKey || other.kind == TableConstraint::Kind::kUnique;
    if (!key || other.columns != constraint.columns) continue;
    const bool stands = &other < &constraint || other.kind == TableConstraint::Kind::kPrimaryKey || !other.name.empty();
    if (&other != &constraint && stands) return true;
  }
  return false;
}

Status AddConstraints(const CreateTable& statement, TableDefinition* definition) {
  Relation* const relation = &definition->relation;
  for (const TableConstraint& written : statement.constraints) {
    if (written.kind == TableConstraint::Kind::kForeignKey) continue;  // it needs other relations
    if (written.kind == TableConstraint::Kind::kExclusion) continue;   // likewise, its index
    if (!written.using_index.empty()) {
      return Error("0A000", "cannot use an existing index in CREATE TABLE", {.position = written.position});
    }
    if (IsSaidTwice(statement, written)) continue;
    TableConstraint constraint = written;
    constraint.not_valid = false;  // there are no rows that it could be about
    WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> merged, MergeCheck(constraint, relation));
    if (merged) {
      definition->notices.push_back(*merged);
      continue;
    }
    WEIR_RETURN_NOT_OK(AddConstraint(constraint, relation));
  }
  return Status::OK();
}

Status SetDistributionOf(const CreateTable& statement, const Relation* parent, Relation* relation) {
  if (parent != nullptr) relation->distributed_by = parent->distributed_by;
  if (!statement.distribution) return Status::OK();
  if (statement.distribution->kind == Distribution::Kind::kReplicated && statement.partition_by) {
    return Error("0A000", "PARTITION BY clause cannot be used with DISTRIBUTED REPLICATED clause");
  }
  WEIR_RETURN_NOT_OK(Distribute(*statement.distribution, relation));
  return parent == nullptr ? Status::OK() : CheckSameDistribution(*parent, *relation);
}

Status SetOptions(const CreateTable& statement, const Relation* parent, Relation* relation) {
  if (parent != nullptr) relation->options = parent->options;
  WEIR_RETURN_NOT_OK(CheckOptions(statement.options));
  if (!statement.access_method.empty()) WEIR_RETURN_NOT_OK(CheckAccessMethod(statement.access_method));
  for (const auto& [name, value] : statement.options) {
    if (name != "oids") relation->options[name] = value;  // the only value that it takes says nothing
  }
  if (!statement.access_method.empty()) relation->options["access_method"] = statement.access_method;
  if (statement.tablespace.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckTablespaceOfTable(statement.tablespace));
  if (statement.partition_by) return Error("0A000", "cannot specify default tablespace for partitioned relations");
  return Status::OK();
}

Result<PartitionStrategy> StrategyOf(const PartitionBy& by) {
  if (by.strategy == "range") return PartitionStrategy::kRange;
  if (by.strategy == "list") return PartitionStrategy::kList;
  if (by.strategy == "hash") return PartitionStrategy::kHash;
  return Error("22023", QuotedError("unrecognized partitioning strategy \"{}\"", by.strategy));
}

/// What an expression gives, when nobody can be asked: by its outermost function, else by its first column.
std::string GuessedType(const Relation& relation, std::string_view expression) {
  while (expression.starts_with('(') || expression.starts_with(' ')) expression.remove_prefix(1);
  static constexpr std::array<std::string_view, 8> kTextFunctions = {"lower", "upper", "substr", "left",
                                                                     "right", "concat", "trim", "md5"};
  const std::string_view name = expression.substr(0, expression.find_first_of(" ("));
  const bool is_call = expression.substr(name.size()).find_first_not_of(' ') != std::string_view::npos &&
                       expression.substr(expression.find_first_not_of(' ', name.size())).starts_with('(');
  const auto calls = [&](std::string_view function) { return is_call && name == function; };
  for (const std::string_view function : kTextFunctions) {
    if (calls(function)) return "text";
  }
  if (calls("extract") || calls("date_part")) return "bigint";
  if (calls("date_trunc")) return "timestamp without time zone";
  size_t first = std::string_view::npos;
  std::string type = "text";
  for (const SqlColumn& column : relation.columns) {
    if (!Mentions(expression, column.name) || expression.find(column.name) >= first) continue;
    first = expression.find(column.name);
    type = column.type;
  }
  return type;
}

/// The collation and operator class that a part of a partition key names, or its type's own.
Status CheckKeyNames(const PartitionKeyPart& written, PartitionStrategy strategy, const SqlType& type) {
  WEIR_RETURN_NOT_OK(CheckCollationExists(written.collation, written.position));
  const char* method = strategy == PartitionStrategy::kHash ? "hash" : "btree";
  if (written.operator_class.empty()) return CheckHasOperatorClass(type, method, ClassUse::kPartitionKey, 0);
  return CheckOperatorClass(written.operator_class, method, type, written.position);
}

/// How a part of a key of this type compares. 0A000 for a type whose values neither do as they are held nor are known.
Status TakeType(const SqlType& type, const PartitionKeyPart& written, SqlPartitionKeyPart* part) {
  part->type = type.data_type;
  if (type.compared_by_value) part->value_type = postgres::BaseTypeOf({type.oid}).oid;
  const bool array = postgres::ArrayElement(type.oid) != 0;
  if (!type.data_type.is_nested() && !array && type.oid != postgres::oid::kTsvector) return Status::OK();
  return Error("0A000", fmt::format("a partition key of type {} is not supported", type.name),
               {.position = written.position});
}

Status GeneratedInPartitionKey(const std::string& column, int position) {
  return Error("42P17", "cannot use generated column in partition key",
               {.detail = fmt::format("Column \"{}\" is a generated column.", column), .position = position});
}

Result<SqlPartitionKeyPart> ColumnPart(const PartitionKeyPart& written, PartitionStrategy strategy,
                                       const Relation& relation) {
  if (const auto shards = HashShardsOf(relation); shards && shards->column == written.column) return ShardPart();
  if (IsSystemColumn(written.column)) {
    return Error("42P17", QuotedError("cannot use system column \"{}\" in partition key", written.column),
                 {.position = written.position});
  }
  SqlPartitionKeyPart part;
  part.column = relation.ColumnIndex(written.column);
  if (part.column < 0) {
    return Error("42703", QuotedError("column \"{}\" named in partition key does not exist", written.column),
                 {.position = written.position});
  }
  const SqlColumn& column = relation.columns[static_cast<size_t>(part.column)];
  if (column.generated) return GeneratedInPartitionKey(column.name, written.position);
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
  if (!written.collation.empty() && type.data_type.id() != TypeId::kString && type.data_type.id() != TypeId::kChar) {
    return Error("42804", fmt::format("collations are not supported by type {}", type.name),
                 {.position = written.position});
  }
  WEIR_RETURN_NOT_OK(CheckKeyNames(written, strategy, type));
  WEIR_RETURN_NOT_OK(TakeType(type, written, &part));
  return part;
}

Result<SqlPartitionKeyPart> ExpressionPart(const PartitionKeyPart& written, PartitionStrategy strategy,
                                           const DdlContext& context, const Relation& relation) {
  SqlPartitionKeyPart part;
  part.expression = written.expression.text;
  bool constant = true;
  for (const SqlColumn& column : relation.columns) {
    WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(part.expression, column.name));
    constant &= !refers;
    if (refers && column.generated) return GeneratedInPartitionKey(column.name, written.position);
  }
  WEIR_ASSIGN_OR_RETURN(part.expression,
                        context.Kept({DefinitionUse::kPartitionKey, relation, nullptr, written.expression}));
  if (constant) return Error("42P17", "cannot use constant expression as partition key");
  part.sql_type = GuessedType(relation, part.expression);
  if (context.type_of) {
    WEIR_ASSIGN_OR_RETURN(part.sql_type, context.type_of(relation.columns, Expression{part.expression}));
  }
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(part.sql_type, written.position));
  WEIR_RETURN_NOT_OK(CheckKeyNames(written, strategy, type));
  WEIR_RETURN_NOT_OK(TakeType(type, written, &part));
  return part;
}

bool HasExpressions(const SqlPartitionKey& key) {
  const auto is_expression = [](const auto& part) { return part.column < 0 && !part.shard; };
  return std::any_of(key.parts.begin(), key.parts.end(), is_expression);
}

/// The columns that give the value of a part of a partition key.
std::vector<int> ColumnsOfPart(const Relation& relation, const SqlPartitionKeyPart& part) {
  return part.shard ? HashShardsOf(relation)->columns : std::vector<int>{part.column};
}

Status CheckKeyHoldsPartitionKey(const Relation& relation, const char* word, const std::vector<std::string>& columns) {
  if (HasExpressions(*relation.partition_key)) {
    return Error(
        "0A000", fmt::format("unsupported {} constraint with partition key definition", word),
        {.detail = fmt::format("{} constraints cannot be used when partition keys include expressions.", word)});
  }
  for (const SqlPartitionKeyPart& part : relation.partition_key->parts) {
    for (const int at : ColumnsOfPart(relation, part)) {
      const std::string& column = relation.columns[static_cast<size_t>(at)].name;
      if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
      return Error("0A000", "unique constraint on partitioned table must include all partitioning columns",
                   {.detail = fmt::format("{} constraint on table \"{}\" lacks column \"{}\" which is part of the "
                                          "partition key.",
                                          word, relation.path.table, column)});
    }
  }
  return Status::OK();
}

/// A table with a sharded key has a bucket a shard. Where its partitions are made of the shards, each has one.
int32_t ChosenBucketCount(const Relation& relation) {
  if (relation.is_index()) return std::max(relation.index->shards, 1);
  const auto shards = HashShardsOf(relation);
  return shards && !relation.declared ? shards->buckets : 1;
}

Result<int32_t> BucketCount(const Relation& relation) {
  const auto option = relation.options.find(kBucketOption);
  if (option == relation.options.end()) return ChosenBucketCount(relation);
  const std::string& text = option->second;
  int32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 1) {
    return Error("22023", fmt::format("invalid value for option \"{}\": \"{}\"", kBucketOption, text),
                 {.hint = "It is a whole number of buckets, at least 1."});
  }
  return count;
}

}  // namespace

bool IsSystemColumn(std::string_view name) {
  constexpr std::array<std::string_view, 6> kSystemColumns = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
  return std::ranges::find(kSystemColumns, name) != kSystemColumns.end();
}

Result<SqlColumn> DefineColumn(const ColumnDefinition& definition, std::string_view table) {
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(definition.type.text, definition.type.position));
  WEIR_RETURN_NOT_OK(CheckCollation(definition, type));
  if (IsSystemColumn(definition.name)) {
    return Error("42701", fmt::format("column name \"{}\" conflicts with a system column name", definition.name));
  }
  SqlColumn column;
  column.name = definition.name;
  column.type = type.name;
  column.not_null = definition.not_null;
  column.data_type = type.data_type.WithNullable(!definition.not_null);
  if (definition.default_value) column.default_value = definition.default_value->text;
  if (definition.generated) {
    WEIR_ASSIGN_OR_RETURN(column.generated, dialect::WithoutTable(definition.generated->text, table));
  }
  column.collation = definition.collation;
  if (!definition.compression.empty()) {
    WEIR_ASSIGN_OR_RETURN(column.compression, CompressionNamed(definition.compression));
    if (column.compression != '\0') WEIR_RETURN_NOT_OK(CheckCompressible(column));
  }
  column.comment = definition.comment;
  WEIR_RETURN_NOT_OK(CheckEncoding(definition.encoding));
  column.encoding.insert(definition.encoding.begin(), definition.encoding.end());
  return column;
}

Status CheckKeysHoldDistribution(const Relation& relation) {
  for (const SqlConstraint& key : relation.constraints) {
    if (!key.is_key()) continue;
    for (const std::string& column : *relation.distributed_by) {
      if (std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end()) continue;
      const char* word = ConstraintWord(key);
      return Error("42P16", fmt::format("{} constraint and DISTRIBUTED BY definitions are incompatible", word),
                   {.hint = fmt::format("With both, every column of DISTRIBUTED BY must be part of the {}: add \"{}\".",
                                        word, column)});
    }
  }
  return Status::OK();
}

Status Distribute(const Distribution& distribution, Relation* relation) {
  for (const std::string& column : distribution.columns) {
    if (relation->ColumnIndex(column) >= 0) continue;
    return Error("42703", QuotedError("column \"{}\" named in DISTRIBUTED BY clause does not exist", column));
  }
  relation->distributed_by = distribution.columns;  // none: at random
  return Status::OK();
}

std::vector<std::string> DistributionOf(const Relation& relation) {
  if (relation.distributed_by) return *relation.distributed_by;
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.kind == SqlConstraint::Kind::kPrimaryKey || constraint.primary) return constraint.columns;
  }
  for (const SqlColumn& column : relation.columns) {
    const auto type = ResolveType(column.type);
    if (type.ok() && type->hashable) return {column.name};
  }
  return {};
}

bool SaysTheSame(const SqlConstraint& one, const SqlConstraint& other) {
  if (one.kind != other.kind) return false;
  if (one.kind == SqlConstraint::Kind::kCheck) return one.name == other.name;
  return one.columns == other.columns && one.foreign == other.foreign && one.exclusion == other.exclusion;
}

std::string ChosenKeyName(const std::string& table, const SqlConstraint& key) {
  if (key.kind == SqlConstraint::Kind::kPrimaryKey || key.primary) return ObjectName(table, "", "pkey");
  std::vector<std::string> columns = key.columns;
  columns.insert(columns.end(), key.included.begin(), key.included.end());
  return ObjectName(table, fmt::format("{}", fmt::join(columns, "_")), "key");
}

Status CheckSameDistribution(const Relation& parent, const Relation& child) {
  const bool nothing_said = !parent.distributed_by && !child.distributed_by;
  if (nothing_said || DistributionOf(parent) == DistributionOf(child)) return Status::OK();
  return Error("42P16", fmt::format("distribution policy for \"{}\" must be the same as that for \"{}\"",
                                    child.path.table, parent.path.table));
}

Status AddConstraint(const TableConstraint& definition, Relation* relation) {
  switch (definition.kind) {
    case TableConstraint::Kind::kCheck: return AddCheck(definition, relation);
    case TableConstraint::Kind::kPrimaryKey:
    case TableConstraint::Kind::kUnique: return AddKey(definition, relation);
    case TableConstraint::Kind::kForeignKey: return Error("XX000", "a foreign key needs the table that it refers to");
    case TableConstraint::Kind::kExclusion: return Error("XX000", "an exclusion constraint needs the table's index");
  }
  return Status::OK();
}

std::vector<SqlColumn> InheritedColumns(const Relation& parent) {
  std::vector<SqlColumn> columns = parent.columns;
  for (SqlColumn& column : columns) {
    RemoveIdentity(&column);
    column.number = 0;
    column.comment.clear();
  }
  return columns;
}

std::vector<SqlConstraint> InheritedConstraints(const Relation& parent, const std::string& child) {
  std::vector<SqlConstraint> constraints;
  for (SqlConstraint constraint : parent.constraints) {
    if (constraint.no_inherit || constraint.exclusion) continue;  // DEFERRABLE keys come with their indexes
    if (constraint.is_key()) constraint.name = ChosenKeyName(child, constraint);
    constraint.comment.clear();
    constraints.push_back(std::move(constraint));
  }
  return constraints;
}

Result<TableDefinition> DefineTable(const CreateTable& statement, const TablePath& path, const Relation* parent,
                                    const std::vector<RelationPtr>& inherited) {
  TableDefinition definition;
  Relation& relation = definition.relation;
  relation.path = path;
  relation.marks.unlogged = statement.unlogged;
  relation.of_type = statement.of_type_oid;
  if (parent == nullptr) {
    WEIR_ASSIGN_OR_RETURN(std::vector<SqlColumn> own, OwnColumns(statement));
    WEIR_RETURN_NOT_OK(InheritColumns(inherited, std::move(own), &definition));
  } else {
    WEIR_ASSIGN_OR_RETURN(relation.columns, PartitionColumns(statement, *parent));
    relation.parent = parent->id;
    relation.constraints = InheritedConstraints(*parent, path.table);
  }
  const std::vector<ColumnEncoding> encodings = EncodingsOf(statement);
  WEIR_RETURN_NOT_OK(CheckEncodings(encodings, relation));
  SetEncodings({&encodings}, &relation);
  WEIR_RETURN_NOT_OK(AddConstraints(statement, &definition));
  WEIR_RETURN_NOT_OK(SetDistributionOf(statement, parent, &relation));
  WEIR_RETURN_NOT_OK(SetOptions(statement, parent, &relation));
  if (relation.distributed_by) WEIR_RETURN_NOT_OK(CheckKeysHoldDistribution(relation));
  return definition;
}

Status DefinePartitionKey(const PartitionBy& by, bool inlined, const DdlContext& context, Relation* relation) {
  SqlPartitionKey key;
  WEIR_ASSIGN_OR_RETURN(key.strategy, StrategyOf(by));
  if (inlined && key.strategy == PartitionStrategy::kHash) key.strategy = PartitionStrategy::kList;
  if (!inlined && key.strategy == PartitionStrategy::kList && by.key.size() != 1) {
    return Error("42P17", "cannot use \"list\" partition strategy with more than one column");
  }
  if (by.key.size() > kMostKeyColumns) {
    return Error("54011", fmt::format("cannot partition using more than {} columns", kMostKeyColumns));
  }
  for (const PartitionKeyPart& written : by.key) {
    auto part = written.column.empty() ? ExpressionPart(written, key.strategy, context, *relation)
                                       : ColumnPart(written, key.strategy, *relation);
    if (!part.ok()) return part.status();
    key.parts.push_back(std::move(*part));
  }
  relation->partition_key = std::move(key);
  return Status::OK();
}

Status CheckConstraints(const Relation& relation) {
  if (!relation.is_partitioned()) return Status::OK();
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.no_inherit) {
      return Error("42P16", QuotedError("cannot add NO INHERIT constraint to partitioned table \"{}\"",
                                        relation.path.table));
    }
    if (!constraint.is_key()) continue;
    WEIR_RETURN_NOT_OK(CheckKeyHoldsPartitionKey(relation, ConstraintWord(constraint), constraint.columns));
  }
  return Status::OK();
}

Status MultiplePrimaryKeys(const Relation& relation, int position) {
  return Error("42P16", QuotedError("multiple primary keys for table \"{}\" are not allowed", relation.path.table),
               {.position = position});
}

Status CheckHasNoPrimaryKey(const Relation& relation, int position) {
  if (relation.PrimaryKey().empty() && OwnPrimaryKeyOf(relation) == nullptr) return Status::OK();
  return MultiplePrimaryKeys(relation, position);
}

void BecomeNotNull(SqlColumn* column) {
  column->not_null = true;
  column->data_type = column->data_type.WithNullable(false);
}

const char* KeyWord(bool primary) { return primary ? "PRIMARY KEY" : "UNIQUE"; }

Status CheckUniqueHoldsPartitionKey(const Relation& relation, const std::vector<std::string>& columns,
                                    const char* word) {
  if (!relation.is_partitioned()) return Status::OK();
  return CheckKeyHoldsPartitionKey(relation, word, columns);
}

Result<TableDescriptor> DescribeTable(const Relation& relation) {
  TableDescriptor descriptor;
  std::vector<Column> columns;
  for (const SqlColumn& column : relation.columns) {
    columns.push_back({column.name, column.data_type.WithNullable(!column.not_null)});
  }
  std::vector<std::string> primary_key;
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.kind == SqlConstraint::Kind::kPrimaryKey) primary_key = constraint.columns;
  }
  if (relation.is_index()) {
    const SqlIndex& index = *relation.index;
    const size_t key = index.columns.size() + (index.nulls_distinct ? 0 : 1);
    const size_t size = index.unique ? key : relation.columns.size();
    for (size_t i = 0; i < size; ++i) primary_key.push_back(relation.columns[i].name);
  }
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make(std::move(columns), std::move(primary_key)));
  WEIR_ASSIGN_OR_RETURN(descriptor.bucket_count, BucketCount(relation));
  if (relation.distributed_by) descriptor.bucket_keys = *relation.distributed_by;
  descriptor.custom_properties[kRelationProperty] = std::to_string(relation.id);
  SetTableOptions(relation, &descriptor);
  return descriptor;
}

void SetTableOptions(const Relation& relation, TableDescriptor* descriptor) {
  for (const auto& [name, value] : relation.options) {
    if (name == kBucketOption) continue;
    (name.starts_with("table.") ? descriptor->properties : descriptor->custom_properties)[name] = value;
  }
  const bool indexed = std::ranges::any_of(relation.indexes, [](const auto& index) { return index->has_storage(); });
  if (!indexed) {
    descriptor->custom_properties.erase(kIndexedProperty);
  } else {
    descriptor->custom_properties[kIndexedProperty] = "true";
  }
  // The log is the table: without a word from the user its rows stay.
  const bool made_by_sql = descriptor->custom_properties.contains(kRelationProperty);
  if (made_by_sql && !descriptor->has_primary_key()) descriptor->properties.try_emplace("table.log.ttl", "0 ms");
}

bool HaveSameOptions(const TableDescriptor& one, const TableDescriptor& other) {
  Properties of_one = one.custom_properties;
  Properties of_other = other.custom_properties;
  of_one.erase(kIndexedProperty);
  of_other.erase(kIndexedProperty);
  return one.properties == other.properties && of_one == of_other;
}

}  // namespace weir::sql
