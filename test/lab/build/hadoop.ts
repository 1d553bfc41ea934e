/** Hadoop's jars from Maven, and a NameNode's formatted folder: both made once, checked, and kept in the cache. */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import { LabError } from '../errors.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

const POM = join(import.meta.dirname, 'hadoop', 'pom.xml')
const SUMS = join(import.meta.dirname, 'hadoop', 'jars.sha256')

/** The folder of Hadoop's jars. */
export async function hadoopJars(folder: LabFolder, progress: Progress): Promise<string> {
  const jars = hadoopJarsFolder(folder)
  await debianPackages(folder, progress, { java: 'openjdk-17-jre-headless' })
  return cached(jars, async (unfinished) => {
    await debianPackages(folder, progress, { mvn: 'maven' })
    await progress.step('hdfs: jars from Maven', async () => {
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`]
      await runCommand(['mvn', '-B', '-q', '--strict-checksums', '-f', POM, ...goal])
      await verify(unfinished)
    })
  })
}

/** Where {@link hadoopJars} puts them: another list of sums is another folder. */
export function hadoopJarsFolder(folder: Pick<LabFolder, 'cache'>): string {
  const digest = createHash('sha256').update(readFileSync(SUMS)).digest('hex')
  return join(folder.cache, `hadoop-jars-${digest.slice(0, 12)}`)
}

/** Every jar by its path, in an order that is the same each time: a class path in parts. */
export function jarsInOrder(folder: Pick<LabFolder, 'cache'>): string[] {
  const jars = hadoopJarsFolder(folder)
  return readdirSync(jars)
    .sort()
    .map((name) => join(jars, name))
}

/** Every jar is in the list with its sum, and every line of the list is there. */
async function verify(jars: string): Promise<void> {
  const wanted = new Map<string, string>()
  for (const line of readFileSync(SUMS, 'utf8').trim().split('\n')) {
    const [sum = '', name = ''] = line.split(/\s+/)
    wanted.set(name, sum)
  }
  for (const name of readdirSync(jars)) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(jars, name)), hash)
    if (wanted.get(name) !== hash.digest('hex')) throw new LabError(`\`${name}\` from Maven is not the jar we know`)
    wanted.delete(name)
  }
  const [missing] = wanted.keys()
  if (missing !== undefined) throw new LabError(`Maven did not bring \`${missing}\``)
}

/**
 * A formatted `name` and `shared` folder, made outside with security off: an empty file system is the same for every lab,
 * and a copy of it saves each start a JVM. Its root belongs to `hdfs`.
 */
export async function formattedNameFolder(folder: LabFolder, progress: Progress): Promise<string> {
  const jars = hadoopJarsFolder(folder)
  return cached(`${jars}-formatted`, async (unfinished) => {
    const conf = join(unfinished, 'conf')
    mkdirSync(conf, { recursive: true })
    const properties = {
      'fs.defaultFS': 'hdfs://localhost',
      'dfs.namenode.name.dir': `file://${unfinished}/name`,
      'hadoop.tmp.dir': `${unfinished}/tmp`,
    }
    const rows = Object.entries(properties).map(
      ([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`,
    )
    writeFileSync(join(conf, 'hdfs-site.xml'), `<configuration>${rows.join('')}</configuration>`)
    const format = ['org.apache.hadoop.hdfs.server.namenode.NameNode', '-format', '-nonInteractive']
    const env = { HADOOP_USER_NAME: 'hdfs' }
    await progress.step('hdfs: format', () => runCommand(['java', '-cp', `${conf}:${jars}/*`, ...format], { env }))
  })
}
