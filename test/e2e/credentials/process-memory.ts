/** What a process holds, read as root reads it: the memory it can write to, the libraries it loaded, and Hadoop tokens in any text. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const CHUNK = 4 << 20
/** What is looked for may lie across the border of two chunks. */
const OVERLAP = 4096

/** Chunks of every region that is readable, writable and in use. */
function* writableMemory(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const chunk = Buffer.alloc(CHUNK + OVERLAP)
  try {
    for (const region of readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(region) ?? []
      if (from === undefined || to === undefined || /^Rss:\s+0 kB$/m.test(region)) continue
      for (let at = BigInt(`0x${from}`); at < BigInt(`0x${to}`); at += BigInt(CHUNK)) {
        const left = Number(BigInt(`0x${to}`) - at)
        const length = Math.min(left, chunk.length)
        // A region may be gone by now.
        const read = attempt(() => readSync(memory, chunk, { length, position: at }))
        if (read !== undefined) yield chunk.subarray(0, read)
      }
    }
  } finally {
    closeSync(memory)
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

export function memoryHolds(pid: number, wanted: Buffer): boolean {
  for (const bytes of writableMemory(pid)) if (bytes.includes(wanted)) return true
  return false
}

/** `HDFS delegation` as base64 writes it at each of the three places in its groups, without the ends that depend on neighbours. */
const MARKS = [0, 1, 2].map((before) =>
  Buffer.from(`${'x'.repeat(before)}HDFS delegation`)
    .toString('base64')
    .slice(4, -4),
)

/** Hadoop delegation tokens in a text, in the form in which URLs carry them. */
export function tokensIn(text: string): string[] {
  const candidates = text.match(/[A-Za-z0-9_-]{60,}/g) ?? []
  return candidates.filter((one) => MARKS.some((mark) => one.includes(mark)))
}

export function tokensInMemory(pid: number): string[] {
  const found = new Set<string>()
  for (const bytes of writableMemory(pid)) {
    for (const mark of MARKS) {
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
        const around = bytes.toString('latin1', Math.max(at - 300, 0), at + 300)
        for (const token of tokensIn(around)) found.add(token)
      }
    }
  }
  return [...found]
}

export const loadedLibraries = (pid: number): string => readFileSync(`/proc/${pid}/maps`, 'utf8')
