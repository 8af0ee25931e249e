#include "door/in_words.h"

#include "base/overloaded.h"
#include "base/text.h"
#include "proto/methods.h"

namespace orrery::door {

namespace {

std::string keys_in_words(const Blob& key, const Blob& end) {
  return end.empty() ? text(" {}", quoted(key.view()))
                     : text(" {} to {}", quoted(key.view()), quoted(end.view()));
}

}  // namespace

std::string in_words(const rpc::Request& request) {
  if (const auto* put = std::get_if<rpc::PutRequest>(&request)) {
    return text("put {} {}", quoted(put->key.view()), quoted(put->value.view()));
  }
  if (const auto* range = std::get_if<rpc::RangeRequest>(&request)) {
    return "get" + keys_in_words(range->key, range->range_end);
  }
  if (const auto* gone = std::get_if<rpc::DeleteRangeRequest>(&request)) {
    return "del" + keys_in_words(gone->key, gone->range_end);
  }
  const rpc::Method* method = rpc::method_of(request);
  if (method == nullptr) return "a request";
  const std::size_t dot = method->path.rfind('.');
  return std::string(method->path.substr(dot + 1));
}

std::string in_words(const rpc::WatchRequest& request) {
  if (const auto* create = std::get_if<rpc::WatchCreateRequest>(&request)) {
    return "watch" + keys_in_words(create->key, create->range_end);
  }
  return "asks on its watch stream";
}

std::string in_words(const client::GuestCommand& command) {
  return std::visit(
      Overloaded{
          [](const client::GuestAsk& ask) {
            return text("guest {} at n{}: {}", ask.ticket, ask.via, in_words(ask.request));
          },
          [](const client::GuestWatch& watch) {
            return text("guest {} at n{}: {}", watch.ticket, watch.via, in_words(watch.request));
          },
          [](const client::GuestRead& read) {
            return text("guest {} has read {} bytes", read.ticket, read.bytes);
          },
          [](const client::GuestEnd& end) { return text("guest {} waits no longer", end.ticket); }},
      command);
}

}  // namespace orrery::door
