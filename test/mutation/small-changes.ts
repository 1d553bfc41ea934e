/** Changes to a source, one at a time, that Stryker does not know: bits, numbers by one, words of the policy, lines left out. */
import { stripTypeScriptTypes } from 'node:module'

export type Change = {
  /** Where it begins in the source. */
  readonly at: number
  readonly from: string
  readonly to: string
}

const OTHERS: Readonly<Record<string, string>> = {
  ' & ': ' | ',
  ' | ': ' & ',
  ' ^ ': ' & ',
  ' << ': ' >> ',
  ' >>> ': ' << ',
  '~': '',
  "'allow'": "'deny'",
  "'deny'": "'allow'",
  "'enforce'": "'shadow'",
  "'shadow'": "'enforce'",
  "'this'": "'subtree'",
  "'subtree'": "'this'",
}
const WORD = /'(?:allow|deny|enforce|shadow|this|subtree)'/g
const BITS = / (?:[&|^]|<<|>>>) |~/g
const NUMBER = /(?<![\w.])\d[\d_]*(?![\w.])/g
/** An assignment or a call that is a whole line, and no part of an expression over several. */
const STATEMENT =
  /(?<![=>(,?:|&]\n)^ +(?!const |let |return |for |if |else )\w[\w.]*(?:\[.*?\])?(?: [|]{0,2}\+?= .*[^=>{([,|&?:\n]|\(.*\))$/gm

/** In the order of the source. Comments, types and what is told in messages stay as they are. */
export function changesOf(source: string): readonly Change[] {
  const code = blank(stripTypeScriptTypes(source), /\/\*[\s\S]*?\*\/|\/\/.*/g)
  const words = found(code, WORD).map(([at, from]) => ({ at, from, to: OTHERS[from] ?? '' }))
  const bare = blank(code, /'(?:[^'\\\n]|\\.)*'|`[^`]*`/g)
  const bits = found(bare, BITS).map(([at, from]) => ({ at, from, to: OTHERS[from] ?? '' }))
  const numbers = found(bare, NUMBER).flatMap(([at, from]) => {
    const value = Number(from.replaceAll('_', ''))
    return [value + 1, value - 1].map((to) => ({ at, from, to: String(to) }))
  })
  const lines = found(bare, STATEMENT)
    .map(([at, { length }]) => ({ at, from: source.slice(at, at + length), to: ';' }))
    .filter(({ from }) => isWhole(from))
  return [...words, ...bits, ...numbers, ...lines].sort((one, other) => one.at - other.at)
}

export const change = (source: string, { at, from, to }: Change): string =>
  source.slice(0, at) + to + source.slice(at + from.length)

const found = (code: string, pattern: RegExp): readonly (readonly [number, string])[] =>
  [...code.matchAll(pattern)].map((match) => [match.index, match[0]])

const blank = (code: string, pattern: RegExp): string =>
  code.replaceAll(pattern, (text) => text.replaceAll(/[^\n]/g, '_'))

const isWhole = (line: string): boolean =>
  ['()', '[]', '{}'].every(([open = '', close = '']) => line.split(open).length === line.split(close).length)
