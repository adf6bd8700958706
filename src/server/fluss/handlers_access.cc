// Logins, and Fluss's access control lists.
#include <fmt/format.h>

#include "server/fluss/authorized_gateway.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

using access::FlussAcl;

FlussAcl ToAcl(const wire::AclInfo& info) {
  return {info.resource_type(),  info.resource_name(),  info.principal_type(), info.principal_name(),
          info.host(),           info.operation_type(), info.permission_type()};
}

void SetAcl(const FlussAcl& acl, wire::AclInfo* info) {
  info->set_resource_type(acl.resource_type);
  info->set_resource_name(acl.resource_name);
  info->set_principal_type(acl.principal_type);
  info->set_principal_name(acl.principal_name);
  info->set_host(acl.host);
  info->set_operation_type(acl.operation);
  info->set_permission_type(acl.permission);
}

/// What is absent matches all, and so does ANY.
bool Matches(const wire::AclFilter& filter, const FlussAcl& acl) {
  const auto number = [](int32_t wanted, int32_t is) { return wanted == kAnyOfAcl || wanted == is; };
  return number(filter.resource_type(), acl.resource_type) && number(filter.operation_type(), acl.operation) &&
         number(filter.permission_type(), acl.permission) &&
         (!filter.has_resource_name() || filter.resource_name() == acl.resource_name) &&
         (!filter.has_principal_name() || filter.principal_name() == acl.principal_name) &&
         (!filter.has_principal_type() || filter.principal_type() == acl.principal_type) &&
         (!filter.has_host() || filter.host() == acl.host);
}

/// A rule names one resource, one operation and one permission.
Status CheckAcl(const FlussAcl& acl) {
  const bool resource = acl.resource_type > kAnyOfAcl && acl.resource_type <= kTableOfAcl;
  const bool operation = acl.operation > kAnyOfAcl && acl.operation <= static_cast<int32_t>(FlussOperation::kDescribe);
  if (resource && operation && acl.permission == kAllowOfAcl) return Status::OK();
  return {ErrorCode::kInvalidConfig, "an ACL needs a resource, an operation and a permission, none of them ANY"};
}

/// Who may read and change the lists: admins, and whom a list lets do it.
Status CheckMay(const State& state, const CallPtr& call, FlussOperation operation) {
  if (state->login == nullptr || !state->login->access->current()->has_passwords()) {
    return {ErrorCode::kSecurityDisabled, "there are no users whose rights could be listed: nobody has a password"};
  }
  const Peer& peer = call->context()->peer;
  return FlussAuthorizer(state->login->access, peer.login->role.value_or(access::kEverybody), peer.address)
      .CheckCluster(operation);
}

}  // namespace

void Authenticate(const State& state, const wire::AuthenticateRequest& request,
                  const Answer<wire::AuthenticateResponse>& answer) {
  const bool asks = state->login != nullptr && state->login->access->current()->has_passwords();
  if (request.protocol() == "PLAINTEXT" && !asks) return answer(wire::AuthenticateResponse());
  if (!asks) {
    return answer(Status(ErrorCode::kAuthenticate,
                         fmt::format("nobody has a password here, so there is nothing to authenticate with '{}': set "
                                     "client.security.protocol to PLAINTEXT",
                                     request.protocol())));
  }
  Peer& peer = answer.call()->context()->peer;
  if (peer.login == nullptr) peer.login = std::make_shared<FlussLogin>();
  if (peer.login->refused) return answer(Status(ErrorCode::kAuthenticate, "the attempt before has failed: wait"));
  const auto step = TakeLoginStep(*state->login, request.protocol(), request.token(), peer.login.get());
  if (!step.ok()) {
    peer.login->refused = true;
    const auto delay = state->login->delays.Failed(peer.address);
    return answer.call()->context()->PostAfter(delay, [answer, login = peer.login, why = step.status()] {
      login->refused = false;
      answer(why);
    });
  }
  if (peer.login->role) state->login->delays.Succeeded(peer.address);
  wire::AuthenticateResponse response;
  if (*step) response.set_challenge(**step);
  answer(std::move(response));
}

void CreateAcls(const State& state, const wire::CreateAclsRequest& request,
                const Answer<wire::CreateAclsResponse>& answer) {
  if (const Status may = CheckMay(state, answer.call(), FlussOperation::kAlter); !may.ok()) return answer(may);
  wire::CreateAclsResponse response;
  for (const wire::AclInfo& info : request.acl()) {
    wire::CreatedAcl* created = response.add_acl_res();
    *created->mutable_acl() = info;
    const FlussAcl acl = ToAcl(info);
    Status status = CheckAcl(acl);
    if (status.ok()) {
      status = state->login->access->Change([&](access::State* rights) {
        rights->fluss_acls.insert(acl);
        return Status::OK();
      });
    }
    SetError(status, created);
  }
  answer(std::move(response));
}

void ListAcls(const State& state, const wire::ListAclsRequest& request, const Answer<wire::ListAclsResponse>& answer) {
  if (const Status may = CheckMay(state, answer.call(), FlussOperation::kDescribe); !may.ok()) return answer(may);
  wire::ListAclsResponse response;
  for (const FlussAcl& acl : state->login->access->current()->fluss_acls) {
    if (Matches(request.acl_filter(), acl)) SetAcl(acl, response.add_acl());
  }
  answer(std::move(response));
}

void DropAcls(const State& state, const wire::DropAclsRequest& request, const Answer<wire::DropAclsResponse>& answer) {
  if (const Status may = CheckMay(state, answer.call(), FlussOperation::kAlter); !may.ok()) return answer(may);
  wire::DropAclsResponse response;
  for (const wire::AclFilter& filter : request.acl_filter()) {
    wire::DroppedAcls* dropped = response.add_filter_results();
    const Status status = state->login->access->Change([&](access::State* rights) {
      dropped->clear_matching_acls();
      for (const FlussAcl& acl : rights->fluss_acls) {
        if (Matches(filter, acl)) SetAcl(acl, dropped->add_matching_acls()->mutable_acl());
      }
      std::erase_if(rights->fluss_acls, [&](const FlussAcl& acl) { return Matches(filter, acl); });
      return Status::OK();
    });
    SetError(status, dropped);
  }
  answer(std::move(response));
}

}  // namespace weir
