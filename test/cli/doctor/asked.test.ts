/** What doctor says of those that it asks: the broker, a store, a KDC and a NameNode that are not as they should be, on loopback. */
import { readdirSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Handed, writeSecretsHead } from '../../../src/core/identity/secrets-answer.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { issueLeaf } from '../../../src/io/tls/certificates.ts'
import { aes, keytab } from '../../core/kerberos/keytab-bytes.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { makeAuthority, refuse, stream } from '../../sidecar/policy/loopback-broker.ts'
import { ofCheck, Room } from './room.ts'

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
    const silent = await room.listening(createTcpServer(() => undefined))
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
    const silent = await room.listening(createTcpServer(() => undefined))
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
    const other = await room.listening(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    room.cluster({ kdcs: [`127.0.0.1:${other}`] })
    expect(ofCheck(await room.json(), 'kdc')).toBe('fail: it answers something that is not Kerberos')
  })
})

describe('a NameNode', () => {
  const serving = async (names: readonly [string, ...string[]], authority = makeAuthority()) => {
    const leaf = await issueLeaf(await authority, names, Date.now())
    return room.listening(createTlsServer({ key: leaf.keyPem, cert: leaf.certificatePem }))
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
    const port = await room.listening(createTcpServer((socket) => socket.end()))
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
