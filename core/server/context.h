// Context: what a phase works on. Internal to server.
//   used by: the lanes' .cc files    uses: member.h, step.h
//   ideas:   references for the length of one phase; helpers that several lanes share stand here.
#pragma once

#include <string_view>

#include "datadir/paths.h"
#include "server/member.h"
#include "server/release.h"
#include "server/step.h"

namespace orrery::server {

using datadir::kDbPath;
using datadir::kSnapDir;
using datadir::kWalDir;

struct Context {
  Step& step;
  Member& member;
  Running& run;

  Context(Step& s, Member& m) : step(s), member(m), run(m.edit_running()) {}
};

// A member's memory and its guards, for readiness functions.
struct Look {
  const Member& member;
  const Running& run;
  const Guards& guards;

  Look(const Member& m, const Guards& g) : member(m), run(m.running()), guards(g) {}
};

// -- locks.cc
bool is_free(const Look& look, const Lock& lock, std::string_view claim);
void acquire(Lock& lock, LaneKind owner);
void release(Lock& lock);
// The watch store's mutex also holds up the receive loops of streams with requests waiting: they are looked at again.
void acquire_watch_mutex(Context& context, LaneKind owner);
void release_watch_mutex(Context& context);

// A defragmentation that waits for the lock is looked at again.
void release_batch_tx(Context& context);
// etcd's LockInsideApply: takes the batch tx and makes the applying index the consistent index.
void take_batch_tx_inside_apply(Context& context);
// etcd's Unlock: write-back. True = the batch must be committed before the lock is released; the caller pushes a
// CommitFrame and keeps the lock, otherwise the lock is free now.
bool end_batch_tx(Context& context);

// -- commit_frame.cc
// Puts the consistent index into the open batch.
void save_consistent_index(Context& context);
Readiness readiness(const Look& look, const CommitFrame& frame);
// One phase of the commit. True = done; the caller releases the batch tx lock.
bool run(Context& context, CommitFrame& frame);

// -- apply_around.cc
// The readiness of a phase between two jobs or around the entries of one; nothing = inside an entry.
std::optional<Readiness> readiness_around(const Look& look);
// Runs such a phase. False = it is one of an entry's.
bool run_around(Context& context);
void end_job(Context& context);

// -- snapshot_lane.cc
// Is it time for one? On disk, or from 3.6 on in memory alone.
bool wants_snapshot(const Running& run, const Timing& timing, Version version);
bool wants_snapshot_on_disk(const Running& run, const Timing& timing, Version version);
void begin_snapshot(Context& context);
// What Raft's snapshots hold besides their position: the members, as a v2 store.
Blob snapshot_data(const Context& context);
// Segments and received files before the index need not be kept.
void release_snapshot(Context& context, Index index);
// "member/snap/%016x.snap.db"
std::string received_db_path(Index index);

// -- snapshot_send.cc
// Answers the oldest MsgSnap with what is applied now. requires: the batch is committed
void send_merged_snapshot(Context& context);
void receive_snapshot_reply(Context& context, const SnapshotReply& reply);
void lose_transfers(Context& context, std::uint32_t to);

// -- versions_lane.cc
// {3, 6} of "3.6.4"; {0, 0} = no version.
std::pair<int, int> version_numbers(std::string_view version);
bool is_older(std::string_view a, std::string_view b);
// Every other member gets the question; its answer carries the call's number.
void ask_peers(Context& context, std::uint64_t call, const rpc::Request& request);
NodeId id_of_peer(const Context& context, const Address& from);
void hear_version(Context& context, const Address& from, const CallAnswer& answer);

// -- corruption_lane.cc
void start_monitors(Context& context);
// Nothing else runs before the check at a start is over.
bool awaits_initial_check(const Running& run);
void hear_hash(Context& context, const Address& from, const CallAnswer& answer);

// -- snapshot_receive.cc
void receive_snapshot(Context& context, const Address& from, const Shared<SnapshotPost>& post);

// -- snapshot_install.cc
Readiness readiness(const Look& look, const InstallFrame& frame);
// One phase. True = done.
bool run(Context& context, InstallFrame& frame);

// -- recover.cc: what memory holds beside the disk, from a backend's rows. Each panics when the rows are broken.
backend::Backend open_backend(const Step& step, const disk::Disk& disk, std::string_view path);
// 0 = there is none yet.
Index consistent_index_of(const backend::Backend& backend);
void recover_index(Running& run, const backend::Backend& backend);
void recover_lessor(const Context& context, const backend::Backend& backend);
// requires: the lessor was recovered
void recover_store(const Context& context);
void recover_alarms(const Context& context);
void recover_auth(const Context& context);
void recover_membership(const Context& context);
// Who was there at the cluster's birth.
std::vector<rpc::Member> founders(const ClusterPlan& plan);

// -- one pair per fixed lane
Readiness node_readiness(const Look& look);
void run_node(Context& context);
Readiness raft_readiness(const Look& look);
void run_raft(Context& context);
Readiness apply_readiness(const Look& look);
void run_apply(Context& context);
Readiness commit_readiness(const Look& look);
void run_commit(Context& context);
Readiness compact_readiness(const Look& look);
void run_compact(Context& context);
Readiness sync_readiness(const Look& look);
void run_sync(Context& context);
Readiness victim_readiness(const Look& look);
void run_victims(Context& context);
Readiness read_readiness(const Look& look);
void run_read(Context& context);
Readiness lease_readiness(const Look& look);
void run_lease(Context& context);
Readiness token_readiness(const Look& look);
void run_tokens(Context& context);
Readiness compactor_readiness(const Look& look);
void run_compactor(Context& context);
Readiness snapshot_readiness(const Look& look);
void run_snapshot(Context& context);
Readiness snap_send_readiness(const Look& look);
void run_snap_send(Context& context);
Readiness snap_receive_readiness(const Look& look);
void run_snap_receive(Context& context);
Readiness purge_readiness(const Look& look);
void run_purge(Context& context);
Readiness versions_readiness(const Look& look);
void run_versions(Context& context);
Readiness corruption_readiness(const Look& look);
void run_corruption(Context& context);
Readiness handler_readiness(const Look& look, const HandlerLane& handler);
void run_handler(Context& context, std::uint64_t no);
Readiness stream_recv_readiness(const Look& look, const StreamLane& lane);
void run_stream_recv(Context& context, std::uint64_t no);
Readiness stream_send_readiness(const Look& look, std::uint64_t no, const StreamLane& lane,
                                std::uint8_t choice);
void run_stream_send(Context& context, std::uint64_t no, std::uint8_t choice);

// A response of a stream goes to the client's connection: at once if it fits, otherwise frame by frame.
void write_response(Context& context, const Address& client, std::uint64_t stream,
                    rpc::WatchResponse response);
Readiness transport_readiness(const Look& look, std::uint64_t client);
void run_transport(Context& context, std::uint64_t client);
void touch_transport(Context& context, std::uint32_t client);
void receive_credit(Context& context, const Address& client, const WindowUpdate& update);
// -- reset.cc: a client goes away
void receive_reset(Context& context, const Address& client, const CallReset& reset);
// requires: the stream is closing, and the watch store's mutex is free
void close_stream(Context& context, std::uint64_t no);

// v2's long polls.
void receive_old(Context& context, const Address& client, const legacy::OldRequest& request);
void tell_old_watches(Context& context, const std::vector<mvccpb::Event>& events);

// -- shared
// What raft gets with each call: guards and the number its next randomized timeout is made of.
raft::Io raft_io(Context& context);
// To be called after every call into raft: notices changes of role and leader.
void after_raft(Context& context);
// The server takes over who leads, as a Ready says it.
void see_leadership(Context& context, const raft::SoftState& soft);
void touch_handlers(Context& context);
// `from`: the member that sent it; not message.from where a follower forwards what others asked.
void receive_raft(Context& context, std::uint32_t from, const raftpb::Message& message);
// A peer says that this member was removed: it stops at its next tick.
void receive_removed(Context& context, const RemovedNotice& notice);
// The answer to a waiting handler of this member, if there is one.
void wake_handler(Context& context, std::uint64_t request_id, const std::optional<Error>& error,
                  const rpc::Response& response);
// The answer of a member that was asked in a client's place.
void receive_peer_answer(Context& context, const Address& from, const CallAnswer& answer);
// A goroutine of the member's own that proposes something; its number.
std::uint64_t begin_own_call(Context& context, rpc::Request request);
// Tells the cluster that this member is out of space; `wakes`: the waiter to be told afterwards, 0 = none.
void raise_no_space(Context& context, std::uint64_t wakes);
// Renewals that wait for the end of a lease are looked at again.
void touch_renewals(Context& context);
bool is_leader(const Running& run);

// -- handler_services.cc: calls of the services beside KV
void admit_service(Context& context, std::uint64_t no, HandlerLane& handler);
void check_password(Context& context, HandlerLane& handler);
void confirm_token(Context& context, HandlerLane& handler);
void renew(Context& context, HandlerLane& handler);
void refresh(Context& context, HandlerLane& handler);
void forward(Context& context, std::uint64_t no, HandlerLane& handler);
// Fills in the response, or the error.
void serve_service(Context& context, HandlerLane& handler);
// -- handler_cluster.cc
void admit_cluster(Context& context, std::uint64_t no, HandlerLane& handler);
void serve_cluster(Context& context, HandlerLane& handler);
void wait_leader(Context& context, HandlerLane& handler);
// -- handler_timeouts.cc
// Why a proposal's time is over, as far as the member can tell.
// The connection to the peer has carried since before `start`.
bool active_before(const Running& run, NodeId id, Nanos start);
Errc why_timed_out(const Context& context, const HandlerLane& handler);
// -- handler_snapshot.cc
Readiness snapshot_commit_readiness(const Look& look, const HandlerLane& handler);
void snapshot_commit(Context& context, std::uint64_t no, HandlerLane& handler);
void snapshot_send(Context& context, HandlerLane& handler);
// -- defrag_frame.cc
Readiness readiness(const Look& look, const DefragFrame& frame);
// One phase. True = done, the lock is free again.
bool run(Context& context, DefragFrame& frame);
// The row of a member as it stands now; of a member that is gone, that it was removed.
void write_member_row(Context& context, NodeId id);
// Where a member listens, as the configuration says, or else as this member was told at its start or by the member
// itself. 0 = not known.
std::uint32_t number_of(const Member& member, NodeId id);
// What the log carries in the request's place: a hashed password, a lease with an id.
rpc::Request proposal_of(Context& context, const HandlerLane& handler);
void refuse(HandlerLane& handler, Error error);
void refuse(ApplyLane& lane, Error error);

// -- apply_checks.cc: the appliers around the store's own, in etcd's order: Corrupt, NoSpace, Auth, Quota
Result<void> may_apply(const Running& run, const ClusterPlan& plan,
                       const rpc::InternalRequest& request, const Guards& guards);
bool fits_quota(const Running& run, const Timing& timing, const rpc::Request& request,
                const Guards& guards);
// What a client may call of the services, checked by the member that answers.
Result<void> may_call(const Running& run, Version version, const HandlerLane& handler,
                      const Guards& guards);
// Does the call look at its token at all? Release 3.4 does not where everybody may.
bool reads_token(Version version, const rpc::Request& request);
// Release 3.4 has no words of the wire for what the maintenance calls refuse.
Error as_told(Version version, const rpc::Request& request, Error error);

// -- apply_plan.cc: sets up the apply lane for an entry
void apply_conf_change(Context& context, const raftpb::Entry& entry, bool is_new);
void plan_request(Context& context, const rpc::InternalRequest& request);
// At the first entry of a leader's term: from here on it counts the leases' time.
void promote_lessor(Context& context);

// -- apply_services.cc: what an entry of another service than KV does, under the batch tx lock
void apply_service(Context& context, const rpc::InternalRequest& request);

rpc::ResponseHeader header(const Context& context, std::int64_t revision);
// Sets the top header of a response, whatever its kind; its revision is what the response carries.
void fill_header(const Context& context, rpc::Response& response);
// The next tick of a ticker of this period that started with the world, strictly after now.
Nanos next_tick_after(Nanos now, Nanos period);
// A create or cancel made watchers unsynced, or victims: their loops have work.
void arm_watch_loops(Context& context);
// A send reached this stream's channel.
void touch_stream_of(Context& context, watch::StreamId stream);

}  // namespace orrery::server
