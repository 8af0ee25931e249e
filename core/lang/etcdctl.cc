#include "lang/etcdctl.h"

#include "base/text.h"

namespace orrery::lang {

namespace {

PrintStyle style_of(const CallOptions& call) {
  return {.write_out = call.write_out, .hex = call.hex, .value_only = false};
}

// requires: Response is rpc::Response or rpc::WatchResponse
template <class Response>
std::string formatted(const Response& response, const PrintStyle& style) {
  switch (style.write_out) {
    case WriteOut::Simple: return simple_text(response, style);
    case WriteOut::Json: return json_text(response);
    case WriteOut::Fields: return fields_text(response);
    case WriteOut::Table: return {};
  }
  return {};
}

// etcdctl draws tables of members and endpoints alone.
Printed no_table() {
  return {.out = {}, .err = "Error: table is not supported as output format\n", .exit_status = 4};
}

Printed failed(const Error& error) {
  return {.out = {}, .err = text("Error: {}\n", error.detail), .exit_status = 1};
}

Printed print_unary(const Result<rpc::Response>& answer, const PrintStyle& style) {
  if (!answer) return failed(answer.error());
  if (style.write_out == WriteOut::Table) return no_table();
  return {.out = formatted(*answer, style), .err = {}, .exit_status = 0};
}

std::string cancel_words(const rpc::WatchResponse& response) {
  if (response.compact_revision != 0) return std::string(wire_text(Errc::Compacted));
  if (!response.cancel_reason.empty()) return response.cancel_reason;
  return std::string(wire_text(Errc::FutureRev));
}

}  // namespace

bool is_refused_create(const rpc::WatchResponse& response) {
  return response.watch_id == -1 && response.created && response.canceled;
}

Printed print_answer(const Put& put, const Result<rpc::Response>& answer) {
  return print_unary(answer, style_of(put.call));
}

Printed print_answer(const Get& get, const Result<rpc::Response>& answer) {
  PrintStyle style = style_of(get.call);
  style.value_only = get.print_value_only;
  return print_unary(answer, style);
}

Printed print_answer(const Del& del, const Result<rpc::Response>& answer) {
  return print_unary(answer, style_of(del.call));
}

Printed print_answer(const Txn& txn, const Result<rpc::Response>& answer) {
  return print_unary(answer, style_of(txn.call));
}

Printed print_answer(const SaveSnapshot& save, const Result<rpc::Response>& answer) {
  if (!answer) return failed(answer.error());
  return {.out = text("Snapshot saved at {}\n", save.file), .err = {}, .exit_status = 0};
}

Printed print_answer(const Compact& compact, const Result<rpc::Response>& answer) {
  if (!answer) return failed(answer.error());
  return {.out = text("compacted revision {}\n", compact.revision), .err = {}, .exit_status = 0};
}

Printed print_watch(const Watch& watch, const rpc::WatchResponse& response) {
  Printed printed;
  if (response.created && !response.canceled) return printed;
  const bool is_progress = response.events.empty() && !response.canceled;
  if (is_progress) printed.out = text("progress notify: {}\n", response.header.revision);
  printed.out += formatted(response, style_of(watch.call));
  if (response.canceled) {
    printed.err = text("watch was canceled ({})\nError: watch is canceled by the server\n",
                       cancel_words(response));
    printed.exit_status = 5;
  }
  return printed;
}

}  // namespace orrery::lang
