// etcdctl -w json and -w fields for the services beside KV.
#include "base/digest.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "lang/go_text.h"
#include "lang/service_json.h"

namespace orrery::lang {

namespace {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
concept IsStrong = requires(const T& value) {
  typename T::rep;
  value.value();
};
template <class T>
concept IsNumber = std::is_enum_v<T> || std::is_integral_v<T> || IsStrong<T>;
template <class T>
concept IsText = std::is_same_v<T, std::string> || std::is_same_v<T, Blob>;
template <class T>
concept IsList = StdRange<T> && !IsText<T>;

template <class T>
std::string number_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    return text("{}", static_cast<int>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return text("{}", value);
  } else {
    return text("{}", value.value());
  }
}

template <class M>
std::string json_of(const M& message);

template <class T>
std::string value_text(const T& value) {
  if constexpr (std::is_same_v<T, Blob>) {
    return text("\"{}\"", base64(value.view()));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return quoted(value);
  } else if constexpr (IsNumber<T>) {
    return number_text(value);
  } else {
    return json_of(value);
  }
}

// Go's encoding/json with omitempty on every field but structs.
class JsonFields {
 public:
  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value) (*this)(name, *value);
    } else if constexpr (IsList<T>) {
      if (!value.empty()) add(name, list(value));
    } else if constexpr (IsText<T>) {
      if (!value.empty()) add(name, value_text(value));
    } else if constexpr (IsNumber<T>) {
      if (value != T{}) add(name, number_text(value));
    } else {
      add(name, json_of(value));
    }
  }

  void add(std::string_view name, std::string_view json) {
    body_ += text("{}\"{}\":{}", body_.empty() ? "" : ",", name, json);
  }

  template <class List>
  static std::string list(const List& items) {
    std::string out;
    for (const auto& item : items) out += (out.empty() ? "" : ",") + value_text(item);
    return "[" + out + "]";
  }

  std::string object() const { return "{" + body_ + "}"; }

 private:
  std::string body_;
};

template <class M>
std::string json_of(const M& message) {
  JsonFields out;
  message.fields(out);
  return out.object();
}

// clientv3's own structs: the header's fields stand among the others, and nothing is left out.
struct LeaseJson {
  std::string operator()(const rpc::LeaseGrantResponse& r) const {
    JsonFields out;
    r.header.fields(out);
    out.add("ID", value_text(r.id));
    out.add("TTL", value_text(r.ttl));
    out.add("Error", value_text(r.error));
    return out.object();
  }

  std::string operator()(const rpc::LeaseKeepAliveResponse& r) const {
    JsonFields out;
    r.header.fields(out);
    out.add("ID", value_text(r.id));
    out.add("TTL", value_text(r.ttl));
    return out.object();
  }

  std::string operator()(const rpc::LeaseTimeToLiveResponse& r) const {
    JsonFields out;
    r.header.fields(out);
    out.add("id", value_text(r.id));
    out.add("ttl", value_text(r.ttl));
    out.add("granted-ttl", value_text(r.granted_ttl));
    out.add("keys", r.keys.empty() ? "null" : JsonFields::list(r.keys));
    return out.object();
  }

  std::string operator()(const rpc::LeaseLeasesResponse& r) const {
    std::string ids;
    for (const rpc::LeaseStatus& lease : r.leases) {
      ids += text("{}{{\"id\":{}}}", ids.empty() ? "" : ",", lease.id.value());
    }
    JsonFields out;
    r.header.fields(out);
    out.add("leases", "[" + ids + "]");
    return out.object();
  }

  template <class Other>
  std::string operator()(const Other& response) const {
    return json_of(response);
  }
};

std::string at_endpoint(const client::Call& call, std::string_view name, std::string_view json) {
  return text("[{{\"Endpoint\":{},\"{}\":{}}}]", quoted(endpoint_text(call.via)), name, json);
}

std::string json(const client::Call& call, const rpc::MaintenanceResponse& response) {
  if (const auto* status = std::get_if<rpc::StatusResponse>(&response)) {
    return at_endpoint(call, "Status", json_of(*status));
  }
  if (const auto* hash = std::get_if<rpc::HashKVResponse>(&response)) {
    return at_endpoint(call, "HashKV", json_of(*hash));
  }
  return std::visit([](const auto& held) { return json_of(held); }, response);
}

// One line per field, as Go's %q and %v write them; the header first.
class LineFields {
 public:
  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (std::is_same_v<T, rpc::ResponseHeader>) {
      out_ += text("\"ClusterID\" : {}\n\"MemberID\" : {}\n", value.cluster_id, value.member_id);
      out_ += text("\"Revision\" : {}\n\"RaftTerm\" : {}\n", value.revision, value.raft_term);
    } else if constexpr (IsOptional<T>::value) {
      if (value) (*this)(name, *value);
    } else if constexpr (IsList<T>) {
      for (const auto& item : value) (*this)(name, item);
    } else if constexpr (IsText<T>) {
      out_ += text("\"{}\" : {}\n", name, go_quoted(BytesView(value)));
    } else if constexpr (IsNumber<T>) {
      out_ += text("\"{}\" : {}\n", name, number_text(value));
    } else {
      value.fields(*this);
    }
  }

  std::string take() const { return out_; }

 private:
  std::string out_;
};

template <class Response>
std::string fields_of(const Response& response) {
  if constexpr (IsVariant<Response>::value) {
    return std::visit([](const auto& held) { return fields_of(held); }, response);
  } else {
    LineFields out;
    response.fields(out);
    return out.take();
  }
}

}  // namespace

std::string service_json(const client::Call& call, const rpc::Response& response) {
  return std::visit(Overloaded{
                        [](const rpc::LeaseResponse& r) { return std::visit(LeaseJson{}, r); },
                        [](const rpc::AuthResponse& r) {
                          return std::visit([](const auto& held) { return json_of(held); }, r);
                        },
                        [](const rpc::ClusterResponse& r) {
                          return std::visit([](const auto& held) { return json_of(held); }, r);
                        },
                        [&](const rpc::MaintenanceResponse& r) { return json(call, r); },
                        [](const auto& /*of KV*/) { return std::string("{}"); },
                    },
                    response) +
         "\n";
}

std::string service_fields(const rpc::Response& response) {
  return std::visit(Overloaded{
                        [](const rpc::LeaseResponse& r) { return fields_of(r); },
                        [](const rpc::AuthResponse& r) { return fields_of(r); },
                        [](const rpc::ClusterResponse& r) { return fields_of(r); },
                        [](const rpc::MaintenanceResponse& r) { return fields_of(r); },
                        [](const auto& /*of KV*/) { return std::string(); },
                    },
                    response);
}

}  // namespace orrery::lang
