#include "client/connection_impl.h"
#include "client/open_gateway.h"
#include "client/table_impl.h"

namespace weir {

Connection::Impl::Impl(Config config_in, std::shared_ptr<Gateway> gateway_in)
    : config(std::move(config_in)),
      gateway(std::move(gateway_in)),
      threads(std::make_shared<ClientThreads>()),
      writes(std::make_shared<WriteClient>(config, gateway, threads)) {}

Status Connection::Impl::CheckOpen() const {
  return closed ? Status::Invalid("connection is closed") : Status::OK();
}

Connection MakeConnection(const Config& config, std::shared_ptr<Gateway> gateway) {
  return Connection(std::make_shared<Connection::Impl>(config, std::move(gateway)));
}

Future<Connection> Connection::Open(const Config& config) {
  const auto open = [&]() -> Result<Connection> {
    WEIR_RETURN_NOT_OK(config.Validate());
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<Gateway> gateway, OpenGateway(config));
    return MakeConnection(config, std::move(gateway));
  };
  return Future<Connection>::Ready(open());
}

const Config& Connection::config() const { return impl_->config; }
Gateway& Connection::gateway() const { return *impl_->gateway; }
bool Connection::closed() const { return impl_->closed; }

Future<Table> Connection::GetTable(const TablePath& path) const {
  if (Status open = impl_->CheckOpen(); !open.ok()) return Future<Table>::Ready(open);
  Promise<Table> promise;
  impl_->gateway->GetTableInfo(path).Then([promise, self = *this](const Result<TableInfo>& info) {
    promise.Complete(info.ok() ? MakeTable(self, *info) : Result<Table>(info.status()));
  });
  return promise.future();
}

Future<Unit> Connection::Flush() const {
  if (Status open = impl_->CheckOpen(); !open.ok()) return Future<Unit>::Ready(open);
  return impl_->writes->Flush(std::nullopt);
}

Future<Unit> Connection::Close() const {
  const Promise<Unit> promise;
  {
    MutexLock lock(impl_->mutex);
    if (impl_->close.valid()) return impl_->close;
    impl_->close = promise.future();
  }
  impl_->closed = true;
  impl_->writes->Close().Then([promise, impl = impl_](const Result<Unit>& flushed) {
    // Closing waits for the engine, which the thread that completes an acknowledgement must not.
    impl->threads->Post([promise, impl, flushed] {
      const Status closed = impl->gateway->Close();
      promise.Complete(flushed.ok() && !closed.ok() ? Result<Unit>(closed) : flushed);
    });
  });
  return promise.future();
}

}  // namespace weir
