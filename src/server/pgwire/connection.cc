#include "server/pgwire/connection.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <random>
#include <thread>
#include <utility>

#include "server/pgwire/conversation.h"

namespace weir::pgwire {
namespace {

constexpr int kMaxStartupPackets = 4;  // two requests for encryption, and the session's own

/// The unspecified address when the peer is gone already.
asio::ip::tcp::endpoint PeerOf(const asio::ip::tcp::socket& socket) {
  asio::error_code error;
  return socket.remote_endpoint(error);
}

asio::ip::tcp::endpoint LocalEndOf(const asio::ip::tcp::socket& socket) {
  asio::error_code error;
  return socket.local_endpoint(error);
}

int32_t MakeSecret() { return static_cast<int32_t>(std::random_device()()); }

/// "-c name=value --other=value", where a backslash takes what follows it as it is.
Result<std::vector<std::pair<std::string, std::string>>> ParseCommandLine(const std::string& text) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) words.back().push_back(text[++i]);
    else if (text[i] != ' ') words.back().push_back(text[i]);
    else if (!words.back().empty()) words.emplace_back();
  }
  std::vector<std::pair<std::string, std::string>> parameters;
  for (size_t i = 0; i < words.size() && !words[i].empty(); ++i) {
    std::string setting = words[i];
    if (setting == "-c") setting = i + 1 < words.size() ? words[++i] : "";
    else if (setting.starts_with("-c")) setting = setting.substr(2);
    else if (setting.starts_with("--")) setting = setting.substr(2);
    else return postgres::Error("42601", fmt::format("invalid command-line argument for server process: {}", setting));
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) return postgres::Error("42601", fmt::format("{} requires a value", setting));
    parameters.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return parameters;
}

/// As long as there are no users, everybody is one.
bool IsSuperuser(const LoginPolicy& policy, const std::string& user) {
  if (policy.access == nullptr) return true;
  const access::StatePtr state = policy.access->current();
  const access::Role* role = state->Find(user);
  return role == nullptr || access::IsAdmin(*state, role->id);
}

std::vector<std::string> UnknownProtocolOptions(const StartupMessage& message) {
  std::vector<std::string> names;
  for (const auto& [name, value] : message.parameters) {
    if (name.starts_with("_pq_.")) names.push_back(name);
  }
  return names;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ConnectionHost& host, int32_t process_id)
    : host_(host),
      process_id_(process_id),
      secret_(MakeSecret()),
      peer_(PeerOf(socket)),
      local_(LocalEndOf(socket)),
      channel_(std::move(socket), host.options().max_message_bytes) {}

void Connection::Run() {
  const Status status = Serve();
  if (stopping()) SendFatal(postgres::Error("57P01", "terminating connection due to administrator command"));
  else if (!status.ok()) SendFatal(status);
  channel_.Flush();
  channel_.Shutdown();
}

void Connection::SendFatal(const Status& status) {
  postgres::ErrorFields fields = postgres::FieldsOf(status);
  fields.severity = "FATAL";
  spdlog::debug("closing a connection: {}: {}", fields.sqlstate, fields.message);
  channel_.out().ErrorResponse(fields);
}

/// False when the client wanted no session, or did not come to ask for one.
Result<bool> Connection::StartUp(StartupMessage* message) {
  const auto deadline = std::chrono::steady_clock::now() + host_.options().startup_timeout;
  for (int packets = 0; packets < kMaxStartupPackets; ++packets) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<std::string_view> body, channel_.ReadStartup(deadline));
    if (!body) return false;
    WEIR_ASSIGN_OR_RETURN(StartupPacket packet, DecodeStartup(*body));
    if (auto* startup = std::get_if<StartupMessage>(&packet)) {
      *message = std::move(*startup);
      return true;
    }
    if (const auto* cancel = std::get_if<CancelRequest>(&packet)) {
      host_.Cancel(cancel->process_id, cancel->secret);
      return false;
    }
    if (std::holds_alternative<SslRequest>(packet) && host_.options().tls != nullptr) {
      WEIR_RETURN_NOT_OK(StartTls());
    } else {
      channel_.PutByte('N');  // the client goes on without
    }
  }
  return postgres::Error("08P01", "too many requests for encryption");
}

Status Connection::StartTls() {
  if (channel_.tls() != nullptr) return postgres::Error("08P01", "TLS is there already");
  channel_.PutByte('S');
  if (channel_.StartTls(host_.options().tls->current())) return Status::OK();
  channel_.Shutdown();  // there is nothing left that could be said to it
  return postgres::Error("08006", "the client and the server have not come to terms on TLS");
}

/// Who fails is told so late, for the next guess to be late, too.
Status Connection::LogIn(const sql::SessionOptions& options) {
  const LoginRules::Client client{peer_.address(), channel_.tls() != nullptr, options.database, options.user};
  const Status status = pgwire::LogIn(host_.options().login, client, peer_.address().is_loopback(), &channel_);
  if (status.ok()) {
    host_.delays().Succeeded(peer_.address().to_string());
    logged_in_ = true;
    return status;
  }
  if (postgres::FieldsOf(status).sqlstate == "28P01") {
    spdlog::warn("a login as '{}' from {} failed", options.user, peer_.address().to_string());
    std::this_thread::sleep_for(host_.delays().Failed(peer_.address().to_string()));
  }
  return status;
}

Result<sql::SessionOptions> Connection::OptionsOf(const StartupMessage& message) {
  sql::SessionOptions options;
  options.process_id = process_id_;
  options.user.clear();
  for (const auto& [name, value] : message.parameters) {
    if (name == "user") {
      options.user = value;
    } else if (name == "database") {
      options.database = value;
    } else if (name == "options") {
      WEIR_ASSIGN_OR_RETURN(const auto parameters, ParseCommandLine(value));
      options.parameters.insert(options.parameters.end(), parameters.begin(), parameters.end());
    } else if (name == "replication") {
      if (value != "false" && value != "off" && value != "no" && value != "0") {
        return postgres::Error("0A000", "replication connections are not supported");
      }
    } else if (!name.starts_with("_pq_.")) {
      options.parameters.emplace_back(name, value);
    }
  }
  if (options.user.empty()) return postgres::Error("28000", "no PostgreSQL user name specified in startup packet");
  return options;
}

sql::ClientSocket Connection::SocketOfClient() const {
  sql::ClientSocket socket{.address = peer_.address().to_string(),
                           .port = peer_.port(),
                           .server_address = local_.address().to_string(),
                           .server_port = local_.port()};
  if (const TlsStream* tls = channel_.tls()) {
    socket.tls_version = tls->version();
    socket.tls_cipher = tls->cipher();
    socket.tls_bits = tls->cipher_bits();
    socket.tls_client = tls->client_subject();
  }
  return socket;
}

Status Connection::Serve() {
  StartupMessage startup;
  WEIR_ASSIGN_OR_RETURN(const bool wants_session, StartUp(&startup));
  if (!wants_session) return Status::OK();
  if (startup.major != 3) {
    return postgres::Error("0A000", fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.0",
                                           startup.major, startup.minor));
  }
  const std::vector<std::string> unknown = UnknownProtocolOptions(startup);
  if (startup.minor > 0 || !unknown.empty()) channel_.out().NegotiateProtocolVersion(unknown);
  WEIR_ASSIGN_OR_RETURN(sql::SessionOptions options, OptionsOf(startup));
  WEIR_RETURN_NOT_OK(LogIn(options));
  options.of_server = {{"listen_addresses", host_.options().listen.host},
                       {"max_connections", std::to_string(host_.options().max_sessions)},
                       {"port", std::to_string(local_.port())},
                       {"ssl", host_.options().tls != nullptr ? "on" : "off"},
                       {"superuser_reserved_connections", std::to_string(host_.options().reserved_sessions)}};
  options.files = host_.options().files;
  options.locality = host_.options().locality;
  options.client = SocketOfClient();
  options.disconnect = [this] { Stop(); };
  WEIR_RETURN_NOT_OK(host_.Admit(*this, IsSuperuser(host_.options().login, options.user)));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Session> session, host_.database().Connect(options));
  {
    MutexLock lock(mutex_);
    if (stopping_) return Status::OK();
    session_ = session.get();
  }
  channel_.ShareMemory(session->memory());
  channel_.out().AuthenticationOk();
  channel_.out().BackendKeyData(process_id_, secret_);
  const Status status = Conversation(*session, channel_).Run();
  MutexLock lock(mutex_);
  session_ = nullptr;
  return status;
}

void Connection::CancelStatement() {
  MutexLock lock(mutex_);
  if (session_ != nullptr) session_->Cancel();
}

void Connection::CheckClient(std::chrono::steady_clock::time_point now) {
  const auto interval = channel_.watch_interval();
  if (interval.count() == 0 || now - checked_ < interval) return;
  checked_ = now;
  if (channel_.HasLost()) CancelStatement();
}

void Connection::Stop() {
  MutexLock lock(mutex_);
  stopping_ = true;
  channel_.StopReading();  // first: what is cancelled is not to say so
  if (session_ != nullptr) session_->Cancel();
}

bool Connection::stopping() {
  MutexLock lock(mutex_);
  return stopping_;
}

}  // namespace weir::pgwire
