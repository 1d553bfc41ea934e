/**
 * Hadoop's own contract tests for file systems, by Hadoop's own client: put to HDFS itself, over WebHDFS with Kerberos, and to
 * the gateway. What passes there passes here.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientConfiguration } from '../../../src/core/hadoop/client-configuration.ts'
import { configurationXml } from '../../../src/core/hadoop/configuration-xml.ts'
import { PRESETS } from '../../../src/core/policy/action.ts'
import { hadoopTestsClassPath } from '../../lab/build/hadoop-tests.ts'
import type { Lab } from '../../lab/lab.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from './standing.ts'

const run = promisify(execFile)

type End = { readonly test: string; readonly end: 'passed' | 'failed' | 'skipped'; readonly said: string }
type Ends = ReadonlyMap<string, End>

let standing: Standing
let scratch: string
let direct: Ends
let through: Ends

beforeAll(async () => {
  const manage = { name: 'home', at: 'x:1', mode: 'enforce', effect: 'allow', actions: PRESETS.manage } as const
  const place = { path: '/team/quant', dataset: 'home', protect: true, grants: [0] }
  standing = await standHere({ ...SLICE, grants: [manage], places: [place] })
  scratch = mkdtempSync(join(tmpdir(), 'contract-'))
  const { lab } = standing
  const ticket = { KRB5CCNAME: join(scratch, 'ccache') }
  await run('kinit', ['-k', '-t', lab.files.keytab('quant'), 'quant'], { env: { ...process.env, ...ticket } })
  const nameNode = `swebhdfs://${await standing.active()}.lab:9871`
  const files = clientConfiguration({ nameservice: SLICE.cluster.nameservice, gatewayPort: standing.gateway.port })
  for (const [name, text] of files) write(join(scratch, name), text)
  // As the cluster's own files say: a client's default of three is more than it has DataNodes, so that it could not append.
  write(join(scratch, 'hadoop/hdfs-site.xml'), configurationXml(new Map([['dfs.replication', '2']]), 'by a test'))
  ;[direct, through] = await Promise.all([
    contract(lab, nameNode, { conf: lab.files.hadoopConf, env: ticket }),
    contract(lab, `webhdfs://127.0.0.1:${standing.gateway.port}`, { conf: join(scratch, 'hadoop'), env: {} }),
  ])
}, 600_000)
afterAll(async () => {
  await standing.direct('DELETE', '/team/quant/contract-webhdfs?op=DELETE&recursive=true')
  await standing.direct('DELETE', '/team/quant/contract-swebhdfs?op=DELETE&recursive=true')
  await standing.stop()
  rmSync(scratch, { recursive: true })
})

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Each test by its name: how it ended. */
async function contract(
  lab: Lab,
  uri: string,
  { conf, env }: { readonly conf: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ends> {
  const name = new URL(uri).protocol.slice(0, -1)
  const words = [
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    `-Djava.security.krb5.conf=${lab.files.krb5Conf}`,
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    `-Djava.io.tmpdir=${scratch}`,
    `-Dtest.build.data=${join(scratch, name)}`,
    `-Dcontract.uri=${uri}`,
    `-Dcontract.path=/team/quant/contract-${name}`,
    ...['-cp', [conf, ...hadoopTestsClassPath(lab.folder)].join(':'), 'ContractTests'],
  ]
  const options = { cwd: scratch, env: { ...process.env, ...env }, maxBuffer: 1 << 24 }
  const { stdout } = await run('java', words, options)
  const ends = stdout.split('\n').flatMap((line) => (line.startsWith('{"test"') ? [JSON.parse(line) as End] : []))
  return new Map(ends.map((end) => [end.test, end]))
}

const passed = (ends: Ends): readonly string[] =>
  [...ends.values()].filter(({ end }) => end === 'passed').map(({ test }) => test)

test('HDFS itself passes a hundred of them and more', () => {
  expect(passed(direct).length).toBeGreaterThan(100)
})

/**
 * One renames a file while it is appended to, the other looks for a file that is not closed. Hadoop's client does not wait until
 * the DataNode has opened it: which of the two comes first is chance, with and without a gateway.
 */
const LEFT_TO_CHANCE = new Set(['Append.testRenameFileBeingAppended', 'Create.testSyncable'])

test('nothing that passes at HDFS fails through the gateway', () => {
  const certain = passed(direct).filter((name) => !LEFT_TO_CHANCE.has(name))
  const worse = certain.flatMap((name) => {
    const end = through.get(name)
    return end?.end === 'passed' ? [] : [`${name} ${end?.end}: ${end?.said}`]
  })
  expect(worse).toEqual([])
})

test('what fails at HDFS fails through the gateway for the same reason', () => {
  const kind = ({ said }: End) => said.split(':')[0]
  const other = [...direct.values()].flatMap((end) => {
    const ours = through.get(end.test)
    if (end.end !== 'failed' || LEFT_TO_CHANCE.has(end.test) || ours === undefined || kind(end) === kind(ours))
      return []
    return [`${end.test}: ${end.said} / ${ours.said}`]
  })
  expect(other).toEqual([])
})
