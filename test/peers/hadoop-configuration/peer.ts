/** Hadoop's own class `Configuration`, from the lab's jars, as a process that is asked line by line. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hadoopJars } from '../../lab/build/hadoop.ts'
import { javaClasses } from '../../lab/build/java-classes.ts'
import { labFolder } from '../../lab/folder.ts'
import type { Progress } from '../../lab/part.ts'

const SOURCE = join(import.meta.dirname, 'HadoopConfiguration.java')
const QUIET = join(import.meta.dirname, 'log4j.properties')

export type HadoopRead =
  | { readonly failed: string }
  /** Null where Hadoop gives up, because variables lead to variables without an end. */
  | { readonly properties: Readonly<Record<string, string | null>> }

export type HadoopConfigurationPeer = {
  /** What Hadoop makes of each case: the texts of its XML documents, each a later resource than the one before. */
  read(cases: readonly (readonly string[])[]): Promise<readonly HadoopRead[]>
  stop(): Promise<void>
}

const SILENT: Progress = { step: (_, work) => work(), note: () => {} }

/** Fetches what is not in the cache of the lab, and starts a JVM. Whoever starts it stops it. */
export async function startHadoopConfiguration(progress: Progress = SILENT): Promise<HadoopConfigurationPeer> {
  const classPath = await compiled(progress)
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:-UsePerfData']
  const jvm = spawn('java', [...flags, '-cp', classPath, 'HadoopConfiguration'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => jvm.on('exit', () => resolve()))
  const lines = createInterface({ input: jvm.stdout })[Symbol.asyncIterator]()
  jvm.stdin.on('error', () => {})
  return {
    async read(cases) {
      jvm.stdin.write(`${JSON.stringify(cases)}\n`)
      const next = await lines.next()
      if (next.done === true) throw new Error('Hadoop ended before it answered')
      return JSON.parse(next.value) as HadoopRead[]
    },
    async stop() {
      jvm.stdin.end()
      await ended
    },
  }
}

async function compiled(progress: Progress): Promise<string> {
  const folder = labFolder('hadoop-configuration')
  const jars = await hadoopJars(folder, progress)
  const program = { name: 'hadoop-configuration', source: SOURCE, jars, beside: [QUIET] }
  return `${await javaClasses(folder, progress, program)}:${jars}/*`
}
