/** The command line: what it takes, and one sentence for what it does not. */
import { expect, test } from 'vitest'
import { readOptions } from '../../webhook/options.ts'

const LEAST = ['--policies', 'p', '--tls-directory', 't']

test('flags of the injection are kept apart, to win over the file', () => {
  expect(readOptions([...LEAST, '--image', 'i', '--broker', 'https://b', '--store', 'files'])).toMatchObject({
    policies: { directory: 'p' },
    port: 8443,
    authority: { directory: 't' },
    overrides: { image: 'i', broker: 'https://b', store: 'files' },
    names: ['kerbside-webhook.kerbside.svc', 'localhost', '127.0.0.1'],
  })
  const inCluster = readOptions(['--policies', 'p', '--tls-secret', 'kerbside-ca', '--name', 'hook.lab'])
  expect(inCluster).toMatchObject({ authority: { secret: 'kerbside-ca', namespace: 'kerbside' }, overrides: {} })
  expect(inCluster?.names[0]).toBe('hook.lab')
})

test.each([
  [['--polices', 'p'], "unknown option '--polices'"],
  [['--tls-directory', 't'], '--policies must be given'],
  [['--policies', 'p'], 'one of --tls-directory and --tls-secret must be given, and only one'],
  [[...LEAST, '--tls-secret', 's'], 'one of --tls-directory and --tls-secret must be given, and only one'],
  [[...LEAST, '--port', '65536'], 'it is not a whole number from 0 to 65535'],
  [[...LEAST, '--port', '1e3'], 'it is not a whole number from 0 to 65535'],
  [[...LEAST, 'more'], 'too many arguments'],
])('%j is refused', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence)
  expect(() => readOptions(args)).toThrow(expect.objectContaining({ code: 'bad-usage' }))
})
