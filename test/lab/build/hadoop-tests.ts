/** Hadoop's own contract tests for file systems: its test classes from Maven, and a program of ours that runs them. */
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { hadoopJars, jarsInOrder } from './hadoop.ts'
import { javaClasses, javaClassesFolder } from './java-classes.ts'
import { jarSet, mavenJars, mavenJarsFolder } from './maven.ts'

const HERE = join(import.meta.dirname, 'hadoop-tests')
const TESTS = jarSet('hadoop-tests', HERE)
const programOf = (folder: Pick<LabFolder, 'cache'>) => ({
  name: 'hadoop-tests',
  source: join(HERE, 'ContractTests.java'),
  jars: mavenJarsFolder(folder, TESTS),
})

export async function hadoopTests(folder: LabFolder, progress: Progress): Promise<void> {
  const hadoop = await hadoopJars(folder, progress)
  await mavenJars(folder, progress, TESTS)
  await javaClasses(folder, progress, { ...programOf(folder), before: [hadoop] })
}

/** Hadoop, its tests, and `ContractTests`. @throws Error when they have not been fetched */
export function hadoopTestsClassPath(folder: LabFolder): readonly string[] {
  const program = programOf(folder)
  return [...jarsInOrder(folder), `${program.jars}/*`, javaClassesFolder(folder, program)]
}
