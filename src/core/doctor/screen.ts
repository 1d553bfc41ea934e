/** What doctor has found, on one screen of 80 columns: a line for each check, then the first failure in full. */
import { printable } from '../audit/printable.ts'
import type { Finding, State } from './finding.ts'
import type { Report } from './report.ts'

type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold'
type Paint = (colour: Colour, text: string) => string

const WIDTH = 80
/** Faster than that nobody asks how long it took. */
const SLOW_MS = 1000

const MARKS = {
  ok: { text: 'ok', colour: 'green' },
  warn: { text: 'warn', colour: 'yellow' },
  fail: { text: 'FAIL', colour: 'red' },
  'not-tried': { text: '-', colour: 'dim' },
} as const satisfies Record<State, { text: string; colour: Colour }>

const MARK_WIDTH = 4
const CHECK_WIDTH = 9

/** Lines without ends. What is cut to the width stands in full in the JSON, and the first failure below. */
export function screen({ findings, elapsedMs }: Report, paint: Paint): readonly string[] {
  return [
    ...findings.map((finding) => line(finding, paint)),
    '',
    ...firstFailure(findings, paint),
    sum(findings, elapsedMs),
  ]
}

function line({ check, about, state, says, ms }: Finding, paint: Paint): string {
  const { text, colour } = MARKS[state]
  const slow = ms !== undefined && ms >= SLOW_MS ? ` ${seconds(ms)}` : ''
  const head = `${text.padEnd(MARK_WIDTH)}  ${check.padEnd(CHECK_WIDTH)}  `
  const body = printable(about === undefined ? says : `${about}: ${says}`, WIDTH - head.length - slow.length)
  const painted = `${paint(colour, text.padEnd(MARK_WIDTH))}  ${check.padEnd(CHECK_WIDTH)}  `
  return `${painted}${state === 'not-tried' ? paint('dim', body) : body}${paint('dim', slow)}`
}

function firstFailure(findings: readonly Finding[], paint: Paint): readonly string[] {
  const worst = findings.find(({ state }) => state === 'fail') ?? findings.find(({ state }) => state === 'warn')
  if (worst === undefined) return []
  const { check, about, says, advice } = worst
  const what = printable(`${check}${about === undefined ? '' : ` ${about}`}: ${says}`)
  const todo = advice === undefined ? [] : folded(printable(advice), '  ')
  return [...folded(what, '').map((text) => paint('bold', text)), ...todo, '']
}

function sum(findings: readonly Finding[], elapsedMs: number): string {
  const count = (wanted: State) => findings.filter(({ state }) => state === wanted).length
  const parts = [
    `${count('ok')} ok`,
    ...(count('warn') === 0 ? [] : [`${count('warn')} to look at`]),
    ...(count('fail') === 0 ? [] : [`${count('fail')} failed`]),
    ...(count('not-tried') === 0 ? [] : [`${count('not-tried')} not tried`]),
  ]
  return `${parts.join(', ')} in ${seconds(elapsedMs)}`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** Broken at spaces; a word that is longer than a line stands alone on one. */
function folded(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines
}
