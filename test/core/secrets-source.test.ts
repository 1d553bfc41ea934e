/** The broker's own file on its secret store: what it takes, and every slip in it at once. */
import { describe, expect, test } from 'vitest'
import type { KerbsideError } from '../../src/core/errors.ts'
import { readSecretsSource } from '../../src/core/secrets-source.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const read = (content: unknown) => readSecretsSource(content, 'secrets.yaml')
const problem = (content: unknown): string => {
  try {
    read(content)
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-settings' })
    return (error as KerbsideError).message
  }
  return expect.unreachable('it was taken')
}

describe('the file of the broker', () => {
  test('names the namespaces of Kubernetes whose Secrets it may ask for', () => {
    expect(read({ store: 'kubernetes', namespaces: ['hdfs'] })).toEqual({ store: 'kubernetes', namespaces: ['hdfs'] })
  })

  test('names a store as the settings of a sidecar do, with a login of its own', () => {
    const given = { store: 'openbao', storeUrl: 'https://bao.example:8200', storeRole: 'broker', authorities: PEM }
    expect(read(given)).toMatchObject({
      store: 'openbao',
      storeRole: 'broker',
      storeMount: 'kv',
      ca: PEM,
      tokenFile: '/var/run/secrets/kerbside-store/token',
    })
    expect(read({ store: 'files', storeMount: '/secrets' })).toMatchObject({ store: 'files', ca: '' })
  })

  test.each<[string, unknown, string]>([
    ['nothing', {}, '`store` is not one of kubernetes, files'],
    ['another store', { store: 'etcd' }, '`store` is not one of kubernetes, files'],
    ['no namespace', { store: 'kubernetes', namespaces: [] }, '`namespaces`'],
    ['no list of namespaces', { store: 'kubernetes' }, '`namespaces` is missing'],
    ['every namespace', { store: 'kubernetes', namespaces: ['*'] }, 'is not the name of a namespace'],
    [
      'a namespace that leads elsewhere',
      { store: 'kubernetes', namespaces: ['a/../b'] },
      'is not the name of a namespace',
    ],
    [
      'a misspelt setting',
      { store: 'files', storeMount: '/s', storemount: '/t' },
      '`storemount` is not a setting of this store',
    ],
    [
      'a role for Kubernetes',
      { store: 'kubernetes', namespaces: ['a'], storeRole: 'x' },
      '`storeRole` is not a setting',
    ],
    [
      'a folder that is none',
      { store: 'files' },
      '`storeMount` is `kv`, but the store `files` needs an absolute folder',
    ],
    [
      'an address in the clear',
      { store: 'vault', storeUrl: 'http://bao:8200', storeRole: 'x', authorities: PEM },
      '`storeUrl` is not an https URL',
    ],
    ['no CA', { store: 'vault', storeUrl: 'https://bao:8200', storeRole: 'x' }, '`authorities` is missing'],
    [
      'a CA that is none',
      { store: 'vault', storeUrl: 'https://bao:8200', storeRole: 'x', authorities: 'x' },
      '`authorities` is not a list of certificates',
    ],
  ])('that says %s is refused', (_, content, message) => {
    expect(problem(content)).toContain(`\`secrets.yaml\`: `)
    expect(problem(content)).toContain(message)
  })

  test('has all its slips told at once', () => {
    const message = problem({ store: 'vault', storeUrl: 'https://bao:8200' })
    expect(message).toContain('`storeRole` is `none`')
    expect(message).toContain('`authorities` is missing')
  })
})
