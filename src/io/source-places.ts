/**
 * Where in our sources a stack points, of a program that was bundled. The maps are read only now: a Node that keeps them ready
 * from the start takes 13 MiB and a third more time for it.
 */
import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'

/** The text of a stack, with each place that the map beside a file knows said as the place in the source. */
export function inSources(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>()
  return stack.replaceAll(/(?:file:\/\/)?(\/[^\s()]+\.js):(\d+):(\d+)/g, (place, file: string, line, column) => {
    if (!maps.has(file)) maps.set(file, mapOf(file))
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column))
    if (origin === undefined || !('fileName' in origin)) return place
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined // not bundled, or not ours
  }
}
