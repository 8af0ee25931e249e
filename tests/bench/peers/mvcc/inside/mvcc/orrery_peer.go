// The part of the peer that must see etcd's own unexported names. tests/bench/compare lays this file over package
// mvcc while it builds; nothing is written there.
package mvcc

import (
	"context"
	"fmt"

	"go.etcd.io/etcd/lease"
	"go.etcd.io/etcd/mvcc/backend"
	"go.etcd.io/etcd/mvcc/mvccpb"
	"go.etcd.io/etcd/pkg/traceutil"

	"go.uber.org/zap"
)

const (
	peerRevisions = 1000000
	peerKeys      = 100000
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
func scrambled(i, n int) int { return i * 7919 % n }

func peerStore() *store {
	be, _ := backend.NewDefaultTmpBackend()
	return NewStore(zap.NewNop(), be, &lease.FakeLessor{}, nil, StoreConfig{})
}

func (s *store) peerWork() PeerWork {
	hash, rev, _, err := s.HashByRev(0)
	if err != nil {
		panic(err)
	}
	return PeerWork{Messages: uint64(s.kvindex.(*treeIndex).tree.Len()), Committed: uint64(rev), Hash: hash}
}

// PeerPut is mvcc/put.
func PeerPut(run PeerRun, operations, keys int) PeerWork {
	s := peerStore()
	run(operations, func(i int) { s.Put(peerKey(scrambled(i, keys)), peerValue(i), lease.NoLease) })
	return s.peerWork()
}

// PeerTxnOf10 is mvcc/txn_of_10.
func PeerTxnOf10(run PeerRun, operations, _ int) PeerWork {
	s := peerStore()
	n := 0
	run(operations, func(int) {
		txn := s.Write(traceutil.Get(context.Background()))
		for k := 0; k < 10; k++ {
			txn.Put(peerKey(scrambled(n, 10000)), peerValue(n), lease.NoLease)
			n++
		}
		txn.End()
	})
	return s.peerWork()
}

// PeerRange is mvcc/range.
func PeerRange(run PeerRun, operations, width int) PeerWork {
	const keys = 10000
	s := peerStore()
	for i := 0; i < keys; i++ {
		s.Put(peerKey(i), peerValue(i), lease.NoLease)
	}
	s.b.ForceCommit()
	var w PeerWork
	run(operations, func(i int) {
		from := scrambled(i, keys-101)
		var end []byte
		if width > 1 {
			end = peerKey(from + width)
		}
		found, err := s.Range(peerKey(from), end, RangeOptions{})
		if err != nil {
			panic(err)
		}
		w.Messages += uint64(len(found.KVs))
		w.Hash += uint32(found.KVs[len(found.KVs)-1].ModRevision)
	})
	return w
}

func peerRevision(i int) revision { return revision{main: int64(i) + 2} }

func peerIndex() *treeIndex {
	ti := newTreeIndex(zap.NewNop()).(*treeIndex)
	for i := 0; i < peerRevisions; i++ {
		ti.Put(peerKey(scrambled(i, peerKeys)), peerRevision(i))
	}
	return ti
}

// PeerTreeIndexPut is mvcc/tree_index_put.
func PeerTreeIndexPut(run PeerRun, operations, _ int) PeerWork {
	ti := newTreeIndex(zap.NewNop()).(*treeIndex)
	run(operations, func(i int) { ti.Put(peerKey(scrambled(i, peerKeys)), peerRevision(i)) })
	return PeerWork{Messages: uint64(ti.tree.Len())}
}

// PeerTreeIndexGet is mvcc/tree_index_get.
func PeerTreeIndexGet(run PeerRun, operations, _ int) PeerWork {
	ti := peerIndex()
	var w PeerWork
	run(operations, func(i int) {
		modified, _, version, err := ti.Get(peerKey(scrambled(i, peerKeys)), int64(peerRevisions/2+i%1000))
		if err != nil {
			panic(err)
		}
		w.Hash += uint32(modified.main + version)
	})
	return w
}

// PeerTreeIndexCompact is mvcc/tree_index_compact.
func PeerTreeIndexCompact(run PeerRun, operations, _ int) PeerWork {
	ti := peerIndex()
	var w PeerWork
	run(operations, func(int) { w.Messages = uint64(len(ti.Compact(peerRevisions / 2))) })
	w.Committed = uint64(ti.tree.Len())
	return w
}

func (ki *keyIndex) peerCount() (n uint64) {
	for _, g := range ki.generations {
		n += uint64(len(g.revs))
	}
	return n
}

func peerKeyIndex() *keyIndex {
	ki := &keyIndex{key: peerKey(0)}
	for i := 0; i < peerRevisions; i++ {
		ki.put(zap.NewNop(), int64(i)+2, 0)
	}
	return ki
}

// PeerKeyIndexPut is mvcc/key_index_put.
func PeerKeyIndexPut(run PeerRun, operations, _ int) PeerWork {
	lg := zap.NewNop()
	ki := &keyIndex{key: peerKey(0)}
	run(operations, func(i int) { ki.put(lg, int64(i)+2, 0) })
	return PeerWork{Messages: ki.peerCount()}
}

// PeerKeyIndexGet is mvcc/key_index_get.
func PeerKeyIndexGet(run PeerRun, operations, _ int) PeerWork {
	lg := zap.NewNop()
	ki := peerKeyIndex()
	var w PeerWork
	run(operations, func(i int) {
		modified, _, version, err := ki.get(lg, int64(peerRevisions-i%100))
		if err != nil {
			panic(err)
		}
		w.Hash += uint32(modified.main + version)
	})
	return w
}

// PeerKeyIndexCompact is mvcc/key_index_compact.
func PeerKeyIndexCompact(run PeerRun, operations, _ int) PeerWork {
	lg := zap.NewNop()
	ki := peerKeyIndex()
	run(operations, func(int) { ki.compact(lg, peerRevisions/2, make(map[revision]struct{})) })
	return PeerWork{Messages: ki.peerCount()}
}

func peerRows(count int) backend.Backend {
	be, _ := backend.NewDefaultTmpBackend()
	tx := be.BatchTx()
	tx.Lock()
	tx.UnsafeCreateBucket(keyBucketName)
	tx.UnsafeCreateBucket(metaBucketName)
	for i := 0; i < count; i++ {
		kv := mvccpb.KeyValue{
			Key:            peerKey(scrambled(i, count/10)),
			Value:          peerValue(i),
			Version:        int64(i/(count/10)) + 1,
			ModRevision:    peerRevision(i).main,
			CreateRevision: peerRevision(i % (count / 10)).main,
		}
		bytes, err := kv.Marshal()
		if err != nil {
			panic(err)
		}
		row := newRevBytes()
		revToBytes(peerRevision(i), row)
		tx.UnsafeSeqPut(keyBucketName, row, bytes)
	}
	tx.Unlock()
	be.ForceCommit()
	return be
}

// PeerRestore is mvcc/restore.
func PeerRestore(run PeerRun, operations, count int) PeerWork {
	be := peerRows(count)
	var s *store
	run(operations, func(int) { s = NewStore(zap.NewNop(), be, &lease.FakeLessor{}, nil, StoreConfig{}) })
	return s.peerWork()
}

// PeerCompact is mvcc/compact.
func PeerCompact(run PeerRun, operations, count int) PeerWork {
	s := NewStore(zap.NewNop(), peerRows(count), &lease.FakeLessor{}, nil, StoreConfig{})
	run(operations, func(int) {
		done, err := s.Compact(traceutil.Get(context.Background()), s.Rev())
		if err != nil {
			panic(err)
		}
		<-done
		s.Commit()
	})
	return s.peerWork()
}

