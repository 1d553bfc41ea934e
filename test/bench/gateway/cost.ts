/** What a process has cost so far: processor time and memory, as the kernel counts them. */
import { readFileSync } from 'node:fs'

/** USER_HZ, the same on every Linux that Node runs on. */
const TICKS_A_SECOND = 100

/** User and system time of all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** The same of the children of this process that have ended: its clients. */
export function clientSeconds(): number {
  const fields = statOf(process.pid)
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND
}

/** Memory that is this process's alone, and not text that it shares. */
export function privateDirtyMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/Private_Dirty:\s+(\d+) kB/.exec(rollup)?.[1]) / 1024
}

/** Fields of proc(5) from the state on; a command's name may hold spaces and brackets. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
