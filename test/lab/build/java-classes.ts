/** Programs of ours in Java, each compiled once for what its source and its jars are. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

export type JavaProgram = {
  /** Of the folder in the cache, and of the step. */
  readonly name: string
  /** Path of its one file. */
  readonly source: string
  /** Path of the folder whose jars it is made for. */
  readonly jars: string
  /** Paths of folders whose jars come before those. */
  readonly before?: readonly string[]
  /** Paths of files that stand beside the classes. */
  readonly beside?: readonly string[]
}

const JDK = 'openjdk-17-jdk-headless'

/** The folder of its classes. */
export async function javaClasses(folder: LabFolder, progress: Progress, program: JavaProgram): Promise<string> {
  const { name, source, jars, before = [], beside = [] } = program
  await debianPackages(folder, progress, { java: JDK, javac: JDK })
  return cached(javaClassesFolder(folder, program), async (unfinished) => {
    mkdirSync(unfinished)
    const classPath = [...before, jars].map((each) => `${each}/*`).join(':')
    // The sources are UTF-8 whatever the locale is.
    const options = ['-encoding', 'UTF-8', '-nowarn', '-d', unfinished, '-cp', classPath]
    await progress.step(`${name}: compile`, () => runCommand(['javac', ...options, source]))
    for (const file of beside) copyFileSync(file, join(unfinished, basename(file)))
  })
}

/** Where {@link javaClasses} puts them. */
export function javaClassesFolder(
  folder: Pick<LabFolder, 'cache'>,
  { name, source, jars }: Pick<JavaProgram, 'name' | 'source' | 'jars'>,
): string {
  const digest = createHash('sha256').update(jars).update(readFileSync(source)).digest('hex')
  return join(folder.cache, `${name}-${digest.slice(0, 12)}`)
}
