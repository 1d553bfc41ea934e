/** The broker's part in audit, joined: its own chain, what it takes in, and what it signs once a minute. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Entry, Refused, Release, Who } from '../../core/audit/record.ts'
import { KerbsideError, toKerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { openAuditLog } from '../../io/audit/log.ts'
import { signingKey } from '../../io/policy/bundle-keys.ts'
import type { Caller, Refusal } from '../caller.ts'
import { openCheckpoints, runOf } from './checkpoints.ts'
import { directorySink } from './directory-sink.ts'
import { auditIntake, type Intake } from './intake.ts'
import { refusalBudget } from './refusal-budget.ts'
import { addUnsigned } from './resume.ts'
import type { RefusedBatch } from './route.ts'

export type AuditOptions = {
  readonly directory: string
  /** Name of this broker, and of its chain. */
  readonly name: string
  /** Private key that signs checkpoints, PKCS#8 in PEM; without it nothing is countersigned. */
  readonly keyFile: string | undefined
  /** Service account of the webhook, as `namespace/name`. */
  readonly webhook: string
}

export type BrokerAudit = {
  readonly intake: Intake
  /** Resolves when it is on disk. @throws KerbsideError `audit-unwritable` */
  released(caller: Caller, releases: readonly Release[], bundle: Bundle | undefined): Promise<void>
  /** Somebody was refused who asked for an identity; who it is was not found out, or does not matter. */
  refused(asked: Refused['asked'], identity: string, refusal: Refusal): void
  refusedBatch(refused: RefusedBatch): void
  policy(bundle: string, detail: string): void
  close(): Promise<void>
}

export type AuditParts = {
  readonly clock: () => number
  readonly log: Pick<Logger, 'error' | 'warn'>
  readonly onRecords: (count: number, newestAtMs: number) => void
}

const SIGN_EVERY_MS = 60_000
const OWN_BYTES = 2 ** 34

/** @throws KerbsideError `audit-unwritable`, `bundle-bad-keys` */
export async function openBrokerAudit(
  { directory, name, keyFile }: Omit<AuditOptions, 'webhook'>,
  { clock, log, onRecords }: AuditParts,
): Promise<BrokerAudit> {
  const root = join(directory, name)
  const who: Who = { ...NOBODY, pod: name }
  const sink = await directorySink({ root, clock })
  const own = await openAuditLog({ directory: root, sidecar: name, who, clock, maxBytes: OWN_BYTES })
  const checkpoints =
    keyFile === undefined
      ? undefined
      : await openCheckpoints({
          ...{ root, broker: name, key: await readKey(keyFile), clock },
          onDamaged: (file) =>
            log.error({ file }, 'a checkpoint cannot be read any more: kerbside audit verify says which'),
        })
  if (checkpoints === undefined) log.warn('records are not countersigned: give --audit-key')
  else {
    const onDamaged = (file: string) => log.error({ file }, 'a line is no record: it is not countersigned')
    await addUnsigned(root, checkpoints, onDamaged)
  }

  const sign = () =>
    checkpoints?.sign().catch((thrown) => log.error(toKerbsideError(thrown).message)) ?? Promise.resolve()
  const timer = setInterval(() => void sign(), SIGN_EVERY_MS).unref()

  async function write(entry: Entry): Promise<void> {
    const record = await own.write(entry)
    checkpoints?.add(runOf([record]))
  }

  const intake = auditIntake({
    sink,
    async onTaken({ run, count, newestAtMs, gap }, { podUid, namespace, pod, serviceAccount }) {
      checkpoints?.add(run)
      onRecords(count, newestAtMs)
      if (gap === undefined) return
      const detail = 'another broker has them, the sidecar says'
      await write({
        kind: 'gap',
        who: { ...NOBODY, namespace, pod, serviceAccount },
        gap: { of: podUid, ...gap, detail },
      }).catch((thrown) => log.error(toKerbsideError(thrown).message))
    },
  })

  /** Nobody waits for these. */
  const note = (entry: Entry) => void write(entry).catch((thrown) => log.error(toKerbsideError(thrown).message))
  const budget = refusalBudget(clock)
  const noteRefusal = (refusal: Refused, of: Partial<Who>, pod: string | undefined) => {
    const allowed = budget(pod)
    if (allowed === 'no') return
    const detail =
      allowed === 'yes' ? refusal.detail : `${refusal.detail}; more of them in this minute are only counted`
    note({ kind: 'refusal', who: { ...NOBODY, ...of }, refusal: { ...refusal, detail } })
  }

  return {
    intake,
    async released(caller, releases, bundle) {
      const of = bundle?.identities.get(caller.identity)
      const { identity, namespace, pod, serviceAccount, owner } = caller
      const known = { identity, namespace, pod, serviceAccount, ...(owner === undefined ? {} : { owner }) }
      const to: Who = { ...NOBODY, ...known, team: of?.team ?? '', principal: of?.principal ?? '' }
      const entries = releases.map(
        (release): Entry => ({ kind: 'release', who: to, release, bundle: bundle?.hash ?? '' }),
      )
      await Promise.all(entries.map(write))
    },
    refused(asked, identity, { reason, detail }) {
      // Everybody can be refused for a token that is not good; for the rest it takes a good one.
      const isStranger = reason === 'no-token' || reason === 'bad-token'
      noteRefusal({ asked, reason, detail }, { identity }, isStranger ? undefined : identity)
    },
    refusedBatch({ reason, detail, from }) {
      const { namespace = '', pod = '', serviceAccount = '', podUid } = from ?? {}
      noteRefusal({ asked: 'audit', reason, detail }, { namespace, pod, serviceAccount }, podUid)
    },
    policy: (bundle, detail) => note({ kind: 'policy', who, bundle, detail }),
    async close() {
      clearInterval(timer)
      await sign()
      await own.close()
      await sink.close()
    },
  }
}

const NOBODY: Who = { team: '', identity: '', principal: '', namespace: '', pod: '', serviceAccount: '', node: '' }

async function readKey(file: string) {
  try {
    return await signingKey(await readFile(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof KerbsideError) throw cause
    throw new KerbsideError('bundle-bad-keys', `the key \`${file}\` cannot be read`, { cause })
  }
}
