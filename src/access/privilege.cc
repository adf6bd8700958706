#include "access/privilege.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "postgres/error.h"

namespace weir::access {
namespace {

struct Known {
  Privilege privilege;
  char letter;
  const char* name;
};

constexpr std::array kKnown = {
    Known{kInsert, 'a', "INSERT"},         Known{kSelect, 'r', "SELECT"},
    Known{kUpdate, 'w', "UPDATE"},         Known{kDelete, 'd', "DELETE"},
    Known{kTruncate, 'D', "TRUNCATE"},     Known{kReferences, 'x', "REFERENCES"},
    Known{kTrigger, 't', "TRIGGER"},       Known{kExecute, 'X', "EXECUTE"},
    Known{kUsage, 'U', "USAGE"},           Known{kCreate, 'C', "CREATE"},
    Known{kTemporary, 'T', "TEMPORARY"},   Known{kConnect, 'c', "CONNECT"},
    Known{kSet, 's', "SET"},               Known{kAlterSystem, 'A', "ALTER SYSTEM"},
    Known{kZoneConfig, 'z', "ZONECONFIG"},
};

bool SameWord(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, [](unsigned char a, unsigned char b) { return std::toupper(a) == b; });
}

/// A role's name in an aclitem: in double quotes unless it is made of letters, digits and underscores.
std::string Quoted(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  if (std::ranges::all_of(name, plain)) return name;
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void SkipBlanks(std::string_view* text) {
  while (!text->empty() && std::isspace(static_cast<unsigned char>(text->front())) != 0) text->remove_prefix(1);
}

/// Takes a role's name, in quotes or not, and the blanks around it from the front of an aclitem.
std::string TakeName(std::string_view* text) {
  SkipBlanks(text);
  std::string name;
  bool quoted = false;
  while (!text->empty()) {
    const char c = text->front();
    if (!quoted && c != '"' && std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') break;
    text->remove_prefix(1);
    const bool doubled = quoted && c == '"' && !text->empty() && text->front() == '"';
    if (doubled) text->remove_prefix(1);
    if (c == '"' && !doubled) {
      quoted = !quoted;
    } else {
      name += c;
    }
  }
  SkipBlanks(text);
  return name;
}

Status MalformedAclItem(std::string message, const char* hint = "") {
  return postgres::Error("22P02", std::move(message), {.hint = hint});
}

/// "user alice", "group readers": the name behind the word.
Result<std::string> NameBehind(const std::string& word, std::string_view* text) {
  if (word != "group" && word != "user") {
    return MalformedAclItem("unrecognized key word: \"" + word + "\"", "ACL key word must be \"group\" or \"user\".");
  }
  std::string name = TakeName(text);
  if (name.empty()) return MalformedAclItem("missing name", "A name must follow the \"group\" or \"user\" key word.");
  return name;
}

/// The letters of an aclitem; one with a star may be granted on.
Status TakePrivileges(std::string_view* text, AclItem* item) {
  Privileges last = 0;
  for (; !text->empty(); text->remove_prefix(1)) {
    const char letter = text->front();
    if (letter == '*') {
      item->grantable |= last;
      continue;
    }
    if (std::isalpha(static_cast<unsigned char>(letter)) == 0) break;
    const auto known = std::ranges::find(kKnown, letter, &Known::letter);
    if (known == kKnown.end()) return MalformedAclItem("invalid mode character: must be one of \"arwdDxtXUCTcsA\"");
    last = known->privilege;
    item->privileges |= last;
  }
  return Status::OK();
}

/// What an object's kind lets everybody do, and its owner.
struct DefaultOfKind {
  char letter;
  Privileges everybody;
  Privileges owner;
};

constexpr std::array kDefaultsOfKinds = {
    DefaultOfKind{'c', 0, 0},
    DefaultOfKind{'r', 0, kInsert | kSelect | kUpdate | kDelete | kTruncate | kReferences | kTrigger},
    DefaultOfKind{'s', 0, kSelect | kUpdate | kUsage},
    DefaultOfKind{'d', kTemporary | kConnect, kCreate | kTemporary | kConnect},
    DefaultOfKind{'f', kExecute, kExecute},
    DefaultOfKind{'l', kUsage, kUsage},
    DefaultOfKind{'L', 0, kSelect | kUpdate},
    DefaultOfKind{'n', 0, kUsage | kCreate},
    DefaultOfKind{'p', 0, kSet | kAlterSystem},
    DefaultOfKind{'t', 0, kCreate},
    DefaultOfKind{'F', 0, kUsage},
    DefaultOfKind{'S', 0, kUsage},
    DefaultOfKind{'T', kUsage, kUsage},
};

/// What `role` may grant on, by everything that it was granted.
Privileges Grantable(const Acl& acl, RoleId owner, RoleId role) {
  Privileges grantable = role == owner ? ~Privileges{0} : 0;
  for (const AclItem& item : acl) {
    if (item.grantee == role) grantable |= item.grantable;
  }
  return grantable;
}

void DropEmpty(Acl* acl) {
  std::erase_if(*acl, [](const AclItem& item) { return item.privileges == 0; });
}

/// Takes away what was granted by roles that may not grant it any more, until there is no such thing.
void RevokeDependent(const Acl& original, RoleId owner, Acl* acl) {
  for (bool changed = true; changed;) {
    changed = false;
    const Acl before = *acl;
    for (AclItem& item : *acl) {
      const Privileges lost = Grantable(original, owner, item.grantor) & ~Grantable(before, owner, item.grantor);
      const Privileges kept = item.privileges & ~lost;
      if (kept == item.privileges) continue;
      item.privileges = kept;
      item.grantable &= kept;
      changed = true;
    }
  }
}

}  // namespace

const char* NameOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kTable: return "table";
    case ObjectKind::kDatabase: return "database";
    case ObjectKind::kSchema: return "schema";
    case ObjectKind::kSequence: return "sequence";
    case ObjectKind::kFunction: return "function";
    case ObjectKind::kType: return "type";
    case ObjectKind::kLanguage: return "language";
    case ObjectKind::kParameter: return "parameter";
    case ObjectKind::kServer: return "foreign server";
    case ObjectKind::kWrapper: return "foreign-data wrapper";
    case ObjectKind::kTablespace: return "tablespace";
  }
  return "";
}

Privileges AllOf(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kTable: return kInsert | kSelect | kUpdate | kDelete | kTruncate | kReferences | kTrigger;
    case ObjectKind::kDatabase: return kCreate | kTemporary | kConnect;
    case ObjectKind::kSchema: return kUsage | kCreate;
    case ObjectKind::kSequence: return kSelect | kUpdate | kUsage;
    case ObjectKind::kFunction: return kExecute;
    case ObjectKind::kParameter: return kSet | kAlterSystem;
    case ObjectKind::kTablespace: return kCreate;
    case ObjectKind::kType:
    case ObjectKind::kLanguage:
    case ObjectKind::kServer:
    case ObjectKind::kWrapper: return kUsage;
  }
  return 0;
}

std::optional<Privilege> PrivilegeNamed(std::string_view word) {
  if (SameWord(word, "TEMP")) return kTemporary;
  for (const Known& known : kKnown) {
    if (SameWord(word, known.name)) return known.privilege;
  }
  return std::nullopt;
}

const char* NameOf(Privilege privilege) {
  for (const Known& known : kKnown) {
    if (known.privilege == privilege) return known.name;
  }
  return "";
}

Acl DefaultAcl(ObjectKind kind, RoleId owner) {
  Acl acl;
  if (kind == ObjectKind::kDatabase) acl.push_back({kEverybody, owner, kConnect | kTemporary, 0});
  const bool used =
      kind == ObjectKind::kSchema || kind == ObjectKind::kType || kind == ObjectKind::kLanguage;
  if (used) acl.push_back({kEverybody, owner, kUsage, 0});
  if (kind == ObjectKind::kFunction) acl.push_back({kEverybody, owner, kExecute, 0});
  acl.push_back({owner, owner, AllOf(kind), 0});
  return acl;
}

Acl AclAsMade(ObjectKind kind, RoleId owner) {
  return kind == ObjectKind::kSchema ? *PostgresDefaultAcl('n', owner) : DefaultAcl(kind, owner);
}

std::string AclItemText(const AclItem& item, const std::function<std::string(RoleId)>& name_of) {
  std::string text = item.grantee == kEverybody ? "" : Quoted(name_of(item.grantee));
  text += '=';
  for (const Known& known : kKnown) {
    if (item.privileges & known.privilege) text += known.letter;
    if (item.grantable & known.privilege) text += '*';
  }
  return text + "/" + Quoted(name_of(item.grantor));
}

Result<AclItem> ReadAclItem(std::string_view text,
                            const std::function<std::optional<RoleId>(const std::string&)>& role_named) {
  AclItem item;
  const auto id_of = [&](const std::string& name, RoleId* id) -> Status {
    const std::optional<RoleId> found = role_named(name);
    if (!found) return postgres::Error("42704", "role \"" + name + "\" does not exist");
    *id = *found;
    return Status::OK();
  };
  std::string grantee = TakeName(&text);
  if (!text.starts_with('=')) {
    WEIR_ASSIGN_OR_RETURN(grantee, NameBehind(grantee, &text));
  }
  if (!text.starts_with('=')) return MalformedAclItem("missing \"=\" sign");
  text.remove_prefix(1);
  WEIR_RETURN_NOT_OK(TakePrivileges(&text, &item));
  if (!grantee.empty()) WEIR_RETURN_NOT_OK(id_of(grantee, &item.grantee));
  if (text.starts_with('/')) {
    text.remove_prefix(1);
    const std::string grantor = TakeName(&text);
    if (grantor.empty()) return MalformedAclItem("a name must follow the \"/\" sign");
    WEIR_RETURN_NOT_OK(id_of(grantor, &item.grantor));
  }
  SkipBlanks(&text);
  if (!text.empty()) return MalformedAclItem("extra garbage at the end of the ACL specification");
  return item;
}

std::vector<Privilege> EachOf(Privileges privileges) {
  std::vector<Privilege> each;
  for (const Known& known : kKnown) {
    if (privileges & known.privilege) each.push_back(known.privilege);
  }
  return each;
}

std::optional<Acl> PostgresDefaultAcl(char letter, RoleId owner) {
  const auto found = std::ranges::find(kDefaultsOfKinds, letter, &DefaultOfKind::letter);
  if (found == kDefaultsOfKinds.end()) return std::nullopt;
  Acl acl;
  if (found->everybody != 0) acl.push_back({kEverybody, owner, found->everybody, 0});
  if (found->owner != 0) acl.push_back({owner, owner, found->owner, 0});
  return acl;
}

void Grant(Acl* acl, RoleId grantee, RoleId grantor, Privileges privileges, bool grantable) {
  auto found = std::ranges::find_if(
      *acl, [&](const AclItem& item) { return item.grantee == grantee && item.grantor == grantor; });
  if (found == acl->end()) found = acl->insert(acl->end(), AclItem{grantee, grantor, 0, 0});
  found->privileges |= privileges;
  if (grantable) found->grantable |= privileges;
}

bool Revoke(Acl* acl, RoleId owner, RoleId grantee, RoleId grantor, Privileges privileges, bool option_only,
            bool cascade) {
  Acl changed = *acl;
  for (AclItem& item : changed) {
    if (item.grantee != grantee || item.grantor != grantor) continue;
    item.grantable &= ~privileges;
    if (!option_only) item.privileges &= ~privileges;
  }
  Acl without = changed;
  RevokeDependent(*acl, owner, &without);
  if (without != changed && !cascade) return false;
  DropEmpty(&without);
  *acl = std::move(without);
  return true;
}

}  // namespace weir::access
