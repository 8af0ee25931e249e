// What etcdctl prints where it asks several endpoints: endpoint status, health, hashkv, defrag; and of snapshot files.
// from: etcd etcdctl/ctlv3/command (ep_command.go, defrag_command.go, printer.go: endpointHealth)
#include <utility>

#include "base/text.h"
#include "datadir/snapshot_file.h"
#include "lang/etcdctl.h"
#include "lang/service_json.h"
#include "lang/text_table.h"

namespace orrery::lang {

namespace {

constexpr int kUnhealthy = 1;

// As Go writes a duration: 1.2ms, 350µs, 2.5s.
std::string duration_of(Nanos took) {
  const std::int64_t nanos = took.value();
  const std::int64_t unit = nanos >= 1'000'000'000 ? 1'000'000'000
                            : nanos >= 1'000'000   ? 1'000'000
                                                   : 1'000;
  std::string fraction = text("{:09}", nanos % unit * (1'000'000'000 / unit));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  const std::string_view name = unit == 1'000 ? "\u00b5s" : unit == 1'000'000 ? "ms" : "s";
  return text("{}{}{}{}", nanos / unit, fraction.empty() ? "" : ".", fraction, name);
}

// Permission denied is as good as an answer: the proposal went through.
bool is_healthy(const client::CallPart& part) {
  return !part.answer.error || part.answer.error->code == Errc::PermissionDenied;
}

Printed print_health(const client::Call& call, const CallOptions& options) {
  Printed printed;
  std::string json;
  std::vector<std::vector<std::string>> rows;
  for (const client::CallPart& part : call.parts) {
    const bool healthy = is_healthy(part);
    const std::string why = healthy ? "" : part.answer.error->detail;
    const std::string where = endpoint_text(part.via);
    const std::string took = duration_of(part.took);
    if (!healthy) printed.exit_status = kUnhealthy;
    json += text("{}{{\"endpoint\":{},\"health\":{},\"took\":{}{}}}", json.empty() ? "" : ",",
                 quoted(where), healthy, quoted(took),
                 healthy ? "" : text(",\"error\":{}", quoted(why)));
    rows.push_back({where, healthy ? "true" : "false", took, why});
    printed.err +=
        healthy ? text("{} is healthy: successfully committed proposal: took = {}\n", where, took)
                : text("{} is unhealthy: failed to commit proposal: {}\n", where, why);
  }
  const std::string unhealthy = printed.exit_status == 0 ? "" : "Error: unhealthy cluster\n";
  if (options.write_out == WriteOut::Json) printed = {"[" + json + "]\n", {}, printed.exit_status};
  if (options.write_out == WriteOut::Table) {
    printed = {table_text({"endpoint", "health", "took", "error"}, rows), {}, printed.exit_status};
  }
  printed.err += unhealthy;
  return printed;
}

// What etcdctl says of an endpoint that did not answer.
std::string failed_part(const client::Call& call, const client::CallPart& part) {
  const std::string& why = part.answer.error->detail;
  if (call.line.starts_with("endpoint status")) {
    return text("Failed to get the status of endpoint {} ({})\n", endpoint_text(part.via), why);
  }
  if (call.line.starts_with("defrag")) {
    return text("Failed to defragment etcd member[{}] ({})\n", endpoint_text(part.via), why);
  }
  return text("Failed to get the hash of endpoint {} ({})\n", endpoint_text(part.via), why);
}

}  // namespace

Printed print_parts(const client::Call& call, const CallOptions& options) {
  if (call.line.starts_with("endpoint health")) return print_health(call, options);
  Printed printed;
  std::string json;
  std::vector<std::vector<std::string>> rows;
  client::Call one = call;
  for (const client::CallPart& part : call.parts) {
    if (part.answer.error) {
      printed.err += failed_part(call, part);
      printed.exit_status = kUnhealthy;
      continue;
    }
    one.via = part.via;
    const rpc::Response& response = part.answer.response;
    if (options.write_out == WriteOut::Json && !call.line.starts_with("defrag")) {
      const std::string listed = service_json(one, response);  // "[...]\n"
      json += (json.empty() ? "" : ",") + listed.substr(1, listed.size() - 3);
    } else if (options.write_out == WriteOut::Fields) {
      printed.out +=
          service_fields(response) + text("\"Endpoint\" : {}\n\n", quoted(endpoint_text(part.via)));
    } else {
      printed.out += simple_lines(one, response);
    }
    rows.push_back(cells_of(simple_lines(one, response)));
  }
  if (!json.empty()) printed.out = "[" + json + "]\n";
  if (options.write_out == WriteOut::Table && call.line.starts_with("endpoint")) {
    printed.out = table_text(headings_of(call.line), rows);
  }
  return printed;
}

Printed print_snapshot_status(const SnapshotStatus& asked, BytesView bytes) {
  const auto status = datadir::snapshot_status(bytes);
  if (!status) {
    return {
        .out = {}, .err = text("Error: {}\n", status.error().detail), .exit_status = kUnhealthy};
  }
  const std::string hash = text("{:x}", status->hash);
  const std::string size = size_text(static_cast<std::int64_t>(status->total_bytes));
  const std::string revision = std::to_string(status->revision);
  const std::string keys = std::to_string(status->total_keys);
  std::string out = text("{}, {}, {}, {}\n", hash, revision, keys, size);
  if (asked.call.write_out == WriteOut::Json) {
    out = text("{{\"hash\":{},\"revision\":{},\"totalKey\":{},\"totalSize\":{}}}\n", status->hash,
               revision, keys, status->total_bytes);
  }
  if (asked.call.write_out == WriteOut::Fields) {
    out = text("\"Hash\" : {}\n\"Revision\" : {}\n\"Keys\" : {}\n\"Size\" : {}\n", status->hash,
               revision, keys, status->total_bytes);
  }
  if (asked.call.write_out == WriteOut::Table) {
    out = table_text({"hash", "revision", "total keys", "total size"},
                     {{hash, revision, keys, size}});
  }
  return {.out = std::move(out), .err = {}, .exit_status = 0};
}

}  // namespace orrery::lang
