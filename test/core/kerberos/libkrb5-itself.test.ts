/** libkrb5 as judge, by `klist`: what our readers take of changed real files, it takes, and sees the same in it. */
import { expect, test } from 'vitest'
import { judgeKerberos } from '../../fuzz/parsers/kerberos-judge.ts'

test.each(['keytab', 'ccache'] as const)('changed copies of a real %s', { timeout: 180_000 }, (kind) => {
  const { taken, refused, finds } = judgeKerberos(kind, { count: 400, seed: 20_261_126 })
  expect(finds).toEqual([])
  // Else the changes had become one-sided.
  expect(taken).toBeGreaterThan(80)
  expect(refused).toBeGreaterThan(80)
})
