"""python3-etcd3, a client of its own making: what its users do with an etcd.

usage: with_etcd3.py HOST:PORT
"""
import io
import sys

import etcd3

host, port = sys.argv[1].split(":")
client = etcd3.client(host=host, port=int(port))

client.put("a", "1")
assert client.get("a")[0] == b"1"
done, _ = client.transaction(compare=[client.transactions.value("a") == "1"],
                             success=[client.transactions.put("a", "2")],
                             failure=[client.transactions.get("a")])
assert done and client.get("a")[0] == b"2"
assert not client.replace("a", "1", "3") and client.get("a")[0] == b"2"

events, cancel = client.watch_prefix("w/")
for no in range(100):
    client.put("w/%d" % (no % 3), str(no))
heard = [next(events) for _ in range(100)]
cancel()
assert [one.value for one in heard] == [str(no).encode() for no in range(100)]
assert len({one.mod_revision for one in heard}) == 100
assert len(list(client.get_prefix("w/"))) == 3

lease = client.lease(60)
client.put("l", "x", lease=lease)
assert list(lease.refresh())[0].TTL == 60
assert lease.granted_ttl == 60 and lease.keys == [b"l"]
lease.revoke()
assert client.get("l") == (None, None)

with client.lock("mutex", ttl=10) as held:
    assert held.is_acquired()
# Whoever must wait for such a lock fails in the package itself (0.12.0 with Debian's tenacity), whatever the server.
assert not held.is_acquired()

assert [one.name for one in client.members] == ["n1"]
assert client.status().leader.name == "n1"
client.defragment()
assert list(client.list_alarms()) == []
file = io.BytesIO()
client.snapshot(file)
assert len(file.getvalue()) > 16_384
client.compact(3)
print("it holds")
