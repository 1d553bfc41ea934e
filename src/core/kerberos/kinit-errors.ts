/** What kinit and kvno meant: their sentences (MIT krb5, in the C locale) as our codes. */
import { type ErrorCode, KerbsideError } from '../errors.ts'

type Meaning = { readonly says: RegExp; readonly code: ErrorCode; readonly means: string; readonly hint?: string }

const CLOCK = 'set the clock of the node; Kerberos allows 5 minutes'

/** The first row that matches counts. Sentences are those of lib/krb5/error_tables/krb5_err.et and lib/krb5/krb. */
const MEANINGS: readonly Meaning[] = [
  { says: /Cannot contact any KDC/i, code: 'kdc-unreachable', means: 'no KDC answers' },
  { says: /Cannot (find|resolve) .*KDC/i, code: 'kdc-unreachable', means: 'no KDC has an address' },
  {
    says: /Clock skew too great|Ticket not yet valid/i,
    code: 'kerberos-failed',
    means: 'the clocks differ',
    hint: CLOCK,
  },
  {
    says: /Preauthentication failed|Decrypt integrity check failed|Password incorrect/i,
    code: 'kerberos-refused',
    means: 'the KDC has another key for the principal than the keytab',
    hint: 'the key was changed after the keytab was written: write the keytab anew and put it into the secret store',
  },
  {
    says: /Client .*not found in Kerberos database/i,
    code: 'kerberos-refused',
    means: 'the KDC does not know the principal',
    hint: 'compare the principal of the Identity with the KDC, realm and letter case too',
  },
  {
    says: /credentials have been revoked|entry in database has expired|Password has expired|locked out/i,
    code: 'kerberos-refused',
    means: 'the principal is locked or has expired',
  },
  {
    // With pre-authentication the KDC offers no way that we have a key for, and libkrb5 has no better word for it.
    says: /no support for encryption type|No supported encryption types|bad enctype|Generic preauthentication failure/i,
    code: 'kerberos-refused',
    means: 'KDC and keytab have no encryption type in common',
    hint: 'give the principal an AES key and write the keytab anew',
  },
  { says: /KDC policy rejects|policy/i, code: 'kerberos-refused', means: 'the policy of the KDC refuses it' },
  {
    says: /Server .*not found in Kerberos database/i,
    code: 'kerberos-failed',
    means: 'the KDC does not know the service',
    hint: 'the host in the URL of the NameNode must be the host in its HTTP principal',
  },
  { says: /No space left on device/i, code: 'disk-full', means: 'there is no room for the credential cache' },
  {
    says: /no suitable keys|Keytab contains no/i,
    code: 'keytab-malformed',
    means: 'the keytab has no usable key for the principal',
  },
]

/** From a realm to the next on the way to the NameNodes. */
export type Hop = { readonly from: string; readonly to: string }

const VIA = 'a realm that is trusted only through another one says so in the HadoopCluster, by `via`'

/** What a KDC says that was asked for a ticket to the next realm. */
const NO_TRUST: readonly Meaning[] = [
  {
    says: /not found in Kerberos database/i,
    code: 'kerberos-failed',
    means: 'there is no trust between the two',
    hint: VIA,
  },
  {
    says: /Cannot find KDC for realm/i,
    code: 'kerberos-failed',
    means: 'the trust leads through a realm that is not named',
    hint: VIA,
  },
]

const LONGEST_QUOTE = 200

/**
 * The error that a failed kinit or kvno stands for. `what` opens the message: `kinit for quant@LAB`.
 * @param by the trust that led to the KDC that was asked: a key that differs is then that of the trust, and of no keytab
 */
export function kerberosError(what: string, stderr: string, by?: Hop): KerbsideError {
  return errorOf(what, stderr, by === undefined ? MEANINGS : [keysDiffer(by), ...MEANINGS])
}

/** The same for the ticket that leads from one realm to the next. */
export function trustError({ from, to }: Hop, stderr: string, by?: Hop): KerbsideError {
  const before = by === undefined ? [] : [keysDiffer(by)]
  return errorOf(`from realm \`${from}\` to \`${to}\``, stderr, [...before, ...NO_TRUST, ...MEANINGS])
}

const keysDiffer = ({ from, to }: Hop): Meaning => ({
  says: /Decrypt integrity check failed|Bad encryption type|no support for encryption type|key version/i,
  code: 'kerberos-failed',
  means: `\`${from}\` and \`${to}\` have other keys for their trust`,
  hint: `\`krbtgt/${to}@${from}\` must be the same in both: key, version number and an AES type`,
})

function errorOf(what: string, stderr: string, meanings: readonly Meaning[]): KerbsideError {
  const said = quote(stderr)
  const meaning = meanings.find(({ says }) => says.test(stderr))
  if (meaning === undefined) return new KerbsideError('kerberos-failed', `${what}: ${said}`)
  const { code, means, hint } = meaning
  return new KerbsideError(code, `${what}: ${means} (${said})`, hint === undefined ? {} : { hint })
}

/** The last line, which is the one that failed, in one short printable piece. */
function quote(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? ''
  const printable = line.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_QUOTE)
  return printable === '' ? 'it said nothing' : printable
}
