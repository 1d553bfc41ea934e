/** The realms between a principal and the services of a cluster. */
import { expect, test } from 'vitest'
import { kdcsOf, realmOf, realmPath } from '../../../src/core/kerberos/realm-path.ts'

const kdcs = ['kdc:88']
const CORP = { realm: 'CORP', kdcs: ['corp:88'] }
const EU = { realm: 'EU', kdcs: ['eu:88', 'corp:88'], via: 'CORP' }
const ROME = { realm: 'ROME', kdcs: ['rome:88'], via: 'EU' }
const CLUSTER = { realm: 'LAB', kdcs, realms: [ROME, EU, CORP] }

const names = (principal: string, cluster = CLUSTER) => realmPath(principal, cluster).map(({ realm }) => realm)

test('the realm of a principal is what stands after its last @', () => {
  expect(['quant@LAB', 'HTTP/nn1.lab@LAB', 'odd\\@name@LAB'].map(realmOf)).toEqual(['LAB', 'LAB', 'LAB'])
})

test('a principal of the realm itself passes no other, whatever that one trusts', () => {
  expect(names('quant@LAB')).toEqual(['LAB'])
  expect(realmPath('quant@LAB', { realm: 'LAB', kdcs })).toEqual([{ realm: 'LAB', kdcs }])
})

test.each([
  ['quant@CORP', ['CORP', 'LAB']],
  ['quant@EU', ['EU', 'CORP', 'LAB']],
  ['quant@ROME', ['ROME', 'EU', 'CORP', 'LAB']],
])('%s passes %j', (principal, path) => {
  expect(names(principal)).toEqual(path)
})

test('the KDCs of all of them are there once each, in the order of the way', () => {
  expect(kdcsOf(realmPath('quant@EU', CLUSTER))).toEqual(['eu:88', 'corp:88', 'kdc:88'])
})

test.each([
  ['of a realm that is not named', 'quant@EVIL', CLUSTER, 'realm `EVIL` is not one of the realms of the cluster'],
  ['of one in other letters', 'quant@corp', CLUSTER, 'realm `corp` is not one'],
  ['without a realm', 'quant', CLUSTER, 'realm `quant` is not one'],
  ['whose way ends nowhere', 'quant@EU', { ...CLUSTER, realms: [EU] }, 'realm `CORP` is not one'],
  ['whose way is a circle', 'quant@EU', { ...CLUSTER, realms: [EU, { ...CORP, via: 'EU' }] }, 'leads in a circle'],
  ['whose way is itself', 'quant@EU', { ...CLUSTER, realms: [{ ...EU, via: 'EU' }] }, 'leads in a circle'],
])('a principal %s gets no way', (_, principal, cluster, message) => {
  expect(() => realmPath(principal, cluster)).toThrow(message)
})
