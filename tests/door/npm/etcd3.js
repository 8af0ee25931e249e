// npm's etcd3, unchanged, against a program in the place of etcd: what its users do with it.
//   usage: node etcd3.js PROGRAM FOLDER SCENARIO      (NODE_PATH names the folder with etcd3)
//   ideas:   the program is started with etcd's own flags on a free port and a data directory below FOLDER. A scenario
//            that does not throw holds.
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const net = require('node:net');
const { Etcd3 } = require('etcd3');

const [, , program, folder, wanted] = process.argv;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Until it holds; a scenario that waits for ever is none.
async function eventually(what, holds, patience = 20_000) {
  const end = Date.now() + patience;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not within ${patience} ms`);
    await sleep(20);
  }
}

function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// One process of the program, which goes on from its data directory.
class Server {
  static async start() {
    const server = new Server();
    server.port = await freePort();
    await server.begin();
    return server;
  }

  async begin() {
    const url = `http://127.0.0.1:${this.port}`;
    this.process = spawn(program, ['etcd', '--data-dir', `${folder}/data`,
      '--listen-client-urls', url, '--advertise-client-urls', url], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise((ready, failed) => {
      this.process.stderr.on('data', (words) => {
        said += words;
        if (said.includes('ready to serve client requests')) ready();
      });
      this.process.on('exit', (status) => failed(new Error(`it ended with ${status}: ${said}`)));
    });
  }

  client(options = {}) {
    return new Etcd3({ hosts: `http://127.0.0.1:${this.port}`, ...options });
  }

  async kill() {
    this.process.removeAllListeners('exit');
    const over = new Promise((done) => this.process.on('exit', done));
    this.process.kill('SIGKILL');
    await over;
  }
}

const scenarios = {
  async kv(server) {
    const client = server.client();
    await client.put('a').value('1');
    assert.strictEqual(await client.get('a').string(), '1');
    assert.strictEqual(await client.get('none').string(), null);
    await client.put('n/1').value('x');
    await client.put('n/2').value(Buffer.from([0, 255, 10]));
    assert.deepStrictEqual(await client.getAll().prefix('n/').keys(), ['n/1', 'n/2']);
    assert.deepStrictEqual(await client.get('n/2').buffer(), Buffer.from([0, 255, 10]));
    assert.strictEqual(await client.getAll().prefix('n/').count(), 2);
    assert.deepStrictEqual(await client.getAll().all().sort('Key', 'Descend').limit(1).keys(), ['n/2']);
    const moved = await client.if('a', 'Value', '==', '1').then(client.put('a').value('2'))
      .else(client.get('a')).commit();
    assert.strictEqual(moved.succeeded, true);
    const refused = await client.if('a', 'Value', '==', '1').then(client.put('a').value('3'))
      .else(client.get('a')).commit();
    assert.strictEqual(refused.succeeded, false);
    assert.strictEqual(refused.responses[0].response_range.kvs[0].value.toString(), '2');
    const old = await client.get('a').revision(2).string();
    assert.strictEqual(old, '1');
    assert.strictEqual((await client.delete().prefix('n/')).deleted, '2');
    const space = client.namespace('space/');
    await space.put('k').value('v');
    assert.strictEqual(await client.get('space/k').string(), 'v');
    await client.kv.compact({ revision: '3' });
    await assert.rejects(client.get('a').revision(2).string(), /compacted/);
    client.close();
  },

  // Killed three times while a watcher lives and somebody writes: the watcher hears of every event once, in order.
  async watch(server) {
    const reader = server.client();
    const heard = [];
    const watcher = await reader.watch().prefix('k/').create();
    const note = (kind) => (kv) => heard.push(`${kind} ${kv.mod_revision} ${kv.key} ${kv.value}`);
    watcher.on('put', note('put'));
    watcher.on('delete', note('delete'));
    let broken = 0;
    watcher.on('disconnected', () => { broken += 1; });
    const writer = server.client();
    let over = false;
    let written = 0;
    const writing = (async () => {
      for (let no = 0; !over; no += 1) {
        try {
          await writer.put(`k/${no % 5}`).value(String(no));
          if (no % 7 === 6) await writer.delete().key(`k/${no % 5}`);
          written += 1;
        } catch (error) {
          await sleep(20);
        }
      }
    })();
    for (let round = 0; round < 3; round += 1) {
      const before = written;
      await eventually('somebody writes', () => written > before + 50);
      await server.kill();
      await sleep(200);
      await server.begin();
    }
    const before = written;
    await eventually('somebody writes again', () => written > before + 50);
    over = true;
    await writing;
    await writer.put('k/end').value('end');
    await eventually('the last event', () => heard.some((line) => line.includes('k/end')));

    const all = [];
    const again = await reader.watch().prefix('k/').startRevision('1').create();
    again.on('put', (kv) => all.push(`put ${kv.mod_revision} ${kv.key} ${kv.value}`));
    again.on('delete', (kv) => all.push(`delete ${kv.mod_revision} ${kv.key} ${kv.value}`));
    await eventually('the whole history', () => all.some((line) => line.includes('k/end')));
    assert.deepStrictEqual(heard, all);
    assert.ok(broken >= 3, `disconnected ${broken} times`);
    assert.ok(all.length > 150, `${all.length} events`);
    await watcher.cancel();
    console.log(`${heard.length} events, each once; ${broken} times disconnected`);
    reader.close();
    writer.close();
  },

  async lease(server) {
    const client = server.client();
    const kept = client.lease(2);
    await kept.put('kept').value('1');
    const first = await kept.keepaliveOnce();
    assert.strictEqual(first.TTL, '2');
    const left = server.client();
    const forgotten = left.lease(1, { autoKeepAlive: false });
    await forgotten.put('forgotten').value('1');
    const taken = client.lease(60);
    await taken.put('taken').value('1');
    await taken.revoke();
    assert.strictEqual(await client.get('taken').string(), null);
    await eventually('it expires', async () => (await client.get('forgotten').string()) === null);
    await sleep(4_000);
    assert.strictEqual(await client.get('kept').string(), '1');
    let lost = false;
    kept.on('lost', () => { lost = true; });
    const id = await kept.grant();
    await left.leaseClient.leaseRevoke({ ID: id });
    await eventually('the loss is noticed', () => lost);
    assert.strictEqual(await client.get('kept').string(), null);
    client.close();
    left.close();
  },

  async lock(server) {
    const one = server.client();
    const two = server.client();
    const held = await one.lock('mutex').ttl(5).acquire();
    await assert.rejects(two.lock('mutex').ttl(5).acquire(), /./);
    await held.release();
    const after = await two.lock('mutex').ttl(5).acquire();
    await after.release();
    let inside = 0;
    let most = 0;
    const turns = [one, two, one, two].map(async (client) => {
      for (let tries = 0; tries < 500; tries += 1) {
        try {
          await client.lock('counter').ttl(5).do(async () => {
            inside += 1;
            most = Math.max(most, inside);
            await sleep(20);
            inside -= 1;
          });
          return true;
        } catch (error) {
          await sleep(10);
        }
      }
      return false;
    });
    assert.deepStrictEqual(await Promise.all(turns), [true, true, true, true]);
    assert.strictEqual(most, 1);
    one.close();
    two.close();
  },

  async election(server) {
    const one = server.client();
    const two = server.client();
    const leads = [];
    const first = one.election('leader', 5).campaign('one');
    first.on('elected', () => leads.push('one'));
    await eventually('one leads', () => leads.length === 1);
    const second = two.election('leader', 5).campaign('two');
    second.on('elected', () => leads.push('two'));
    const observer = await one.election('leader', 5).observe();
    await eventually('the leader is seen', () => observer.leader() === 'one');
    await sleep(300);
    assert.deepStrictEqual(leads, ['one']);
    await first.proclaim('uno');
    await eventually('the new word is seen', () => observer.leader() === 'uno');
    await first.resign();
    await eventually('two leads', () => leads.length === 2);
    await eventually('two is seen', () => observer.leader() === 'two');
    assert.strictEqual(await two.election('leader', 5).leader(), 'two');
    await observer.cancel();
    await second.resign();
    one.close();
    two.close();
  },

  async auth(server) {
    const client = server.client();
    const root = client.role('root');
    await root.create();
    const user = client.user('root');
    await user.create('pw');
    await user.addRole('root');
    const role = client.role('reader');
    await role.create();
    await role.grant({ permission: 'Read', range: client.range({ prefix: 'r/' }) });
    await client.user('bob').create('b');
    await client.user('bob').addRole('reader');
    await client.put('r/1').value('x');
    await client.auth.authEnable();
    const bob = server.client({ auth: { username: 'bob', password: 'b' } });
    assert.strictEqual(await bob.get('r/1').string(), 'x');
    await assert.rejects(bob.put('r/1').value('y'), /permission denied/);
    await assert.rejects(client.get('r/1').string(), /user name is empty/);
    const wrong = server.client({ auth: { username: 'bob', password: 'no' } });
    await assert.rejects(wrong.get('r/1').string(), /authentication failed/);
    for (const one of [client, bob, wrong]) one.close();
  },
};

async function main() {
  const server = await Server.start();
  try {
    await scenarios[wanted](server);
    console.log(`${wanted}: it holds`);
  } finally {
    await server.kill();
  }
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
