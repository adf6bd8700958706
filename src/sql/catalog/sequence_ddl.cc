#include "sql/catalog/sequence_ddl.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/postgres.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Limit = SequenceOptions::Limit;

struct TypeLimits {
  int64_t min;
  int64_t max;
};

template <typename T>
constexpr TypeLimits LimitsOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

/// Nothing for a type that no sequence has.
std::optional<TypeLimits> LimitsOfType(const std::string& type) {
  if (type == "smallint") return LimitsOf<int16_t>();
  if (type == "integer") return LimitsOf<int32_t>();
  if (type == "bigint") return LimitsOf<int64_t>();
  return std::nullopt;
}

Status InvalidValue(std::string message) { return Error("22023", std::move(message)); }

/// Of MINVALUE and MAXVALUE: what is written, else what stands, else what the type has on the increment's way.
Status SetLimits(const SequenceOptions& options, const TypeLimits& type, bool is_new, Sequence* sequence) {
  const bool up = sequence->increment > 0;
  const auto wanted = [](const std::optional<Limit>& limit) { return limit ? limit->value : std::nullopt; };
  if (options.max_value || is_new) sequence->max_value = wanted(options.max_value).value_or(up ? type.max : -1);
  if (options.min_value || is_new) sequence->min_value = wanted(options.min_value).value_or(up ? 1 : type.min);
  const std::pair<const char*, int64_t> limits[] = {{"MAXVALUE", sequence->max_value},
                                                    {"MINVALUE", sequence->min_value}};
  for (const auto& [name, value] : limits) {
    if (value >= type.min && value <= type.max) continue;
    return InvalidValue(fmt::format("{} ({}) is out of range for sequence data type {}", name, value, sequence->type));
  }
  if (sequence->min_value < sequence->max_value) return Status::OK();
  return InvalidValue(
      fmt::format("MINVALUE ({}) must be less than MAXVALUE ({})", sequence->min_value, sequence->max_value));
}

Status CheckWithin(const Sequence& sequence, const char* name, int64_t value) {
  if (value < sequence.min_value) {
    return InvalidValue(
        fmt::format("{} value ({}) cannot be less than MINVALUE ({})", name, value, sequence.min_value));
  }
  if (value > sequence.max_value) {
    return InvalidValue(
        fmt::format("{} value ({}) cannot be greater than MAXVALUE ({})", name, value, sequence.max_value));
  }
  return Status::OK();
}

Status SetNumbers(const SequenceOptions& options, bool is_new, Sequence* sequence) {
  if (options.increment == 0) return InvalidValue("INCREMENT must not be zero");
  sequence->increment = options.increment.value_or(sequence->increment);
  sequence->cycle = options.cycle.value_or(sequence->cycle);
  WEIR_RETURN_NOT_OK(SetLimits(options, *LimitsOfType(sequence->type), is_new, sequence));
  if (options.start || is_new) {
    sequence->start = options.start.value_or(sequence->increment > 0 ? sequence->min_value : sequence->max_value);
  }
  WEIR_RETURN_NOT_OK(CheckWithin(*sequence, "START", sequence->start));
  if (options.cache && *options.cache < 1) {
    return InvalidValue(fmt::format("CACHE ({}) must be greater than zero", *options.cache));
  }
  sequence->cache = options.cache.value_or(sequence->cache);
  return Status::OK();
}

/// Of UTF-8: a byte that is none's first.
bool IsInsideCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// As PostgreSQL names what belongs to a column: cut to 63 bytes, numbered where the name is taken.
Result<std::string> FreeName(CatalogDraft& draft, const TablePath& table, const std::string& column,
                             const std::vector<std::shared_ptr<Relation>>& made) {
  constexpr size_t kLongest = 63;
  for (int number = 0;; ++number) {
    const std::string tail = "_seq" + (number == 0 ? "" : std::to_string(number));
    std::string first = table.table;
    std::string second = column;
    while (first.size() + second.size() + 1 + tail.size() > kLongest) {
      std::string& longer = first.size() > second.size() ? first : second;
      while (IsInsideCharacter(longer.back())) longer.pop_back();
      longer.pop_back();
    }
    TablePath path{table.database, first + "_" + second + tail};
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft.Find(path));
    const bool ours = std::ranges::any_of(made, [&](const auto& other) { return other->path == path; });
    if (!taken && !ours && path.table != table.table) return path.table;
  }
}

Result<std::shared_ptr<Relation>> NewSequence(CatalogDraft& draft, TablePath path, Sequence sequence) {
  auto relation = std::make_shared<Relation>();
  WEIR_ASSIGN_OR_RETURN(relation->id, draft.TakeIds(1));
  relation->path = std::move(path);
  relation->columns = SequenceColumns();
  sequence.counter = relation->id;
  sequence.first_value = sequence.start;
  relation->sequence = std::move(sequence);
  return relation;
}

/// Takes a sequence from the table that owns it.
Status Disown(CatalogDraft* draft, const Relation& sequence) {
  if (sequence.sequence->owner < 0) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr owner, draft->FindById(sequence.sequence->owner));
  if (!owner) return Status::OK();
  auto changed = std::make_shared<Relation>(*owner);
  std::erase_if(changed->owned_sequences, [&](const OwnedSequence& owned) { return owned.sequence == sequence.id; });
  draft->Put(std::move(changed), owner);
  return Status::OK();
}

/// OWNED BY of a sequence that is about to be put into the draft.
Status SetOwner(const SequenceOptions::Owner& wanted, const DdlContext& context, CatalogDraft* draft,
                Relation* sequence) {
  WEIR_RETURN_NOT_OK(Disown(draft, *sequence));
  sequence->sequence->owner = -1;
  if (wanted.column.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindNamed(*draft, wanted.table, context));
  if (table->is_view()) return Error("0A000", "sequences that belong to columns of views are not supported");
  if (table->is_sequence() || !CatalogImpl::IsSql(*table)) {
    return Error("42809", fmt::format("sequence cannot be owned by relation \"{}\"", table->path.table));
  }
  if (table->path.database != sequence->path.database) {
    return Error("55000", "sequence must be in same schema as table it is linked to");
  }
  const int column = table->ColumnIndex(wanted.column);
  if (column < 0) {
    return Error("42703",
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", wanted.column, table->path.table));
  }
  auto changed = std::make_shared<Relation>(*table);
  changed->owned_sequences.push_back({table->NumberOf(static_cast<size_t>(column)), sequence->id});
  draft->Put(std::move(changed), table);
  sequence->sequence->owner = table->id;
  return Status::OK();
}

/// A column whose DEFAULT takes its values from a sequence.
struct Dependant {
  RelationPtr table;
  size_t column = 0;
};

Result<std::vector<Dependant>> DependantsOn(CatalogDraft& draft, const std::set<int64_t>& sequences) {
  std::vector<Dependant> dependants;
  if (sequences.empty()) return dependants;
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(database));
    for (const RelationPtr& relation : relations) {
      for (size_t i = 0; i < relation->columns.size(); ++i) {
        const auto& text = relation->columns[i].default_value;
        const auto sequence = text ? SequenceOfDefault(*text) : std::nullopt;
        if (sequence && sequences.contains(*sequence)) dependants.push_back({relation, i});
      }
    }
  }
  return dependants;
}

/// Without those whose parents are among them.
std::vector<Dependant> WithoutInherited(const std::vector<Dependant>& all) {
  std::set<int64_t> tables;
  for (const Dependant& one : all) tables.insert(one.table->id);
  std::vector<Dependant> told;
  for (const Dependant& one : all) {
    if (!one.table->parent || !tables.contains(*one.table->parent)) told.push_back(one);
  }
  return told;
}

std::string DependencyOf(const Dependant& dependant) {
  return fmt::format("default value for column {} of table {}", dependant.table->columns[dependant.column].name,
                     dependant.table->path.table);
}

/// Takes the defaults away, and says so.
Result<Notices> DropDefaults(const std::vector<Dependant>& dependants, CatalogDraft* draft) {
  for (const Dependant& dependant : dependants) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr table, draft->FindById(dependant.table->id));
    auto changed = std::make_shared<Relation>(*table);
    changed->columns[dependant.column].default_value.reset();
    draft->Put(std::move(changed), table);
  }
  Notices notices;
  for (const Dependant& told : WithoutInherited(dependants)) {
    notices.push_back(fmt::format("drop cascades to {}", DependencyOf(told)));
  }
  return notices;
}

Status StillNeeded(const std::string& what, const std::string& details) {
  return Error("2BP01", fmt::format("cannot drop {} because other objects depend on it", what),
               {.detail = details, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
}

/// An identity column's sequence goes with the column only.
Status CheckNotIdentity(CatalogDraft& draft, const Relation& sequence) {
  if (sequence.sequence->owner < 0) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr owner, draft.FindById(sequence.sequence->owner));
  const SqlColumn* column = owner ? IdentityColumnOf(*owner, sequence.id) : nullptr;
  if (column == nullptr) return Status::OK();
  return RequiredBy(fmt::format("sequence {}", sequence.path.table),
                    fmt::format("column {} of table {}", column->name, owner->path.table));
}

/// The sequence that nextval('name'::regclass) names; nothing for any other expression.
Result<std::optional<QualifiedName>> NamedByNextval(const std::string& text) {
  std::optional<QualifiedName> none;
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(std::vector<dialect::Token> tokens, dialect::Scan(source));
  const bool qualified = tokens.size() > 2 && tokens[0].Is("pg_catalog") && tokens[1].IsSymbol(".");
  if (qualified) tokens.erase(tokens.begin(), tokens.begin() + 2);
  const bool cast = tokens.size() == 6 && tokens[3].IsSymbol("::") && tokens[4].Is("regclass");
  const bool call = (cast || tokens.size() == 4) && tokens[0].Is("nextval") && tokens[1].IsSymbol("(") &&
                    tokens[2].kind == dialect::TokenKind::kString && tokens.back().IsSymbol(")");
  if (!call) return none;
  const std::string name = dialect::StringValue(tokens[2].text);
  WEIR_ASSIGN_OR_RETURN(const dialect::Source inner, dialect::Source::Of(name));
  WEIR_ASSIGN_OR_RETURN(const std::vector<dialect::Token> parts, dialect::Scan(inner));
  const auto is_name = [&](size_t i) {
    return parts[i].kind == dialect::TokenKind::kWord || parts[i].kind == dialect::TokenKind::kQuotedName;
  };
  if (parts.size() == 1 && is_name(0)) return std::optional(QualifiedName{.name = dialect::NameOf(parts[0])});
  if (parts.size() != 3 || !is_name(0) || !parts[1].IsSymbol(".") || !is_name(2)) return none;
  return std::optional(QualifiedName{.schema = dialect::NameOf(parts[0]), .name = dialect::NameOf(parts[2])});
}

}  // namespace

std::vector<SqlColumn> SequenceColumns() {
  std::vector<SqlColumn> columns;
  for (const auto& [name, type, data_type] : {std::tuple("last_value", "bigint", DataType::BigInt()),
                                              std::tuple("log_cnt", "bigint", DataType::BigInt()),
                                              std::tuple("is_called", "boolean", DataType::Boolean())}) {
    SqlColumn& column = columns.emplace_back();
    column.name = name;
    column.type = type;
    column.data_type = data_type.WithNullable(false);
    column.not_null = true;
  }
  return columns;
}

const SqlColumn* IdentityColumnOf(const Relation& table, int64_t sequence) {
  const auto column = std::ranges::find_if(table.columns, [&](const SqlColumn& one) {
    return one.identity != SqlColumn::Identity::kNone && one.default_value &&
           SequenceOfDefault(*one.default_value) == sequence;
  });
  return column == table.columns.end() ? nullptr : &*column;
}

Result<Sequence> DefineSequence(const SequenceOptions& options, const std::string& type) {
  Sequence sequence;
  if (!type.empty()) sequence.type = type;
  if (options.type) sequence.type = options.type->text;
  if (!LimitsOfType(sequence.type)) {
    const char* of = type.empty() ? "sequence" : "identity column";
    return InvalidValue(fmt::format("{} type must be smallint, integer, or bigint", of));
  }
  WEIR_RETURN_NOT_OK(SetNumbers(options, true, &sequence));
  return sequence;
}

Status BindSequence(CatalogDraft& draft, const DdlContext& context, SqlColumn* column) {
  if (!column->default_value || SequenceOfDefault(*column->default_value)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto name, NamedByNextval(*column->default_value));
  if (!name) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, FindNamed(draft, *name, context));
  if (sequence->is_sequence()) column->default_value = NextValueText(sequence->id);
  return Status::OK();
}

Result<std::vector<std::shared_ptr<Relation>>> DefineColumnSequences(const std::vector<ColumnDefinition>& columns,
                                                                     CatalogDraft& draft, Relation* table) {
  std::vector<std::shared_ptr<Relation>> sequences;
  for (const ColumnDefinition& definition : columns) {
    if (!definition.serial && !definition.identity) continue;
    const auto at = static_cast<size_t>(table->ColumnIndex(definition.name));
    SqlColumn& column = table->columns[at];
    const SequenceOptions options = definition.identity ? definition.identity->options : SequenceOptions();
    WEIR_ASSIGN_OR_RETURN(Sequence sequence, DefineSequence(options, column.type));
    TablePath path = table->path;
    if (options.name) {
      path.table = options.name->name;
      WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft.Find(path));
      if (taken) return NameIsTaken(path.table);
    } else {
      WEIR_ASSIGN_OR_RETURN(path.table, FreeName(draft, table->path, column.name, sequences));
    }
    WEIR_ASSIGN_OR_RETURN(auto made, NewSequence(draft, std::move(path), std::move(sequence)));
    column.default_value = NextValueText(made->id);
    BecomeNotNull(&column);
    if (definition.identity) {
      column.identity = definition.identity->always ? SqlColumn::Identity::kAlways : SqlColumn::Identity::kByDefault;
    }
    table->owned_sequences.push_back({table->NumberOf(at), made->id});
    sequences.push_back(std::move(made));
  }
  return sequences;
}

Result<Notices> DropDefaultsOn(const std::set<int64_t>& sequences, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Dependant> dependants, DependantsOn(*draft, sequences));
  return DropDefaults(dependants, draft);
}

void RemoveIdentity(SqlColumn* column) {
  if (column->identity == SqlColumn::Identity::kNone) return;
  column->identity = SqlColumn::Identity::kNone;
  column->default_value.reset();
}

Result<std::vector<RelationPtr>> OwnedSequences(CatalogDraft& draft, const std::vector<RelationPtr>& tables) {
  std::vector<RelationPtr> sequences;
  for (const RelationPtr& table : tables) {
    for (const OwnedSequence& owned : table->owned_sequences) {
      WEIR_ASSIGN_OR_RETURN(RelationPtr sequence, draft.FindById(owned.sequence));
      if (sequence) sequences.push_back(std::move(sequence));
    }
  }
  return sequences;
}

Result<Notices> DropSequencesOf(const GoingSequences& going, CatalogDraft* draft) {
  std::set<int64_t> ids;
  std::set<int64_t> gone;
  for (const RelationPtr& table : going.tables) {
    gone.insert(table->id);
    for (const OwnedSequence& owned : table->owned_sequences) ids.insert(owned.sequence);
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<Dependant> dependants, DependantsOn(*draft, ids));
  std::string details;
  for (const Dependant& dependant : WithoutInherited(dependants)) {
    if (gone.contains(dependant.table->id)) continue;
    const auto id = SequenceOfDefault(*dependant.table->columns[dependant.column].default_value);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, draft->FindById(*id));
    details += fmt::format("{}{} depends on sequence {}", details.empty() ? "" : "\n", DependencyOf(dependant),
                           sequence->path.table);
  }
  if (!details.empty() && !going.cascade) return StillNeeded(going.of, details);
  for (const int64_t id : ids) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, draft->FindById(id));
    if (sequence) draft->Remove(sequence);
  }
  return details.empty() ? Notices() : DropDefaults(dependants, draft);
}

Status RestartSequences(CatalogDraft* draft, const Relation& table) {
  for (const OwnedSequence& owned : table.owned_sequences) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr sequence, draft->FindById(owned.sequence));
    if (!sequence) continue;
    auto restarted = std::make_shared<Relation>(*sequence);
    WEIR_ASSIGN_OR_RETURN(restarted->sequence->counter, draft->TakeIds(1));
    restarted->sequence->first_value = restarted->sequence->start;
    restarted->sequence->first_is_called = false;
    draft->Put(std::move(restarted), sequence);
  }
  return Status::OK();
}

Result<Notices> Execute(const CreateSequence& statement, const DdlContext& context, CatalogDraft* draft) {
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr existing, FindTaken(*draft, path));
  if (existing && statement.if_not_exists) {
    return Notices{fmt::format("relation \"{}\" already exists, skipping", path.table)};
  }
  WEIR_ASSIGN_OR_RETURN(Sequence sequence, DefineSequence(statement.options, {}));
  if (existing) return NameIsTaken(path.table);
  WEIR_RETURN_NOT_OK(CheckName(path));
  WEIR_ASSIGN_OR_RETURN(auto made, NewSequence(*draft, path, std::move(sequence)));
  if (statement.options.owner) WEIR_RETURN_NOT_OK(SetOwner(*statement.options.owner, context, draft, made.get()));
  draft->Put(std::move(made), nullptr);
  return Notices();
}

namespace {

/// RENAME TO and SET SCHEMA.
Status MoveSequence(const AlterSequence& statement, const RelationPtr& before, const DdlContext& context,
                    CatalogDraft* draft) {
  auto moved = std::make_shared<Relation>(*before);
  TablePath& path = moved->path;
  if (!statement.new_name.empty()) {
    path.table = statement.new_name;
    WEIR_RETURN_NOT_OK(FindTaken(*draft, path).status());
    WEIR_RETURN_NOT_OK(CheckNewName(*draft, path));
  } else {
    if (before->sequence->owner >= 0) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr owner, draft->FindById(before->sequence->owner));
      return Error("0A000", "cannot move an owned sequence into another schema",
                   {.detail = fmt::format("Sequence \"{}\" is linked to table \"{}\".", path.table,
                                          owner ? owner->path.table : "")});
    }
    const QualifiedName target{.schema = statement.schema, .name = path.table};
    path = PathOf(target, context);
    WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, target));
    if (path == before->path) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft->Find(path));
    if (taken) {
      return Error("42P07",
                   fmt::format("relation \"{}\" already exists in schema \"{}\"", path.table, statement.schema));
    }
  }
  draft->Put(std::move(moved), before);
  return Status::OK();
}

/// Limits that are those of the old type become those of the new one.
Status SetType(const TypeName& type, Sequence* sequence) {
  const auto limits = LimitsOfType(type.text);
  if (!limits) return InvalidValue("sequence type must be smallint, integer, or bigint");
  const TypeLimits before = *LimitsOfType(sequence->type);
  if (sequence->max_value == before.max) sequence->max_value = limits->max;
  if (sequence->min_value == before.min) sequence->min_value = limits->min;
  sequence->type = type.text;
  return Status::OK();
}

}  // namespace

Result<Notices> Execute(const AlterSequence& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, FindNamed(*draft, statement.name, context, statement.if_exists));
  if (!before) return Skipped(statement.name);
  if (!before->is_sequence()) return Error("42809", fmt::format("\"{}\" is not a sequence", before->path.table));
  if (!statement.new_name.empty() || !statement.schema.empty()) {
    WEIR_RETURN_NOT_OK(MoveSequence(statement, before, context, draft));
    return Notices();
  }
  auto altered = std::make_shared<Relation>(*before);
  Sequence& sequence = *altered->sequence;
  const SequenceOptions& options = statement.options;
  if (options.type && options.type->text != sequence.type) WEIR_RETURN_NOT_OK(SetType(*options.type, &sequence));
  WEIR_RETURN_NOT_OK(SetNumbers(options, false, &sequence));
  // Where it stands goes on under another counter, as this one may be rolled back.
  WEIR_ASSIGN_OR_RETURN(const SequenceState state, context.sequence_state(*before->sequence));
  WEIR_ASSIGN_OR_RETURN(sequence.counter, draft->TakeIds(1));
  sequence.first_value = options.restart ? options.restart->value.value_or(sequence.start) : state.last_value;
  sequence.first_is_called = !options.restart && state.is_called;
  WEIR_RETURN_NOT_OK(CheckWithin(sequence, "RESTART", sequence.first_value));
  if (options.owner) {
    WEIR_RETURN_NOT_OK(CheckNotIdentity(*draft, *before));
    WEIR_RETURN_NOT_OK(SetOwner(*options.owner, context, draft, altered.get()));
  }
  draft->Put(std::move(altered), before);
  return Notices();
}

Result<Notices> Execute(const DropSequences& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  std::vector<RelationPtr> dropped;
  std::set<int64_t> ids;
  for (const QualifiedName& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr found, draft->Find(PathOf(name, context)));
    if (!found && statement.if_exists) {
      notices.push_back(fmt::format("sequence \"{}\" does not exist, skipping", name.name));
      continue;
    }
    if (!found) return Error("42P01", fmt::format("sequence \"{}\" does not exist", name.name));
    if (!found->is_sequence()) {
      return Error("42809", fmt::format("\"{}\" is not a sequence", name.name), {.hint = HowToDrop(*found)});
    }
    WEIR_RETURN_NOT_OK(CheckNotIdentity(*draft, *found));
    if (ids.insert(found->id).second) dropped.push_back(found);
  }
  WEIR_ASSIGN_OR_RETURN(const auto views, ViewsAbove(*draft, dropped, context));
  const std::string what = dropped.size() == 1 ? Described(*dropped.front(), context) : "";
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, views, statement.cascade));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Dependant> dependants, DependantsOn(*draft, ids));
  std::string details;
  for (const Dependant& dependant : WithoutInherited(dependants)) {
    details += fmt::format("{}{} depends on sequence {}", details.empty() ? "" : "\n", DependencyOf(dependant),
                           dropped.front()->path.table);
  }
  if (!dependants.empty() && !statement.cascade) {
    return StillNeeded(fmt::format("sequence {}", dropped.front()->path.table), details);
  }
  WEIR_ASSIGN_OR_RETURN(const Notices cascaded, DropDefaults(dependants, draft));
  notices.insert(notices.end(), cascaded.begin(), cascaded.end());
  AddCascadeNotice(views, context, &notices);
  for (const RelationPtr& sequence : dropped) WEIR_RETURN_NOT_OK(Disown(draft, *sequence));
  for (const DependentView& one : views) dropped.push_back(one.view);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, dropped));
  return notices;
}

}  // namespace weir::sql
