// Cutting a stream's transcript into watches, and what each of them is to get.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/overloaded.h"
#include "base/text.h"
#include "check/watch_guarantees.h"

namespace orrery::checks {

namespace {

constexpr std::int64_t kOfNoWatch = -1;

// Reads a transcript front to back. The n-th `created` answers the n-th create request.
class Cutter {
 public:
  explicit Cutter(std::string stream_name) : stream_name_(std::move(stream_name)) {}

  void take(const rpc::WatchRequest& request) {
    if (const auto* create = std::get_if<rpc::WatchCreateRequest>(&request)) {
      unanswered_.push_back(*create);
    } else if (const auto* cancel = std::get_if<rpc::WatchCancelRequest>(&request)) {
      take_cancel(*cancel);
    }
  }

  void take(const rpc::WatchResponse& response) {
    if (response.created) return take_created(response);
    if (response.watch_id == kOfNoWatch) return take_for_all(response);
    const auto open = open_.find(response.watch_id);
    if (open != open_.end()) return take_for(records_[open->second], response);
    const auto past = past_.find(response.watch_id);
    if (past != past_.end()) {
      records_[past->second].too_late.push_back(response);
    } else {
      early_[response.watch_id].push_back(response);
    }
  }

  std::vector<WatchRecord> records() && { return std::move(records_); }

 private:
  void take_created(const rpc::WatchResponse& response) {
    WatchRecord record;
    if (!unanswered_.empty()) {
      record.request = unanswered_.front();
      unanswered_.pop_front();
    }
    if (response.canceled) return;
    record.name = text("{}/{}", stream_name_, response.watch_id);
    record.created = response;
    record.too_early = std::exchange(early_[response.watch_id], {});
    // Sent before the client knew the id: it may have been read after the creation.
    if (early_cancels_.contains(response.watch_id)) record.cancel_sent = 0;
    open_[response.watch_id] = records_.size();
    past_.erase(response.watch_id);
    records_.push_back(std::move(record));
  }

  void take_cancel(const rpc::WatchCancelRequest& cancel) {
    const auto open = open_.find(cancel.watch_id);
    if (open == open_.end()) {
      early_cancels_.insert(cancel.watch_id);
      return;
    }
    WatchRecord& record = records_[open->second];
    if (!record.cancel_sent) record.cancel_sent = record.responses.size();
  }

  // Progress may be an answer given when the server had read a cancel already.
  void take_for_all(const rpc::WatchResponse& response) {
    for (const auto& [id, place] : open_) {
      if (!records_[place].cancel_sent) records_[place].responses.push_back(response);
    }
  }

  // A compaction notice says canceled too, but only the answer to a cancel ends the record.
  void take_for(WatchRecord& record, const rpc::WatchResponse& response) {
    if (!response.canceled || response.compact_revision != 0) {
      record.responses.push_back(response);
      return;
    }
    record.canceled = response;
    past_[response.watch_id] = open_[response.watch_id];
    open_.erase(response.watch_id);
  }

  std::string stream_name_;
  std::deque<rpc::WatchCreateRequest> unanswered_;
  std::vector<WatchRecord> records_;
  std::map<std::int64_t, std::size_t> open_;  // watch id -> place in records_
  std::map<std::int64_t, std::size_t> past_;
  std::map<std::int64_t, std::vector<rpc::WatchResponse>> early_;
  std::set<std::int64_t> early_cancels_;
};

bool in_range(const rpc::WatchCreateRequest& request, BytesView key) {
  const BytesView begin = request.key.empty() ? BytesView("\0", 1) : request.key.view();
  if (request.range_end.empty()) return key == begin;
  const bool open_ended = request.range_end.view() == BytesView("\0", 1);
  return key >= begin && (open_ended || key < request.range_end.view());
}

}  // namespace

std::vector<WatchRecord> watches_of(const Transcript& transcript, const std::string& stream_name) {
  Cutter cutter(stream_name);
  for (const Exchange& exchange : transcript) {
    std::visit([&](const auto& message) { cutter.take(message); }, exchange);
  }
  return std::move(cutter).records();
}

bool wants(const rpc::WatchCreateRequest& request, const mvccpb::Event& event) {
  const rpc::WatchFilter kind =
      event.type == mvccpb::EventType::Put ? rpc::WatchFilter::NoPut : rpc::WatchFilter::NoDelete;
  return in_range(request, event.kv.key) &&
         std::ranges::find(request.filters, kind) == request.filters.end();
}

std::int64_t first_revision(const WatchRecord& watch) {
  const std::int64_t asked = watch.request.start_revision;
  return asked == 0 ? watch.created.header.revision + 1 : asked;
}

std::vector<mvccpb::Event> expected_events(const WatchRecord& watch, const WatchHistory& history,
                                           std::int64_t up_to) {
  std::vector<mvccpb::Event> out;
  for (const mvccpb::Event& event : history.events) {
    const std::int64_t revision = event.kv.mod_revision;
    if (revision < first_revision(watch) || revision > up_to) continue;
    if (wants(watch.request, event)) out.push_back(event);
  }
  return out;
}

}  // namespace orrery::checks
