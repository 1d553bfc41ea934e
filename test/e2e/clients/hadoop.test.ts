/** Hadoop's own shell and its distcp, each command in a JVM of its own, with the URIs from before. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { distcpJarsFolder, hadoopJarsFolder } from '../../lab/build/hadoop.ts'
import { CLIENTS } from './clients-table.ts'
import { type Container, container } from './container.ts'

/** Nothing but what is logged anyway. */
const QUIET = /^(\d\d\/\d\d\/\d\d .*\n)*$/
/** Below the home that policy names, which the gateway tells. */
const TRASH = '/team/quant/.Trash/Current'
const JVM = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']

let inside: Container
let home: string
beforeAll(async () => {
  inside = await container('hadoop')
  home = `hdfs://lab${inside.home}`
  writeFileSync(join(inside.folder, 'note'), 'one\n')
})
afterAll(async () => {
  await inside.standing.direct('DELETE', `${TRASH}${inside.home}?op=DELETE&recursive=true`)
  await inside.stop()
})

/** As the script `hadoop` puts the class path together: configuration first. */
const program = (main: string, ...words: string[]) => {
  const { cache } = inside.standing.lab.folder
  const jars = [hadoopJarsFolder({ cache }), distcpJarsFolder({ cache })].map((folder) => `${inside.see(folder)}/*`)
  return inside.run(['java', ...JVM, '-cp', [inside.hadoopConf, ...jars].join(':'), main, ...words])
}
// The lab has two DataNodes: of the three copies that this client wants by itself, HDFS refuses to append to any.
const dfs = (...words: string[]) => program('org.apache.hadoop.fs.FsShell', '-Ddfs.replication=2', ...words)

test('`hdfs dfs` does all of its row', { timeout: 600_000 }, async () => {
  const did: string[] = []
  const step = async (name: string, words: readonly string[], expected: RegExp) => {
    const output = await dfs(...words)
    expect(output, name).not.toMatch(/Exception|may not/)
    expect(output, name).toMatch(expected)
    did.push(name)
  }
  const file = `${home}/a/file`
  await step('-mkdir -p', ['-mkdir', '-p', `${home}/a`], QUIET)
  await step('-put', ['-put', 'note', file], QUIET)
  await step('-appendToFile', ['-appendToFile', 'note', file], QUIET)
  await step('-cat', ['-cat', file], /^one\none$/m)
  await step('-get', ['-get', file, 'got'], QUIET)
  expect(readFileSync(join(inside.folder, 'got'), 'utf8')).toBe('one\none\n')
  await step('-ls -R', ['-ls', '-R', home], new RegExp(`^drwx.* ${home}/a\n-rw-.* 8 .* ${file}$`, 'm'))
  await step('-du', ['-du', home], new RegExp(`^8 .* ${home}/a$`, 'm'))
  // A path without a scheme is the same file.
  await step('-count', ['-count', inside.home], /^ +2 +1 +8 /m)
  await step('-test -f', ['-test', '-f', file], QUIET)
  await step('-checksum', ['-checksum', file], /MD5-of-0MD5-of-512CRC32C/)
  await step('-getfacl', ['-getfacl', file], /^user::rw-$/m)
  await step('-mv', ['-mv', file, `${home}/a/moved`], QUIET)
  await step('-rm to trash', ['-Dfs.trash.interval=60', '-rm', `${home}/a/moved`], /Moved: .* to trash at/)
  const trash = inside.standing.audit.lines.find((line) => /^start RENAME .*\/a\/moved to .*allow/.test(line))
  expect(trash).toContain(` to ${TRASH}${inside.home}/a/moved`)
  await step('-rm -skipTrash', ['-rm', '-r', '-skipTrash', home], /^Deleted /m)
  expect(did).toEqual(CLIENTS.hadoop.did)
  expect(inside.standing.audit.lines).toContain(
    `start RENAME ${inside.home}/a/file._COPYING_ to ${inside.home}/a/file allow granted`,
  )
})

test('`hdfs dfs` prints the sentence of a refusal, and its version', { timeout: 120_000 }, async () => {
  expect(await dfs('-ls', 'hdfs://lab/data/weather')).toContain(CLIENTS.hadoop.refused)
  expect(await program('org.apache.hadoop.util.VersionInfo')).toContain(`Hadoop ${CLIENTS.hadoop.version}`)
})

test('distcp copies a folder of files, and is refused where the team may not write', { timeout: 240_000 }, async () => {
  const from = join(inside.folder, 'copied')
  mkdirSync(from)
  writeFileSync(join(from, 'note'), 'one\n')
  const scratch = ['-Dhadoop.tmp.dir', '-Dmapreduce.jobtracker.staging.root.dir'].map(
    (it) => `${it}=${inside.folder}/tmp`,
  )
  const local = ['-Dmapreduce.framework.name=local', ...scratch]
  const distcp = (to: string) => program('org.apache.hadoop.tools.DistCp', ...local, `file://${from}`, to)
  const output = await distcp(`hdfs://lab${inside.home}/copied`)
  const { body } = await inside.standing.direct('GET', `${inside.home}/copied/note?op=OPEN`)
  expect(body.toString(), output).toBe('one\n')
  expect(await distcp('hdfs://lab/data/market/copied')).toContain(CLIENTS.distcp.refused)
})
