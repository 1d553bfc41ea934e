/** `kerbside doctor` where nothing but loopback is: each thing that can be wrong before a KDC is asked, and what it says of it. */
import { mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { createServer as createTcpServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import { type Handed, writeSecretsHead } from '../../../src/core/identity/secrets-answer.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { issueLeaf } from '../../../src/io/certificates.ts'
import { aes, canaryKey, keytab } from '../../core/kerberos/keytab-bytes.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { makeAuthority, refuse, stream } from '../../sidecar/policy/loopback-broker.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { runCli } from '../run-cli.ts'
import { ofCheck, Room, SIGNATURE } from './room.ts'

// A silent KDC is waited for.
vi.setConfig({ testTimeout: 60_000 })

let room: Room
const servers: Server[] = []
beforeEach(async () => {
  room = await Room.open()
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  // What it makes on the way is gone, however it ended.
  expect(readdirSync(join(room.folder, 'run'))).toEqual([])
  await room.close()
})

/** Port of a server that does this with each connection. */
async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

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

describe('the broker', () => {
  test('that refuses the pod is told with its reason', async () => {
    room.broker.answer(refuse(403, { reason: 'pod-gone' }))
    expect(ofCheck(await room.json(), 'policy')).toContain('fail: the broker does not serve this pod (pod-gone')
  })

  test('that another CA vouches for is not believed', async () => {
    room.set('KERBSIDE_CA', (await makeAuthority()).certificatePem)
    const { findings } = await room.json()
    const policy = findings.find(({ check }) => check === 'policy')
    expect(policy).toMatchObject({ state: 'fail', code: 'broker-unreachable' })
    expect(policy?.advice).toContain('KERBSIDE_CA')
  })

  test('that takes the connection and says nothing is given up', async () => {
    room.broker.answer((response) => response.writeHead(200).flushHeaders())
    expect(ofCheck(await room.json(), 'policy')).toMatch(/^fail: .*(silent|did not end|in time)/)
  })
})

describe('secrets', () => {
  test.each([
    ['in base64', Buffer.from(keytab(aes('quant@LAB'))).toString('base64'), 'store', 'is a keytab in base64'],
    ['of another principal', keytab(aes('climate@LAB')), 'keytab', 'no key for `quant@LAB`, only for `climate@LAB`'],
    ['cut off', keytab(aes('quant@LAB')).subarray(0, 40), 'keytab', 'cut off'],
    ['with RC4 alone', keytab(aes('quant@LAB', 3, 23)), 'keytab', 'arcfour-hmac, which is refused'],
    ['that is empty', '', 'keytab', 'is empty'],
  ])('a keytab %s is told, and no KDC is shown it', async (_, content, check, sentence) => {
    room.put('hdfs/quant-research/keytab', content)
    const report = await room.json()
    const told = report.findings.filter((finding) => finding.check === check).map(({ says }) => says)
    expect(told.join()).toContain(sentence)
    expect(ofCheck(report, 'ticket')).toMatch(/^not-tried: needs keytab/)
  })

  test('a keytab that is not there does not keep us from looking at the certificates', async () => {
    room.put('hdfs/quant-research/keytab', '')
    const { findings } = await room.json()
    expect(findings.find(({ check }) => check === 'tls')?.state).toBe('fail')
  })

  test('a store that does not answer is what all that rests on it names', async () => {
    const silent = await listening(createTcpServer(() => undefined))
    const store = { STORE: 'openbao', STORE_URL: `https://127.0.0.1:${silent}`, STORE_MOUNT: 'kv', STORE_ROLE: 'r' }
    for (const [name, value] of Object.entries({ ...store, STORE_AUTH: 'kubernetes' }))
      room.set(`KERBSIDE_${name}`, value)
    const report = await room.json()
    expect(report.findings.filter(({ check }) => check === 'store')).toMatchObject([
      { state: 'fail', code: 'secret-unavailable', advice: expect.stringContaining('unsealed') },
    ])
    for (const check of ['keytab', 'authority', 'hadoop', 'tls']) {
      expect(ofCheck(report, check)).toBe('not-tried: needs store')
    }
  })

  test('keys of others in the keytab are a warning', async () => {
    room.put('hdfs/quant-research/keytab', keytab(aes('quant@LAB'), aes('admin@LAB')))
    expect(ofCheck(await room.json(), 'keytab')).toMatch(/^warn: .*keys of 1 more: `admin@LAB`/)
  })

  test('a `ca.pem` that holds none is told', async () => {
    room.put('hdfs/lab/ca.pem', 'LS0tLS1CRUdJTg==')
    expect(ofCheck(await room.json(), 'authority')).toContain('fail: `ca.pem` is base64 text')
  })

  test('Hadoop configuration that cannot be read is a warning, with file and line', async () => {
    room.cluster({ configuration: 'hdfs/conf' })
    room.put('hdfs/conf/core-site.xml', '<configuration>\n<property><name>a</name>')
    expect(ofCheck(await room.json(), 'hadoop')).toMatch(/^warn: core-site.xml:\d/)
  })
})

describe('secrets through the broker', () => {
  const answer = (handed: readonly Handed[]) => {
    const slice = writeSlice({
      ...SLICE,
      secretsThrough: 'broker',
      cluster: { ...SLICE.cluster, kdcs: ['127.0.0.1:1'] },
    })
    room.broker.answer((response) => {
      if (response.req.url?.startsWith('/v1/slices')) return stream(slice)(response)
      response.write(writeSecretsHead(handed))
      for (const one of handed) if ('bytes' in one) response.write(one.bytes)
      response.end()
    })
  }
  const ca = () => ({ key: 'ca.pem', bytes: Buffer.from(room.caPem), version: 'v' })

  test('are looked at alike, and not asked of a store', async () => {
    answer([{ key: 'keytab', bytes: Buffer.from(keytab(aes('quant@LAB', 4))), version: 'v' }, ca()])
    const report = await room.json()
    expect(ofCheck(report, 'store')).toBe('ok: the broker hands out `keytab`, `ca.pem`')
    expect(ofCheck(report, 'keytab')).toContain('kvno 4')
  })

  test('that its store does not have are told with why', async () => {
    answer([{ key: 'keytab', failed: 'secret-forbidden' }, ca()])
    const { findings } = await room.json()
    expect(findings.filter(({ check }) => check === 'store')).toMatchObject([
      { state: 'ok', says: 'the broker hands out `ca.pem`' },
      { state: 'fail', code: 'secret-forbidden', advice: expect.stringContaining("the broker's log") },
    ])
  })
})

describe('a KDC', () => {
  test('that takes the connection and says nothing is told apart from one that is not there', async () => {
    const silent = await listening(createTcpServer(() => undefined))
    room.cluster({ kdcs: ['127.0.0.1:1', `127.0.0.1:${silent}`] })
    const { findings } = await room.json()
    const told = findings.filter(({ check }) => check === 'kdc').map(({ state, says }) => `${state}: ${says}`)
    expect(told).toEqual([
      'fail: no connection: ECONNREFUSED',
      'fail: takes the connection, then nothing comes: it does not answer in time',
    ])
    expect(findings.find(({ check }) => check === 'ticket')).toMatchObject({ state: 'not-tried', says: 'needs kdc' })
  })

  test('that is something else is told', async () => {
    const other = await listening(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    room.cluster({ kdcs: [`127.0.0.1:${other}`] })
    expect(ofCheck(await room.json(), 'kdc')).toBe('fail: it answers something that is not Kerberos')
  })
})

describe('a NameNode', () => {
  const serving = async (names: readonly [string, ...string[]], authority = makeAuthority()) => {
    const leaf = await issueLeaf(await authority, names, Date.now())
    return listening(createTlsServer({ key: leaf.keyPem, cert: leaf.certificatePem }))
  }

  test('with a certificate of another CA is told, with who signed it', async () => {
    const port = await serving(['localhost'])
    room.cluster({ nameNodes: [`https://localhost:${port}`] })
    expect(ofCheck(await room.json(), 'tls')).toMatch(/^fail: its certificate is by `.*`, not by a CA in `ca.pem`/)
  })

  test('whose certificate is for another name is told, with the names that it has', async () => {
    const authority = await makeAuthority()
    const port = await serving(['nn1.lab', 'nn1'], Promise.resolve(authority))
    room.put('hdfs/lab/ca.pem', authority.certificatePem)
    room.cluster({ nameNodes: [`https://localhost:${port}`] })
    expect(ofCheck(await room.json(), 'tls')).toBe('fail: its certificate is for nn1.lab, nn1, not for `localhost`')
  })

  test('without TLS is told to be in the clear', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()))
    room.cluster({ nameNodes: [`http://127.0.0.1:${port}`], insecureHttp: true })
    expect(ofCheck(await room.json(), 'tls')).toBe('warn: plain HTTP, as policy lets it')
  })

  test('as it should be is well as far as TLS goes', async () => {
    const authority = await makeAuthority()
    const port = await serving(['localhost'], Promise.resolve(authority))
    room.put('hdfs/lab/ca.pem', authority.certificatePem)
    room.cluster({ nameNodes: [`https://localhost:${port}`, 'https://127.0.0.1:1'] })
    const { findings } = await room.json()
    expect(findings.filter(({ check }) => check === 'tls').map(({ state }) => state)).toEqual(['ok', 'warn'])
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
