#include <chrono>

#include "postgres/value.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/active_sessions.h"
#include "sql/engine/errors.h"
#include "sql/engine/session_view.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_scalars.h"
#include "sql/transaction/lock_manager.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Arguments = ScalarSpec::Arguments;

/// The words in which PostgreSQL refuses to end a statement, and a session.
struct SignalWords {
  const char* to_superusers;
  const char* to_others;
};
constexpr SignalWords kToCancel = {
    "must be a superuser to cancel superuser query",
    "must be a member of the role whose query is being canceled or member of pg_signal_backend"};
constexpr SignalWords kToTerminate = {
    "must be a superuser to terminate superuser process",
    "must be a member of the role whose process is being terminated or member of pg_signal_backend"};

/// False, with a warning, when there is no such session.
bool MaySignal(const SystemSources& sources, int32_t process_id, const SignalWords& words) {
  const auto session = sources.sessions->sessions->Find(process_id);
  if (!session) {
    sources.sessions->warn("PID " + std::to_string(process_id) + " is not a PostgreSQL backend process");
    return false;
  }
  const access::State& state = *sources.access;
  if (access::IsAdmin(state, sources.role)) return true;
  if (access::IsAdmin(state, session->role)) Throw(Error("42501", words.to_superusers));
  const bool may = access::HasPrivilegesOf(state, sources.role, session->role) ||
                   access::HasPrivilegesOf(state, sources.role, access::kSignalBackend);
  if (!may) Throw(Error("42501", words.to_others));
  return true;
}

Value CancelBackend(const SystemSources& sources, const Arguments& arguments) {
  const auto process_id = arguments[0].GetValue<int32_t>();
  return Value::BOOLEAN(MaySignal(sources, process_id, kToCancel) && sources.sessions->sessions->Cancel(process_id));
}

/// pg_terminate_backend(pid, timeout): with a timeout it waits for the session's end.
Value TerminateBackend(const SystemSources& sources, const Arguments& arguments) {
  const auto process_id = arguments[0].GetValue<int32_t>();
  const auto timeout = arguments[1].GetValue<int64_t>();
  if (timeout < 0) Throw(Error("22003", "\"timeout\" must not be negative"));
  ActiveSessions& sessions = *sources.sessions->sessions;
  if (!MaySignal(sources, process_id, kToTerminate) || !sessions.Terminate(process_id)) return Value::BOOLEAN(false);
  const bool itself = process_id == sources.sessions->process_id;
  if (timeout == 0 || itself || sessions.AwaitEnd(process_id, std::chrono::milliseconds(timeout))) {
    return Value::BOOLEAN(true);
  }
  sources.sessions->warn("backend with PID " + std::to_string(process_id) + " did not terminate within " +
                         std::to_string(timeout) + " milliseconds");
  return Value::BOOLEAN(false);
}

Value BlockingPids(const SystemSources& sources, const Arguments& arguments) {
  duckdb::vector<Value> pids;
  for (const int64_t owner : sources.sessions->locks->BlockersOf(arguments[0].GetValue<int32_t>())) {
    pids.push_back(cells::Int(owner));
  }
  return Value::LIST(LogicalType::INTEGER, std::move(pids));
}

Value CurrentQuery(const SystemSources& sources, const Arguments&) {
  const auto session = sources.sessions->sessions->Find(sources.sessions->process_id);
  return session ? Value(session->query) : Value(LogicalType::VARCHAR);
}

Value BackendPid(const SystemSources& sources, const Arguments&) { return cells::Int(sources.sessions->process_id); }

Value OpenedAt(const SystemSources& sources, const Arguments&) {
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(sources.sessions->sessions->opened()));
}

Value TransactionIdHere(const SystemSources& sources, const Arguments&) {
  return Value::BIGINT(*sources.sessions->transaction_id(true));
}

Value TransactionIdIfAny(const SystemSources& sources, const Arguments&) {
  const auto id = sources.sessions->transaction_id(false);
  return id ? Value::BIGINT(*id) : Value(LogicalType::BIGINT);
}

// --- the client's socket

const ClientSocket* SocketHere(const SystemSources& sources, std::optional<SessionActivity>* session) {
  *session = sources.sessions->sessions->Find(sources.sessions->process_id);
  return *session && (*session)->client ? &*(*session)->client : nullptr;
}

template <auto address>
Value SocketAddress(const SystemSources& sources, const Arguments&) {
  std::optional<SessionActivity> session;
  const ClientSocket* socket = SocketHere(sources, &session);
  return cells::Inet(socket == nullptr ? std::string() : socket->*address);
}

template <auto port>
Value SocketPort(const SystemSources& sources, const Arguments&) {
  std::optional<SessionActivity> session;
  const ClientSocket* socket = SocketHere(sources, &session);
  return socket == nullptr ? Value(LogicalType::INTEGER) : Value::INTEGER(socket->*port);
}

}  // namespace

std::vector<ScalarSpec> ActivityScalars() {
  const LogicalType pid = LogicalType::INTEGER;
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType flag = LogicalType::BOOLEAN;
  const LogicalType time = LogicalType::TIMESTAMP_TZ;
  const LogicalType inet = LogicalType::BLOB;
  return {
      {"pg_cancel_backend", {pid}, flag, CancelBackend, false, true},
      {"pg_terminate_backend", {pid, number}, flag, TerminateBackend, false, true},
      {"pg_blocking_pids", {pid}, LogicalType::LIST(pid), BlockingPids},
      {"pg_backend_pid", {}, pid, BackendPid},
      {"pg_current_query", {}, LogicalType::VARCHAR, CurrentQuery},  // DuckDB has one of the other name
      {"pg_postmaster_start_time", {}, time, OpenedAt},
      {"pg_conf_load_time", {}, time, OpenedAt},
      {"txid_current", {}, number, TransactionIdHere, false, true},
      {"txid_current_if_assigned", {}, number, TransactionIdIfAny, false, true},
      {"pg_current_xact_id", {}, number, TransactionIdHere, false, true},
      {"pg_current_xact_id_if_assigned", {}, number, TransactionIdIfAny, false, true},
      {"inet_client_addr", {}, inet, SocketAddress<&ClientSocket::address>},
      {"inet_client_port", {}, pid, SocketPort<&ClientSocket::port>},
      {"inet_server_addr", {}, inet, SocketAddress<&ClientSocket::server_address>},
      {"inet_server_port", {}, pid, SocketPort<&ClientSocket::server_port>},
  };
}

}  // namespace weir::sql
