/** The command line of the broker: what it takes, and what it says of a slip. */
import { describe, expect, it } from 'vitest'
import { main } from '../../src/broker/main.ts'
import { readOptions } from '../../src/broker/options.ts'

const RIGHT = ['--policies', 'p', '--tls-directory', 't']

describe('the command line of the broker', () => {
  it.each([
    [['--polices', 'x'], "unknown option '--polices'", '(Did you mean --policies?)'],
    [[], '--policies must be given: a folder of policy files', undefined],
    [
      ['--policies', 'p'],
      'one of --tls-directory, --tls-secret and --tls-files must be given, and only one',
      undefined,
    ],
    [
      [...RIGHT, '--tls-secret', 's'],
      'one of --tls-directory, --tls-secret and --tls-files must be given, and only one',
      undefined,
    ],
    [[...RIGHT, '--keys-file', 'k'], '--keys-file and --issuer go together', undefined],
    [[...RIGHT, '--issuer', 'i'], '--keys-file and --issuer go together', undefined],
    [[...RIGHT, '--port', '70000'], 'it is not a whole number from 0 to 65535', undefined],
    [[...RIGHT, '--port', '1e3'], 'it is not a whole number from 0 to 65535', undefined],
    [[...RIGHT, 'more'], 'too many arguments', undefined],
  ])('says in one sentence what is wrong with %j', (args, sentence, hint) => {
    const wrong = expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(sentence) })
    expect(() => readOptions(args)).toThrow(wrong)
    if (hint !== undefined) expect(() => readOptions(args)).toThrow(expect.objectContaining({ hint }))
  })

  it('does not take what is injected where no pod is looked at', () => {
    const keys = ['--keys-file', 'k', '--issuer', 'i']
    expect(readOptions([...RIGHT, ...keys])).toMatchObject({ callers: { by: 'keys-file', issuer: 'i' } })
    expect(() => readOptions([...RIGHT, ...keys, '--image', 'x'])).toThrow(/no pod is looked at/)
  })

  it('hands out no secret where no pod is looked at', () => {
    const keys = ['--keys-file', 'k', '--issuer', 'i']
    expect(() => readOptions([...RIGHT, ...keys, '--secrets', 's.yaml'])).toThrow(/no secret handed out/)
    expect(readOptions([...RIGHT, '--image', 'x', '--secrets', 's.yaml'])).toMatchObject({ secretsFile: 's.yaml' })
  })

  it('asks the API server about callers unless it is told otherwise', () => {
    expect(readOptions([...RIGHT, '--image', 'x'])).toMatchObject({
      callers: { by: 'token-review', overrides: { image: 'x' } },
      names: ['kerbside-broker.kerbside.svc', 'localhost', '127.0.0.1'],
      port: 8444,
    })
  })
})

it('does not start with a file that is no set of public keys', async () => {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync('/tmp/kerbside-broker-')
  const args = ['--policies', 'x', '--tls-directory', `${folder}/tls`, '--keys-file', '/dev/null', '--issuer', 'i']
  await expect(main(args)).rejects.toThrow('`/dev/null` is not a set of public keys')
  rmSync(folder, { recursive: true })
})
