#include "datadir/rows.h"

#include <utility>

#include "base/big_endian.h"
#include "datadir/wire_tree.h"
#include "mvcc/revision.h"
#include "proto/mvccpb_codec.h"

namespace orrery::datadir {
namespace {

Tree raw(Tree out, BytesView key, BytesView value) {
  out.add(bytes("key", key)).add(bytes("value", value));
  return out;
}

// The members of `value` as a message, or the value as bytes with the reason.
void add_message(Tree& out, BytesView value, Schema schema) {
  auto message = decode_wire("value", value, schema);
  if (!message) {
    out.add(bytes("value", value)).add(words("error", message.error().detail));
    return;
  }
  for (Tree& child : message->children) out.children.push_back(std::move(child));
}

Tree key_row(Tree out, BytesView key, BytesView value) {
  const auto row = mvcc::decode_bucket_key(key);
  if (!row) return raw(std::move(out), key, value);
  out.add(words("revision", mvcc::to_text(row->revision)));
  if (row->tombstone) out.add(boolean("tombstone", true));
  add_message(out, value, Schema::KeyValue);
  return out;
}

Tree meta_row(Tree out, BytesView key, BytesView value) {
  out.add(words("name", key));
  if (key == "consistent_index" || key == "term") {
    if (const auto number_in = from_big_endian(value)) {
      out.add(number("value", *number_in));
      return out;
    }
  } else if (key == "scheduledCompactRev" || key == "finishedCompactRev") {
    if (const auto row = mvcc::decode_bucket_key(value)) {
      out.add(integer("value", row->revision.main));
      return out;
    }
  } else if (key == "confState") {
    out.add(json("value", value));
    return out;
  } else if (key == "storageVersion") {
    out.add(words("value", value));
    return out;
  }
  out.add(bytes("value", value));
  return out;
}

Tree lease_row(Tree out, BytesView key, BytesView value) {
  const auto lease = from_big_endian(key);
  if (!lease) return raw(std::move(out), key, value);
  out.add(id("lease", *lease));
  add_message(out, value, Schema::Lease);
  return out;
}

Tree auth_row(Tree out, BytesView key, BytesView value) {
  out.add(words("name", key));
  if (key == "authEnabled" && value.size() == 1) {
    out.add(boolean("value", value[0] == '\1'));
  } else if (const auto revision = from_big_endian(value); key == "authRevision" && revision) {
    out.add(number("value", *revision));
  } else {
    out.add(bytes("value", value));
  }
  return out;
}

Tree message_row(Tree out, BytesView value, Schema schema) {
  add_message(out, value, schema);
  return out;
}

Tree named_row(Tree out, BytesView key, Tree value) {
  out.add(words("name", key)).add(std::move(value));
  return out;
}

}  // namespace

Tree describe_row(std::string_view bucket, BytesView key, BytesView value) {
  Tree out = object(std::string(bucket));
  if (bucket == "key") return key_row(std::move(out), key, value);
  if (bucket == "meta") return meta_row(std::move(out), key, value);
  if (bucket == "lease") return lease_row(std::move(out), key, value);
  if (bucket == "auth") return auth_row(std::move(out), key, value);
  if (bucket == "authUsers") return message_row(std::move(out), value, Schema::AuthUser);
  if (bucket == "authRoles") return message_row(std::move(out), value, Schema::AuthRole);
  if (bucket == "alarm") return message_row(std::move(out), key, Schema::AlarmMember);
  if (bucket == "members") return named_row(std::move(out), key, json("value", value));
  if (bucket == "cluster" && key == "downgrade") {
    return named_row(std::move(out), key, json("value", value));
  }
  if (bucket == "members_removed" || bucket == "cluster") {
    return named_row(std::move(out), key, words("value", value));
  }
  return raw(std::move(out), key, value);
}

std::optional<Bytes> re_encode_row(std::string_view bucket, BytesView key, BytesView value) {
  if (bucket != "key") return Bytes(key) + Bytes(value);
  const auto row = mvcc::decode_bucket_key(key);
  const auto pair = mvccpb::decode_key_value(value);
  if (!row || !pair) return std::nullopt;
  const mvcc::BucketKeyBytes again(row->revision, row->tombstone);
  return Bytes(again.view()) + mvccpb::encode(*pair);
}

}  // namespace orrery::datadir
