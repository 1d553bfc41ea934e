/** Ranger's own policy engine, 2.9.0 from Maven, as a process that is asked line by line. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaClasses } from '../../lab/build/java-classes.ts'
import { jarSet, mavenJars } from '../../lab/build/maven.ts'
import { labFolder } from '../../lab/folder.ts'
import type { Progress } from '../../lab/part.ts'

const HERE = import.meta.dirname
const RANGER = jarSet('ranger', HERE)
const SOURCE = join(HERE, 'RangerPeer.java')
const QUIET = join(HERE, 'log4j.properties')

export type RangerRequest = {
  readonly user: string
  readonly groups: readonly string[]
  readonly path: string
  readonly access: 'read' | 'write' | 'execute'
  /** Milliseconds since the epoch; now if absent. */
  readonly time?: number
  /** Whether with all that lies below (`ResourceMatchingScope.SELF_OR_DESCENDANTS`). */
  readonly recursive?: boolean
}

export type RangerAnswer = {
  readonly allowed: boolean
  readonly determined: boolean
  /** -1 where no policy decided. */
  readonly policyId: number
}

export type RangerGrid = {
  readonly people: readonly Pick<RangerRequest, 'user' | 'groups'>[]
  /** Milliseconds since the epoch. */
  readonly times: readonly number[]
  readonly paths: readonly string[]
  readonly accesses: readonly RangerRequest['access'][]
}

export type RangerEngine = {
  /** @param policies a file as Ranger Admin exports it, maybe with `roles` and `zones` beside the policies */
  load(policies: object): Promise<void>
  /** Answers in the order of the requests. */
  decide(requests: readonly RangerRequest[]): Promise<readonly RangerAnswer[]>
  /** Whether each combination is allowed, the last list turning fastest. */
  grid(asked: RangerGrid): Promise<readonly boolean[]>
  /** Any other line that RangerPeer.java knows. */
  ask(line: object): Promise<Readonly<Record<string, unknown>>>
  stop(): Promise<void>
}

export type RangerOptions = {
  readonly progress?: Progress
  /** Java's default time zone, which a NameNode has from its host; UTC if absent. */
  readonly zone?: string
}

const SILENT: Progress = { step: (_, work) => work(), note: () => {} }

/** Fetches what is not in the cache of the lab, and starts a JVM. Whoever starts it stops it. */
export async function startRanger({ progress = SILENT, zone = 'UTC' }: RangerOptions = {}): Promise<RangerEngine> {
  const classPath = await rangerClassPath(progress)
  const jvm = spawn('java', ['-Xmx1g', '-XX:+UseSerialGC', `-Duser.timezone=${zone}`, '-cp', classPath, 'RangerPeer'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => jvm.on('exit', () => resolve()))
  const lines = createInterface({ input: jvm.stdout })[Symbol.asyncIterator]()
  jvm.stdin.on('error', () => {})
  let last: Promise<unknown> = Promise.resolve()

  async function exchange(line: object): Promise<Readonly<Record<string, unknown>>> {
    jvm.stdin.write(`${JSON.stringify(line)}\n`)
    const next = await lines.next()
    if (next.done === true) throw new Error("Ranger's engine ended before it answered")
    const answer: Readonly<Record<string, unknown>> = JSON.parse(next.value)
    if (answer['error'] !== undefined) throw new Error(`Ranger's engine: ${answer['error']}`)
    return answer
  }
  // One line at a time: answers carry no number.
  const ask = (line: object) => {
    const answer = last.then(() => exchange(line))
    last = answer.catch(() => {})
    return answer
  }
  return {
    ask,
    load: async (policies) => void (await ask({ export: policies })),
    decide: async (requests) => (await ask({ requests }))['answers'] as readonly RangerAnswer[],
    grid: async (asked) => [...String((await ask({ grid: asked }))['allowed'])].map((bit) => bit === '1'),
    async stop() {
      jvm.stdin.end()
      await ended
    },
  }
}

async function rangerClassPath(progress: Progress): Promise<string> {
  const folder = labFolder('ranger')
  const jars = await mavenJars(folder, progress, RANGER)
  const program = { name: 'ranger-peer', source: SOURCE, jars, beside: [QUIET] }
  return `${await javaClasses(folder, progress, program)}:${jars}/*`
}
