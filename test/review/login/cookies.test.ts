/** Cookies as they come back: one that is there twice was put there by somebody else, and is none. */
import { expect, test } from 'vitest'
import { readCookie, SESSION_COOKIE } from '../../../src/review/login/cookies.ts'

test.each([
  [`${SESSION_COOKIE}=a`, 'a'],
  [`other=b; ${SESSION_COOKIE}=a; x${SESSION_COOKIE}=c`, 'a'],
  [`${SESSION_COOKIE}=a; ${SESSION_COOKIE}=b`, undefined],
  [`${SESSION_COOKIE}=b; ${SESSION_COOKIE}=a`, undefined],
  ['other=b', undefined],
  [undefined, undefined],
])('of %j the session is %j', (header, value) => {
  expect(readCookie(header, SESSION_COOKIE)).toBe(value)
})
