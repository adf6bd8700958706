#include "access/store.h"
#include "client/connection_impl.h"
#include "gateway/per_database.h"
#include "sql/duckdb/functions.h"
#include "sql/engine/duckdb_memory.h"
#include "sql/engine/errors.h"
#include "sql/remote/remote_database.h"
#include "sql/session/engine_session.h"
#include "sql/session/session_functions.h"
#include "sql/system/scalar_functions.h"
#include "sql/system/sequence_functions.h"
#include "sql/system/system_functions.h"
#include "sql/system/system_schema.h"

namespace weir::sql {
namespace {

class EngineDatabase : public Database {
 public:
  explicit EngineDatabase(std::shared_ptr<SharedEngine> engine) : engine_(std::move(engine)) {}
  Result<std::unique_ptr<Session>> Connect(const SessionOptions& options) override {
    if (options.process_id != 0) return EngineSession::Connect(engine_, options);
    SessionOptions named = options;
    named.process_id = NewProcessId();
    return EngineSession::Connect(engine_, named);
  }

 private:
  std::shared_ptr<SharedEngine> engine_;
};

Result<std::shared_ptr<Database>> Make(std::shared_ptr<Gateway> gateway) {
  auto engine = std::make_shared<SharedEngine>();
  engine->memory = gateway->memory();
  WEIR_ASSIGN_OR_RETURN(engine->catalog, Catalog::Open(gateway));
  WEIR_ASSIGN_OR_RETURN(engine->access, access::Store::Open(gateway));
  engine->sequences = std::make_shared<SequenceCounters>(MakeConnection(Config(), gateway));
  WEIR_ASSIGN_OR_RETURN(engine->transactions, TransactionManager::Open(std::move(gateway)));
  engine->sessions = std::make_shared<ActiveSessions>();
  engine->rejections = std::make_shared<RejectionLog>();
  engine->duckdb = OpenDuckDb(engine->catalog, MakeSystemSchema, engine->memory.get());
  if (engine->memory != nullptr) engine->memory->TakeFrom(PoolOf(*engine->duckdb));
  RegisterFunctions(*engine->duckdb);
  RegisterSystemFunctions(*engine->duckdb);
  RegisterSessionFunctions(*engine->duckdb);
  RegisterSequenceFunctions(*engine->duckdb);
  duck::RegisterPostgres(*engine->duckdb);
  if (engine->catalog->gateway().is_embedded()) WEIR_RETURN_NOT_OK(EngineSession::DropAbandoned(engine));
  return std::shared_ptr<Database>(std::make_shared<EngineDatabase>(std::move(engine)));
}

}  // namespace

Result<std::shared_ptr<Database>> Database::Open(std::shared_ptr<Gateway> gateway) {
  static auto* databases = new PerDatabase<Database>;  // never destroyed: sessions may outlive main
  return databases->Get(gateway, [](std::shared_ptr<Gateway> own) -> Result<std::shared_ptr<Database>> {
    if (own->is_weir_server()) return MakeRemoteDatabase(std::move(own));
    return Guarded({}, [&] { return Make(std::move(own)); });
  });
}

}  // namespace weir::sql
