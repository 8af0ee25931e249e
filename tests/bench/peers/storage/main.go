// Command storage does with etcd's wal and with bbolt exactly what tests/bench/storage_bench.cc does with ours: same
// entries, rows, order and commits. Files lie in memory (/dev/shm) and nothing is synced.
//
//	usage: storage            lists the benchmarks
//	       storage NAME       runs one; a line "name operations cpu_ns messages committed readys hash peak_kib"
//
// Built in GOPATH mode over Debian's golang-etcd-server-dev; see tests/bench/compare.
package main

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/ioutil"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/etcdserver/etcdserverpb"
	"go.etcd.io/etcd/mvcc/backend"
	"go.etcd.io/etcd/pkg/pbutil"
	"go.etcd.io/etcd/raft/raftpb"
	"go.etcd.io/etcd/wal"
	"go.etcd.io/etcd/wal/walpb"
	"go.uber.org/zap"
)

type work struct {
	messages, committed, readys uint64
	hash                        uint32
}

// timed runs the body so often and counts the CPU time of the whole process.
type timed func(operations int, body func(i int))

type benchmark struct {
	name       string
	operations int
	argument   int
	run        func(timed, int, int) work
}

func all() []benchmark {
	return []benchmark{
		{"storage/wal_append/1", 200000, 1, walAppend},
		{"storage/wal_append/10", 50000, 10, walAppend},
		{"storage/wal_append/100", 10000, 100, walAppend},
		{"storage/wal_append/1000", 1000, 1000, walAppend},
		{"storage/wal_replay/100000", 1, 100000, walReplay},
		{"storage/wal_replay/1000000", 1, 1000000, walReplay},
		{"storage/put_seq/100000", 100000, 100000, putSequential},
		{"storage/put_seq/1000000", 1000000, 1000000, putSequential},
		{"storage/put_rand/100000", 100000, 100000, putRandom},
		{"storage/put_rand/1000000", 1000000, 1000000, putRandom},
		{"storage/get/100000", 1000000, 100000, get},
		{"storage/get/1000000", 1000000, 1000000, get},
		{"storage/scan/100000", 50, 100000, scan},
		{"storage/scan/1000000", 5, 1000000, scan},
		{"storage/commit/100000", 20000, 100000, commit},
		{"storage/commit/1000000", 20000, 1000000, commit},
		{"storage/defrag/100000", 1, 100000, defragment},
		{"storage/defrag/1000000", 1, 1000000, defragment},
	}
}

func ok(err error) {
	if err != nil {
		panic(err)
	}
}

// A folder in memory.
func folder() string {
	where := "/dev/shm"
	if _, err := os.Stat(where); err != nil {
		where = ""
	}
	out, err := ioutil.TempDir(where, "orrery-peer-")
	ok(err)
	return out
}

// -- the log

func payload(number uint64) []byte {
	out := make([]byte, 100)
	binary.LittleEndian.PutUint64(out, number)
	return out
}

type journal struct {
	wal  *wal.WAL
	dir  string
	last uint64
}

func newJournal(dir string) *journal {
	metadata := pbutil.MustMarshal(&etcdserverpb.Metadata{NodeID: 1, ClusterID: 2})
	w, err := wal.Create(zap.NewNop(), filepath.Join(dir, "wal"), metadata)
	ok(err)
	w.SetUnsafeNoFsync()
	return &journal{wal: w, dir: filepath.Join(dir, "wal")}
}

func (j *journal) append(count int) {
	entries := make([]raftpb.Entry, 0, count)
	for i := uint64(1); i <= uint64(count); i++ {
		entries = append(entries, raftpb.Entry{Term: 1, Index: j.last + i, Data: payload(j.last + i)})
	}
	state := raftpb.HardState{Term: 1, Vote: 1, Commit: j.last}
	j.last += uint64(count)
	ok(j.wal.Save(state, entries))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (j *journal) hash() uint32 {
	infos, err := ioutil.ReadDir(j.dir)
	ok(err)
	var names []string
	for _, info := range infos {
		if strings.HasSuffix(info.Name(), ".wal") {
			names = append(names, info.Name())
		}
	}
	sort.Strings(names)
	var out uint32
	for _, name := range names {
		bytes, err := ioutil.ReadFile(filepath.Join(j.dir, name))
		ok(err)
		out = crc32.Update(out, castagnoli, bytes)
	}
	return out
}

func walAppend(run timed, operations, batch int) work {
	dir := folder()
	defer os.RemoveAll(dir)
	j := newJournal(dir)
	run(operations, func(int) { j.append(batch) })
	return work{messages: j.last, hash: j.hash()}
}

func walReplay(run timed, operations, entries int) work {
	dir := folder()
	defer os.RemoveAll(dir)
	j := newJournal(dir)
	for j.last < uint64(entries) {
		j.append(1000)
	}
	ok(j.wal.Close())
	var out work
	run(operations, func(int) {
		w, err := wal.Open(zap.NewNop(), j.dir, walpb.Snapshot{})
		ok(err)
		_, state, read, err := w.ReadAll()
		ok(err)
		out.messages = uint64(len(read))
		out.committed = state.Commit
		for i := range read {
			out.hash += crc32.Update(0, castagnoli, read[i].Data)
		}
		ok(w.Close())
	})
	return out
}

// -- the store's file

var keyBucket = []byte("key")

func rowKey(main uint64) []byte {
	out := make([]byte, 17)
	binary.BigEndian.PutUint64(out, main)
	out[8] = '_'
	return out
}

func valueOf(number uint64) []byte {
	return []byte(fmt.Sprintf("%064d", number))
}

func scrambled(i, n uint64) uint64 { return i * 7919 % n }

// As etcd opens it, and without fsync.
type db struct {
	bolt    *bolt.DB
	tx      *bolt.Tx
	dir     string
	pending int
}

func newDb() *db {
	dir := folder()
	file, err := bolt.Open(filepath.Join(dir, "db"), 0600, &bolt.Options{
		MmapFlags: syscall.MAP_POPULATE, NoFreelistSync: true, NoSync: true, NoGrowSync: true,
		InitialMmapSize: 10 * 1024 * 1024 * 1024})
	ok(err)
	out := &db{bolt: file, dir: dir}
	out.begin()
	for _, name := range []string{"key", "meta", "lease", "alarm", "cluster", "members", "members_removed", "auth",
		"authUsers", "authRoles"} {
		_, err := out.tx.CreateBucketIfNotExists([]byte(name))
		ok(err)
	}
	out.commit()
	return out
}

func (d *db) begin() {
	var err error
	d.tx, err = d.bolt.Begin(true)
	ok(err)
}

func (d *db) commit() {
	ok(d.tx.Commit())
	d.pending = 0
	d.begin()
}

func (d *db) end() {
	d.pending++
	if d.pending >= 10000 {
		d.commit()
	}
}

// As etcd's batch transaction puts a row: mostly behind all others, so pages are filled to nine tenths.
func (d *db) put(row, value uint64) {
	bucket := d.tx.Bucket(keyBucket)
	bucket.FillPercent = 0.9
	ok(bucket.Put(rowKey(row), valueOf(value)))
	d.end()
}

func (d *db) fill(rows int) {
	for i := 0; i < rows; i++ {
		d.put(uint64(i), uint64(i))
	}
	d.commit()
}

func (d *db) work() work {
	d.commit()
	return hashOf(d.tx)
}

func hashOf(tx *bolt.Tx) work {
	var out work
	cursor := tx.Bucket(keyBucket).Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		out.messages++
		out.hash = crc32.Update(crc32.Update(out.hash, castagnoli, k), castagnoli, v)
	}
	return out
}

func (d *db) close() {
	ok(d.tx.Rollback())
	ok(d.bolt.Close())
	ok(os.RemoveAll(d.dir))
}

func putSequential(run timed, operations, rows int) work {
	d := newDb()
	defer d.close()
	run(operations, func(i int) { d.put(uint64(i), uint64(i)) })
	return d.work()
}

func putRandom(run timed, operations, rows int) work {
	d := newDb()
	defer d.close()
	run(operations, func(i int) { d.put(scrambled(uint64(i), uint64(rows)), uint64(i)) })
	return d.work()
}

func get(run timed, operations, rows int) work {
	d := newDb()
	defer d.close()
	d.fill(rows)
	tx, err := d.bolt.Begin(false)
	ok(err)
	defer func() { ok(tx.Rollback()) }()
	bucket := tx.Bucket(keyBucket)
	var out work
	run(operations, func(i int) {
		found := bucket.Get(rowKey(scrambled(uint64(i), uint64(rows))))
		out.messages += uint64(len(found))
		out.hash += uint32(found[len(found)-1])
	})
	return out
}

func scan(run timed, operations, rows int) work {
	d := newDb()
	defer d.close()
	d.fill(rows)
	tx, err := d.bolt.Begin(false)
	ok(err)
	defer func() { ok(tx.Rollback()) }()
	var out work
	run(operations, func(int) {
		cursor := tx.Bucket(keyBucket).Cursor()
		for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
			out.messages += uint64(len(k) + len(v))
			out.hash += uint32(v[len(v)-1])
		}
	})
	return out
}

func commit(run timed, operations, rows int) work {
	d := newDb()
	defer d.close()
	d.fill(rows)
	row := uint64(rows)
	run(operations, func(int) {
		d.put(row, row)
		d.commit()
		row++
	})
	return d.work()
}

// The defragmentation of etcd's backend, which copies rows from bbolt to bbolt.
func defragment(run timed, operations, rows int) work {
	d := newDb()
	d.fill(rows)
	for row := 0; row < rows; row += 4 {
		ok(d.tx.Bucket(keyBucket).Delete(rowKey(uint64(row))))
		d.end()
	}
	d.commit()
	ok(d.tx.Rollback())
	ok(d.bolt.Close())
	defer os.RemoveAll(d.dir)
	path := filepath.Join(d.dir, "db")
	b := backend.New(backend.BackendConfig{Path: path, BatchInterval: time.Hour, BatchLimit: 10000,
		MmapSize: 10 * 1024 * 1024 * 1024, UnsafeNoFsync: true, Logger: zap.NewNop()})
	run(operations, func(int) { ok(b.Defrag()) })
	ok(b.Close())
	file, err := bolt.Open(path, 0600, nil)
	ok(err)
	defer file.Close()
	tx, err := file.Begin(false)
	ok(err)
	defer func() { ok(tx.Rollback()) }()
	return hashOf(tx)
}

func usage() (cpu int64, peak int64) {
	var usage syscall.Rusage
	ok(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
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
			fmt.Println(b.name, b.operations, ns, w.messages, w.committed, w.readys, w.hash, peak)
			return
		}
	}
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "no benchmark", os.Args[1])
		os.Exit(2)
	}
}
