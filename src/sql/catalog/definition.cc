#include "sql/catalog/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "postgres/bound_json.h"
#include "sql/catalog/function_json.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 5> kConstraints = {"primary key", "unique", "check", "foreign key", "exclusion"};
constexpr std::array<std::string_view, 5> kActions = {"no action", "restrict", "cascade", "set null", "set default"};

constexpr const char* kAlways = "always";
constexpr const char* kByDefault = "by default";

/// numeric without precision was a DECIMAL(38,9) once; a type that is named without this key is one.
constexpr const char* kOfAnySize = "of_any_size";
/// time of more than three digits held three of them once; a type that is named without this key does.
constexpr const char* kInMicroseconds = "in_microseconds";

/// "time without time zone", also with a precision and as an array.
bool IsTime(std::string_view type) {
  return (type.starts_with("time ") || type.starts_with("time(")) && type.find("without") != type.npos;
}

/// With the digits that a column, or an index's key, has of it.
std::string HeldTime(const Json& json, std::string type) {
  if (!IsTime(type) || json.value(kInMicroseconds, false)) return type;
  const bool less = type[4] == '(' && type[5] < '3';
  return less ? type : "time(3)" + type.substr(type.find(' '));
}

void TypeToJson(const std::string& type, Json* json) {
  (*json)["type"] = type;
  if (type == "numeric" || type == "numeric[]") (*json)[kOfAnySize] = true;
  if (IsTime(type)) (*json)[kInMicroseconds] = true;
}

std::string TypeFromJson(const Json& json) {
  auto type = json.at("type").get<std::string>();
  if (json.value(kOfAnySize, false)) return type;
  if (type == "numeric") return "numeric(38,9)";
  if (type == "numeric[]") return "numeric(38,9)[]";
  return HeldTime(json, std::move(type));
}

Json ColumnToJson(const SqlColumn& column) {
  Json json = {{"name", column.name}};
  TypeToJson(column.type, &json);
  if (column.not_null) json["not_null"] = true;
  if (column.default_value) json["default"] = *column.default_value;
  if (!column.collation.empty()) json["collation"] = column.collation;
  if (column.number > 0) json["number"] = column.number;
  if (!column.comment.empty()) json["comment"] = column.comment;
  if (!column.encoding.empty()) json["encoding"] = column.encoding;
  if (column.storage != '\0') json["storage"] = std::string(1, column.storage);
  if (column.statistics >= 0) json["statistics"] = column.statistics;
  if (column.compression != '\0') json["compression"] = std::string(1, column.compression);
  if (!column.parameters.empty()) json["parameters"] = column.parameters;
  if (column.identity != SqlColumn::Identity::kNone) {
    json["identity"] = column.identity == SqlColumn::Identity::kAlways ? kAlways : kByDefault;
  }
  if (column.generated) json["generated"] = *column.generated;
  if (!column.is_local) json["local"] = false;
  if (column.inherited > 0) json["inherited"] = column.inherited;
  return json;
}

Json SequenceToJson(const Sequence& sequence) {
  return {{"type", sequence.type},
          {"start", sequence.start},
          {"increment", sequence.increment},
          {"min_value", sequence.min_value},
          {"max_value", sequence.max_value},
          {"cache", sequence.cache},
          {"cycle", sequence.cycle},
          {"owner", sequence.owner},
          {"counter", sequence.counter},
          {"first_value", sequence.first_value},
          {"first_is_called", sequence.first_is_called}};
}

Sequence SequenceFromJson(const Json& json) {
  Sequence sequence;
  sequence.type = json.at("type").get<std::string>();
  sequence.start = json.at("start").get<int64_t>();
  sequence.increment = json.at("increment").get<int64_t>();
  sequence.min_value = json.at("min_value").get<int64_t>();
  sequence.max_value = json.at("max_value").get<int64_t>();
  sequence.cache = json.at("cache").get<int64_t>();
  sequence.cycle = json.at("cycle").get<bool>();
  sequence.owner = json.at("owner").get<int64_t>();
  sequence.counter = json.at("counter").get<int64_t>();
  sequence.first_value = json.at("first_value").get<int64_t>();
  sequence.first_is_called = json.at("first_is_called").get<bool>();
  return sequence;
}

Json PartitioningToJson(const SqlIndex::Partitioning& declared) {
  Json json = {{"strategy", declared.strategy}, {"columns", declared.columns}, {"partitions", Json::array()}};
  for (const SqlIndex::Partition& partition : declared.partitions) {
    json["partitions"].push_back(
        {{"name", partition.name}, {"values", partition.values}, {"bound", BoundToJson(partition.bound)}});
  }
  return json;
}

Result<SqlIndex::Partitioning> PartitioningFromJson(const Json& json) {
  SqlIndex::Partitioning declared{.strategy = json.at("strategy").get<std::string>(),
                                  .columns = json.at("columns").get<size_t>(),
                                  .partitions = {}};
  for (const Json& read : json.at("partitions")) {
    SqlIndex::Partition& partition = declared.partitions.emplace_back();
    partition.name = read.at("name").get<std::string>();
    partition.values = read.at("values").get<std::string>();
    WEIR_ASSIGN_OR_RETURN(partition.bound, BoundFromJson(read.at("bound")));
  }
  return declared;
}

Json IndexToJson(const SqlIndex& index) {
  Json json = {{"table", index.table}, {"columns", index.columns}};
  for (const SqlIndex::Order& order : index.orders) {
    json["orders"].push_back((order.descending ? 1 : 0) | (order.nulls_first ? 2 : 0));
  }
  const auto has_class = [](const SqlIndex::Order& order) { return !order.operator_class.empty(); };
  if (std::ranges::any_of(index.orders, has_class)) {
    for (const SqlIndex::Order& order : index.orders) json["operator_classes"].push_back(order.operator_class);
  }
  if (!index.included.empty()) json["included"] = index.included;
  if (!index.unique) json["unique"] = false;
  if (index.constraint) json["constraint"] = true;
  if (index.partitioned) json["partitioned"] = true;
  if (!index.valid) json["invalid"] = true;
  if (index.primary) json["primary"] = true;
  if (index.parent) json["parent"] = *index.parent;
  for (const SqlIndex::Expression& expression : index.expressions) {
    Json& written = json["expressions"].emplace_back(
        Json{{"text", expression.text}, {"label", expression.label}, {"type", expression.type}});
    if (IsTime(expression.type)) written[kInMicroseconds] = true;
    if (expression.is_call) written["call"] = true;
  }
  if (!index.condition.empty()) json["condition"] = index.condition;
  if (!index.uses.empty()) json["uses"] = index.uses;
  if (!index.nulls_distinct) json["nulls_not_distinct"] = true;
  if (index.exclusion) json["exclusion"] = true;
  if (index.shards > 0) json["shards"] = index.shards;
  if (index.declared) json["declared"] = PartitioningToJson(*index.declared);
  return json;
}

Result<SqlIndex> IndexFromJson(const Json& json) {
  SqlIndex index;
  index.table = json.at("table").get<int64_t>();
  index.columns = json.at("columns").get<std::vector<int>>();
  for (const Json& order : json.at("orders")) {
    index.orders.push_back({.descending = (order.get<int>() & 1) != 0, .nulls_first = (order.get<int>() & 2) != 0});
  }
  const auto classes = json.value("operator_classes", std::vector<std::string>());
  for (size_t i = 0; i < std::min(classes.size(), index.orders.size()); ++i) {
    index.orders[i].operator_class = classes[i];
  }
  index.included = json.value("included", std::vector<int>());
  index.unique = json.value("unique", true);
  index.constraint = json.value("constraint", false);
  index.partitioned = json.value("partitioned", false);
  index.valid = !json.value("invalid", false);
  index.primary = json.value("primary", false);
  if (json.contains("parent")) index.parent = json["parent"].get<int64_t>();
  for (const Json& expression : json.value("expressions", Json::array())) {
    index.expressions.push_back({.text = expression.at("text").get<std::string>(),
                                 .label = expression.at("label").get<std::string>(),
                                 .type = HeldTime(expression, expression.at("type").get<std::string>()),
                                 .is_call = expression.value("call", false)});
  }
  index.condition = json.value("condition", "");
  index.uses = json.value("uses", std::vector<int>());
  index.nulls_distinct = !json.value("nulls_not_distinct", false);
  index.exclusion = json.value("exclusion", false);
  index.shards = json.value("shards", 0);
  if (json.contains("declared")) {
    WEIR_ASSIGN_OR_RETURN(index.declared, PartitioningFromJson(json["declared"]));
  }
  // Each 0 among the columns is one of the expressions.
  index.expressions.resize(static_cast<size_t>(std::ranges::count(index.columns, 0)));
  return index;
}

/// Known by their names until they are read, too.
std::vector<RelationPtr> IndexesFromJson(const Json& names) {
  std::vector<RelationPtr> indexes;
  for (const Json& name : names) {
    auto index = std::make_shared<Relation>();
    index->path.table = name.get<std::string>();
    indexes.push_back(std::move(index));
  }
  return indexes;
}

/// A view's columns hold nothing, so that they may be of types that tables do not have.
Result<SqlColumn> ColumnFromJson(const Json& json, bool of_view) {
  SqlColumn column;
  column.name = json.at("name").get<std::string>();
  column.type = TypeFromJson(json);
  column.not_null = json.value("not_null", false);
  if (!of_view) {
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
    column.data_type = type.data_type.WithNullable(!column.not_null);
  }
  if (json.contains("default")) column.default_value = json["default"].get<std::string>();
  column.collation = json.value("collation", "");
  column.number = json.value("number", 0);
  column.comment = json.value("comment", "");
  column.encoding = json.value("encoding", Properties());
  column.storage = json.value("storage", std::string(1, '\0')).front();
  column.statistics = json.value("statistics", -1);
  column.compression = json.value("compression", std::string(1, '\0')).front();
  column.parameters = json.value("parameters", Properties());
  const std::string identity = json.value("identity", "");
  if (identity == kAlways) column.identity = SqlColumn::Identity::kAlways;
  if (identity == kByDefault) column.identity = SqlColumn::Identity::kByDefault;
  if (json.contains("generated")) column.generated = json["generated"].get<std::string>();
  column.is_local = json.value("local", true);
  column.inherited = json.value("inherited", 0);
  return column;
}

/// What is as usual is left out.
Json ForeignKeyToJson(const SqlForeignKey& key) {
  const ForeignKeyRules& rules = key.rules;
  Json json = {{"table", key.table}, {"columns", key.columns}};
  if (rules.match_full) json["match_full"] = true;
  const auto set_action = [&](const char* when, ReferentialAction action) {
    if (action != ReferentialAction::kNoAction) json[when] = kActions[static_cast<size_t>(action)];
  };
  set_action("on_update", rules.on_update);
  set_action("on_delete", rules.on_delete);
  if (!rules.set_columns.empty()) json["set_columns"] = rules.set_columns;
  if (rules.deferrable) json["deferrable"] = true;
  if (rules.deferred) json["deferred"] = true;
  return json;
}

ReferentialAction ActionFromJson(const Json& json, const char* when) {
  const std::string name = json.value(when, std::string(kActions[0]));
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (kActions[i] == name) return static_cast<ReferentialAction>(i);
  }
  return ReferentialAction::kNoAction;
}

SqlForeignKey ForeignKeyFromJson(const Json& json) {
  SqlForeignKey key;
  key.table = json.at("table").get<int64_t>();
  key.columns = json.at("columns").get<std::vector<int>>();
  key.rules.match_full = json.value("match_full", false);
  key.rules.on_update = ActionFromJson(json, "on_update");
  key.rules.on_delete = ActionFromJson(json, "on_delete");
  key.rules.set_columns = json.value("set_columns", std::vector<std::string>());
  key.rules.deferrable = json.value("deferrable", false);
  key.rules.deferred = json.value("deferred", false);
  return key;
}

Json ExclusionToJson(const SqlExclusion& exclusion) {
  Json json = {{"method", exclusion.method}, {"operators", exclusion.operators}};
  if (exclusion.key != '\0') json["key"] = std::string(1, exclusion.key);
  if (exclusion.deferred) json["deferred"] = true;
  return json;
}

SqlExclusion ExclusionFromJson(const Json& json) {
  return {.method = json.at("method").get<std::string>(),
          .operators = json.at("operators").get<std::vector<std::string>>(),
          .key = json.value("key", std::string(1, '\0')).front(),
          .deferred = json.value("deferred", false)};
}

Json MarksToJson(const KeptMarks& marks) {
  Json json = Json::object();
  if (marks.unlogged) json["unlogged"] = true;
  if (marks.replica_identity != 'd') json["replica_identity"] = std::string(1, marks.replica_identity);
  if (!marks.identity_index.empty()) json["identity_index"] = marks.identity_index;
  if (!marks.clustered_on.empty()) json["clustered_on"] = marks.clustered_on;
  if (marks.triggers_off) json["triggers_off"] = true;
  return json;
}

KeptMarks MarksFromJson(const Json& json) {
  return {.unlogged = json.value("unlogged", false),
          .replica_identity = json.value("replica_identity", std::string("d")).front(),
          .identity_index = json.value("identity_index", ""),
          .clustered_on = json.value("clustered_on", ""),
          .triggers_off = json.value("triggers_off", false)};
}

/// [[number, share of NULLs, width, values], …], of each also what PostgreSQL's pg_stats has beside them.
Json StatisticsToJson(const std::vector<ColumnStatistics>& statistics) {
  Json all = Json::array();
  for (const ColumnStatistics& one : statistics) {
    Json& json = all.emplace_back(Json{one.number, one.null_share, one.width, one.distinct});
    if (one.common.empty() && one.bounds.empty() && !one.correlation) continue;
    json.push_back(one.common);
    json.push_back(one.shares);
    json.push_back(one.bounds);
    json.push_back(one.correlation ? Json(*one.correlation) : Json());
  }
  return all;
}

std::vector<ColumnStatistics> StatisticsFromJson(const Json& all) {
  std::vector<ColumnStatistics> statistics;
  for (const Json& json : all) {
    ColumnStatistics& one = statistics.emplace_back(ColumnStatistics{.number = json.at(0).get<int>(),
                                                                     .null_share = json.at(1).get<double>(),
                                                                     .width = json.at(2).get<int>(),
                                                                     .distinct = json.at(3).get<double>()});
    if (json.size() < 8) continue;
    json.at(4).get_to(one.common);
    json.at(5).get_to(one.shares);
    json.at(6).get_to(one.bounds);
    if (!json.at(7).is_null()) one.correlation = json.at(7).get<double>();
  }
  return statistics;
}

Json ConstraintToJson(const SqlConstraint& constraint) {
  Json json = {{"kind", kConstraints[static_cast<size_t>(constraint.kind)]}, {"name", constraint.name}};
  if (!constraint.columns.empty()) json["columns"] = constraint.columns;
  if (!constraint.included.empty()) json["included"] = constraint.included;
  if (!constraint.check.empty()) json["check"] = constraint.check;
  if (constraint.no_inherit) json["no_inherit"] = true;
  if (constraint.not_valid) json["not_valid"] = true;
  if (!constraint.comment.empty()) json["comment"] = constraint.comment;
  if (constraint.shards > 0) json["shards"] = constraint.shards;
  if (constraint.foreign) json["foreign"] = ForeignKeyToJson(*constraint.foreign);
  if (constraint.exclusion) {
    json["exclusion"] = ExclusionToJson(*constraint.exclusion);
  }
  if (!constraint.nulls_distinct) json["nulls_not_distinct"] = true;
  if (constraint.primary) json["primary"] = true;
  if (!constraint.descending.empty()) json["descending"] = constraint.descending;
  if (!constraint.is_local) json["local"] = false;
  if (constraint.inherited > 0) json["inherited"] = constraint.inherited;
  return json;
}

SqlConstraint ConstraintFromJson(const Json& json) {
  SqlConstraint constraint;
  const auto kind = json.at("kind").get<std::string>();
  for (size_t i = 0; i < kConstraints.size(); ++i) {
    if (kConstraints[i] == kind) constraint.kind = static_cast<SqlConstraint::Kind>(i);
  }
  constraint.name = json.at("name").get<std::string>();
  constraint.columns = json.value("columns", std::vector<std::string>());
  constraint.included = json.value("included", std::vector<std::string>());
  constraint.check = json.value("check", "");
  constraint.no_inherit = json.value("no_inherit", false);
  constraint.not_valid = json.value("not_valid", false);
  constraint.comment = json.value("comment", "");
  constraint.shards = json.value("shards", 0);
  if (json.contains("foreign")) constraint.foreign = ForeignKeyFromJson(json["foreign"]);
  if (json.contains("exclusion")) constraint.exclusion = ExclusionFromJson(json["exclusion"]);
  constraint.nulls_distinct = !json.value("nulls_not_distinct", false);
  constraint.primary = json.value("primary", false);
  constraint.descending = json.value("descending", std::vector<std::string>());
  constraint.is_local = json.value("local", true);
  constraint.inherited = json.value("inherited", 0);
  return constraint;
}

Json KeyPartToJson(const SqlPartitionKeyPart& part, const Relation& relation) {
  Json json;
  if (part.column >= 0) {
    json["column"] = relation.columns[static_cast<size_t>(part.column)].name;
  } else if (part.shard) {
    json["shard"] = true;
  } else {
    json["expression"] = part.expression;
    TypeToJson(part.sql_type, &json);
  }
  if (part.value_type != 0) json["by_value"] = part.value_type;
  return json;
}

Result<SqlPartitionKeyPart> KeyPartFromJson(const Json& json, const Relation& relation) {
  SqlPartitionKeyPart part;
  part.value_type = json.value("by_value", uint32_t{0});  // absent: made when all keys compared as they are held
  if (json.contains("column")) {
    const auto name = json["column"].get<std::string>();
    part.column = relation.ColumnIndex(name);
    if (part.column < 0) return Error("XX000", fmt::format("partition key column \"{}\" is gone", name));
    part.type = relation.columns[static_cast<size_t>(part.column)].data_type;
    return part;
  }
  if (json.contains("shard")) return ShardPart();
  part.expression = json.at("expression").get<std::string>();
  part.sql_type = TypeFromJson(json);
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(part.sql_type));
  part.type = type.data_type;
  return part;
}

Result<SqlPartitionKey> KeyFromDefinition(const Json& json, const Relation& relation) {
  SqlPartitionKey key;
  key.strategy = StrategyFromJson(json.at("strategy"));
  for (const Json& part : json.at("parts")) {
    WEIR_ASSIGN_OR_RETURN(SqlPartitionKeyPart read, KeyPartFromJson(part, relation));
    key.parts.push_back(std::move(read));
  }
  return key;
}

bool SameColumn(const SqlColumn& a, const SqlColumn& b) {
  return a.name == b.name && a.type == b.type && a.not_null == b.not_null && a.default_value == b.default_value &&
         a.collation == b.collation && a.number == b.number && a.comment == b.comment &&
         a.encoding == b.encoding && a.storage == b.storage && a.statistics == b.statistics &&
         a.compression == b.compression && a.parameters == b.parameters && a.identity == b.identity &&
         a.generated == b.generated;
}

bool SameColumns(const Relation& a, const Relation& b) {
  if (a.columns.size() != b.columns.size()) return false;
  for (size_t i = 0; i < a.columns.size(); ++i) {
    if (!SameColumn(a.columns[i], b.columns[i])) return false;
  }
  return true;
}

Json ViewToJson(const ViewDefinition& view) {
  Json json = {{"query", view.query}, {"columns", view.columns}};
  if (view.updatable) json["updatable"] = true;
  if (!view.computed.empty()) json["computed"] = view.computed;
  if (view.check_option != '\0') json["check_option"] = std::string(1, view.check_option);
  if (!view.functions.empty()) json["functions"] = view.functions;
  if (!view.switches.empty()) json["switches"] = view.switches;
  for (const ViewSource& source : view.sources) {
    Json columns = Json::array();
    for (const ViewSource::Column& column : source.columns) {
      columns.push_back({{"number", column.number}, {"name", column.name}, {"used", column.used}});
    }
    json["sources"].push_back(
        {{"relation", source.relation}, {"schema", source.schema}, {"name", source.name}, {"columns", columns}});
  }
  return json;
}

std::shared_ptr<const ViewDefinition> ViewFromJson(const Json& json) {
  auto view = std::make_shared<ViewDefinition>();
  view->query = json.at("query").get<std::string>();
  view->columns = json.at("columns").get<std::vector<std::string>>();
  view->updatable = json.value("updatable", false);
  view->computed = json.value("computed", std::vector<int>());
  view->check_option = json.value("check_option", std::string(1, '\0')).front();
  view->functions = json.value("functions", std::vector<int64_t>());
  view->switches = json.value("switches", std::map<std::string, std::string>());
  if (!json.contains("sources")) return view;
  for (const Json& read : json["sources"]) {
    ViewSource& source = view->sources.emplace_back();
    source.relation = read.at("relation").get<int64_t>();
    source.schema = read.at("schema").get<std::string>();
    source.name = read.at("name").get<std::string>();
    for (const Json& column : read.at("columns")) {
      source.columns.push_back({column.at("number").get<int>(), column.at("name").get<std::string>(),
                                column.at("used").get<bool>()});
    }
  }
  return view;
}

Result<Relation> Read(const Json& json, const Relation* parent) {
  Relation relation;
  relation.id = json.at("id").get<int64_t>();
  if (json.contains("view")) relation.view = ViewFromJson(json["view"]);
  if (json.contains("materialized")) relation.materialized = ViewFromJson(json["materialized"]);
  relation.populated = json.value("populated", true);
  relation.views = json.value("views", std::vector<int64_t>());
  relation.referenced_by = json.value("referenced_by", std::vector<int64_t>());
  relation.inherits = json.value("inherits", std::vector<int64_t>());
  relation.inherited_by = json.value("inherited_by", std::vector<int64_t>());
  if (json.contains("sequence")) {
    relation.sequence = SequenceFromJson(json["sequence"]);
    relation.columns = SequenceColumns();
  } else if (json.contains("columns")) {
    for (const Json& column : json["columns"]) {
      WEIR_ASSIGN_OR_RETURN(SqlColumn read, ColumnFromJson(column, relation.is_view()));
      relation.columns.push_back(std::move(read));
    }
  } else if (parent != nullptr) {
    relation.columns = parent->columns;
  }
  if (json.contains("constraints")) {
    for (const Json& constraint : json["constraints"]) relation.constraints.push_back(ConstraintFromJson(constraint));
  }
  if (json.contains("partition_by")) {
    WEIR_ASSIGN_OR_RETURN(relation.partition_key, KeyFromDefinition(json["partition_by"], relation));
  }
  relation.declared_by = json.value("declared_by", "");
  if (json.contains("declared")) {
    const Json& declared = json["declared"];
    relation.declared =
        DeclaredPartition{declared.at("name").get<std::string>(), declared.at("values").get<std::string>()};
  }
  if (json.contains("bound")) {
    WEIR_ASSIGN_OR_RETURN(relation.bound, BoundFromJson(json["bound"]));
  }
  if (json.contains("distributed_by")) relation.distributed_by = json["distributed_by"].get<std::vector<std::string>>();
  relation.dropped_number = json.value("dropped_number", 0);
  relation.of_type = json.value("of_type", int64_t{0});
  relation.comment = json.value("comment", "");
  if (json.contains("sequences")) {
    for (const Json& owned : json["sequences"]) {
      relation.owned_sequences.push_back({owned.at("column").get<int>(), owned.at("sequence").get<int64_t>()});
    }
  }
  if (json.contains("functions")) relation.functions = FunctionsFromJson(json["functions"]);
  if (json.contains("index")) {
    WEIR_ASSIGN_OR_RETURN(relation.index, IndexFromJson(json["index"]));
  }
  if (json.contains("foreign")) {
    const Json& foreign = json["foreign"];
    relation.foreign =
        ForeignTable{foreign.at("server").get<std::string>(), foreign.at("options").get<ForeignOptions>()};
  }
  if (json.contains("indexes")) relation.indexes = IndexesFromJson(json["indexes"]);
  relation.templates = json.value("templates", std::map<int, std::string>());
  if (json.contains("options")) relation.options = json["options"].get<Properties>();
  if (json.contains("marks")) relation.marks = MarksFromJson(json["marks"]);
  relation.statistics = StatisticsFromJson(json.value("statistics", Json::array()));
  relation.statistics_with_heirs = StatisticsFromJson(json.value("statistics_with_heirs", Json::array()));
  if (json.contains("counted_rows")) relation.counted_rows = json["counted_rows"].get<int64_t>();
  if (json.contains("table")) {
    auto table = std::make_shared<TableInfo>();
    table->table_id = json["table"].get<int64_t>();
    table->schema_id = json.value("schema", 1);
    relation.table_number = json.value("table_number", 0);
    relation.fluss_name = json.value("fluss_name", "");
    relation.table = std::move(table);
  }
  return relation;
}

}  // namespace

std::string WriteDefinition(const Relation& relation, const Relation* parent) {
  Json json = {{"id", relation.id}};
  if (relation.sequence) {
    json["sequence"] = SequenceToJson(*relation.sequence);
  } else if (parent == nullptr || !SameColumns(relation, *parent)) {
    for (const SqlColumn& column : relation.columns) json["columns"].push_back(ColumnToJson(column));
    if (relation.columns.empty()) json["columns"] = Json::array();
  }
  for (const SqlConstraint& constraint : relation.constraints)
    json["constraints"].push_back(ConstraintToJson(constraint));
  if (relation.partition_key) {
    Json& key = json["partition_by"];
    key["strategy"] = StrategyToJson(relation.partition_key->strategy);
    for (const auto& part : relation.partition_key->parts) key["parts"].push_back(KeyPartToJson(part, relation));
  }
  if (!relation.declared_by.empty()) json["declared_by"] = relation.declared_by;
  if (relation.declared) json["declared"] = {{"name", relation.declared->name}, {"values", relation.declared->values}};
  if (parent != nullptr) json["bound"] = BoundToJson(relation.bound);
  if (relation.distributed_by) json["distributed_by"] = *relation.distributed_by;
  if (!relation.options.empty()) json["options"] = relation.options;
  if (relation.marks != KeptMarks()) json["marks"] = MarksToJson(relation.marks);
  if (relation.counted_rows) json["counted_rows"] = *relation.counted_rows;
  if (!relation.statistics.empty()) json["statistics"] = StatisticsToJson(relation.statistics);
  if (!relation.statistics_with_heirs.empty()) {
    json["statistics_with_heirs"] = StatisticsToJson(relation.statistics_with_heirs);
  }
  if (!relation.templates.empty()) json["templates"] = relation.templates;  // [[level, text], …]
  if (!relation.comment.empty()) json["comment"] = relation.comment;
  if (relation.dropped_number > 0) json["dropped_number"] = relation.dropped_number;
  if (relation.of_type != 0) json["of_type"] = relation.of_type;
  if (relation.view) json["view"] = ViewToJson(*relation.view);
  if (relation.materialized) json["materialized"] = ViewToJson(*relation.materialized);
  if (!relation.populated) json["populated"] = false;
  if (!relation.views.empty()) json["views"] = relation.views;
  if (!relation.referenced_by.empty()) json["referenced_by"] = relation.referenced_by;
  if (!relation.inherits.empty()) json["inherits"] = relation.inherits;
  if (!relation.inherited_by.empty()) json["inherited_by"] = relation.inherited_by;
  for (const OwnedSequence& owned : relation.owned_sequences) {
    json["sequences"].push_back({{"column", owned.column}, {"sequence", owned.sequence}});
  }
  if (relation.is_functions()) json["functions"] = FunctionsToJson(relation.functions);
  if (relation.index) json["index"] = IndexToJson(*relation.index);
  if (relation.foreign)
    json["foreign"] = {{"server", relation.foreign->server}, {"options", relation.foreign->options}};
  for (const RelationPtr& index : relation.indexes) json["indexes"].push_back(index->path.table);
  if (relation.table) {
    json["table"] = relation.table->table_id;
    json["schema"] = relation.table->schema_id;
    if (relation.table_number > 0) json["table_number"] = relation.table_number;
    if (!relation.fluss_name.empty()) json["fluss_name"] = relation.fluss_name;
  }
  return json.dump();
}

Result<Relation> ReadDefinition(std::string_view json, const Relation* parent) {
  try {
    return Read(Json::parse(json), parent);
  } catch (const Json::exception& error) {
    return Error("XX001", fmt::format("a relation's definition is damaged: {}", error.what()));
  }
}

}  // namespace weir::sql
