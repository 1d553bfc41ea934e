/** Hadoop's own contract tests for file systems: its test classes from Maven, and a program of ours that runs them. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { hadoopJars, jarsInOrder } from './hadoop.ts'
import { jarSet, mavenJars, mavenJarsFolder } from './maven.ts'

const HERE = join(import.meta.dirname, 'hadoop-tests')
const TESTS = jarSet('hadoop-tests', HERE)
const SOURCE = join(HERE, 'ContractTests.java')

export async function hadoopTests(folder: LabFolder, progress: Progress): Promise<void> {
  const hadoop = await hadoopJars(folder, progress)
  const jars = await mavenJars(folder, progress, TESTS)
  await debianPackages(folder, progress, { javac: 'openjdk-17-jdk-headless' })
  await cached(classesFolder(folder), async (unfinished) => {
    mkdirSync(unfinished)
    const compile = [
      'javac',
      '-encoding',
      'UTF-8',
      '-nowarn',
      '-d',
      unfinished,
      '-cp',
      `${hadoop}/*:${jars}/*`,
      SOURCE,
    ] as const
    await progress.step('hadoop-tests: compile', () => runCommand(compile))
  })
}

/** Hadoop, its tests, and `ContractTests`. @throws Error when they have not been fetched */
export function hadoopTestsClassPath(folder: LabFolder): readonly string[] {
  return [...jarsInOrder(folder), `${mavenJarsFolder(folder, TESTS)}/*`, classesFolder(folder)]
}

function classesFolder(folder: LabFolder): string {
  const digest = createHash('sha256').update(mavenJarsFolder(folder, TESTS)).update(readFileSync(SOURCE)).digest('hex')
  return join(folder.cache, `hadoop-tests-${digest.slice(0, 12)}`)
}
