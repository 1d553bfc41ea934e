/** The processes of a sidecar: itself and all that descend from it. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Stage, until } from './stage.ts'

type Process = {
  readonly pid: number
  readonly parent: number
  /** Its program, or the script that Node runs. */
  readonly name: string
}

export function processesOf({ sidecar: { pid } }: { readonly sidecar: { readonly pid: number } }): readonly Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(read)
  const found = all.filter((one) => one.pid === pid)
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid))
  return found
}

/** Waits until there is one of that name. */
export async function nextProcess(stage: Stage, name: string): Promise<Process> {
  const named = () => processesOf(stage).find((one) => one.name === name)
  let found = named()
  await until(`${name} to run`, () => {
    found = named()
    return found !== undefined
  })
  return found as Process
}

export function signalAll(stage: Stage, signal: NodeJS.Signals): void {
  for (const { pid } of processesOf(stage)) process.kill(pid, signal)
}

/** Nothing of a process that has ended meanwhile. */
function read(pid: string): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [file = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const name = basename(basename(file) === 'node' ? script : file)
    return [{ pid: Number(pid), parent: Number(parent), name }]
  } catch {
    return []
  }
}
