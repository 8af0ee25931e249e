// Command watch does with etcd's watchable store and interval tree exactly what tests/bench/watch_bench.cc does with
// ours: same keys, order and counts. What needs unexported names stands in inside/mvcc.
//
//	usage: watch           lists the benchmarks
//	       watch NAME      runs one; a line "name operations cpu_ns messages committed readys hash peak_kib"
//
// Built in GOPATH mode over Debian's golang-etcd-server-dev; see tests/bench/compare.
package main

import (
	"fmt"
	"os"
	"syscall"

	"go.etcd.io/etcd/mvcc"
	"go.etcd.io/etcd/pkg/adt"
)

type benchmark struct {
	name       string
	operations int
	argument   int
	run        func(mvcc.PeerRun, int, int) mvcc.PeerWork
}

// Short ranges side by side, and every hundredth a long one.
func rangeNo(i int) adt.Interval {
	length := 9
	if i%100 == 0 {
		length = 500
	}
	return adt.NewStringAffineInterval(fmt.Sprintf("key-%08d", i*10), fmt.Sprintf("key-%08d", i*10+length))
}

func fullTree(size int) adt.IntervalTree {
	tree := adt.NewIntervalTree()
	for i := 0; i < size; i++ {
		tree.Insert(rangeNo(mvcc.PeerScrambled(i, size)), i)
	}
	return tree
}

func treeInsert(run mvcc.PeerRun, operations, size int) mvcc.PeerWork {
	tree := adt.NewIntervalTree()
	run(operations, func(i int) { tree.Insert(rangeNo(mvcc.PeerScrambled(i, size)), i) })
	return mvcc.PeerWork{Messages: uint64(tree.Len())}
}

func treeStab(run mvcc.PeerRun, operations, size int) mvcc.PeerWork {
	tree := fullTree(size)
	var w mvcc.PeerWork
	run(operations, func(i int) {
		point := adt.NewStringAffinePoint(fmt.Sprintf("key-%08d", mvcc.PeerScrambled(i, size)*10+5))
		for _, found := range tree.Stab(point) {
			w.Messages++
			w.Hash += uint32(found.Val.(int))
		}
	})
	return w
}

func treeDelete(run mvcc.PeerRun, operations, size int) mvcc.PeerWork {
	tree := fullTree(size)
	run(operations, func(i int) {
		if !tree.Delete(rangeNo(mvcc.PeerScrambled(i+17, size))) {
			panic("the range was there")
		}
	})
	return mvcc.PeerWork{Messages: uint64(tree.Len())}
}

func all() []benchmark {
	return []benchmark{
		{"watch/tree_insert/10000", 10000, 10000, treeInsert},
		{"watch/tree_insert/1000000", 1000000, 1000000, treeInsert},
		{"watch/tree_stab/10000", 200000, 10000, treeStab},
		{"watch/tree_stab/1000000", 200000, 1000000, treeStab},
		{"watch/tree_delete/10000", 10000, 10000, treeDelete},
		{"watch/tree_delete/1000000", 1000000, 1000000, treeDelete},
		{"watch/notify_keys/1", 200000, 1, mvcc.PeerNotifyKeys},
		{"watch/notify_keys/100", 200000, 100, mvcc.PeerNotifyKeys},
		{"watch/notify_keys/10000", 200000, 10000, mvcc.PeerNotifyKeys},
		{"watch/notify_keys/1000000", 200000, 1000000, mvcc.PeerNotifyKeys},
		{"watch/notify_ranges/1", 200000, 1, mvcc.PeerNotifyRanges},
		{"watch/notify_ranges/100", 200000, 100, mvcc.PeerNotifyRanges},
		{"watch/notify_ranges/10000", 200000, 10000, mvcc.PeerNotifyRanges},
		{"watch/notify_ranges/1000000", 200000, 1000000, mvcc.PeerNotifyRanges},
		{"watch/notify_all/10000", 50, 10000, mvcc.PeerNotifyAll},
		{"watch/register", 1000000, 0, mvcc.PeerRegister},
		{"watch/cancel", 500000, 0, mvcc.PeerCancel},
		{"watch/catch_up/10000", 1, 10000, mvcc.PeerCatchUp},
	}
}

func usage() (cpu int64, peak int64) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano(), usage.Maxrss
}

func main() {
	for _, b := range all() {
		if len(os.Args) == 1 {
			fmt.Println(b.name)
		} else if os.Args[1] == b.name {
			var ns int64
			w := b.run(func(operations int, body func(int)) {
				begin, _ := usage()
				for i := 0; i < operations; i++ {
					body(i)
				}
				end, _ := usage()
				ns = end - begin
			}, b.operations, b.argument)
			_, peak := usage()
			fmt.Println(b.name, b.operations, ns, w.Messages, w.Committed, w.Readys, w.Hash, peak)
			return
		}
	}
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "no benchmark", os.Args[1])
		os.Exit(2)
	}
}
