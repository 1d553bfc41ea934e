/** The generated krb5.conf: golden, and closed against values that would write lines of their own. */
import { expect, test } from 'vitest'
import { krb5Conf } from '../../../src/core/kerberos/krb5-conf.ts'

const LAB = { realm: 'LAB', kdcs: ['kdc.lab:88', '[fd00::1]:88'] } as const
const CORP = { realm: 'CORP', kdcs: ['ad1.corp:88', 'ad2.corp:88'] } as const
const EU = { realm: 'EU.CORP', kdcs: ['ad.eu.corp:88'] } as const

test('the file, as libkrb5 reads it', () => {
  const text = krb5Conf({ path: [LAB], hosts: ['nn1.lab', 'nn2.lab'] })
  expect(text).toMatchInlineSnapshot(`
    "[libdefaults]
      default_realm = LAB
      udp_preference_limit = 1
      dns_lookup_kdc = false
      dns_lookup_realm = false
      dns_canonicalize_hostname = false
      rdns = false
      qualify_shortname = ""
      forwardable = false
      proxiable = false
      permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128
      request_timeout = 10s
    [realms]
      LAB = {
        kdc = kdc.lab:88
        kdc = [fd00::1]:88
      }
    [domain_realm]
      nn1.lab = LAB
      nn2.lab = LAB
    "
  `)
})

test('from another realm, directly and through a third: KDCs of each, and the way written out', () => {
  const after = (text: string) => text.slice(text.indexOf('[realms]'))
  const direct = krb5Conf({ path: [CORP, LAB], hosts: ['nn1.lab'] })
  expect(direct).toContain('default_realm = CORP\n')
  expect(after(direct)).toMatchInlineSnapshot(`
    "[realms]
      CORP = {
        kdc = ad1.corp:88
        kdc = ad2.corp:88
      }
      LAB = {
        kdc = kdc.lab:88
        kdc = [fd00::1]:88
      }
    [domain_realm]
      nn1.lab = LAB
    [capaths]
      CORP = {
        LAB = .
      }
    "
  `)
  expect(after(krb5Conf({ path: [EU, CORP, LAB], hosts: ['nn1.lab'] }))).toMatchInlineSnapshot(`
    "[realms]
      EU.CORP = {
        kdc = ad.eu.corp:88
      }
      CORP = {
        kdc = ad1.corp:88
        kdc = ad2.corp:88
      }
      LAB = {
        kdc = kdc.lab:88
        kdc = [fd00::1]:88
      }
    [domain_realm]
      nn1.lab = LAB
    [capaths]
      EU.CORP = {
        CORP = .
        LAB = CORP
      }
    "
  `)
})

test.each(['LAB\n[plugins]', 'LAB }', 'a=b', '', 'x\r', '{'])('the value %j cannot stand in it', (value) => {
  const hosts = ['nn1.lab']
  const refused = 'cannot stand in krb5.conf'
  expect(() => krb5Conf({ path: [{ ...LAB, realm: value }], hosts })).toThrow(refused)
  expect(() => krb5Conf({ path: [{ ...LAB, kdcs: [value] }], hosts })).toThrow(refused)
  expect(() => krb5Conf({ path: [CORP, { ...LAB, realm: value }], hosts })).toThrow(refused)
  expect(() => krb5Conf({ path: [LAB], hosts: [value] })).toThrow(refused)
})
