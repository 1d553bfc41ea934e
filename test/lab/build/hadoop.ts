/** Hadoop's jars from Maven, and a NameNode's formatted folder: both made once, checked, and kept in the cache. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { jarSet, mavenJars, mavenJarsFolder } from './maven.ts'

const HADOOP = jarSet('hadoop', join(import.meta.dirname, 'hadoop'))

/** The folder of Hadoop's jars. */
export async function hadoopJars(folder: LabFolder, progress: Progress): Promise<string> {
  await debianPackages(folder, progress, { java: 'openjdk-17-jre-headless' })
  return mavenJars(folder, progress, HADOOP)
}

/** Where {@link hadoopJars} puts them. */
export function hadoopJarsFolder(folder: Pick<LabFolder, 'cache'>): string {
  return mavenJarsFolder(folder, HADOOP)
}

const MORE = jarSet('hadoop-more', join(import.meta.dirname, 'hadoop-more'))

/** The folder of what Hadoop's optional services, router and KMS, need beside {@link hadoopJars}. */
export const moreHadoopJars = (folder: LabFolder, progress: Progress): Promise<string> =>
  mavenJars(folder, progress, MORE)

/** Where {@link moreHadoopJars} puts them. */
export const moreHadoopJarsFolder = (folder: Pick<LabFolder, 'cache'>): string => mavenJarsFolder(folder, MORE)

const DISTCP = jarSet('distcp', join(import.meta.dirname, 'distcp'))

/** The folder of what distcp needs beside {@link hadoopJars}: MapReduce's classes, which run in its own process. */
export const distcpJars = (folder: LabFolder, progress: Progress): Promise<string> =>
  mavenJars(folder, progress, DISTCP)

/** Where {@link distcpJars} puts them. */
export const distcpJarsFolder = (folder: Pick<LabFolder, 'cache'>): string => mavenJarsFolder(folder, DISTCP)

/** Every jar by its path, in an order that is the same each time: a class path in parts. */
export function jarsInOrder(folder: Pick<LabFolder, 'cache'>): string[] {
  const jars = hadoopJarsFolder(folder)
  return readdirSync(jars)
    .sort()
    .map((name) => join(jars, name))
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
