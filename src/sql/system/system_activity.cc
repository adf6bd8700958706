#include "sql/system/system_activity.h"

#include <array>
#include <map>

#include "sql/engine/active_sessions.h"
#include "sql/engine/errors.h"
#include "sql/engine/session_view.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_oids.h"
#include "sql/transaction/lock_manager.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Int;
using cells::Moment;
using cells::Oid;
using cells::Small;
using cells::Text;

constexpr auto kActivityTables = std::to_array<SystemDefinition>({
    {"pg_stat_activity",
     "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, application_name text, "
     "client_addr inet, client_hostname text, client_port int4, backend_start timestamptz, xact_start timestamptz, "
     "query_start timestamptz, state_change timestamptz, wait_event_type text, wait_event text, state text, "
     "backend_xid xid, backend_xmin xid, query_id int8, query text, backend_type text"},
    {"pg_stat_ssl",
     "pid int4, ssl bool, version text, cipher text, bits int4, client_dn text, client_serial numeric, "
     "issuer_dn text"},
    {"pg_locks",
     "locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, transactionid xid, classid "
     "oid, objid oid, objsubid int2, virtualtransaction text, pid int4, mode text, granted bool, fastpath bool, "
     "waitstart timestamptz"},
    {"pg_cursors",
     "name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, creation_time timestamptz"},
    {"pg_prepared_statements",
     "name text, statement text, prepare_time timestamptz, parameter_types regtype[], from_sql bool, generic_plans "
     "int8, custom_plans int8"},
});

Value None(const LogicalType& type) { return Value(type); }
Value TextIf(bool known, std::string_view text) {
  return known ? Text(std::string(text)) : None(LogicalType::VARCHAR);
}
/// The low 32 bits of a transaction's number, as xid has them of an xid8.
Value Xid(const std::optional<int64_t>& id) { return id ? Oid(*id & 0xFFFFFFFF) : None(LogicalType::BIGINT); }

// --- pg_stat_activity, pg_stat_ssl

/// PostgreSQL's words for what a lock is on (pg_locks.locktype, and wait_event).
std::string_view NameOfLocked(LockTag::Kind kind) {
  switch (kind) {
    case LockTag::Kind::kRelation: return "relation";
    case LockTag::Kind::kRow: return "tuple";
    case LockTag::Kind::kAdvisory: return "advisory";
    case LockTag::Kind::kName: return "object";
  }
  return "";
}

/// A session as the one that asks may see it.
struct ActivityRow {
  SessionActivity session;
  std::string_view waits_for;  // a lock on; empty: it waits for none
  bool open = false;           // whether it may be seen what the session is at

  bool is_active() const { return session.state == SessionActivity::State::kActive; }
  const ClientSocket* socket() const { return open && session.client ? &*session.client : nullptr; }
};

Value OpenMoment(const ActivityRow& row, const std::optional<int64_t>& moment) {
  return Moment(row.open ? moment : std::nullopt);
}

/// What one that does nothing waits for is its client.
std::string_view KindOfWait(const ActivityRow& row) {
  if (!row.waits_for.empty()) return "Lock";
  return row.is_active() ? "" : "Client";
}

std::string_view EventOfWait(const ActivityRow& row) {
  if (!row.waits_for.empty()) return row.waits_for;
  return row.is_active() ? "" : "ClientRead";
}

bool MaySee(const SystemSources& sources, const SessionActivity& session) {
  const access::State& state = *sources.access;
  return access::HasPrivilegesOf(state, sources.role, session.role) ||
         access::HasPrivilegesOf(state, sources.role, access::kReadAllStats);
}

std::vector<ActivityRow> SessionsSeen(const SystemSources& sources) {
  std::map<int64_t, std::string_view> waits;
  for (const auto& lock : sources.sessions->locks->List()) {
    if (!lock.granted) waits.emplace(lock.owner, NameOfLocked(lock.tag.kind));
  }
  std::vector<ActivityRow> rows;
  for (SessionActivity& session : sources.sessions->sessions->List()) {
    const bool open = MaySee(sources, session);
    const auto wait = waits.find(session.process_id);
    rows.push_back({std::move(session), wait == waits.end() ? std::string_view() : wait->second, open});
  }
  return rows;
}

std::unique_ptr<SystemRows> SessionRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = ActivityRow;
  static const auto* getters = new Getters<Row>{
      {"datid", [](const Row& r) { return Oid(DatabaseOid(r.session.database)); }},
      {"datname", [](const Row& r) { return Text(r.session.database); }},
      {"pid", [](const Row& r) { return Int(r.session.process_id); }},
      {"leader_pid", [](const Row&) { return None(LogicalType::INTEGER); }},
      {"usesysid", [](const Row& r) { return Oid(r.session.role); }},
      {"usename", [](const Row& r) { return Text(r.session.user); }},
      {"application_name", [](const Row& r) { return Text(r.session.application_name); }},
      {"client_addr", [](const Row& r) { return cells::Inet(r.socket() ? r.socket()->address : ""); }},
      {"client_hostname", [](const Row&) { return None(LogicalType::VARCHAR); }},
      {"client_port", [](const Row& r) { return r.socket() ? Int(r.socket()->port) : None(LogicalType::INTEGER); }},
      {"backend_start", [](const Row& r) { return OpenMoment(r, r.session.started); }},
      {"xact_start", [](const Row& r) { return OpenMoment(r, r.session.transaction_started); }},
      {"query_start", [](const Row& r) { return OpenMoment(r, r.session.query_started); }},
      {"state_change", [](const Row& r) { return OpenMoment(r, r.session.state_changed); }},
      {"wait_event_type", [](const Row& r) { return TextIf(r.open && !KindOfWait(r).empty(), KindOfWait(r)); }},
      {"wait_event", [](const Row& r) { return TextIf(r.open && !EventOfWait(r).empty(), EventOfWait(r)); }},
      {"state", [](const Row& r) { return TextIf(r.open, StateName(r.session.state)); }},
      {"backend_xid", [](const Row& r) { return Xid(r.open ? r.session.transaction_id : std::nullopt); }},
      {"backend_xmin", [](const Row&) { return None(LogicalType::BIGINT); }},
      {"query_id", [](const Row&) { return None(LogicalType::BIGINT); }},
      {"query", [](const Row& r) { return Text(r.open ? r.session.query : "<insufficient privilege>"); }},
      {"backend_type", [](const Row& r) { return TextIf(r.open, "client backend"); }},
  };
  return std::make_unique<GivenRows<Row>>(SessionsSeen(sources), columns, *getters);
}

template <auto text>
Value TlsText(const ActivityRow& row) {
  const ClientSocket* socket = row.socket();
  return socket == nullptr || (socket->*text).empty() ? None(LogicalType::VARCHAR) : Text(socket->*text);
}

std::unique_ptr<SystemRows> TlsRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = ActivityRow;
  static const auto* getters = new Getters<Row>{
      {"pid", [](const Row& r) { return Int(r.session.process_id); }},
      {"ssl",
       [](const Row& r) {
         return r.open ? Bool(r.socket() && !r.socket()->tls_version.empty()) : None(LogicalType::BOOLEAN);
       }},
      {"version", TlsText<&ClientSocket::tls_version>},
      {"cipher", TlsText<&ClientSocket::tls_cipher>},
      {"bits",
       [](const Row& r) {
         return r.socket() && r.socket()->tls_bits > 0 ? Int(r.socket()->tls_bits) : None(LogicalType::INTEGER);
       }},
      {"client_dn", TlsText<&ClientSocket::tls_client>},
  };
  std::vector<Row> rows = SessionsSeen(sources);
  std::erase_if(rows, [](const Row& row) { return !row.session.client; });  // of PostgreSQL's, those of clients too
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_locks

/// A lock, with the session that has it or waits for it.
struct LockRow {
  LockManager::Entry lock;
  int64_t database = 0;        // 0: it is not known
  std::string transaction;     // of the session: "process/number of its transaction"

  bool is(LockTag::Kind kind) const { return lock.tag.kind == kind; }
};

constexpr LockTag::Kind kOnRelation = LockTag::Kind::kRelation;
constexpr LockTag::Kind kOnRow = LockTag::Kind::kRow;
constexpr LockTag::Kind kOnKey = LockTag::Kind::kAdvisory;
constexpr LockTag::Kind kOnName = LockTag::Kind::kName;

Value RelationOfLock(const LockRow& row) {
  if (row.is(kOnKey) || row.is(kOnName)) return None(LogicalType::BIGINT);
  return Oid(row.is(kOnRow) ? row.lock.tag.space : static_cast<int64_t>(row.lock.tag.object));
}

/// Rows have no places: what stands for one is a hash of its name, as the locks know it.
int64_t HashOfRow(const LockRow& row) { return static_cast<int64_t>(row.lock.tag.object & 0x7FFFFFFFFFFF); }

Value WaitStart(const LockRow& row) {
  if (!row.lock.waits_since) return Moment(std::nullopt);
  const auto since = row.lock.waits_since->time_since_epoch();
  return Moment(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

const Getters<LockRow>& LockGetters() {
  using Row = LockRow;
  static const auto* getters = new Getters<Row>{
      {"locktype", [](const Row& r) { return Text(std::string(NameOfLocked(r.lock.tag.kind))); }},
      {"database", [](const Row& r) { return r.database != 0 ? Oid(r.database) : None(LogicalType::BIGINT); }},
      {"relation", RelationOfLock},
      {"page", [](const Row& r) { return r.is(kOnRow) ? Int(HashOfRow(r) >> 16) : None(LogicalType::INTEGER); }},
      {"tuple", [](const Row& r) { return r.is(kOnRow) ? Small(HashOfRow(r) & 0x7FFF) : None(LogicalType::SMALLINT); }},
      {"virtualxid", [](const Row&) { return None(LogicalType::VARCHAR); }},
      {"transactionid", [](const Row&) { return None(LogicalType::BIGINT); }},
      {"classid",
       [](const Row& r) {
         return r.is(kOnKey) ? Oid(static_cast<int64_t>(r.lock.tag.object >> 32)) : None(LogicalType::BIGINT);
       }},
      {"objid",
       [](const Row& r) {
         return r.is(kOnKey) ? Oid(static_cast<int64_t>(r.lock.tag.object & 0xFFFFFFFF)) : None(LogicalType::BIGINT);
       }},
      {"objsubid", [](const Row& r) { return r.is(kOnKey) ? Small(r.lock.tag.keys) : None(LogicalType::SMALLINT); }},
      {"virtualtransaction", [](const Row& r) { return Text(r.transaction); }},
      {"pid", [](const Row& r) { return r.lock.owner != 0 ? Int(r.lock.owner) : None(LogicalType::INTEGER); }},
      {"mode", [](const Row& r) { return Text(std::string(LockModeName(r.lock.mode))); }},
      {"granted", [](const Row& r) { return Bool(r.lock.granted); }},
      {"fastpath", [](const Row&) { return Bool(false); }},
      {"waitstart", WaitStart},
  };
  return *getters;
}

/// Of the relation's database, or the advisory lock's own.
int64_t DatabaseOfLock(const SystemSources& sources, const LockTag& tag) {
  if (tag.kind == kOnKey) return tag.space;
  if (tag.kind == kOnName) return 0;
  const int64_t id = tag.kind == kOnRow ? tag.space : static_cast<int64_t>(tag.object);
  const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(id));
  return relation ? DatabaseOid(relation->path.database) : 0;
}

std::unique_ptr<SystemRows> LockListRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  std::map<int64_t, int32_t> transactions;  // by process id
  for (const SessionActivity& session : sources.sessions->sessions->List()) {
    transactions[session.process_id] = session.transactions;
  }
  std::vector<LockRow> rows;
  for (LockManager::Entry& lock : sources.sessions->locks->List()) {
    const std::string transaction = std::to_string(lock.owner) + "/" + std::to_string(transactions[lock.owner]);
    const int64_t database = DatabaseOfLock(sources, lock.tag);
    rows.push_back({std::move(lock), database, transaction});
  }
  return std::make_unique<GivenRows<LockRow>>(std::move(rows), columns, LockGetters());
}

// --- pg_cursors, pg_prepared_statements

std::unique_ptr<SystemRows> CursorRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = KnownCursor;
  static const auto* getters = new Getters<Row>{
      {"name", [](const Row& r) { return Text(r.name); }},
      {"statement", [](const Row& r) { return Text(r.statement); }},
      {"is_holdable", [](const Row& r) { return Bool(r.hold); }},
      {"is_scrollable", [](const Row& r) { return Bool(r.scrollable); }},
      {"creation_time", [](const Row& r) { return Moment(r.created); }},
  };
  return std::make_unique<GivenRows<Row>>(sources.sessions->cursors(), columns, *getters);
}

Value TypesOf(const KnownPrepared& prepared) {
  return cells::Oids({prepared.parameter_types.begin(), prepared.parameter_types.end()});
}

std::unique_ptr<SystemRows> PreparedRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = KnownPrepared;
  static const auto* getters = new Getters<Row>{
      {"name", [](const Row& r) { return Text(r.name); }},
      {"statement", [](const Row& r) { return Text(r.statement); }},
      {"prepare_time", [](const Row& r) { return Moment(r.created); }},
      {"parameter_types", TypesOf},
      {"from_sql", [](const Row&) { return Bool(true); }},
  };
  return std::make_unique<GivenRows<Row>>(sources.sessions->prepared(), columns, *getters);
}

}  // namespace

std::span<const SystemDefinition> ActivityTables() { return kActivityTables; }

std::unique_ptr<SystemRows> ActivityRows(const SystemSources& sources, std::string_view table,
                                         const std::vector<SystemColumn>& columns) {
  if (table == "pg_stat_activity") return SessionRows(sources, columns);
  if (table == "pg_stat_ssl") return TlsRows(sources, columns);
  if (table == "pg_locks") return LockListRows(sources, columns);
  if (table == "pg_cursors") return CursorRows(sources, columns);
  if (table == "pg_prepared_statements") return PreparedRows(sources, columns);
  return nullptr;
}

}  // namespace weir::sql
