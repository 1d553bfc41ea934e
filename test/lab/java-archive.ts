/** Class data sharing (JEP 310): an archive of parsed classes, made once per machine, halves what a start of Hadoop costs. */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { hadoopJarsFolder, jarsInOrder } from './build/hadoop.ts'
import type { Inside, LabFolder } from './part.ts'

/** Use of the archive; where there is none yet, the first start writes down which classes it loads. */
export function sharingFlag(folder: LabFolder, program: string): string {
  const archive = archivePath(folder)
  if (existsSync(archive)) return `-XX:SharedArchiveFile=${archive}`
  mkdirSync(listsFolder(folder), { recursive: true })
  return `-XX:DumpLoadedClassList=${join(listsFolder(folder), `${program}.list`)}`
}

/** Makes the archive from what the first start wrote down, at low priority. Only speed depends on it. */
export async function makeArchive({ folder, run }: Inside): Promise<void> {
  const archive = archivePath(folder)
  if (existsSync(archive)) return
  const [list, made] = [join(folder.path, 'hdfs', 'classes.list'), join(folder.path, 'hdfs', 'classes.jsa')]
  writeFileSync(list, loadedClasses(folder).join('\n'))
  const from = [`-XX:SharedClassListFile=${list}`, '-XX:+UseSerialGC', '-cp', jarsInOrder(folder).join(':')]
  await run(['nice', '-n', '19', 'java', '-Xshare:dump', `-XX:SharedArchiveFile=${made}`, '-Xmx512m', ...from])
  // Whole or not at all: the cache is shared, and the lab may end at any moment.
  const scratch = `${archive}.${process.pid}-${folder.name}`
  copyFileSync(made, scratch)
  renameSync(scratch, archive)
}

/** Only lines that name a class: the programs are still writing, and other lines are hints that one bad character spoils. */
function loadedClasses(folder: LabFolder): string[] {
  const lists = readdirSync(listsFolder(folder)).map((name) => readFileSync(join(listsFolder(folder), name), 'utf8'))
  const lines = lists.flatMap((list) => list.slice(0, list.lastIndexOf('\n')).split('\n'))
  return [...new Set(lines.filter((line) => /^[\w$/]+$/.test(line)))]
}

const listsFolder = (folder: LabFolder): string => join(folder.path, 'hdfs', 'classes')

/** An archive fits one Java and one set of jars. */
function archivePath(folder: LabFolder): string {
  const path = (process.env['PATH'] ?? '').split(delimiter).map((name) => join(name, 'java'))
  const executable = realpathSync(path.find((name) => existsSync(name)) ?? '/usr/bin/java')
  const { mtimeMs, size } = statSync(join(executable, '..', '..', 'lib', 'modules'))
  const digest = createHash('sha256').update(`${executable} ${mtimeMs} ${size}`).digest('hex')
  return `${hadoopJarsFolder(folder)}-classes-${digest.slice(0, 12)}.jsa`
}
