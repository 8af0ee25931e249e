// describe: messages, entries and Readys in etcd's own words, so that its scripts can judge us.
//   used by: script/, tests         uses: ready.h
//   from: etcd raft util.go (DescribeMessage, DescribeReady, DescribeEntry)
//   note: a person reads better text in the debugger; this one is a file format.
#pragma once

#include <span>
#include <string>

#include "raft/ready.h"

namespace orrery::raft {

// "1->2 MsgApp Term:1 Log:1/10 Commit:11 Entries:[1/12 EntryNormal "x"]", over several lines if need be.
std::string describe(const Message& message);

// "1/12 EntryNormal "x""
std::string describe(const raftpb::Entry& entry);

// One line each.
std::string describe(std::span<const raftpb::Entry> entries);

// "Ready MustSync=true:" and what is in it; "<empty Ready>" without a newline.
std::string describe(const Ready& ready);

}  // namespace orrery::raft
