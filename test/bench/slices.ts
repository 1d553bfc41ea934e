/** What slices cost: to be cut from a large bundle, on the wire, and in the memory of a sidecar. */
import { rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { getHeapSnapshot } from 'node:v8'
import { compile } from '../../src/core/policy/compile.ts'
import { type PolicyOver, policyOver } from '../../src/core/policy/decision/policy-over.ts'
import { readSlice, writeSlice } from '../../src/core/policy/slice-line.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { measureApart } from './apart.ts'
import { type Everything, everything } from './decide.ts'
import { largePolicy } from './large-policy.ts'
import { writePolicy } from './policy-text.ts'

export type CompileFigures = {
  readonly datasets: number
  readonly grants: number
  readonly identities: number
  /** Milliseconds for the slice of one identity, the median of many, and for those of all identities together. */
  readonly oneMs: number
  readonly allMs: number
}

export async function benchCompile(): Promise<CompileFigures> {
  const folder = writePolicy(largePolicy())
  const result = await readPolicyDirectory(folder).finally(() => rmSync(folder, { recursive: true }))
  if ('problems' in result) throw new Error(`the policy is not valid: ${JSON.stringify(result.problems[0])}`)
  const { bundle } = result
  const took: number[] = []
  for (const name of bundle.identities.keys()) {
    const began = performance.now()
    if (compile(bundle, name)?.places.length === 0) throw new Error(`the slice of \`${name}\` is empty`)
    took.push(performance.now() - began)
  }
  return {
    datasets: bundle.datasets.size,
    grants: bundle.grants.length,
    identities: bundle.identities.size,
    allMs: took.reduce((sum, ms) => sum + ms, 0),
    oneMs: took.sort((one, other) => one - other)[took.length >> 1] ?? Number.NaN,
  }
}

/** The line in which a slice is sent. */
export async function lineOf(wanted: Everything): Promise<string> {
  return writeSlice(await everything(wanted))
}

export type MemoryFigures = {
  /** Bytes that a sidecar keeps for each prefix, without its strings: heap and array buffers. */
  readonly perPrefix: number
  /** Bytes of its strings for each prefix. */
  readonly stringsPerPrefix: number
}

/** As a sidecar does it: a line is read, made into what decides, and let go. Needs `--expose-gc`. */
export async function benchSliceMemory(wanted: Everything): Promise<MemoryFigures> {
  const { datasets } = wanted
  // Made elsewhere: what made it would be let go bit by bit while this measures.
  const line = Buffer.from(await measureApart<string>(import.meta.filename, 'lineOf', wanted))
  // The first time brings code along, and what is known for good; a small one, so that it does not matter if it stays.
  const small = Buffer.from(await measureApart<string>(import.meta.filename, 'lineOf', { datasets: 10, perGrant: 1 }))
  for (let round = 0; round < 100; round++) held = policyOf(small)
  await memory()
  const before = await memory()
  held = policyOf(line)
  const after = await memory()
  // The segments of its paths are strings as well, though they lie in an array.
  const { text } = held.at(0).layout.segments
  const strings = after.strings - before.strings + text.byteLength
  return { perPrefix: (after.all - before.all - strings) / datasets, stringsPerPrefix: strings / datasets }
}

let held: PolicyOver | undefined
const policyOf = (line: Buffer): PolicyOver => policyOver(readSlice(line.toString()))

/** Bytes in use, and how many of them are strings: every one that the heap has, by V8's own count. */
async function memory(): Promise<{ readonly all: number; readonly strings: number }> {
  const all = await settledBytes()
  return { all, strings: await stringBytes() }
}

/** Array buffers are swept beside the program, so that one collection does not show all that is free. */
async function settledBytes(): Promise<number> {
  for (let known = Number.POSITIVE_INFINITY; ; ) {
    await wait(SWEEP_MS)
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external > known - SETTLED_BYTES) return heapUsed + external
    known = heapUsed + external
  }
}

const SWEEP_MS = 50
const SETTLED_BYTES = 1024

type HeapSnapshot = {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly (readonly string[])[] }
  }
  readonly nodes: readonly number[]
}

async function stringBytes(): Promise<number> {
  const chunks: Buffer[] = []
  for await (const chunk of getHeapSnapshot()) chunks.push(Buffer.from(chunk))
  const { snapshot, nodes } = JSON.parse(Buffer.concat(chunks).toString()) as HeapSnapshot
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')]
  const strings = new Set(['string', 'concatenated string', 'sliced string'])
  const isString = types[type]?.map((name) => strings.has(name)) ?? []
  let bytes = 0
  for (let at = 0; at < nodes.length; at += fields.length) {
    if (isString[nodes[at + type] ?? 0]) bytes += nodes[at + size] ?? 0
  }
  return bytes
}
