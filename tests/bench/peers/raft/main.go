// Command raft does with etcd's Raft, through RawNode and one goroutine, exactly what tests/bench/raft_bench.cc does
// with ours: same members, payloads, order of messages and counts. Nothing is encoded, nothing reaches a disk.
//
//	usage: raft            lists the benchmarks
//	       raft NAME       runs one; a line "name operations cpu_ns messages committed readys hash peak_kib"
//
// Built in GOPATH mode over Debian's golang-etcd-server-dev; see tests/bench/compare.
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"syscall"

	"go.etcd.io/etcd/raft"
	"go.etcd.io/etcd/raft/quorum"
	"go.etcd.io/etcd/raft/raftpb"
)

const payloadBytes = 128

func payload(number uint64) []byte {
	out := make([]byte, payloadBytes)
	binary.LittleEndian.PutUint64(out, number)
	return out
}

// storage is etcd's own, but begins with voters and an empty log.
type storage struct {
	*raft.MemoryStorage
	voters []uint64
}

func (s storage) InitialState() (raftpb.HardState, raftpb.ConfState, error) {
	state, _, err := s.MemoryStorage.InitialState()
	return state, raftpb.ConfState{Voters: s.voters}, err
}

type member struct {
	node    *raft.RawNode
	storage storage
}

func ok(err error) {
	if err != nil {
		panic(err)
	}
}

func fresh(id uint64, voters int) member {
	storage := storage{MemoryStorage: raft.NewMemoryStorage()}
	for i := 1; i <= voters; i++ {
		storage.voters = append(storage.voters, uint64(i))
	}
	node, err := raft.NewRawNode(&raft.Config{
		ID:              id,
		ElectionTick:    10,
		HeartbeatTick:   1,
		Storage:         storage,
		MaxSizePerMsg:   1024 * 1024,
		MaxInflightMsgs: 512,
	})
	ok(err)
	return member{node, storage}
}

type work struct {
	messages, committed, readys uint64
	hash                        uint32
}

func (w *work) drain(m member, out []raftpb.Message) []raftpb.Message {
	for m.node.HasReady() {
		ready := m.node.Ready()
		w.readys++
		if !raft.IsEmptyHardState(ready.HardState) {
			ok(m.storage.SetHardState(ready.HardState))
		}
		ok(m.storage.Append(ready.Entries))
		w.messages += uint64(len(ready.Messages))
		w.committed += uint64(len(ready.CommittedEntries))
		out = append(out, ready.Messages...)
		m.node.Advance(ready)
	}
	return out
}

type group struct {
	members           []member
	network, arriving []raftpb.Message
	work
}

func newGroup(size int) *group {
	g := &group{}
	for id := 1; id <= size; id++ {
		g.members = append(g.members, fresh(uint64(id), size))
	}
	ok(g.members[0].node.Campaign())
	g.settle()
	if g.members[0].node.BasicStatus().RaftState != raft.StateLeader {
		panic("member 1 was elected")
	}
	g.work = work{}
	return g
}

func (g *group) settle() {
	for {
		g.network, g.arriving = g.arriving[:0], g.network
		for _, m := range g.arriving {
			ok(g.members[m.To-1].node.Step(m))
		}
		for _, each := range g.members {
			g.network = g.drain(each, g.network)
		}
		if len(g.network) == 0 {
			return
		}
	}
}

func (g *group) propose(number uint64) {
	ok(g.members[0].node.Propose(payload(number)))
}

func logHash(m member) uint32 {
	hash := uint32(2166136261)
	add := func(b byte) { hash = (hash ^ uint32(b)) * 16777619 }
	first, err := m.storage.FirstIndex()
	ok(err)
	last, err := m.storage.LastIndex()
	ok(err)
	entries, err := m.storage.Entries(first, last+1, ^uint64(0))
	ok(err)
	for _, entry := range entries {
		var numbers [16]byte
		binary.LittleEndian.PutUint64(numbers[:8], entry.Term)
		binary.LittleEndian.PutUint64(numbers[8:], entry.Index)
		for _, b := range numbers {
			add(b)
		}
		for _, b := range entry.Data {
			add(b)
		}
	}
	return hash
}

// timer runs the measured part, and keeps the CPU time of all threads, the collector's too.
type timer struct{ ns int64 }

func cpu() int64 {
	var usage syscall.Rusage
	ok(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func (t *timer) run(operations int, body func()) {
	begin := cpu()
	for i := 0; i < operations; i++ {
		body()
	}
	t.ns = cpu() - begin
}

func proposeToCommit(t *timer, operations, size, batch int) work {
	g := newGroup(size)
	number := uint64(0)
	t.run(operations, func() {
		for i := 0; i < batch; i++ {
			number++
			g.propose(number)
		}
		g.settle()
	})
	g.hash = logHash(g.members[size-1])
	return g.work
}

func fromLeader(kind raftpb.MessageType) raftpb.Message {
	return raftpb.Message{Type: kind, From: 1, To: 2, Term: 1}
}

func termAt(index uint64) uint64 {
	if index == 0 {
		return 0
	}
	return 1
}

func stepAppend(t *timer, operations int) work {
	follower := fresh(2, 3)
	var w work
	var out []raftpb.Message
	index := uint64(0)
	t.run(operations, func() {
		m := fromLeader(raftpb.MsgApp)
		m.Index, m.LogTerm, m.Commit = index, termAt(index), index
		index++
		m.Entries = []raftpb.Entry{{Term: 1, Index: index, Data: payload(index)}}
		ok(follower.node.Step(m))
		out = w.drain(follower, out[:0])
	})
	w.hash = logHash(follower)
	return w
}

func stepHeartbeat(t *timer, operations int) work {
	follower := fresh(2, 3)
	var w work
	var out []raftpb.Message
	m := fromLeader(raftpb.MsgHeartbeat)
	t.run(operations, func() {
		ok(follower.node.Step(m))
		out = w.drain(follower, out[:0])
	})
	return w
}

func stepVoteRefused(t *timer, operations int) work {
	follower := fresh(2, 3)
	var w work
	var out []raftpb.Message
	m := fromLeader(raftpb.MsgVote)
	ok(follower.node.Step(m))
	m.From = 3
	t.run(operations, func() {
		ok(follower.node.Step(m))
		out = w.drain(follower, out[:0])
	})
	return w
}

func stepAcknowledgements(t *timer, operations int) work {
	g := newGroup(3)
	leader := g.members[0]
	var w work
	var out []raftpb.Message
	m := fromLeader(raftpb.MsgAppResp)
	m.To = 1
	number := uint64(0)
	t.run(operations, func() {
		number++
		g.propose(number)
		out = w.drain(leader, out[:0])
		m.Index = number + 1
		for _, follower := range [...]uint64{2, 3} {
			m.From = follower
			ok(leader.node.Step(m))
			out = w.drain(leader, out)
		}
	})
	w.hash = logHash(leader)
	return w
}

func ready(t *timer, operations, count int) work {
	follower := fresh(2, 3)
	var w work
	var out []raftpb.Message
	m := fromLeader(raftpb.MsgApp)
	data := payload(7)
	m.Entries = make([]raftpb.Entry, count)
	for i := range m.Entries {
		m.Entries[i] = raftpb.Entry{Term: 1, Data: data}
	}
	index := uint64(0)
	t.run(operations, func() {
		m.Index, m.LogTerm = index, termAt(index)
		for i := range m.Entries {
			index++
			m.Entries[i].Index = index
		}
		m.Commit = index
		ok(follower.node.Step(m))
		out = w.drain(follower, out[:0])
	})
	w.hash = logHash(follower)
	return w
}

type ackedIndexes map[uint64]quorum.Index

func (a ackedIndexes) AckedIndex(id uint64) (quorum.Index, bool) {
	index, found := a[id]
	return index, found
}

func quorumCommitted(t *timer, operations, voters int) work {
	ids := quorum.MajorityConfig{}
	acked := ackedIndexes{}
	for id := uint64(1); id <= uint64(voters); id++ {
		ids[id] = struct{}{}
		acked[id] = quorum.Index(id * 7919 % 101)
	}
	sum := uint64(0)
	t.run(operations, func() { sum += uint64(ids.CommittedIndex(acked)) })
	return work{hash: uint32(sum)}
}

func quorumVotes(t *timer, operations, voters int) work {
	ids := quorum.MajorityConfig{}
	votes := map[uint64]bool{}
	for id := uint64(1); id <= uint64(voters); id++ {
		ids[id] = struct{}{}
		if id%2 == 1 {
			votes[id] = true
		}
	}
	won := uint32(0)
	t.run(operations, func() {
		if ids.VoteResult(votes) == quorum.VoteWon {
			won++
		}
	})
	return work{hash: won}
}

type benchmark struct {
	name       string
	operations int
	run        func(t *timer, operations int) work
}

func with(body func(t *timer, operations, size int) work, size int) func(*timer, int) work {
	return func(t *timer, operations int) work { return body(t, operations, size) }
}

func batchOf(batch int) func(t *timer, operations, size int) work {
	return func(t *timer, operations, size int) work { return proposeToCommit(t, operations, size, batch) }
}

func all() []benchmark {
	list := []benchmark{
		{"raft/propose_to_commit/3", 20000, with(batchOf(1), 3)},
		{"raft/propose_to_commit/5", 20000, with(batchOf(1), 5)},
		{"raft/propose_64_to_commit/3", 1000, with(batchOf(64), 3)},
		{"raft/propose_64_to_commit/5", 1000, with(batchOf(64), 5)},
		{"raft/step_append", 50000, stepAppend},
		{"raft/step_heartbeat", 200000, stepHeartbeat},
		{"raft/step_vote_refused", 200000, stepVoteRefused},
		{"raft/step_acknowledgements", 50000, stepAcknowledgements},
		{"raft/ready/1", 50000, with(ready, 1)},
		{"raft/ready/64", 4000, with(ready, 64)},
		{"raft/ready/1024", 300, with(ready, 1024)},
	}
	for voters := 3; voters <= 9; voters += 2 {
		name := fmt.Sprintf("raft/quorum_committed/%d", voters)
		list = append(list, benchmark{name, 1000000, with(quorumCommitted, voters)})
	}
	for voters := 3; voters <= 9; voters += 2 {
		name := fmt.Sprintf("raft/quorum_votes/%d", voters)
		list = append(list, benchmark{name, 1000000, with(quorumVotes, voters)})
	}
	return list
}

// silent formats no line that nobody reads, as ours does not.
type silent struct{ raft.Logger }

func (silent) Info(...interface{})             {}
func (silent) Infof(string, ...interface{})    {}
func (silent) Debug(...interface{})            {}
func (silent) Debugf(string, ...interface{})   {}
func (silent) Warning(...interface{})          {}
func (silent) Warningf(string, ...interface{}) {}

func main() {
	raft.SetLogger(silent{&raft.DefaultLogger{Logger: log.New(os.Stderr, "", 0)}})
	for _, b := range all() {
		if len(os.Args) == 1 {
			fmt.Println(b.name)
		} else if os.Args[1] == b.name {
			var t timer
			w := b.run(&t, b.operations)
			var usage syscall.Rusage
			ok(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
			fmt.Println(b.name, b.operations, t.ns, w.messages, w.committed, w.readys, w.hash, usage.Maxrss)
			return
		}
	}
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "raft: no benchmark", os.Args[1])
		os.Exit(2)
	}
}
