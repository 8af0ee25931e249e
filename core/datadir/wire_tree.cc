#include "datadir/wire_tree.h"

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace orrery::datadir {
namespace {

// How a field's value is shown.
enum class As : std::uint8_t { Int, Uint, Id, Bool, Words, Bytes, Message, Enum };

struct Row {
  Schema schema;
  std::uint32_t number;
  std::string_view name;
  As as;
  Schema message = Schema::Unknown;  // As::Message
  std::string_view names = {};       // As::Enum: the words for 0, 1, ..., separated by spaces
};

using enum As;
using S = Schema;

constexpr std::array kRows{
    Row{S::Internal, 100, "header", Message, S::Header},
    Row{S::Internal, 1, "ID", Uint},
    Row{S::Internal, 2, "v2", Message, S::V2Request},
    Row{S::Internal, 3, "range", Message, S::Range},
    Row{S::Internal, 4, "put", Message, S::Put},
    Row{S::Internal, 5, "delete_range", Message, S::DeleteRange},
    Row{S::Internal, 6, "txn", Message, S::Txn},
    Row{S::Internal, 7, "compaction", Message, S::Compaction},
    Row{S::Internal, 8, "lease_grant", Message, S::LeaseGrant},
    Row{S::Internal, 9, "lease_revoke", Message, S::LeaseRevoke},
    Row{S::Internal, 10, "alarm", Message, S::AlarmRequest},
    Row{S::Internal, 11, "lease_checkpoint", Message, S::Checkpoints},
    Row{S::Internal, 1000, "auth_enable", Message, S::Empty},
    Row{S::Internal, 1011, "auth_disable", Message, S::Empty},
    Row{S::Internal, 1012, "authenticate", Message, S::Authenticate},
    Row{S::Internal, 1013, "auth_status", Message, S::Empty},
    Row{S::Internal, 1100, "auth_user_add", Message, S::UserAdd},
    Row{S::Internal, 1101, "auth_user_delete", Message, S::NameOnly},
    Row{S::Internal, 1102, "auth_user_get", Message, S::NameOnly},
    Row{S::Internal, 1103, "auth_user_change_password", Message, S::UserPassword},
    Row{S::Internal, 1104, "auth_user_grant_role", Message, S::UserRole},
    Row{S::Internal, 1105, "auth_user_revoke_role", Message, S::RoleUser},
    Row{S::Internal, 1106, "auth_user_list", Message, S::Empty},
    Row{S::Internal, 1107, "auth_role_list", Message, S::Empty},
    Row{S::Internal, 1200, "auth_role_add", Message, S::NameOnly},
    Row{S::Internal, 1201, "auth_role_delete", Message, S::RoleName},
    Row{S::Internal, 1202, "auth_role_get", Message, S::RoleName},
    Row{S::Internal, 1203, "auth_role_grant_permission", Message, S::RoleGrant},
    Row{S::Internal, 1204, "auth_role_revoke_permission", Message, S::RoleRevoke},
    Row{S::Internal, 1300, "cluster_version_set", Message, S::VersionSet},
    Row{S::Internal, 1301, "cluster_member_attr_set", Message, S::MemberAttrSet},
    Row{S::Internal, 1302, "downgrade_info_set", Message, S::DowngradeSet},
    Row{S::Internal, 9900, "downgrade_version_test", Message, S::DowngradeTest},
    Row{S::Header, 1, "ID", Uint},
    Row{S::Header, 2, "username", Bytes},
    Row{S::Header, 3, "auth_revision", Uint},
    Row{S::V2Request, 1, "ID", Uint},
    Row{S::V2Request, 2, "method", Words},
    Row{S::V2Request, 3, "path", Words},
    Row{S::V2Request, 4, "val", Bytes},
    Row{S::V2Request, 5, "dir", Bool},
    Row{S::V2Request, 6, "prev_value", Bytes},
    Row{S::V2Request, 7, "prev_index", Uint},
    Row{S::V2Request, 8, "prev_exist", Bool},
    Row{S::V2Request, 9, "expiration", Int},
    Row{S::V2Request, 10, "wait", Bool},
    Row{S::V2Request, 11, "since", Uint},
    Row{S::V2Request, 12, "recursive", Bool},
    Row{S::V2Request, 13, "sorted", Bool},
    Row{S::V2Request, 14, "quorum", Bool},
    Row{S::V2Request, 15, "time", Int},
    Row{S::V2Request, 16, "stream", Bool},
    Row{S::V2Request, 17, "refresh", Bool},
    Row{S::Range, 1, "key", Bytes},
    Row{S::Range, 2, "range_end", Bytes},
    Row{S::Range, 3, "limit", Int},
    Row{S::Range, 4, "revision", Int},
    Row{S::Range, 5, "sort_order", Enum, S::Unknown, "NONE ASCEND DESCEND"},
    Row{S::Range, 6, "sort_target", Enum, S::Unknown, "KEY VERSION CREATE MOD VALUE"},
    Row{S::Range, 7, "serializable", Bool},
    Row{S::Range, 8, "keys_only", Bool},
    Row{S::Range, 9, "count_only", Bool},
    Row{S::Range, 10, "min_mod_revision", Int},
    Row{S::Range, 11, "max_mod_revision", Int},
    Row{S::Range, 12, "min_create_revision", Int},
    Row{S::Range, 13, "max_create_revision", Int},
    Row{S::Put, 1, "key", Bytes},
    Row{S::Put, 2, "value", Bytes},
    Row{S::Put, 3, "lease", Id},
    Row{S::Put, 4, "prev_kv", Bool},
    Row{S::Put, 5, "ignore_value", Bool},
    Row{S::Put, 6, "ignore_lease", Bool},
    Row{S::DeleteRange, 1, "key", Bytes},
    Row{S::DeleteRange, 2, "range_end", Bytes},
    Row{S::DeleteRange, 3, "prev_kv", Bool},
    Row{S::Compare, 1, "result", Enum, S::Unknown, "EQUAL GREATER LESS NOT_EQUAL"},
    Row{S::Compare, 2, "target", Enum, S::Unknown, "VERSION CREATE MOD VALUE LEASE"},
    Row{S::Compare, 3, "key", Bytes},
    Row{S::Compare, 4, "version", Int},
    Row{S::Compare, 5, "create_revision", Int},
    Row{S::Compare, 6, "mod_revision", Int},
    Row{S::Compare, 7, "value", Bytes},
    Row{S::Compare, 8, "lease", Id},
    Row{S::Compare, 64, "range_end", Bytes},
    Row{S::Operation, 1, "range", Message, S::Range},
    Row{S::Operation, 2, "put", Message, S::Put},
    Row{S::Operation, 3, "delete_range", Message, S::DeleteRange},
    Row{S::Operation, 4, "txn", Message, S::Txn},
    Row{S::Txn, 1, "compare", Message, S::Compare},
    Row{S::Txn, 2, "success", Message, S::Operation},
    Row{S::Txn, 3, "failure", Message, S::Operation},
    Row{S::Compaction, 1, "revision", Int},
    Row{S::Compaction, 2, "physical", Bool},
    Row{S::LeaseGrant, 1, "TTL", Int},
    Row{S::LeaseGrant, 2, "ID", Id},
    Row{S::LeaseRevoke, 1, "ID", Id},
    Row{S::Checkpoint, 1, "ID", Id},
    Row{S::Checkpoint, 2, "remaining_TTL", Int},
    Row{S::Checkpoints, 1, "checkpoints", Message, S::Checkpoint},
    Row{S::AlarmRequest, 1, "action", Enum, S::Unknown, "GET ACTIVATE DEACTIVATE"},
    Row{S::AlarmRequest, 2, "memberID", Id},
    Row{S::AlarmRequest, 3, "alarm", Enum, S::Unknown, "NONE NOSPACE CORRUPT"},
    Row{S::Authenticate, 1, "name", Bytes},
    Row{S::Authenticate, 2, "password", Bytes},
    Row{S::Authenticate, 3, "simple_token", Bytes},
    Row{S::UserOptions, 1, "no_password", Bool},
    Row{S::UserAdd, 1, "name", Bytes},
    Row{S::UserAdd, 2, "password", Bytes},
    Row{S::UserAdd, 3, "options", Message, S::UserOptions},
    Row{S::UserAdd, 4, "hashedPassword", Bytes},
    Row{S::NameOnly, 1, "name", Bytes},
    Row{S::UserPassword, 1, "name", Bytes},
    Row{S::UserPassword, 2, "password", Bytes},
    Row{S::UserPassword, 3, "hashedPassword", Bytes},
    Row{S::UserRole, 1, "user", Bytes},
    Row{S::UserRole, 2, "role", Bytes},
    Row{S::RoleUser, 1, "name", Bytes},
    Row{S::RoleUser, 2, "role", Bytes},
    Row{S::RoleName, 1, "role", Bytes},
    Row{S::Permission, 1, "permType", Enum, S::Unknown, "READ WRITE READWRITE"},
    Row{S::Permission, 2, "key", Bytes},
    Row{S::Permission, 3, "range_end", Bytes},
    Row{S::RoleGrant, 1, "name", Bytes},
    Row{S::RoleGrant, 2, "perm", Message, S::Permission},
    Row{S::RoleRevoke, 1, "role", Bytes},
    Row{S::RoleRevoke, 2, "key", Bytes},
    Row{S::RoleRevoke, 3, "range_end", Bytes},
    Row{S::VersionSet, 1, "ver", Words},
    Row{S::MemberAttributes, 1, "name", Bytes},
    Row{S::MemberAttributes, 2, "client_urls", Bytes},
    Row{S::MemberAttrSet, 1, "member_ID", Id},
    Row{S::MemberAttrSet, 2, "member_attributes", Message, S::MemberAttributes},
    Row{S::DowngradeSet, 1, "enabled", Bool},
    Row{S::DowngradeSet, 2, "ver", Words},
    Row{S::DowngradeTest, 1, "ver", Words},
    Row{S::Lease, 1, "ID", Id},
    Row{S::Lease, 2, "TTL", Int},
    Row{S::Lease, 3, "RemainingTTL", Int},
    Row{S::AuthUser, 1, "name", Bytes},
    Row{S::AuthUser, 2, "password", Bytes},
    Row{S::AuthUser, 3, "roles", Bytes},
    Row{S::AuthUser, 4, "options", Message, S::UserOptions},
    Row{S::AuthRole, 1, "name", Bytes},
    Row{S::AuthRole, 2, "keyPermission", Message, S::Permission},
    Row{S::AlarmMember, 1, "memberID", Id},
    Row{S::AlarmMember, 2, "alarm", Enum, S::Unknown, "NONE NOSPACE CORRUPT"},
    Row{S::KeyValue, 1, "key", Bytes},
    Row{S::KeyValue, 2, "create_revision", Int},
    Row{S::KeyValue, 3, "mod_revision", Int},
    Row{S::KeyValue, 4, "version", Int},
    Row{S::KeyValue, 5, "value", Bytes},
    Row{S::KeyValue, 6, "lease", Id},
};

// Deep enough for etcd's nested transactions, shallow enough for the stack.
constexpr int kMaxDepth = 64;

const Row* find_row(Schema schema, std::uint64_t number) {
  for (const Row& row : kRows) {
    if (row.schema == schema && row.number == number) return &row;
  }
  return nullptr;
}

// Bytes that are read from the front.
struct Reader {
  BytesView bytes;
  std::size_t at = 0;

  bool done() const { return at == bytes.size(); }

  std::optional<std::uint64_t> varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes[at++]);
      out |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return out;
    }
    return std::nullopt;
  }

  std::optional<BytesView> take(std::uint64_t size) {
    if (size > bytes.size() - at) return std::nullopt;
    const BytesView out = bytes.substr(at, size);
    at += size;
    return out;
  }
};

// A field as it stands on the wire: a number, or bytes.
struct Field {
  std::uint64_t number = 0;
  std::optional<BytesView> bytes;
  std::uint64_t value = 0;
};

std::optional<Field> read_field(Reader& reader) {
  const auto tag = reader.varint();
  if (!tag || *tag >> 3 == 0) return std::nullopt;
  Field field{.number = *tag >> 3, .bytes = {}, .value = 0};
  switch (*tag & 7U) {
    case 0: {
      const auto value = reader.varint();
      if (!value) return std::nullopt;
      field.value = *value;
      return field;
    }
    case 1: field.bytes = reader.take(8); break;
    case 2: {
      const auto size = reader.varint();
      if (size) field.bytes = reader.take(*size);
      break;
    }
    case 5: field.bytes = reader.take(4); break;
    default: return std::nullopt;
  }
  if (!field.bytes) return std::nullopt;
  return field;
}

std::string_view nth_word(std::string_view list, std::uint64_t n) {
  for (; n != 0; --n) {
    const std::size_t blank = list.find(' ');
    if (blank == std::string_view::npos) return {};
    list.remove_prefix(blank + 1);
  }
  return list.substr(0, list.find(' '));
}

Tree number_tree(const Row& row, std::uint64_t value) {
  std::string name(row.name);
  switch (row.as) {
    case Int: return integer(std::move(name), static_cast<std::int64_t>(value));
    case Id: return id(std::move(name), value);
    case Bool: return boolean(std::move(name), value != 0);
    case Enum: {
      const std::string_view word = nth_word(row.names, value);
      return word.empty() ? number(std::move(name), value) : words(std::move(name), word);
    }
    case Uint:
    case Words:
    case Bytes:
    case Message: return number(std::move(name), value);
  }
  return number(std::move(name), value);
}

Result<Tree> decode_at(std::string name, BytesView whole, Schema schema, int depth);

Result<Tree> field_tree(const Field& field, Schema schema, int depth) {
  const Row* row = find_row(schema, field.number);
  if (row == nullptr) {
    std::string name = text("field {}", field.number);
    return field.bytes ? bytes(std::move(name), *field.bytes)
                       : number(std::move(name), field.value);
  }
  if (!field.bytes) return number_tree(*row, field.value);
  if (row->as == Message)
    return decode_at(std::string(row->name), *field.bytes, row->message, depth);
  if (row->as == Words) return words(std::string(row->name), *field.bytes);
  return bytes(std::string(row->name), *field.bytes);
}

Result<Tree> decode_at(std::string name, BytesView whole, Schema schema, int depth) {
  if (depth == 0) return fail(Errc::Corrupt, text("{}: nested too deeply", name));
  Tree out = object(std::move(name));
  Reader reader{.bytes = whole};
  while (!reader.done()) {
    const std::size_t at = reader.at;
    const auto field = read_field(reader);
    if (!field) {
      return fail(Errc::Corrupt, text("{}: no field at byte {} of {}", out.name, at, whole.size()));
    }
    auto tree = field_tree(*field, schema, depth - 1);
    if (!tree) return fail(Errc::Corrupt, text("{}: {}", out.name, tree.error().detail));
    out.children.push_back(std::move(*tree));
  }
  return out;
}

}  // namespace

Result<Tree> decode_wire(std::string name, BytesView bytes, Schema schema) {
  return decode_at(std::move(name), bytes, schema, kMaxDepth);
}

}  // namespace orrery::datadir
