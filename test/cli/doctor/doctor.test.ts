/** `kerbside doctor` where nothing but loopback is: each thing that can be wrong before a KDC is asked, and what it says of it. */
import { mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import { aes, canaryKey, keytab } from '../../core/kerberos/keytab-bytes.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { runCli } from '../run-cli.ts'
import { ofCheck, Room, SIGNATURE } from './room.ts'

// A silent KDC is waited for.
vi.setConfig({ testTimeout: 60_000 })

let room: Room
beforeEach(async () => {
  room = await Room.open()
})
afterEach(async () => {
  // What it makes on the way is gone, however it ended.
  expect(readdirSync(join(room.folder, 'run'))).toEqual([])
  await room.close()
})

/** Without what differs from run to run. */
const stable = (screen: string): string =>
  screen
    .replace(/(\d+\.)?\d+ (s|min|d)\b/g, '… $2')
    .replace(/`Kerbside \S+ \S+`/, '`Kerbside …`')
    .replace(/(files \/).*/, '$1…')
    .replace(/sha256:0+…?/, 'sha256:…')
    .replace(/ … s$/gm, '')

test('what is well is said, and what stands in the way of the rest: here a KDC that is not there', async () => {
  const { code, out } = await room.run()
  expect(code).toBe(1)
  expect(stable(out)).toMatchInlineSnapshot(`
    "ok    settings   \`quant-research\`, files /…
    ok    token      \`kerbside.io\`, … min left, of ml-quant/train-0 as trainer, by…
    ok    policy     \`quant@LAB\` to \`lab\`, by the broker, sha256:…
    ok    store      it has \`keytab\`, \`ca.pem\`
    ok    keytab     \`quant@LAB\` kvno 3, aes256, written 2023-11-14
    ok    authority  one CA, \`Kerbside …\`, for … d
    -     hadoop     none is given: jobs get what Kerbside writes alone
    -     names      there are addresses only
    FAIL  kdc        127.0.0.1:1: no connection: ECONNREFUSED
    -     clock      needs kdc
    -     ticket     needs kdc
    FAIL  tls        127.0.0.1:1: no connection by TLS: the connection is refused
    -     namenode   needs kdc and tls
    -     datanode   needs kdc and tls

    kdc 127.0.0.1:1: no connection: ECONNREFUSED
      is it up, is \`kdcs\` of the HadoopCluster right, and does a NetworkPolicy let
      this pod reach it by TCP?

    6 ok, 2 failed, 6 not tried in
    "
  `)
})

describe('another doctor in the same sidecar', () => {
  test('is told of, and nobody is asked: two would show the KDC a key twice', async () => {
    const [one, other] = await Promise.all([room.json(), room.json()])
    const told = [one, other].map((report) => ofCheck(report, 'settings')).sort()
    expect(told).toEqual(['fail: another doctor is at work in this sidecar', expect.stringMatching(/^ok/)])
    expect(room.broker.seen).toHaveLength(1)
  })

  test('that was killed is forgotten after two minutes', async () => {
    const left = join(room.folder, 'run', 'kerbside-doctor')
    mkdirSync(left)
    expect(ofCheck(await room.json(), 'settings')).toMatch(/^fail: another doctor/)
    utimesSync(left, 0, 0)
    expect(ofCheck(await room.json(), 'settings')).toMatch(/^ok/)
  })
})

test('a run folder that cannot be written does not keep the rest from being looked at', async () => {
  room.set('KERBSIDE_RUN_DIR', '/proc/no-such-folder')
  const report = await room.json()
  expect(ofCheck(report, 'settings')).toMatch(/^ok/)
  expect(ofCheck(report, 'keytab')).toMatch(/^ok/)
})

describe('the settings', () => {
  test('that are not whole are the finding, with all of what is wrong', async () => {
    room.set('KERBSIDE_STORE', 'cupboard')
    room.set('KERBSIDE_BROKER', 'http://broker')
    const report = await room.json()
    expect(ofCheck(report, 'settings')).toMatch(
      /^fail: .*KERBSIDE_BROKER is not an https URL.*KERBSIDE_STORE is `cupboard`/,
    )
    expect(report.findings.filter(({ state }) => state !== 'not-tried')).toHaveLength(1)
  })

  test('without a store do while policy has the broker hand out the secrets, and no longer', async () => {
    room.set('KERBSIDE_STORE', 'none')
    const report = await room.json()
    expect(ofCheck(report, 'settings')).toBe(
      'ok: `quant-research`, no store of its own: all secrets come through the broker',
    )
    expect(ofCheck(report, 'store')).toBe('fail: this sidecar has no secret store, and policy has it ask one by itself')
  })

  test('of a store that lacks something are told before it is asked', async () => {
    room.set('KERBSIDE_STORE', 'openbao')
    expect(ofCheck(await room.json(), 'settings')).toContain(
      'KERBSIDE_STORE_URL is `none`, but the store `openbao` needs an address',
    )
  })
})

describe('the service-account token', () => {
  test.each([
    [
      'of another audience',
      { aud: ['https://kubernetes.default.svc'] },
      'its audience is `https://kubernetes.default.svc`',
    ],
    ['that expired', { exp: 1_700_000_000 }, 'it expired'],
    ['of another pod', { 'kubernetes.io': { pod: { name: 'other', uid: 'other' } } }, 'not of this one, `train-0`'],
  ])('%s fails, and nobody is asked with it', async (_, change, sentence) => {
    room.token(change)
    const report = await room.json()
    expect(ofCheck(report, 'token')).toContain(`fail: `)
    expect(ofCheck(report, 'token')).toContain(sentence)
    expect(ofCheck(report, 'policy')).toBe('not-tried: needs token')
    expect(room.broker.seen).toEqual([])
  })

  test('that is none is told without being quoted', async () => {
    room.put('../token', 'hvs.SOMETHING-ELSE-THAT-IS-SECRET')
    const { out } = await room.run('--output', 'json')
    expect(out).toContain('something else than a service-account token')
    expect(out).not.toContain('SECRET')
  })
})

test('a host without an address is told by its name', async () => {
  room.cluster({ nameNodes: ['https://nn1.invalid:9871'] })
  const { findings } = await room.json()
  expect(findings.find(({ check }) => check === 'names')).toMatchObject({ state: 'fail', about: 'nn1.invalid' })
})

test('no secret is on the screen or in the JSON, whatever is wrong', async () => {
  const token = room.token({})
  const secrets = new Sweep({ token, signature: SIGNATURE, key: canaryKey(32) })
  for (const output of ['table', 'json']) {
    for (const change of [{}, { exp: 1 }, { aud: [] }]) {
      room.token(change)
      const { out, err } = await room.run('--output', output)
      expect(secrets.find(out + err)).toEqual([])
    }
  }
})

describe('on a laptop', () => {
  const here = (...args: readonly string[]) => runCli(['doctor', ...args], false, () => false)

  test('it wants to know whom it is about', async () => {
    expect(await here()).toMatchObject({ code: 2, err: expect.stringContaining('--policies DIR --identity NAME') })
    expect((await here('--policies', 'policies')).err).toContain('neither `--identity` nor `--principal`')
    expect((await here('--keytab', 'x')).err).toContain('`--policies` is not given')
  })

  test('a name that is nearly one of the policy is suggested, and nothing else is tried', async () => {
    const { code, out } = await here('--policies', 'policies', '--identity', 'quant-reserch')
    expect(code).toBe(1)
    expect(out).toContain('did you mean `quant-research`?')
  })

  test('a keytab is looked into without a cluster in reach', async () => {
    const file = room.put('quant.keytab', keytab(aes('climate@LAB', 7)))
    const args = ['--policies', 'policies', '--cluster', 'lab', '--principal', 'quant@LAB', '--keytab', file]
    const { out } = await here(...args, '--output', 'json')
    expect(ofCheck(JSON.parse(out), 'keytab')).toContain('only for `climate@LAB`')
  })

  test.each([
    [
      'has the same KDCs',
      '[realms]\nLAB = {\nkdc = KDC.lab\n}\n',
      'ok: the same KDCs; it renames hosts by DNS, in reverse too; Kerbside does not',
    ],
    [
      'leaves names alone',
      '[libdefaults]\ndns_canonicalize_hostname = false\n[realms]\nLAB = {\nkdc = kdc.lab:88\n}\n',
      'ok: the same KDCs; as Kerbside, it does not rename hosts',
    ],
    ['has others', '[realms]\nLAB = {\nkdc = old.lab\n}\n', 'warn: KDCs of LAB are old.lab:88; policy says kdc.lab:88'],
    [
      'has none',
      'includedir /etc/krb5.conf.d\n',
      'warn: it names no KDC of LAB; `includedir /etc/krb5.conf.d` may, and is not read',
    ],
    ['is broken', '[realms]\nLAB\n', 'warn: krb5.conf:2: it is no relation'],
  ])('a krb5.conf that %s is compared with the policy', async (_, text, told) => {
    const file = room.put('krb5.conf', text)
    const { out } = await here(
      '--policies',
      'policies',
      '--identity',
      'quant-research',
      '--krb5-conf',
      file,
      '--output',
      'json',
    )
    const found = (JSON.parse(out) as ReportJson).findings.find(({ about }) => about === 'krb5.conf')
    expect(`${found?.state}: ${found?.says}`).toBe(told)
  })
})
