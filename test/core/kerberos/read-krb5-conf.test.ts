/** A krb5.conf of somebody else: what is read of it, and what is said of one that is broken. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { krb5Conf } from '../../../src/core/kerberos/krb5-conf.ts'
import { isOff, readKrb5Conf } from '../../../src/core/kerberos/read-krb5-conf.ts'

const CONF = `# of the machine
includedir /etc/krb5.conf.d/
[libdefaults]
    default_realm = LAB
  rdns = no
  rdns = yes
; another comment
[realms]
 LAB = {
  kdc = kdc1.lab
  kdc = tcp/kdc2.lab:750
  admin_server = kdc1.lab:749
  auth_to_local_names = {
    kdc = not-one
  }
 }
 V6 = {
  kdc = [fd00::1]:88
  kdc = fd00::2
 }*
[domain_realm]
 .lab = LAB
`

test('the KDCs of each realm, the defaults, and what leads elsewhere', () => {
  const conf = readKrb5Conf(CONF)
  expect(conf.kdcs).toEqual(
    new Map([
      ['LAB', ['kdc1.lab:88', 'kdc2.lab:750']],
      ['V6', ['[fd00::1]:88', 'fd00::2:88']],
    ]),
  )
  expect(conf.defaults.get('rdns')).toBe('no')
  expect(conf.leadsTo).toEqual(['includedir /etc/krb5.conf.d/'])
})

test('what we write ourselves is read back', () => {
  const text = krb5Conf({
    path: [
      { realm: 'CORP', kdcs: ['kdc.corp:88'] },
      { realm: 'LAB', kdcs: ['a.lab:88', 'b.lab:750'] },
    ],
    hosts: ['nn1.lab'],
  })
  const { kdcs, defaults } = readKrb5Conf(text)
  expect([...kdcs]).toEqual([
    ['CORP', ['kdc.corp:88']],
    ['LAB', ['a.lab:88', 'b.lab:750']],
  ])
  expect(isOff(defaults.get('rdns'))).toBe(true)
  expect(defaults.get('qualify_shortname')).toBe('')
})

test.each([
  ['before any section', 'kdc = x\n', 'krb5.conf:1: it stands before any section'],
  ['no relation', '[realms]\nLAB\n', 'krb5.conf:2: it is no relation'],
  ['an open brace', '[realms]\nLAB = {\n', 'krb5.conf:3: a brace is not closed'],
  ['a closed brace', '[realms]\n}\n', 'krb5.conf:2: a brace is closed that was not open'],
  ['a section in braces', '[realms]\nLAB = {\n[libdefaults]\n', 'krb5.conf:3: a section begins inside of braces'],
  ['a file that is too large', '#'.repeat(2 ** 21), 'krb5.conf:1: it is larger than 1 MiB'],
])('%s is told with its line', (_, text, message) => expect(() => readKrb5Conf(text)).toThrow(message))

test('whatever stands in it, it is read or told by name', () => {
  const word = fc.constantFrom(
    '[realms]',
    '[',
    ']',
    '{',
    '}',
    '=',
    'kdc',
    ' = ',
    '\n',
    '#',
    'LAB',
    'include x',
    '\0',
    '"',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      try {
        readKrb5Conf(words.join(''))
      } catch (error) {
        expect(error).toBeInstanceOf(KerbsideError)
      }
    }),
  )
})
