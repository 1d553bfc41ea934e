/** What passes of a cluster's configuration to a job: what is listed, in its form; and nothing that was secret, from anywhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clientConfiguration } from '../../../src/core/hadoop/client-configuration.ts'
import { CLIENT_PROPERTIES, clientProperties } from '../../../src/core/hadoop/client-properties.ts'
import { readConfiguration } from '../../../src/core/hadoop/read-configuration.ts'

const BANK = join(import.meta.dirname, '..', '..', 'fixtures', 'hadoop', 'bank')
/** Every secret of the bank's files begins so. */
const CANARY = 'CANARY'
const bankFile = (name: string) => ({ name, text: readFileSync(join(BANK, name), 'utf8') })
const bank = () => readConfiguration(['core-site.xml', 'hdfs-site.xml'].map(bankFile))
const of = (properties: Readonly<Record<string, string>>) => clientProperties(new Map(Object.entries(properties)))
const variable = (name: string) => ['$', '{', name, '}'].join('')

describe("a bank's own files", () => {
  test('pass as the few properties that a client needs', () => {
    const { properties, problems } = clientProperties(bank())
    expect(Object.fromEntries(properties)).toEqual({
      'dfs.blocksize': '256m',
      'dfs.checksum.combine.mode': 'COMPOSITE_CRC',
      'dfs.replication': '2',
      'fs.permissions.umask-mode': '027',
      'fs.trash.interval': '10080',
      'io.file.buffer.size': '131072',
    })
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'bad-configuration: `dfs.bytes-per-checksum` is not a whole number, and is left out',
      'bad-configuration: `dfs.stream-buffer-size` names other properties without an end',
      'bad-configuration: `io.map.index.skip` is not a whole number, and is left out',
    ])
  })

  test('hold secrets in values, names, comments, descriptions and variables, of which none passes', () => {
    const raw = ['core-site.xml', 'hdfs-site.xml'].map((name) => bankFile(name).text).join('')
    expect(raw.match(/CANARY/g)?.length).toBeGreaterThan(12)
    const { properties, problems } = clientProperties(bank())
    const files = clientConfiguration({ nameservice: 'lab', gatewayPort: 9870, properties })
    const told = JSON.stringify([
      [...files],
      problems.map(({ message, hint, stack, cause }) => [message, hint, stack, cause]),
    ])
    expect(told).not.toContain(CANARY)
    expect(told).not.toContain(Buffer.from(CANARY).toString('hex'))
    expect(told).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 7))
  })

  test('change nothing of where a client is led, and by whom it is taken for', () => {
    const alone = clientConfiguration({ nameservice: 'lab', gatewayPort: 9870 }).get('hadoop/core-site.xml') ?? ''
    const { properties } = clientProperties(bank())
    const both = clientConfiguration({ nameservice: 'lab', gatewayPort: 9870, properties }).get('hadoop/core-site.xml')
    const lines = alone.split('\n').filter((line) => line.includes('<property>'))
    expect(lines.length).toBe(4)
    for (const line of lines) expect(both).toContain(line)
    expect(both).not.toContain('kerberos')
  })
})

test('ours wins, whatever comes as a property of the cluster', () => {
  const properties = new Map([
    ['fs.defaultFS', 'hdfs://evil'],
    ['fs.hdfs.impl', 'Evil'],
    ['fs.viewfs.mounttable.lab.linkFallback', 'hdfs://evil'],
    ['hadoop.security.authentication', 'kerberos'],
  ])
  const given = clientConfiguration({ nameservice: 'lab', gatewayPort: 9870, properties })
  expect(given).toEqual(clientConfiguration({ nameservice: 'lab', gatewayPort: 9870 }))
})

test('no property of the list leads a client anywhere, names who it is, or names code', () => {
  const names = Object.keys(CLIENT_PROPERTIES)
  expect(
    names.filter((name) => /address|uri|path|dir$|user|principal|impl|class|provider|security|auth|ssl/.test(name)),
  ).toEqual([])
})

test.each(Object.keys(CLIENT_PROPERTIES))('`%s` passes no text', (name) => {
  for (const text of [
    'hunter2',
    'S3cr3t!',
    'true\nx',
    '1 2',
    '0x10',
    '-1',
    '',
    'a'.repeat(64),
    '9'.repeat(40),
    variable('env.X'),
  ]) {
    const { properties, problems } = of({ [name]: text })
    expect([...properties], text).toEqual([])
    expect(problems).toHaveLength(1)
    if (text !== '') expect(problems[0]?.message).not.toContain(text)
  }
})

test.each([
  ['dfs.blocksize', ['134217728', '128m', '1g', '512K']],
  ['dfs.replication', ['1', '3']],
  ['dfs.checksum.type', ['NULL', 'CRC32', 'CRC32C']],
  ['fs.permissions.umask-mode', ['022', '0077', 'u=rwx,g=rx,o=']],
  ['io.skip.checksum.errors', ['true', 'false']],
])('`%s` passes in the forms that Hadoop takes', (name, values) => {
  for (const value of values) expect([...of({ [name]: ` ${value}\n` }).properties]).toEqual([[name, value]])
})

test('an older name counts where the newer one is absent', () => {
  expect([...of({ 'dfs.block.size': '64m' }).properties]).toEqual([['dfs.blocksize', '64m']])
  expect([...of({ 'dfs.block.size': '64m', 'dfs.blocksize': '32m' }).properties]).toEqual([['dfs.blocksize', '32m']])
})

test('a variable is replaced before the form is looked at', () => {
  const given = {
    'dfs.replication': variable('copies'),
    copies: '2',
    'dfs.blocksize': variable('password'),
    password: 'x',
  }
  expect([...of(given).properties]).toEqual([['dfs.replication', '2']])
})
