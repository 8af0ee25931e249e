// The part of the peer that must see etcd's own unexported names. tests/bench/compare lays this file over package
// mvcc while it builds; nothing is written there.
package mvcc

import (
	"fmt"

	"go.etcd.io/etcd/lease"
	"go.etcd.io/etcd/mvcc/backend"
	"go.etcd.io/etcd/mvcc/mvccpb"

	"go.uber.org/zap"
)

// PeerWork is what our benchmark counts too.
type PeerWork struct {
	Messages, Committed, Readys uint64
	Hash                        uint32
}

// PeerRun measures: it calls body(i) for each operation.
type PeerRun func(operations int, body func(i int))

func peerKey(i int) []byte   { return []byte(fmt.Sprintf("key-%08d", i)) }
func peerValue(i int) []byte { return []byte(fmt.Sprintf("%064d", i)) }

// PeerScrambled is an order that does not ascend.
func PeerScrambled(i, n int) int { return i * 7919 % n }

// Without the loops that would run beside.
func peerWatchableStore() *watchableStore {
	be, _ := backend.NewDefaultTmpBackend()
	return &watchableStore{
		store:    NewStore(zap.NewNop(), be, &lease.FakeLessor{}, nil, StoreConfig{}),
		unsynced: newWatcherGroup(),
		synced:   newWatcherGroup(),
		victimc:  make(chan struct{}, 1),
	}
}

func peerEnd(i int, ranges bool) []byte {
	if ranges {
		return peerKey(i*10 + 9)
	}
	return nil
}

func peerNotify(run PeerRun, operations, count int, ranges bool) PeerWork {
	s := peerWatchableStore()
	ch := make(chan WatchResponse, chanBufLen)
	for i := 0; i < count; i++ {
		s.watch(peerKey(i*10), peerEnd(i, ranges), 0, WatchID(i), ch)
	}
	var w PeerWork
	run(operations, func(i int) {
		rev := int64(i) + 2
		evs := []mvccpb.Event{{Type: mvccpb.PUT, Kv: &mvccpb.KeyValue{
			Key: peerKey(PeerScrambled(i+2, count) * 10), ModRevision: rev}}}
		s.notify(rev, evs)
		response := <-ch
		w.Messages += uint64(len(response.Events))
		w.Hash += uint32(response.WatchID)
	})
	return w
}

// PeerNotifyKeys is watch/notify_keys.
func PeerNotifyKeys(run PeerRun, operations, count int) PeerWork {
	return peerNotify(run, operations, count, false)
}

// PeerNotifyRanges is watch/notify_ranges.
func PeerNotifyRanges(run PeerRun, operations, count int) PeerWork {
	return peerNotify(run, operations, count, true)
}

// PeerNotifyAll is watch/notify_all.
func PeerNotifyAll(run PeerRun, operations, count int) PeerWork {
	s := peerWatchableStore()
	channels := make([]chan WatchResponse, 100)
	for i := range channels {
		channels[i] = make(chan WatchResponse, chanBufLen)
	}
	for i := 0; i < count; i++ {
		s.watch(peerKey(0), nil, 0, WatchID(i), channels[i%100])
	}
	var w PeerWork
	run(operations, func(i int) {
		rev := int64(i) + 2
		s.notify(rev, []mvccpb.Event{{Type: mvccpb.PUT, Kv: &mvccpb.KeyValue{Key: peerKey(0), ModRevision: rev}}})
		for _, ch := range channels {
			for len(ch) > 0 {
				response := <-ch
				w.Messages += uint64(len(response.Events))
			}
		}
	})
	return w
}

// PeerRegister is watch/register.
func PeerRegister(run PeerRun, operations, _ int) PeerWork {
	s := peerWatchableStore()
	ch := make(chan WatchResponse, chanBufLen)
	run(operations, func(i int) { s.watch(peerKey(i*10), nil, 0, WatchID(i), ch) })
	return PeerWork{Messages: uint64(s.synced.size())}
}

// PeerCancel is watch/cancel.
func PeerCancel(run PeerRun, operations, _ int) PeerWork {
	const count = 1000000
	s := peerWatchableStore()
	ch := make(chan WatchResponse, chanBufLen)
	cancels := make([]cancelFunc, count)
	for i := range cancels {
		_, cancels[i] = s.watch(peerKey(i*10), nil, 0, WatchID(i), ch)
	}
	run(operations, func(i int) { cancels[PeerScrambled(i, count)]() })
	return PeerWork{Messages: uint64(s.synced.size())}
}

// PeerCatchUp is watch/catch_up.
func PeerCatchUp(run PeerRun, operations, count int) PeerWork {
	s := peerWatchableStore()
	for i := 0; i < count; i++ {
		s.store.Put(peerKey(i*10), peerValue(i), lease.NoLease)
	}
	s.store.b.ForceCommit()
	ch := make(chan WatchResponse, 16384)
	for i := 0; i < count; i++ {
		s.watch(peerKey(i*10), nil, 2, WatchID(i), ch)
	}
	var w PeerWork
	run(operations, func(int) {
		for s.unsynced.size() > 0 {
			s.syncWatchers()
			w.Readys++
		}
	})
	for len(ch) > 0 {
		response := <-ch
		w.Messages += uint64(len(response.Events))
	}
	return w
}
