// Command member does with etcd's lessor and auth store exactly what tests/bench/member_bench.cc does with ours: same
// ids, keys, roles, order and counts.
//
//	usage: member          lists the benchmarks
//	       member NAME     runs one; a line "name operations cpu_ns messages committed readys hash peak_kib"
//
// Built in GOPATH mode over Debian's golang-etcd-server-dev; see tests/bench/compare.
package main

import (
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/etcd/auth"
	"go.etcd.io/etcd/auth/authpb"
	pb "go.etcd.io/etcd/etcdserver/etcdserverpb"
	"go.etcd.io/etcd/lease"
	"go.etcd.io/etcd/mvcc/backend"
	"go.uber.org/zap"
)

const (
	leaseCount  = 10000
	roleCount   = 100
	rangesARole = 100
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func key(i int) string { return fmt.Sprintf("key-%08d", i) }

// Visits 0 .. n-1 in an order that is not ascending.
func scrambled(i, n int) int { return i * 7919 % n }

// A store that commits nothing while it is measured.
func store() backend.Backend {
	folder, err := ioutil.TempDir("", "peer-member")
	must(err)
	config := backend.DefaultBackendConfig()
	config.Path = filepath.Join(folder, "db")
	config.BatchInterval = time.Hour
	config.BatchLimit = 1 << 30
	return backend.New(config)
}

func newLeases() lease.Lessor {
	lease.PeerSpreadNothing()
	l := lease.NewLessor(zap.NewNop(), store(), nil,
		lease.LessorConfig{MinLeaseTTL: 1, CheckpointInterval: time.Hour})
	l.Promote(0)
	for i := 1; i <= leaseCount; i++ {
		grant(l, i)
	}
	return l
}

func grant(l lease.Lessor, i int) {
	_, err := l.Grant(lease.LeaseID(i), 60)
	must(err)
}

type timed func(operations int, body func(i int))

func leaseGrant(run timed, operations int) int {
	l := newLeases()
	run(operations, func(i int) { grant(l, leaseCount+1+i) })
	return len(l.Leases()) - leaseCount
}

func leaseAttach(run timed, operations int) int {
	l := newLeases()
	run(operations, func(i int) {
		id := lease.LeaseID(1 + scrambled(i%leaseCount, leaseCount))
		must(l.Attach(id, []lease.LeaseItem{{Key: key(i)}}))
	})
	attached := 0
	for i := 0; i < operations; i++ {
		if l.GetLease(lease.LeaseItem{Key: key(i)}) != lease.NoLease {
			attached++
		}
	}
	return attached
}

func leaseRenew(run timed, operations int) int {
	l := newLeases()
	var seconds int64
	run(operations, func(i int) {
		ttl, err := l.Renew(lease.LeaseID(1 + scrambled(i%leaseCount, leaseCount)))
		must(err)
		seconds += ttl
	})
	return int(seconds / 60)
}

func leasePromote(run timed, operations int) int {
	l := newLeases()
	run(operations, func(int) {
		l.Demote()
		l.Promote(time.Second)
	})
	return len(l.Leases())
}

type waiter struct{}

func (waiter) wait(uint64) <-chan struct{} { return nil }

func permitted() (auth.AuthStore, *auth.AuthInfo) {
	tokens, err := auth.NewTokenProvider(zap.NewNop(), "simple", waiter{}.wait, 300*time.Second)
	must(err)
	as := auth.NewAuthStore(zap.NewNop(), store(), tokens, 4)
	bare := &authpb.UserAddOptions{NoPassword: true}
	_, err = as.UserAdd(&pb.AuthUserAddRequest{Name: "root", Options: bare})
	must(err)
	_, err = as.UserGrantRole(&pb.AuthUserGrantRoleRequest{User: "root", Role: "root"})
	must(err)
	_, err = as.UserAdd(&pb.AuthUserAddRequest{Name: "u", Options: bare})
	must(err)
	for role := 0; role < roleCount; role++ {
		name := fmt.Sprintf("r%d", role)
		_, err = as.RoleAdd(&pb.AuthRoleAddRequest{Name: name})
		must(err)
		for i := 0; i < rangesARole; i++ {
			from := (role*rangesARole + i) * 10
			_, err = as.RoleGrantPermission(&pb.AuthRoleGrantPermissionRequest{Name: name,
				Perm: &authpb.Permission{PermType: authpb.READWRITE, Key: []byte(key(from)),
					RangeEnd: []byte(key(from + 5))}})
			must(err)
		}
		_, err = as.UserGrantRole(&pb.AuthUserGrantRoleRequest{User: "u", Role: name})
		must(err)
	}
	must(as.AuthEnable())
	return as, &auth.AuthInfo{Username: "u", Revision: as.Revision()}
}

func check(run timed, operations int, isRange bool) int {
	as, who := permitted()
	allowed := 0
	run(operations, func(i int) {
		at := scrambled(i%100000, 100000)
		var end []byte
		if isRange {
			end = []byte(key(at + 3))
		}
		if as.IsRangePermitted(who, []byte(key(at)), end) == nil {
			allowed++
		}
	})
	return allowed
}

func checkKey(run timed, operations int) int   { return check(run, operations, false) }
func checkRange(run timed, operations int) int { return check(run, operations, true) }

type benchmark struct {
	name       string
	operations int
	run        func(timed, int) int
}

func all() []benchmark {
	return []benchmark{
		{"member/lease_grant", 100000, leaseGrant},
		{"member/lease_attach", 100000, leaseAttach},
		{"member/lease_renew", 100000, leaseRenew},
		{"member/lease_promote", 100, leasePromote},
		{"member/auth_check_key", 100000, checkKey},
		{"member/auth_check_range", 100000, checkRange},
	}
}

func usage() (cpu int64, peak int64) {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano(), usage.Maxrss
}

func main() {
	for _, b := range all() {
		if len(os.Args) == 1 {
			fmt.Println(b.name)
		} else if os.Args[1] == b.name {
			var ns int64
			done := b.run(func(operations int, body func(int)) {
				begin, _ := usage()
				for i := 0; i < operations; i++ {
					body(i)
				}
				end, _ := usage()
				ns = end - begin
			}, b.operations)
			_, peak := usage()
			fmt.Println(b.name, b.operations, ns, done, 0, 0, 0, peak)
			return
		}
	}
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "no benchmark", os.Args[1])
		os.Exit(2)
	}
}
