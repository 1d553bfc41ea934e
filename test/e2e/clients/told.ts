/** What a client's program prints about itself, `version …`, `did …` and `refused …`, held against its row. */
import { expect } from 'vitest'
import type { Client } from './clients-table.ts'

/** Expects version, steps and refusal as the row has them. The whole output is the message when a program broke off. */
export function expectRow(output: string, row: Client): void {
  const lines = (word: string) =>
    output.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  expect(lines('did'), output).toEqual(row.did)
  expect(lines('version')).toEqual([row.version])
  expect(lines('refused').join('\n'), output).toContain(row.refused)
}
