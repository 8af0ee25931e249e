package lease

// PeerSpreadNothing lets every lease end when it is due: tests/bench/member_bench.cc has it so too.
func PeerSpreadNothing() {
	leaseRevokeRate = 1000000000
}
