/** How Hadoop's programs are started: the flags each of them needs, and the class path. */
import { join } from 'node:path'
import { jarsInOrder } from './build/hadoop.ts'
import { labFiles } from './folder.ts'
import { sharingFlag } from './java-archive.ts'
import type { LabFolder } from './part.ts'

export type JavaProgram = {
  /** Its daemon's name, or any other that is unique in the lab. */
  readonly name: string
  readonly main: string
  readonly args?: readonly string[]
  /** Folders with configuration, the first found counts. */
  readonly conf: readonly string[]
  /** System properties of the JVM, beside ours. */
  readonly properties?: Readonly<Record<string, string>>
  /** Further jars, or `FOLDER/*`. */
  readonly jars?: readonly string[]
  /** Whether it moves data: then the full compiler pays, whose AES is five times as fast; others start faster without. */
  readonly movesData?: boolean
}

export function java(folder: LabFolder, program: JavaProgram): [string, ...string[]] {
  return [
    'java',
    '-Xmx192m',
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    ...(program.movesData === true ? [] : ['-XX:TieredStopAtLevel=1']),
    sharingFlag(folder, program.name),
    '-Djava.net.preferIPv4Stack=true',
    `-Djava.io.tmpdir=${join(folder.path, 'hdfs', 'tmp')}`,
    `-Djava.security.krb5.conf=${labFiles(folder).krb5Conf}`,
    // WebHDFS turns exceptions into JSON by reflection: without this it answers 500.
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    ...Object.entries(program.properties ?? {}).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    // The jars first: a class archive is valid for class paths that begin as its own does.
    [...jarsInOrder(folder), ...program.conf, ...(program.jars ?? [])].join(':'),
    program.main,
    ...(program.args ?? []),
  ]
}
