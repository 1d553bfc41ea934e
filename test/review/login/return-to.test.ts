/** Where one goes after signing in: as browsers read it, and never to another site. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { returnTo } from '../../../src/review/login/return-to.ts'

const OURS = 'https://audit.lab'

it.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  ' //evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/login/../..//evil.example',
  'javascript:alert(1)',
  'evil',
  '',
  '/login?to=/login',
  `/${'a'.repeat(9000)}`,
])('is the overview when it would be another site, or no page: %j', (text) => {
  expect(returnTo(text, OURS)).toBe('/')
})

it.each(['/', '/records?team=quant&path=%2Fdata', '/record/pod-a/7', '/?a=//b'])(
  'is the page that was asked for: %s',
  (text) => {
    expect(returnTo(text, OURS)).toBe(text)
  },
)

it('stays here whatever is asked, and says itself again', () => {
  const near = fc.array(
    fc.constantFrom('/', '\\', '.', '..', '\t', '\r', '@', ':', '?', '#', 'evil.example', '%2f', ' '),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        near.map((parts) => `/${parts.join('')}`),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const to = returnTo(text, OURS)
        expect(new URL(to, OURS).origin).toBe(OURS)
        expect(new URL(to, 'https://audit.lab/login/callback').href).toBe(`${OURS}${to}`)
        expect(returnTo(to, OURS)).toBe(to)
      },
    ),
  )
})
