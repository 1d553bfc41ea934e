/** The delegation token that is worth nothing: read as Hadoop reads it, and told from any other. */
import { describe, expect, test } from 'vitest'
import { readTokenIdentifier } from '../../../src/core/hadoop/delegation-token.ts'
import { isSyntheticToken, SYNTHETIC_TOKEN, SYNTHETIC_TOKEN_ENDS } from '../../../src/core/hadoop/synthetic-token.ts'

const bytes = Buffer.from(SYNTHETIC_TOKEN, 'base64url')

test('says of itself whose it is, when it ends, and what it is worth', () => {
  expect(readTokenIdentifier(bytes)).toMatchObject({ owner: 'kerbside', renewer: '', maxAt: SYNTHETIC_TOKEN_ENDS })
  expect(bytes.toString('latin1')).toContain('worth nothing elsewhere!')
  expect(bytes.toString('latin1')).toContain('WEBHDFS delegation')
})

describe('is told from any other', () => {
  test('with whatever kind and service a client writes into it', () => {
    const other = Buffer.concat([
      bytes.subarray(0, 48),
      Buffer.from('\x12SWEBHDFS delegatio\x0e127.0.0.1:9870', 'latin1'),
    ])
    expect(isSyntheticToken(other.toString('base64url'))).toBe(true)
    expect(isSyntheticToken(SYNTHETIC_TOKEN)).toBe(true)
  })

  test('by every byte of identifier and password', () => {
    for (let at = 0; at < 48; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      expect(isSyntheticToken(changed.toString('base64url')), `byte ${at}`).toBe(false)
    }
  })

  test.each([
    '',
    'x',
    `x${SYNTHETIC_TOKEN}`,
    `${SYNTHETIC_TOKEN}&doas=hdfs`,
    `${SYNTHETIC_TOKEN}\n`,
    `${SYNTHETIC_TOKEN}${'A'.repeat(400)}`,
  ])('%j is another', (text) => {
    expect(isSyntheticToken(text)).toBe(false)
  })
})
