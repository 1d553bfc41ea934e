/** The command line: what it takes, and one sentence for what it does not. */
import { expect, test } from 'vitest'
import { LIVES } from '../../src/io/tls/certificates.ts'
import { readOptions } from '../../webhook/options.ts'

const LEAST = ['--policies', 'p', '--tls-directory', 't']

test('flags of the injection are kept apart, to win over the file', () => {
  expect(readOptions([...LEAST, '--image', 'i', '--broker', 'https://b', '--store', 'files'])).toMatchObject({
    policies: { directory: 'p' },
    port: 8443,
    tls: { directory: 't', lives: LIVES },
    publishesTrust: false,
    overrides: { image: 'i', broker: 'https://b', store: 'files' },
    names: ['kerbside-webhook.kerbside.svc', 'localhost', '127.0.0.1'],
  })
  const inCluster = readOptions(['--policies', 'p', '--tls-secret', 'kerbside-ca', '--name', 'hook.lab'])
  expect(inCluster).toMatchObject({ tls: { secret: 'kerbside-ca', namespace: 'kerbside' }, overrides: {} })
  expect(inCluster?.names[0]).toBe('hook.lab')
})

test('certificates may come from three places, and who brings them along also says who is told to trust them', () => {
  const options = (...more: string[]) => readOptions(['--policies', 'p', ...more])
  expect(options('--tls-secret', 's')).toMatchObject({ publishesTrust: true })
  expect(options('--tls-files', 'f')).toMatchObject({ tls: { files: 'f' }, publishesTrust: false })
  expect(options('--tls-files', 'f', '--publish-trust')).toMatchObject({ publishesTrust: true })
  const lives = ['--authority-seconds', '3600', '--leaf-seconds', '60']
  expect(options('--tls-secret', 's', ...lives)?.tls).toMatchObject({
    lives: { authoritySeconds: 3600, leafSeconds: 60 },
  })
})

test.each([
  [['--polices', 'p'], "unknown option '--polices'"],
  [['--tls-directory', 't'], '--policies must be given'],
  [[...LEAST, '--tls-files', 'f'], 'must be given, and only one'],
  [[...LEAST, '--leaf-seconds', '9'], 'it is not a whole number from 10 to'],
  [['--policies', 'p'], 'one of --tls-directory, --tls-secret and --tls-files must be given, and only one'],
  [[...LEAST, '--tls-secret', 's'], 'one of --tls-directory, --tls-secret and --tls-files must be given, and only one'],
  [[...LEAST, '--port', '65536'], 'it is not a whole number from 0 to 65535'],
  [[...LEAST, '--port', '1e3'], 'it is not a whole number from 0 to 65535'],
  [[...LEAST, 'more'], 'too many arguments'],
])('%j is refused', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence)
  expect(() => readOptions(args)).toThrow(expect.objectContaining({ code: 'bad-usage' }))
})
