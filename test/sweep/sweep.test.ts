/** The sweep finds a planted secret in every encoding: one that finds nothing proves nothing. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sweep } from './sweep.ts'

const secret = Buffer.concat([Buffer.from([0, 255, 34, 92, 10]), randomBytes(24)])
const sweep = new Sweep({ keytab: secret })
const percent = secret.toString('hex').replace(/../g, '%$&')

test.each([
  ['as it is', secret],
  ['in hex', secret.toString('hex')],
  ['in upper-case hex', secret.toString('hex').toUpperCase()],
  ['with every byte in percent', percent],
  ['as `escape` writes it', escape(secret.toString('latin1'))],
  ['in UTF-16', Buffer.from(secret.toString('latin1'), 'utf16le')],
  ...[0, 1, 2].flatMap((before): [string, string][] => {
    const around = Buffer.concat([randomBytes(before + 3), secret, randomBytes(5)])
    return [
      [`in base64, ${before} bytes in`, around.toString('base64')],
      [`in base64url, ${before} bytes in`, around.toString('base64url')],
    ]
  }),
])('a secret %s is found', (_form, planted) => {
  const bytes = Buffer.concat([randomBytes(100), Buffer.from(planted), randomBytes(100)])
  expect(sweep.find(bytes)).toContainEqual({ secret: 'keytab', form: expect.any(String) })
})

test('text is found where JSON escapes it and where a query does', () => {
  const cookie = new Sweep({ cookie: 'u=quant&p="quant@LAB"&s=a+b/c=' })
  expect(cookie.find(JSON.stringify({ message: 'u=quant&p="quant@LAB"&s=a+b/c=' }))).not.toEqual([])
  expect(cookie.find(encodeURIComponent('u=quant&p="quant@LAB"&s=a+b/c='))).not.toEqual([])
  expect(cookie.find(`${new URLSearchParams({ x: 'u=quant&p="quant@LAB"&s=a+b/c=' })}`)).not.toEqual([])
})

test('what is not there is not found, and what is too short is not looked for', () => {
  expect(sweep.find(randomBytes(10_000))).toEqual([])
  expect(() => sweep.add('pin', '1234')).toThrow('too short')
})
