#include <algorithm>

#include "postgres/catalog_name.h"
#include "sql/dialect/statement_shape.h"
#include "sql/session/engine_session.h"

// Statements that come again: drivers send the same texts with other literals, or prepare the same text for each run.
// Reading and analysing one takes several times what finding a row by its key does.

namespace weir::sql {
namespace {

constexpr size_t kMostControls = 32;
constexpr size_t kLongestControl = 64;  // bytes

std::string PreparedKey(std::string_view text, const std::vector<uint32_t>& types) {
  std::string key = "\1";  // no shape begins so
  for (const uint32_t type : types) key += std::to_string(type) + ",";
  return key.append("\1").append(text);
}

/// Whether a literal of the type may mean more than its value does: it names something of the catalog, is a row, or an
/// array, which as a parameter has one dimension.
bool IsMoreThanValue(postgres::TypeRef type) {
  const postgres::Type* known = postgres::FindType(type.oid);
  return known == nullptr || known->category == 'A' || known->category == 'C' || postgres::NamesCatalog(type.oid);
}

std::vector<uint32_t> TypesOf(const dialect::StatementShape& shape) {
  std::vector<uint32_t> types;
  for (const dialect::Literal& literal : shape.literals) types.push_back(literal.type);
  return types;
}

}  // namespace

/// What a transaction has changed of the catalog is seen by nobody else, and may be taken back.
bool EngineSession::MayUseKept() {
  if (draft_ || speaks_duckdb()) return false;
  kept_plans_.HoldFor(engine_->catalog->version());
  return true;
}

std::optional<Statement> EngineSession::KnownStatement(std::string_view text) {
  if (const auto control = controls_.find(text); control != controls_.end()) return control->second;
  if (!MayUseKept()) return std::nullopt;
  const auto shape = dialect::ShapeOf(text);
  const KeptPlans::Kept* kept = shape ? kept_plans_.Find(shape->key) : nullptr;
  if (kept == nullptr || kept->state != KeptPlans::Kept::State::kPlanned) return std::nullopt;
  return Statement{.action = Query{std::string(text), kept->command}, .text = std::string(text), .offset = 0};
}

void EngineSession::KeepControl(std::string_view text, const std::vector<Statement>& statements) {
  const bool one = statements.size() == 1 && std::holds_alternative<TransactionControl>(statements[0].action);
  if (one && text.size() <= kLongestControl && controls_.size() < kMostControls) {
    controls_.emplace(text, statements[0]);
  }
}

std::optional<EngineSession::KeptQuery> EngineSession::KeptOf(const Query& query) {
  if (!MayUseKept()) return std::nullopt;
  const auto shape = dialect::ShapeOf(query.text);
  if (!shape) return std::nullopt;
  KeptPlans::Kept* kept = kept_plans_.Find(shape->key);
  if (kept == nullptr) {
    kept_plans_.Add(shape->key).command = query.command;
    return std::nullopt;
  }
  if (kept->state == KeptPlans::Kept::State::kSeen) PlanShape(query, *shape, kept);
  if (kept->state != KeptPlans::Kept::State::kPlanned) return std::nullopt;
  const auto current = IsCurrent(*kept->plan);
  if (!current.ok() || !*current) {
    kept->state = KeptPlans::Kept::State::kSeen;
    return std::nullopt;
  }
  KeptQuery found{.plan = kept->plan, .values = {}};
  for (size_t i = 0; i < shape->literals.size(); ++i) {
    auto value = postgres::ReadText(found.plan->plan->parameters()[i], shape->literals[i].text, values_->settings);
    if (!value.ok()) return std::nullopt;  // the error that tells where it stands
    found.values.push_back(*std::move(value));
  }
  return found;
}

/// Its literals may be parameters where the result is the same but for their values.
void EngineSession::PlanShape(const Query& query, const dialect::StatementShape& shape, KeptPlans::Kept* kept) {
  kept->state = KeptPlans::Kept::State::kRefused;
  const auto plain = PlanQuery(query.text);
  auto planned = PlanQuery(shape.parameterized, TypesOf(shape));
  if (!plain.ok() || !planned.ok()) return;
  const duck::Plan& plan = *planned->plan;
  const bool direct = plan.is_of_few_rows() && !plan.locks_rows() && plan.changes().empty();
  const bool same = AreAlike(DescribePlan(*plain->plan), DescribePlan(plan)) &&
                    plan.parameters().size() == shape.literals.size() && planned->of_views.empty();
  if (!direct || !same || std::ranges::any_of(plan.parameters(), IsMoreThanValue)) return;
  planned->KeepTypes();
  kept->plan = std::make_shared<QueryPlan>(*std::move(planned));
  kept->state = KeptPlans::Kept::State::kPlanned;
}

// --- prepared again and again

std::shared_ptr<QueryPlan> EngineSession::KeptFor(const std::string& key) {
  KeptPlans::Kept* kept = MayUseKept() ? kept_plans_.Find(key) : nullptr;
  if (kept == nullptr) return nullptr;
  const auto current = IsCurrent(*kept->plan);
  return current.ok() && *current ? kept->plan : nullptr;
}

Result<std::vector<Statement>> EngineSession::ParsedToPrepare(std::string_view text,
                                                              const std::vector<uint32_t>& types) {
  const auto control = controls_.find(text);
  if (control != controls_.end()) return std::vector<Statement>{control->second};
  const KeptPlans::Kept* kept = MayUseKept() ? kept_plans_.Find(PreparedKey(text, types)) : nullptr;
  if (kept == nullptr) {
    auto statements = Parsed(text);
    if (statements.ok()) KeepControl(text, *statements);
    return statements;
  }
  return std::vector<Statement>{
      {.action = Query{std::string(text), kept->command}, .text = std::string(text), .offset = 0}};
}

Result<std::shared_ptr<QueryPlan>> EngineSession::PlanToPrepare(const Query& query,
                                                                const std::vector<uint32_t>& types) {
  const std::string key = PreparedKey(query.text, types);
  if (auto kept = KeptFor(key)) return kept;
  WEIR_ASSIGN_OR_RETURN(QueryPlan made, PlanStatement(query.text, types));
  auto planned = std::make_shared<QueryPlan>(std::move(made));
  if (!MayUseKept() || !dialect::HasLastingMeaning(query.text)) return planned;
  KeptPlans::Kept* kept = kept_plans_.Find(key);
  if (kept == nullptr) kept = &kept_plans_.Add(key);
  *kept = {.state = KeptPlans::Kept::State::kPlanned, .command = query.command, .plan = planned};
  return planned;
}

}  // namespace weir::sql
