#include "sql/catalog/generated_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/catalog/bound_text.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/same_expression.h"
#include "sql/error.h"

namespace weir::sql {

Status KeepGenerated(const Relation& relation, const Expression& written, const DdlContext& context,
                     SqlColumn* column) {
  WEIR_ASSIGN_OR_RETURN(column->generated, context.Kept({DefinitionUse::kGenerated, relation, column, written}));
  return Status::OK();
}

Result<std::vector<size_t>> GeneratedFrom(const Relation& relation, const std::string& column) {
  std::vector<size_t> generated;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].generated) continue;
    WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(*relation.columns[i].generated, column));
    if (refers) generated.push_back(i);
  }
  return generated;
}

Status CheckSameGenerated(const SqlColumn& parent, const SqlColumn& child) {
  if (parent.generated == child.generated) return Status::OK();
  const bool both = parent.generated && child.generated;
  if (both && dialect::IsSameExpression(*parent.generated, *child.generated)) return Status::OK();
  const auto unfit = [&](std::string_view what) {
    return Error("42804", fmt::format("column \"{}\" in child table {}", parent.name, what));
  };
  if (!child.generated) return unfit("must be a generated column");
  return unfit(parent.generated ? "has a conflicting generation expression" : "must not be a generated column");
}

Status CheckActionsOnGenerated(const TableConstraint& key, const Relation& table) {
  const bool generated = std::ranges::any_of(key.columns, [&](const std::string& name) {
    const int at = table.ColumnIndex(name);
    return at >= 0 && table.columns[static_cast<size_t>(at)].generated.has_value();
  });
  if (!generated) return Status::OK();
  const auto sets = [](ReferentialAction action) {
    return action == ReferentialAction::kSetNull || action == ReferentialAction::kSetDefault;
  };
  const auto invalid = [](std::string_view when) {
    return Error("42601",
                 fmt::format("invalid {} action for foreign key constraint containing generated column", when));
  };
  if (sets(key.rules.on_update) || key.rules.on_update == ReferentialAction::kCascade) return invalid("ON UPDATE");
  return sets(key.rules.on_delete) ? invalid("ON DELETE") : Status::OK();
}

namespace {

/// The generated columns that go with one that is dropped, and are not gone yet.
Result<std::vector<std::string>> GoingWith(const alter::DropColumn& drop, const Relation& table,
                                           const std::set<std::string>& gone) {
  std::vector<std::string> names;
  WEIR_ASSIGN_OR_RETURN(const std::vector<size_t> generated, GeneratedFrom(table, drop.name));
  for (const size_t at : generated) {
    const std::string& name = table.columns[at].name;
    if (name != drop.name && !gone.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

Result<std::vector<AlterAction>> WithGeneratedDropped(const std::vector<AlterAction>& actions, const Relation& table,
                                                      Notices* notices) {
  std::vector<AlterAction> whole;
  std::set<std::string> gone;
  for (const AlterAction& action : actions) {
    const auto* drop = std::get_if<alter::DropColumn>(&action);
    if (drop != nullptr && table.ColumnIndex(drop->name) >= 0) {
      const std::string& of = table.path.table;
      WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, GoingWith(*drop, table, gone));
      std::string details;
      for (const std::string& name : names) {
        details += fmt::format("{}column {} of table {} depends on column {} of table {}", details.empty() ? "" : "\n",
                               name, of, drop->name, of);
        if (drop->cascade) notices->push_back(fmt::format("drop cascades to column {} of table {}", name, of));
        whole.emplace_back(alter::DropColumn{.name = name, .if_exists = false, .cascade = true});
      }
      if (!names.empty() && !drop->cascade) {
        const std::string what = fmt::format("column {} of table {}", drop->name, of);
        return Error("2BP01", fmt::format("cannot drop {} because other objects depend on it", what),
                     {.detail = details, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
      }
      gone.insert(names.begin(), names.end());
      gone.insert(drop->name);
    }
    whole.push_back(action);
  }
  return whole;
}

Status CheckSourcesStay(const std::string& expression, const AlteredRelation& member) {
  if (!member.before->table) return Status::OK();  // it holds no rows
  for (size_t i = 0; i < member.now.columns.size(); ++i) {
    const SqlColumn& column = member.now.columns[i];
    const bool stays = i < member.sources.size() && member.sources[i].place >= 0 &&
                       member.sources[i].expression == QuoteIdentifier(column.name);
    if (stays) continue;
    WEIR_ASSIGN_OR_RETURN(const bool refers, dialect::RefersTo(expression, column.name));
    if (!refers) continue;
    return Error("0A000", fmt::format("a generated column over column \"{}\", which the same statement adds or alters, "
                                      "is not supported",
                                      column.name),
                 {.hint = "Use one ALTER TABLE after the other."});
  }
  return Status::OK();
}

namespace {

Status DropExpressionOf(const alter::DropExpression& action, AlteredRelation* member) {
  const int at = member->now.ColumnIndex(action.column);
  if (at < 0) {
    return Error("42703",
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", action.column, member->name()));
  }
  SqlColumn& column = member->now.columns[static_cast<size_t>(at)];
  if (!column.generated) {
    return Error("55000", fmt::format("column \"{}\" of relation \"{}\" is not a stored generated column",
                                      action.column, member->name()));
  }
  column.generated.reset();
  return Status::OK();
}

}  // namespace

Status Alter(const alter::DropExpression& action, const DdlContext&, AlteredTree* tree) {
  if (tree->leaves_out_children()) {
    return Error("0A000", "ALTER TABLE / DROP EXPRESSION must be applied to child tables too");
  }
  const AlteredRelation& root = tree->root();
  const int at = root.now.ColumnIndex(action.column);
  const bool inherits = at >= 0 && root.now.columns[static_cast<size_t>(at)].inherited > 0;
  if (inherits || (root.parent && root.parent->ColumnIndex(action.column) >= 0)) {
    return Error("42P16", "cannot drop generation expression from inherited column");
  }
  for (AlteredRelation& member : tree->members()) {
    const Status dropped = DropExpressionOf(action, &member);
    if (dropped.ok()) continue;
    const ErrorFields fields = FieldsOf(dropped);
    if (!action.if_exists || fields.sqlstate != "55000") return dropped;
    if (&member == &tree->root()) tree->Note(fields.message + ", skipping");
  }
  return Status::OK();
}

}  // namespace weir::sql
