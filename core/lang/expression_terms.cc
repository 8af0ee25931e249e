#include "lang/expression_terms.h"

#include <algorithm>

#include "lang/placeholders.h"

namespace orrery::lang {

namespace {

constexpr Type kInteger{Kind::Integer};
constexpr Type kBoolean{Kind::Boolean};
constexpr Type kText{Kind::Text};
constexpr Type kDuration{Kind::Duration};
constexpr Type kMember{Kind::Member};

constexpr std::array<Kind, 3> kNothing{};
constexpr std::array kOfMember{Kind::Member, Kind::None, Kind::None};
constexpr std::array kOfClient{Kind::Client, Kind::None, Kind::None};
constexpr std::array kOfWatch{Kind::Watch, Kind::None, Kind::None};
constexpr std::array kOfKey{Kind::Member, Kind::Text, Kind::Integer};
constexpr std::array kAtIndex{Kind::Member, Kind::Integer, Kind::None};
constexpr std::array kToMember{Kind::Member, Kind::Member, Kind::None};
constexpr std::array kOfList{Kind::List, Kind::None, Kind::None};

constexpr std::array kTerms{
    // -- the cluster
    TermRow{"leader", kNothing, 0, kMember,
            "the leader of the highest term, none while there is none", "leader == n1"},
    TermRow{
        "members", kNothing, 0, {Kind::List, Kind::Member}, "all members", "count(members) == 3"},
    TermRow{"clients",
            kNothing,
            0,
            {Kind::List, Kind::Client},
            "all clients",
            "any c in clients: c.calls > 0"},
    TermRow{"watches",
            kNothing,
            0,
            {Kind::List, Kind::Watch},
            "all watches",
            "all w in watches: not w.canceled"},
    TermRow{"now", kNothing, 0, kDuration, "virtual time since the beginning", "now < 3s"},
    TermRow{"steps", kNothing, 0, kInteger, "actions performed since the beginning",
            "steps < 1000"},
    TermRow{"settled", kNothing, 0, kBoolean, "what the command settle waits for", "settled"},
    TermRow{"violations",
            {Kind::Text, Kind::None, Kind::None},
            0,
            kInteger,
            "broken claims so far: always claims, and the built-in checks; or those of a name",
            "violations(\"CiCoupled\") == 0"},
    TermRow{"messages",
            {Kind::Link, Kind::MessageType, Kind::None},
            0,
            kInteger,
            "messages in flight: all, those of a link, those of a type on a link",
            "messages(n1->n2, MsgApp) == 0"},
    // -- Raft at a member
    TermRow{"role",
            kOfMember,
            1,
            {Kind::Role},
            "follower, precandidate, candidate or leader",
            "n1.role == leader"},
    TermRow{"status", kOfMember, 1, {Kind::Status}, "up, down or panicked", "n2.status == down"},
    TermRow{"quirks",
            kOfMember,
            1,
            {Kind::List, Kind::Text},
            "the defects of etcd's that it has",
            "\"auth_ops_skip_ci_save\" in n2.quirks"},
    TermRow{"term", kOfMember, 1, kInteger, "its Raft term", "n2.term == 2"},
    TermRow{"vote", kOfMember, 1, kMember, "whom it voted for in its term", "n2.vote == n1"},
    TermRow{"lead", kOfMember, 1, kMember, "whom it takes for the leader", "n2.lead == n1"},
    TermRow{"first", kOfMember, 1, kInteger, "first index of its log", "n1.first == 1"},
    TermRow{"last", kOfMember, 1, kInteger, "last index of its log", "n1.last >= n1.commit"},
    TermRow{"durable", kOfMember, 1, kInteger, "last index its WAL holds through a crash",
            "n2.durable >= n2.commit"},
    TermRow{"commit", kOfMember, 1, kInteger, "its commit index", "n1.commit == 5"},
    TermRow{"applied", kOfMember, 1, kInteger, "its applied index", "n2.applied == 5"},
    TermRow{"consistent", kOfMember, 1, kInteger, "its consistent index in memory",
            "n2.consistent == n2.applied"},
    TermRow{"consistent_on_disk", kOfMember, 1, kInteger, "its consistent index as its file has it",
            "n2.consistent_on_disk <= n2.consistent"},
    TermRow{"log_term", kAtIndex, 2, kInteger, "the term of its entry at an index; 0 = no entry",
            "n2.log_term(5) == 2"},
    TermRow{"match", kToMember, 2, kInteger, "how far the leader knows another's log to agree",
            "leader.match(n2) == 5"},
    TermRow{"next", kToMember, 2, kInteger, "from where the leader sends to another",
            "leader.next(n2) == 6"},
    TermRow{"voters",
            kOfMember,
            1,
            {Kind::List, Kind::Member},
            "the voters of its configuration",
            "count(n1.voters) == 3"},
    // -- the store at a member
    TermRow{"rev", kOfMember, 1, kInteger, "its store's revision", "rev(n1) == 3"},
    TermRow{"compacted", kOfMember, 1, kInteger, "its compact revision, -1 = never compacted",
            "n1.compacted == -1"},
    TermRow{"auth_revision", kOfMember, 1, kInteger, "the revision of its users and roles",
            "n1.auth_revision == n2.auth_revision"},
    TermRow{"keys", kOfMember, 1, kInteger, "keys alive", "n1.keys == 1"},
    TermRow{"hashkv", kAtIndex, 1, kInteger, "etcd's HashKV, up to a revision",
            "hashkv(n1)@7 == hashkv(n2)@7"},
    TermRow{"exists", kOfKey, 2, kBoolean, "a key is there, at a revision",
            "n1.exists(\"hello\")@2"},
    TermRow{"value", kOfKey, 2, kText, "a key's value, at a revision; \"\" = no such key",
            R"(n1.value("hello")@2 == "world1")"},
    TermRow{"version", kOfKey, 2, kInteger, "a key's version, at a revision; 0 = no such key",
            "n1.version(\"hello\") == 2"},
    TermRow{"create_revision", kOfKey, 2, kInteger, "the revision that created a key",
            "n1.create_revision(\"hello\") == 2"},
    TermRow{"mod_revision", kOfKey, 2, kInteger, "the revision that changed a key last",
            "n1.mod_revision(\"hello\") == 3"},
    TermRow{"watchers",
            {Kind::Member, Kind::Pool, Kind::None},
            1,
            kInteger,
            "watchers it serves: all, or those of a pool",
            "n1.watchers(synced) == 1"},
    // -- a client
    TermRow{"calls", kOfClient, 1, kInteger, "calls not yet answered", "c1.calls == 0"},
    TermRow{"answers", kOfClient, 1, kInteger, "calls answered, errors included",
            "c1.answers == 2"},
    TermRow{"error", kOfClient, 1, kText, "the last answer's error; \"\" = it was none",
            "c1.error == \"\""},
    // -- a watch, as its client sees it
    TermRow{"events", kOfWatch, 1, kInteger, "events received", "events(w1) == 2"},
    TermRow{"revision", kOfWatch, 1, kInteger, "the highest revision received", "w1.revision == 3"},
    TermRow{"revisions",
            kOfWatch,
            1,
            {Kind::List, Kind::Integer},
            "each event's revision",
            "w1.revisions == [2, 3]"},
    TermRow{"values",
            kOfWatch,
            1,
            {Kind::List, Kind::Text},
            "each event's value",
            R"(w1.values == ["world1", "world2"])"},
    TermRow{"holds", kOfWatch, 1, kBoolean, "a lock or a candidate has what it wants",
            "holds(lock1)"},
    TermRow{"token", kOfWatch, 1, kInteger,
            "the revision of a lock's or a candidate's own key: it grows from holder to holder",
            "token(lock2) > token(lock1)"},
    TermRow{"canceled", kOfWatch, 1, kBoolean, "the server ended it", "not w1.canceled"},
    TermRow{"pool",
            kOfWatch,
            1,
            {Kind::Pool},
            "where the server keeps it: synced, unsynced, victim",
            "w1.pool == synced"},
    // -- lists
    TermRow{"count", kOfList, 1, kInteger, "how many a list has", "count(members) == 3"},
    TermRow{"min", kOfList, 1, kInteger, "the least of a list of numbers",
            "min(w1.revisions) == 2"},
    TermRow{"max", kOfList, 1, kInteger, "the greatest of a list of numbers",
            "max(w1.revisions) == 3"},
};

constexpr std::array<std::string_view, 11> kReserved{
    "and", "or", "not", "all", "any", "in", "true", "false", "eventually", "within", "none"};
constexpr std::array<std::string_view, 4> kRoles{"follower", "precandidate", "candidate", "leader"};
constexpr std::array<std::string_view, 3> kPools{"synced", "unsynced", "victim"};
constexpr std::array<std::string_view, 3> kStatuses{"up", "down", "panicked"};

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::None: return "anything";
    case Kind::Integer: return "number";
    case Kind::Boolean: return "condition";
    case Kind::Text: return "text";
    case Kind::Duration: return "duration";
    case Kind::Member: return "member";
    case Kind::Client: return "client";
    case Kind::Watch: return "watch";
    case Kind::Link: return "link";
    case Kind::MessageType: return "message type";
    case Kind::Role: return "role";
    case Kind::Pool: return "watcher pool";
    case Kind::Status: return "status";
    case Kind::List: return "list";
  }
  return {};
}

}  // namespace

std::span<const TermRow> term_table() {
  return kTerms;
}

const TermRow* find_term(std::string_view name) {
  const auto* found = std::ranges::find(kTerms, name, &TermRow::name);
  return found == kTerms.end() ? nullptr : found;
}

std::size_t parameter_count(const TermRow& row) {
  return static_cast<std::size_t>(
      std::ranges::count_if(row.parameters, [](Kind kind) { return kind != Kind::None; }));
}

std::string to_text(const Type& type) {
  if (type.kind == Kind::None) return "anything";
  if (type.kind == Kind::List && type.element != Kind::None) {
    return "a list of " + std::string(name_of(type.element)) + "s";
  }
  return "a " + std::string(name_of(type.kind));
}

bool is_word_of(Kind kind, std::string_view word) {
  switch (kind) {
    case Kind::Member: return is_member_name(word) || word == "none";
    case Kind::Client:
    case Kind::Watch: return is_name(word) && !is_reserved(word);
    case Kind::Link: return is_link(word);
    case Kind::MessageType: return word.starts_with("Msg");
    case Kind::Role: return is_one_of(kRoles, word);
    case Kind::Pool: return is_one_of(kPools, word);
    case Kind::Status: return is_one_of(kStatuses, word);
    case Kind::None:
    case Kind::Integer:
    case Kind::Boolean:
    case Kind::Text:
    case Kind::Duration:
    case Kind::List: return false;
  }
  return false;
}

bool is_reserved(std::string_view word) {
  return is_one_of(kReserved, word);
}

}  // namespace orrery::lang
