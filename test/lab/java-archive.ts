/** Class data sharing (JEP 310): an archive of parsed classes, made once per machine, halves what a start of Hadoop costs. */
import { createHash } from 'node:crypto'
import {
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
import { cached } from './build/cached.ts'
import { hadoopJarsFolder, jarsInOrder } from './build/hadoop.ts'
import { runCommand } from './command.ts'
import type { LabFolder, Progress } from './part.ts'

/** Outside: makes the archive, once a first lab has written down which classes Hadoop loads. */
export async function makeArchive(folder: LabFolder, progress: Progress): Promise<void> {
  if (!existsSync(listPath(folder))) return
  await cached(archivePath(folder), async (unfinished) => {
    const from = [
      `-XX:SharedClassListFile=${listPath(folder)}`,
      '-XX:+UseSerialGC',
      '-cp',
      jarsInOrder(folder).join(':'),
    ]
    await progress.step('hdfs: class archive', () =>
      runCommand(['java', '-Xshare:dump', `-XX:SharedArchiveFile=${unfinished}`, '-Xmx512m', ...from]),
    )
  })
}

/** The flag by which a program uses the archive, or writes down its classes for the archive to come. */
export function sharingFlag(folder: LabFolder, program: string): string {
  const archive = archivePath(folder)
  if (existsSync(archive)) return `-XX:SharedArchiveFile=${archive}`
  mkdirSync(notes(folder), { recursive: true })
  return `-XX:DumpLoadedClassList=${join(notes(folder), `${program}.list`)}`
}

/** Inside, when HDFS stands: keeps what its programs wrote down, if they did. */
export function keepClassList(folder: LabFolder): void {
  if (existsSync(listPath(folder)) || !existsSync(notes(folder))) return
  const lists = readdirSync(notes(folder)).map((name) => readFileSync(join(notes(folder), name), 'utf8'))
  // They are still writing: the last line may be half a line.
  const lines = lists.flatMap((list) => list.slice(0, list.lastIndexOf('\n')).split('\n'))
  // Only lines that name a class: the others are hints about lambdas, not worth their syntax.
  const classes = new Set(lines.filter((line) => /^[\w$/]+$/.test(line)))
  const scratch = `${listPath(folder)}.${folder.name}`
  writeFileSync(scratch, [...classes, ''].join('\n'))
  renameSync(scratch, listPath(folder))
}

const notes = (folder: LabFolder): string => join(folder.path, 'hdfs', 'classes')

const listPath = (folder: LabFolder): string => `${hadoopJarsFolder(folder)}-classes.list`

/** An archive fits one Java and one set of jars. */
function archivePath(folder: LabFolder): string {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((name) => join(name, 'java'))
  const executable = realpathSync(candidates.find((name) => existsSync(name)) ?? '/usr/bin/java')
  const { mtimeMs, size } = statSync(join(executable, '..', '..', 'lib', 'modules'))
  const digest = createHash('sha256').update(`${executable} ${mtimeMs} ${size}`).digest('hex')
  return `${hadoopJarsFolder(folder)}-classes-${digest.slice(0, 12)}.jsa`
}
