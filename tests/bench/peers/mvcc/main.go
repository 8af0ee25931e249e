// Command mvcc does with etcd's mvcc over bbolt exactly what tests/bench/mvcc_bench.cc does with ours: same keys,
// values, order and counts. The work itself stands in inside/mvcc, because it needs unexported names.
//
//	usage: mvcc            lists the benchmarks
//	       mvcc NAME       runs one; a line "name operations cpu_ns messages committed readys hash peak_kib"
//
// Built in GOPATH mode over Debian's golang-etcd-server-dev; see tests/bench/compare.
package main

import (
	"fmt"
	"os"
	"syscall"

	"go.etcd.io/etcd/mvcc"
)

type benchmark struct {
	name       string
	operations int
	argument   int
	run        func(mvcc.PeerRun, int, int) mvcc.PeerWork
}

func all() []benchmark {
	return []benchmark{
		{"mvcc/put/10000", 100000, 10000, mvcc.PeerPut},
		{"mvcc/put/100000", 100000, 100000, mvcc.PeerPut},
		{"mvcc/txn_of_10", 10000, 0, mvcc.PeerTxnOf10},
		{"mvcc/range/1", 200000, 1, mvcc.PeerRange},
		{"mvcc/range/100", 5000, 100, mvcc.PeerRange},
		{"mvcc/tree_index_put", 1000000, 0, mvcc.PeerTreeIndexPut},
		{"mvcc/tree_index_get", 1000000, 0, mvcc.PeerTreeIndexGet},
		{"mvcc/tree_index_compact", 1, 0, mvcc.PeerTreeIndexCompact},
		{"mvcc/key_index_put", 1000000, 0, mvcc.PeerKeyIndexPut},
		{"mvcc/key_index_get", 1000000, 0, mvcc.PeerKeyIndexGet},
		{"mvcc/key_index_compact", 1, 0, mvcc.PeerKeyIndexCompact},
		{"mvcc/restore/100000", 1, 100000, mvcc.PeerRestore},
		{"mvcc/restore/1000000", 1, 1000000, mvcc.PeerRestore},
		{"mvcc/compact/100000", 1, 100000, mvcc.PeerCompact},
		{"mvcc/compact/1000000", 1, 1000000, mvcc.PeerCompact},
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
