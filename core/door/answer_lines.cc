#include "door/answer_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include "base/check.h"
#include "base/text.h"
#include "door/service_descriptors.h"

namespace orrery::door {

namespace {

namespace pb = google::protobuf;

constexpr std::size_t kColumn = 60;
constexpr std::string_view kRemaining = "TTL: ";
constexpr std::int64_t kTolerance = 2;  // units: seconds

constexpr std::array<std::string_view, 24> kNotCompared{
    "etcdserverpb.ResponseHeader.cluster_id",
    "etcdserverpb.ResponseHeader.member_id",
    "etcdserverpb.ResponseHeader.raft_term",
    "etcdserverpb.Member.ID",
    "etcdserverpb.Member.name",
    "etcdserverpb.Member.peerURLs",
    "etcdserverpb.Member.clientURLs",
    "etcdserverpb.AlarmMember.memberID",
    "etcdserverpb.AuthenticateResponse.token",
    "etcdserverpb.HashResponse.hash",
    "etcdserverpb.StatusResponse.version",
    "etcdserverpb.StatusResponse.dbSize",
    "etcdserverpb.StatusResponse.leader",
    "etcdserverpb.StatusResponse.raftIndex",
    "etcdserverpb.StatusResponse.raftTerm",
    "etcdserverpb.StatusResponse.raftAppliedIndex",
    "etcdserverpb.StatusResponse.dbSizeInUse",
    "etcdserverpb.StatusResponse.storageVersion",
    "etcdserverpb.StatusResponse.dbSizeQuota",
    "etcdserverpb.StatusResponse.downgradeInfo",
    "etcdserverpb.SnapshotResponse.remaining_bytes",
    "etcdserverpb.SnapshotResponse.blob",
    "etcdserverpb.SnapshotResponse.version",
    "etcdserverpb.WatchResponse.watch_id"};

constexpr std::array<std::string_view, 6> kInNoOrder{
    "etcdserverpb.LeaseLeasesResponse.leases",   "etcdserverpb.LeaseTimeToLiveResponse.keys",
    "etcdserverpb.MemberListResponse.members",   "etcdserverpb.MemberAddResponse.members",
    "etcdserverpb.MemberRemoveResponse.members", "etcdserverpb.AlarmResponse.alarms"};

template <std::size_t kSize>
bool is_in(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What reflection tells, for our own use.
class Schema {
 public:
  Schema() {
    pb::FileDescriptorSet all;
    const std::string_view bytes = service_descriptors();
    check(all.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "the services are described");
    // A file stands before those that need it only if it was named first.
    for (int turn = 0; turn < all.file_size(); ++turn) {
      for (const pb::FileDescriptorProto& file : all.file()) add(file);
    }
  }

  // `type` is a message's full name. Null = the bytes are none of it.
  std::unique_ptr<pb::Message> read(const pb::Descriptor* type, BytesView bytes) {
    std::unique_ptr<pb::Message> out(factory_.GetPrototype(type)->New());
    if (!out->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return nullptr;
    return out;
  }

  const pb::Descriptor* type(const std::string& name) const {
    return pool_.FindMessageTypeByName(name);
  }

  const pb::Descriptor* answer_of(std::string_view method) const {
    std::string name(method.substr(1));
    name.replace(name.find('/'), 1, ".");
    const pb::MethodDescriptor* found = pool_.FindMethodByName(name);
    return found == nullptr ? nullptr : found->output_type();
  }

 private:
  void add(const pb::FileDescriptorProto& file) {
    const bool is_ready = std::ranges::all_of(file.dependency(), [&](const std::string& needed) {
      return pool_.FindFileByName(needed) != nullptr;
    });
    if (is_ready && pool_.FindFileByName(file.name()) == nullptr) pool_.BuildFile(file);
  }

  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_;
};

Schema& schema() {
  static Schema known;
  return known;
}

std::vector<const pb::FieldDescriptor*> set_fields(const pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> out;
  message.GetReflection()->ListFields(message, &out);
  return out;
}

void clear_what_differs(pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  for (const pb::FieldDescriptor* field : set_fields(message)) {
    if (is_in(kNotCompared, field->full_name())) {
      reflection.ClearField(&message, field);
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      clear_what_differs(*reflection.MutableMessage(&message, field));
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        clear_what_differs(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

std::string value_of(const pb::Message& message, const pb::FieldDescriptor* field, int index) {
  pb::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string out;
  printer.PrintFieldValueToString(message, field, index, &out);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

void add_lines(const pb::Message& message, const pb::FieldDescriptor* field, Lines& out) {
  if (!field->is_repeated()) {
    out.push_back(field->name() + ": " + value_of(message, field, -1));
    return;
  }
  Lines own;
  const int count = message.GetReflection()->FieldSize(message, field);
  for (int i = 0; i < count; ++i) {
    own.push_back(field->name() + ": " + value_of(message, field, i));
  }
  if (is_in(kInNoOrder, field->full_name())) std::ranges::sort(own);
  out.insert(out.end(), own.begin(), own.end());
}

Lines unreadable(BytesView bytes) {
  return {text("{} bytes that are no such message", bytes.size())};
}

// "TTL: 598": the number, if it is that line.
std::optional<std::int64_t> remaining_in(std::string_view line) {
  if (!line.starts_with(kRemaining)) return std::nullopt;
  std::int64_t out = 0;
  const auto read =
      std::from_chars(line.data() + kRemaining.size(), line.data() + line.size(), out);
  return read.ec == std::errc() ? std::optional(out) : std::nullopt;
}

bool is_same_line(const std::string& model, const std::string& cluster) {
  if (model == cluster) return true;
  const auto one = remaining_in(model);
  const auto other = remaining_in(cluster);
  return one && other && *one > 0 && *other > 0 &&
         std::max(*one, *other) - std::min(*one, *other) <= kTolerance;
}

}  // namespace

Lines answer_lines(std::string_view method, BytesView bytes) {
  const pb::Descriptor* type = schema().answer_of(method);
  const auto message = type == nullptr ? nullptr : schema().read(type, bytes);
  if (message == nullptr) return unreadable(bytes);
  clear_what_differs(*message);
  Lines out;
  for (const pb::FieldDescriptor* field : set_fields(*message)) add_lines(*message, field, out);
  return out;
}

Lines error_lines(int code, const std::string& words) {
  constexpr int kDeadlineExceeded = 4;
  // Each library has its own words for the caller's own patience.
  if (code == kDeadlineExceeded) return {"error 4: the deadline has passed"};
  return {text("error {}: {}", code, words)};
}

Lines watch_lines(BytesView bytes) {
  const auto message = schema().read(schema().type("etcdserverpb.WatchResponse"), bytes);
  if (message == nullptr) return unreadable(bytes);
  clear_what_differs(*message);
  Lines out;
  std::string head;
  for (const pb::FieldDescriptor* field : set_fields(*message)) {
    if (field->name() == "events") {
      add_lines(*message, field, out);
    } else if (field->name() != "header" && field->name() != "fragment") {
      head += (head.empty() ? "" : ", ") + field->name() + ": " + value_of(*message, field, -1);
    }
  }
  if (!head.empty()) out.insert(out.begin(), head);
  return out;
}

bool are_same(const Lines& model, const Lines& cluster) {
  return std::ranges::equal(model, cluster, is_same_line);
}

std::string side_by_side(const Lines& model, const Lines& cluster) {
  std::string out = text("      {:<{}} | {}\n", "the model", kColumn, "the cluster");
  for (std::size_t i = 0; i < std::max(model.size(), cluster.size()); ++i) {
    const std::string left = i < model.size() ? model[i] : "";
    const std::string right = i < cluster.size() ? cluster[i] : "";
    const bool both = i < model.size() && i < cluster.size();
    const bool is_same = both && is_same_line(left, right);
    out += text("    {} {:<{}} | {}\n", is_same ? ' ' : '!', left, kColumn, right);
  }
  return out;
}

}  // namespace orrery::door
