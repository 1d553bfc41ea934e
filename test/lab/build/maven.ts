/** Jars from Maven with all they need, each checked against the sum we know it by. */
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runCommand } from '../command.ts'
import { debianPackages } from '../debian.ts'
import { LabError } from '../errors.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'

export type JarSet = {
  /** Name of the folder in the cache, and of the step. */
  readonly name: string
  /** Paths of a pom.xml, and of a list as `sha256sum` writes it. */
  readonly pom: string
  readonly sums: string
}

/** The set that a folder describes, by its pom.xml and its jars.sha256. */
export const jarSet = (name: string, folder: string): JarSet => ({
  name,
  pom: join(folder, 'pom.xml'),
  sums: join(folder, 'jars.sha256'),
})

/** The folder of a set of jars; fetched when it is not in the cache. */
export function mavenJars(folder: LabFolder, progress: Progress, set: JarSet): Promise<string> {
  return cached(mavenJarsFolder(folder, set), async (unfinished) => {
    await debianPackages(folder, progress, { mvn: 'maven' })
    await progress.step(`${set.name}: jars from Maven`, async () => {
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`]
      await runCommand(['mvn', '-B', '-q', '--strict-checksums', '-f', set.pom, ...goal])
      await verify(unfinished, set.sums)
    })
  })
}

/** Where {@link mavenJars} puts them: another list of sums is another folder. */
export function mavenJarsFolder(folder: Pick<LabFolder, 'cache'>, { name, sums }: JarSet): string {
  const digest = createHash('sha256').update(readFileSync(sums)).digest('hex')
  return join(folder.cache, `${name}-jars-${digest.slice(0, 12)}`)
}

/** Every jar is in the list with its sum, and every line of the list is there. */
async function verify(jars: string, sums: string): Promise<void> {
  const wanted = new Map<string, string>()
  for (const line of readFileSync(sums, 'utf8').trim().split('\n')) {
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
