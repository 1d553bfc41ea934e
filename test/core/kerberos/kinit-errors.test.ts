/** The sentences of MIT krb5 1.20 as they were seen, and the code that each one means. */
import { expect, test } from 'vitest'
import { kerberosError, trustError } from '../../../src/core/kerberos/kinit-errors.ts'

test.each([
  ["kinit: Cannot contact any KDC for realm 'LAB' while getting initial credentials", 'kdc-unreachable'],
  ['kinit: Cannot find KDC for realm "LAB" while getting initial credentials', 'kdc-unreachable'],
  ["kinit: Client 'nobody@LAB' not found in Kerberos database while getting initial credentials", 'kerberos-refused'],
  ['kinit: Preauthentication failed while getting initial credentials', 'kerberos-refused'],
  ['kinit: Decrypt integrity check failed while getting initial credentials', 'kerberos-refused'],
  ["kinit: Client's credentials have been revoked while getting initial credentials", 'kerberos-refused'],
  ["kinit: Client's entry in database has expired while getting initial credentials", 'kerberos-refused'],
  ['kinit: KDC has no support for encryption type while getting initial credentials', 'kerberos-refused'],
  ['kinit: Generic preauthentication failure while getting initial credentials', 'kerberos-refused'],
  ['kinit: Clock skew too great while getting initial credentials', 'kerberos-failed'],
  ['kvno: Server HTTP/nn9.lab@LAB not found in Kerberos database while getting credentials', 'kerberos-failed'],
  ['kinit: Keytab contains no suitable keys for quant@LAB while getting initial credentials', 'keytab-malformed'],
  ['kinit: No space left on device while storing credentials', 'disk-full'],
  ['kinit: something new', 'kerberos-failed'],
])('%s', (stderr, code) => {
  const error = kerberosError('kinit for `quant@LAB`', `warning: first line\n${stderr}\n`)
  expect(error.code).toBe(code)
  expect(error.message).toContain(stderr)
  expect(error.message).not.toContain('first line')
})

test('what is quoted is one short printable line', () => {
  const error = kerberosError('kinit', `a\u001b[31m${'x'.repeat(5000)}`)
  expect(error.message.length).toBeLessThan(300)
  expect(error.message).not.toContain('\u001b')
  expect(kerberosError('kinit', '').message).toBe('kinit: it said nothing')
})

test.each([
  ['kvno: Server krbtgt/LAB@OVERSEAS not found in Kerberos database', 'there is no trust between the two'],
  [
    'kvno: Cannot find KDC for realm "CORP" while getting credentials for krbtgt/LAB@OVERSEAS',
    'the trust leads through a realm that is not named',
  ],
  ["kvno: Cannot contact any KDC for realm 'OVERSEAS' while getting credentials", 'no KDC answers'],
])('between two realms: %s', (stderr, means) => {
  const { message, code } = trustError({ from: 'OVERSEAS', to: 'LAB' }, stderr)
  expect(message).toContain(`from realm \`OVERSEAS\` to \`LAB\`: ${means}`)
  expect(code).not.toBe('kerberos-refused')
})

test('a key that differs behind a trust is that of the trust, and never counts as a refused keytab', () => {
  const said = 'kvno: Decrypt integrity check failed while getting credentials for HTTP/nn1.lab@LAB'
  const by = { from: 'CORP', to: 'LAB' }
  for (const error of [kerberosError('ticket', said, by), trustError({ from: 'LAB', to: 'X' }, said, by)]) {
    expect(error.message).toContain('`CORP` and `LAB` have other keys for their trust')
    expect([error.code, error.hint]).toEqual(['kerberos-failed', expect.stringContaining('krbtgt/LAB@CORP')])
  }
  expect(kerberosError('kinit', said).code).toBe('kerberos-refused')
})
