#include "lang/table.h"

#include <array>

#include "lang/builders.h"

namespace orrery::lang {
namespace {

constexpr std::array kPutFlags{
    FlagRow{"lease", '\0', "LEASE", "", "attach the key to this lease"},
    FlagRow{"prev-kv", '\0', "", "", "answer the pair as it was before"},
    FlagRow{"ignore-value", '\0', "", "", "keep the value, change the lease"},
    FlagRow{"ignore-lease", '\0', "", "", "keep the lease, change the value"},
};

constexpr std::array kGetFlags{
    FlagRow{"prefix", '\0', "", "", "every key that begins with KEY"},
    FlagRow{"from-key", '\0', "", "", "every key at or after KEY"},
    FlagRow{"rev", '\0', "REVISION", "", "as it was at this revision"},
    FlagRow{"limit", '\0', "LIMIT", "", "at most this many keys"},
    FlagRow{"sort-by", '\0', "", "CREATE KEY MODIFY VALUE VERSION", "what to sort by"},
    FlagRow{"order", '\0', "", "ASCEND DESCEND", "which way to sort"},
    FlagRow{"keys-only", '\0', "", "", "leave the values out"},
    FlagRow{"count-only", '\0', "", "", "only the number of keys"},
    FlagRow{"consistency", '\0', "", "l s", "l: through the quorum, s: as the member has it"},
    FlagRow{"print-value-only", '\0', "", "", "print values without their keys"},
};

constexpr std::array kDelFlags{
    FlagRow{"prefix", '\0', "", "", "every key that begins with KEY"},
    FlagRow{"from-key", '\0', "", "", "every key at or after KEY"},
    FlagRow{"prev-kv", '\0', "", "", "answer the deleted pairs"},
};

constexpr std::array kWatchFlags{
    FlagRow{"prefix", '\0', "", "", "every key that begins with KEY"},
    FlagRow{"from-key", '\0', "", "", "every key at or after KEY"},
    FlagRow{"rev", '\0', "REVISION", "", "from this revision on, history first"},
    FlagRow{"prev-kv", '\0', "", "", "with each event the pair as it was before"},
    FlagRow{"progress-notify", '\0', "", "", "let the server report progress when idle"},
    FlagRow{"name", '\0', "NAME", "", "the name of the watch, otherwise w1, w2, ..."},
    FlagRow{"window", '\0', "COUNT", "", "bytes the connection it opens takes unasked on a stream"},
    FlagRow{"frame", '\0', "COUNT", "", "bytes of the largest frame that connection takes"},
    FlagRow{"with", '\0', "WATCH", "", "use the stream of this watch too"},
};

constexpr std::array kPollFlags{
    FlagRow{"recursive", '\0', "", "", "KEY and what lies below it"},
    FlagRow{"after", '\0', "COUNT", "",
            "from the index behind this one on, otherwise what comes next"},
    FlagRow{"name", '\0', "NAME", "", "the name of the poll, otherwise p1, p2, ..."},
};
constexpr std::array kCompactFlags{
    FlagRow{"physical", '\0', "", "", "answer only when the rows are gone"},
};
constexpr std::array kLeaseFlags{
    FlagRow{"keys", '\0', "", "", "timetolive: list the attached keys"},
    FlagRow{"once", '\0', "", "", "keep-alive: an expired lease is an error"},
    FlagRow{"name", '\0', "NAME", "", "keep-alive: the name of the program"},
};
constexpr std::array kUserFlags{
    FlagRow{"no-password", '\0', "", "", "add: a user who cannot log in by password"},
    FlagRow{"new-user-password", '\0', "TEXT", "", "add: the password, instead of NAME:PASSWORD"},
};
constexpr std::array kRoleFlags{
    FlagRow{"prefix", '\0', "", "", "every key that begins with KEY"},
    FlagRow{"from-key", '\0', "", "", "every key at or after KEY"},
};
constexpr std::array kMemberFlags{
    FlagRow{"peer-urls", '\0', "URLS", "", "add, update: where the others reach it"},
    FlagRow{"learner", '\0', "", "", "add: without a vote"},
};
constexpr std::array kDefragFlags{
    FlagRow{"cluster", '\0', "", "", "every member there is"},
};

constexpr std::array kElectFlags{
    FlagRow{"listen", 'l', "", "", "follow who leads instead of running"},
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise elect1, elect2, ..."},
};
constexpr std::array kLockFlags{
    FlagRow{"ttl", '\0', "TTL", "", "seconds until the lock of a client that is gone is free"},
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise lock1, lock2, ..."},
};
constexpr std::array kAgentFlags{
    FlagRow{"faulty", '\0', "", "", "as the lecture has it: --no-revision --no-retry"},
    FlagRow{"no-revision", '\0', "", "", "its watch begins with now: what comes before is lost"},
    FlagRow{"no-resume", '\0', "", "", "after a broken connection its watch begins with now"},
    FlagRow{"no-relist", '\0', "", "", "after a compaction its watch begins with now"},
    FlagRow{"no-retry", '\0', "", "", "it ends at the first error"},
    FlagRow{"no-deadline", '\0', "", "", "its calls wait for ever"},
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise agent1, agent2, ..."},
};
constexpr std::array kInformerFlags{
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise informer1, ..."},
};
constexpr std::array kTransferFlags{
    FlagRow{"isolation", '\0', "",
            "serializable-snapshot serializable repeatable-reads read-committed",
            "what must not have changed meanwhile"},
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise transfer1, ..."},
};

constexpr std::array kMonkeyFlags{
    FlagRow{"deeds", '\0', "COUNT", "", "so many, otherwise until canceled"},
    FlagRow{"every", '\0', "DURATION", "", "the pause between two, otherwise 100ms"},
    FlagRow{"restarts", '\0', "", "", "restarts members too"},
    FlagRow{"name", '\0', "NAME", "", "the name of the program, otherwise monkey1, ..."},
};

constexpr std::array kEndpointFlags{
    FlagRow{"cluster", '\0', "", "", "every member there is"},
    FlagRow{"rev", '\0', "REVISION", "", "hashkv: the hash of the store at this revision"},
};
constexpr std::array kEnabledFlags{
    FlagRow{"why-not", '\0', "", "", "also what may not happen, and what it waits for"},
};

constexpr std::array kClusterFlags{
    FlagRow{"as", '\0', "VERSION", "", "etcd's release to behave as, without its defects"},
    FlagRow{"preset", '\0', "PRESET", "", "a release with the defects it had"},
    FlagRow{"quirk", '\0', "QUIRKS", "", "these defects of etcd's, or none"},
    FlagRow{"seed", '\0', "COUNT", "", "of all random draws"},
    FlagRow{"quota-backend-bytes", '\0', "COUNT", "", "the most that the store's file may hold"},
    FlagRow{"snapshot-count", '\0', "COUNT", "", "entries between two snapshots of the log"},
    FlagRow{"snapshot-catchup-entries", '\0', "COUNT", "", "entries kept behind a snapshot"},
    FlagRow{"compaction-batch-limit", '\0', "COUNT", "", "rows that a compaction reads at once"},
};
constexpr auto kBinaryFlags = std::span<const FlagRow>(kClusterFlags).first(3);

constexpr std::array kClientFlags{
    FlagRow{"write-out", 'w', "", "simple json fields table", "how the answer is printed"},
    FlagRow{"hex", '\0', "", "", "print bytes as \\x68\\x65"},
    FlagRow{"endpoints", '\0', "ENDPOINTS", "", "whom to call"},
    FlagRow{"via", '\0', "MEMBER", "", "the same"},
    FlagRow{"user", '\0', "USER", "", "call as this user (NAME:PASSWORD)"},
    FlagRow{"client", '\0', "CLIENT", "", "who calls (also: a line's beginning \"as c2:\")"},
    FlagRow{"background", '\0', "", "", "only begin the call (also: \"&\" at the line's end)"},
};

constexpr std::span<const FlagRow> kNone{};
constexpr std::array kCommands{
    // -- client
    CommandRow{"put", "", Group::Client, "KEY [VALUE]", kPutFlags, Block::None, "sets a key",
               "put hello world1", build_put, true},
    CommandRow{"get", "", Group::Client, "KEY [RANGE_END]", kGetFlags, Block::None,
               "reads a key or a range of keys", "get /task/ --prefix --rev=3 -w json", build_get,
               true},
    CommandRow{"del", "", Group::Client, "KEY [RANGE_END]", kDelFlags, Block::None,
               "deletes a key or a range of keys", "del hello --prev-kv", build_del, true},
    CommandRow{"txn", "", Group::Client, "[if TXN]", kNone, Block::Txn,
               "compares, then does one list of requests or the other",
               R"(txn if mod("hello") > "0" then put hello again; get hello else put hello first)",
               build_txn, true},
    CommandRow{"watch", "", Group::Client, "KEY [RANGE_END]", kWatchFlags, Block::None,
               "follows the changes of a key or a range of keys",
               "watch hello --rev=1 -w json --name w1", build_watch, true},
    CommandRow{"cancel", "", Group::Client, "WATCH", kNone, Block::None,
               "ends a watch, a poll or a program", "cancel w1", build_cancel},
    CommandRow{"progress", "", Group::Client, "WATCH", kNone, Block::None,
               "asks the server how far a watch has come", "progress w1", build_progress},
    CommandRow{
        "pause", "", Group::Client, "WATCH", kNone, Block::None,
        "the program behind a watch stops reading: its window closes; any program stands still",
        "pause w1", build_pause},
    CommandRow{"resume", "", Group::Client, "WATCH", kNone, Block::None,
               "the program behind a watch reads again; any program goes on", "resume w1",
               build_resume},
    CommandRow{"poll", "", Group::Client, "KEY", kPollFlags, Block::None,
               "follows a key as with etcd v2: long polls on a connection of its own",
               "poll hello --after=2 --name p1", build_poll, true},
    CommandRow{"compaction", "compact", Group::Client, "REVISION", kCompactFlags, Block::None,
               "forgets the history before a revision", "compact 5 --physical", build_compact,
               true},
    CommandRow{"lease", "", Group::Client,
               "(grant TTL | revoke LEASE | timetolive LEASE | keep-alive LEASE | list)",
               kLeaseFlags, Block::None, "grants, ends, looks at, renews or lists leases",
               "lease grant 600", build_lease, true},
    CommandRow{"user", "", Group::Client,
               "(add USER | delete USER | get USER | list | passwd USER VALUE | grant-role USER "
               "ROLE | revoke-role USER ROLE)",
               kUserFlags, Block::None, "manages users", "user grant-role alice reader", build_user,
               true},
    CommandRow{"role", "", Group::Client,
               "(add ROLE | delete ROLE | get ROLE | list | grant-permission ROLE (read | write | "
               "readwrite) KEY [RANGE_END] | revoke-permission ROLE KEY [RANGE_END])",
               kRoleFlags, Block::None, "manages roles and what they permit",
               "role grant-permission reader read /task/ --prefix", build_role, true},
    CommandRow{"auth", "", Group::Client, "(enable | disable | status)", kNone, Block::None,
               "switches authentication on or off, or tells which", "auth enable", build_auth,
               true},
    CommandRow{"member", "", Group::Client,
               "(list | add NAME | remove ID | update ID | promote ID)", kMemberFlags, Block::None,
               "lists or changes the members of the cluster",
               "member add n4 --learner --peer-urls=http://127.0.0.1:42380", build_member, true},
    CommandRow{"alarm", "", Group::Client, "(list | disarm)", kNone, Block::None,
               "lists the alarms, or takes them all back", "alarm list", build_alarm, true},
    CommandRow{"endpoint", "", Group::Client, "(status | health | hashkv)", kEndpointFlags,
               Block::None, "tells how a member is", "endpoint status -w json", build_endpoint,
               true},
    CommandRow{"defrag", "", Group::Client, "", kDefragFlags, Block::None,
               "copies a member's file without its free pages", "defrag --endpoints=n2",
               build_defrag, true},
    CommandRow{"move-leader", "", Group::Client, "ID", kNone, Block::None,
               "hands the leadership to another member", "move-leader 9e737febb6b99eee",
               build_move_leader, true},
    CommandRow{"snapshot", "", Group::Client, "(save FILE | status FILE)", kNone, Block::None,
               "fetches a member's whole store into a file, or tells what is in one",
               "snapshot save backup.db", build_snapshot, true},
    CommandRow{"lock", "", Group::Client, "KEY [TEXT]", kLockFlags, Block::None,
               "holds a lock until canceled, or while a command (echo ...) runs",
               "lock mutex --name a", build_lock, true},
    CommandRow{"elect", "", Group::Client, "KEY [VALUE]", kElectFlags, Block::None,
               "runs for a leadership and holds it until canceled", "elect boss alice", build_elect,
               true},
    CommandRow{"agent", "", Group::Client, "KEY", kAgentFlags, Block::None,
               "takes the tasks below a prefix: lists them, then watches", "agent /task/10.0.0.1/",
               build_agent, true},
    CommandRow{"informer", "", Group::Client, "KEY", kInformerFlags, Block::None,
               "keeps a copy of the keys below a prefix: lists, watches, lists anew when it must",
               "informer /pods/", build_informer, true},
    CommandRow{"transfer", "", Group::Client, "KEY KEY AMOUNT", kTransferFlags, Block::None,
               "moves an amount from one number to another in a software transaction",
               "transfer alice bob 10", build_transfer, true},
    CommandRow{"monkey", "", Group::Client, "", kMonkeyFlags, Block::None,
               "does random things: users, roles, grants, puts, restarts; each in its log",
               "monkey --deeds=20", build_monkey, true},
    // -- crank
    CommandRow{
        "step", "", Group::Crank, "[phase | event | round] [N]", kNone, Block::None,
        "lets the next N actions happen: a phase is one action, an event all that one cause makes "
        "a member do, a round all that needs no time to pass",
        "step event 3", build_step},
    CommandRow{"perform", "do", Group::Crank, "(N | ACTION)", kNone, Block::None,
               "lets one of the enabled actions happen, by its number or its text", "perform 2",
               build_perform},
    CommandRow{"next", "", Group::Crank, "", kNone, Block::None,
               "shows the action that the default schedule takes next", "next", build_next},
    CommandRow{"enabled", "", Group::Crank, "", kEnabledFlags, Block::None,
               "lists what may happen next", "enabled --why-not", build_enabled},
    CommandRow{"run", "", Group::Crank, "DURATION", kNone, Block::None,
               "lets this much virtual time pass", "run 2s", build_run},
    CommandRow{"repeat", "", Group::Crank, "COUNT TEXT", kNone, Block::None,
               "does a line again and again, % being the number of the turn; prints what the last "
               "turn printed",
               "repeat 1001 put hello %", build_repeat},
    CommandRow{"settle", "", Group::Crank, "", kNone, Block::None,
               "runs until every call is answered, every member has applied what is committed, and "
               "nothing but heartbeats is in flight",
               "settle", build_settle},
    CommandRow{"until", "", Group::Crank, "CONDITION [within DURATION]", kNone, Block::None,
               "runs until a condition holds", "until n1.role == candidate within 3s", build_until},
    // -- faults
    CommandRow{"deliver", "", Group::Fault, "LINK [TYPE] [#K]", kNone, Block::None,
               "delivers a message now", "deliver n1->n2 MsgApp #2", build_deliver},
    CommandRow{"drop", "", Group::Fault, "LINK [TYPE] [#K]", kNone, Block::None, "loses a message",
               "drop n1->n2 MsgHeartbeat", build_drop},
    CommandRow{"duplicate", "dup", Group::Fault, "LINK [TYPE] [#K]", kNone, Block::None,
               "puts a copy of a message behind it", "duplicate n1->n2 MsgApp", build_duplicate},
    CommandRow{"delay", "", Group::Fault, "LINK [TYPE] [#K] DURATION", kNone, Block::None,
               "makes a message take longer", "delay n1->n2 MsgApp 50ms", build_delay},
    CommandRow{"hold", "", Group::Fault, "(LINK [TYPE] | MEMBER LANE)", kNone, Block::None,
               "keeps the messages of a link or a lane of a member where they are", "hold n2 apply",
               build_hold},
    CommandRow{"release", "", Group::Fault, "[LINK [TYPE] | MEMBER LANE]", kNone, Block::None,
               "lets go what is held; without arguments everything", "release n2 apply",
               build_release},
    CommandRow{"fire", "", Group::Fault, "MEMBER TIMER", kNone, Block::None,
               "lets a timer of a member run out now", "fire n1 tick", build_fire},
    CommandRow{"crash", "", Group::Fault, "MEMBER [keep (all | none | torn N)] [at POINT]", kNone,
               Block::None,
               "stops a member dead; keep says what of its unsynced writes the disk holds",
               "crash n2 keep torn 1 at raftBeforeSave", build_crash},
    CommandRow{"restart", "", Group::Fault, "MEMBER", kBinaryFlags, Block::None,
               "starts a crashed member again, or another binary in its place",
               "restart n2 --as v3.4.23 --quirk none", build_restart},
    CommandRow{"join", "", Group::Fault, "MEMBER", kNone, Block::None,
               "starts a member that was added to the cluster, with an empty disk", "join n4",
               build_join},
    CommandRow{
        "clock", "", Group::Fault, "MEMBER COUNT", kNone, Block::None,
        "lets a member's clock go at so many percent of the world's pace; 0: it stands still",
        "clock n2 150", build_clock},
    CommandRow{"partition", "", Group::Fault, "GROUPS", kNone, Block::None,
               "cuts the network into groups; one group alone is cut off from all others",
               "partition n1 | n2 n3", build_partition},
    CommandRow{"cut", "", Group::Fault, "LINK", kNone, Block::None, "cuts a link, one way or both",
               "cut n1->n2", build_cut},
    CommandRow{"heal", "", Group::Fault, "[LINK | PARTY]", kNone, Block::None,
               "mends a link, all links of a party, or everything", "heal n1<->n2", build_heal},
    // -- time
    CommandRow{"back", "", Group::Time, "[N]", kNone, Block::None, "takes the last N steps back",
               "back 3", build_back},
    CommandRow{"forward", "", Group::Time, "[N]", kNone, Block::None,
               "goes forward again over steps that were taken back", "forward 3", build_forward},
    CommandRow{"jump", "", Group::Time, "(COUNT | NAME)", kNone, Block::None,
               "goes to a step or to a mark", "jump 120", build_jump},
    CommandRow{"mark", "", Group::Time, "NAME", kNone, Block::None,
               "gives the step at the cursor a name", "mark before-election", build_mark},
    CommandRow{"branch", "", Group::Time, "[NAME]", kNone, Block::None,
               "begins a branch at the cursor", "branch what-if", build_branch},
    CommandRow{"switch", "", Group::Time, "NAME", kNone, Block::None, "goes to another branch",
               "switch main", build_switch},
    CommandRow{"branches", "", Group::Time, "", kNone, Block::None, "lists the branches",
               "branches", build_branches},
    // -- looking
    CommandRow{
        "why", "", Group::Look, "[N | ACTION]", kNone, Block::None,
        "explains a step by the conditions that decided it, or an action that may not happen by "
        "what it waits for",
        "why 42", build_why},
    CommandRow{"show", "", Group::Look, "[PARTY] [ASPECT]", kNone, Block::None,
               "shows the state of the cluster, a member or a client", "show n2 log", build_show},
    CommandRow{"print", "", Group::Look, "EXPR", kNone, Block::None, "prints what an expression is",
               "print n1.applied - n2.applied", build_print},
    CommandRow{"history", "", Group::Look, "[N]", kNone, Block::None, "lists the last N steps",
               "history 10", build_history},
    CommandRow{"diff", "", Group::Look, "[N]", kNone, Block::None,
               "shows what the last N steps changed", "diff 5", build_diff},
    CommandRow{"counters", "", Group::Look, "", kNone, Block::None,
               "compares what v2's polls and v3's streams have cost: requests, bytes, connections",
               "counters", build_counters},
    // -- claims
    CommandRow{"expect", "", Group::Claim, "(output [WATCH] | CLAIM)", kNone, Block::Output,
               "states what holds here; expect output: what was printed, in the lines that follow",
               "expect all m: m.applied == n1.applied", build_expect},
    CommandRow{"always", "", Group::Claim, "NAME: CONDITION", kNone, Block::None,
               "states what must hold after every step from here on",
               "always together: not any m: m.applied > leader.commit", build_always},
    CommandRow{"break", "", Group::Claim, "CONDITION", kNone, Block::None,
               "stops running when a condition becomes true", "break n2.role == leader",
               build_break},
    CommandRow{"forget", "", Group::Claim, "(N | NAME)", kNone, Block::None,
               "takes an always claim or a breakpoint away", "forget together", build_forget},
    CommandRow{"claims", "", Group::Claim, "", kNone, Block::None,
               "lists the claims and breakpoints with their lights", "claims", build_claims},
    // -- session
    CommandRow{"cluster", "", Group::Session, "N", kClusterFlags, Block::None,
               "begins a new world of N members", "cluster 3 --seed 7 --as v3.6.0", build_cluster},
    CommandRow{"save", "", Group::Session, "FILE", kNone, Block::None, "saves the run",
               "save first.orrery", build_save},
    CommandRow{"load", "", Group::Session, "(MEMBER FOLDER | FILE)", kNone, Block::None,
               "loads a saved run, or a data directory as a member's disk, which starts from it",
               "load n1 default.etcd", build_load},
    CommandRow{"eject", "", Group::Session, "MEMBER FOLDER", kNone, Block::None,
               "writes a member's disk as etcd's data directory", "eject n1 n1.etcd", build_eject},
    CommandRow{"door", "", Group::Session, "(open [N] | here | close)", kNone, Block::None,
               "lets clients of etcd in (N: n1's port), moves the door to the cursor, closes it",
               "door open", build_door},
    CommandRow{"help", "", Group::Session, "[COMMAND]", kNone, Block::None,
               "explains the commands, or one of them", "help watch", build_help},
    CommandRow{"quit", "exit", Group::Session, "", kNone, Block::None, "ends", "quit", build_quit},
    // -- lab
    CommandRow{"say", "", Group::Lab, "TEXT", kNone, Block::None, "tells the reader something",
               "say The leader now writes the entry to its own WAL.", build_say},
    CommandRow{"ask", "", Group::Lab, "TEXT", kNone, Block::Ask,
               "asks the reader to predict: below it choices (-), the right one (+), why (=)",
               "ask Which revision does the first put get?\n- 1\n+ 2\n= An empty store is at 1.",
               build_ask},
    CommandRow{"answer", "", Group::Lab, "N", kNone, Block::None,
               "answers the last question with a choice", "answer 2", build_answer},
};

}  // namespace

std::string_view to_text(Group group) {
  switch (group) {
    case Group::Client: return "Client";
    case Group::Crank: return "Turning the crank";
    case Group::Fault: return "Messages and faults";
    case Group::Time: return "Time and branches";
    case Group::Look: return "Looking";
    case Group::Claim: return "Claims";
    case Group::Session: return "Session";
    case Group::Lab: return "Lab";
  }
  return {};
}

std::span<const CommandRow> command_table() {
  return kCommands;
}

const CommandRow* find_command(std::string_view name) {
  for (const CommandRow& row : kCommands) {
    if (row.name == name || (!row.alias.empty() && row.alias == name)) return &row;
  }
  return nullptr;
}

std::span<const FlagRow> client_flags() {
  return kClientFlags;
}

std::span<const FlagRow> common_flags(const CommandRow& row) {
  return row.is_call ? client_flags() : std::span<const FlagRow>{};
}

}  // namespace orrery::lang
