/** Each NameNode by SPNEGO with mutual authentication, and which of them is active; and the DataNode that a path leads to. */
import { join } from 'node:path'
import { failed, notTried, ok, type Said, whereOneIsEnough } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { runOneShot } from '../../io/one-shot.ts'
import type { Asked, AskTask, Redirect } from './ask-name-nodes.ts'
import { lookAt } from './probe-tls.ts'
import type { Checked, Known } from './run-checks.ts'

export type FoundNameNodes = { readonly redirect?: Redirect }

const PROGRAM = join(import.meta.dirname, 'ask-name-nodes')
/** Beyond this the answer would not be waited for. */
const ASK_WITHIN_MS = 12_000

export async function nameNodesProbe(known: Known<'namenode'>, signal: AbortSignal): Promise<Checked<'namenode'>> {
  const { settings: place, policy, authority: caPem, ticket, tls: nameNodes } = known
  const { principal, cluster } = policy
  const path = place.path === undefined ? {} : { path: encodeURI(place.path) }
  const task: AskTask = { nameNodes, caPem, principal, dataNodeHosts: cluster.dataNodeHosts, ...path }
  const asked = await runOneShot<readonly Asked[]>({
    program: PROGRAM,
    task,
    env: ticket.env,
    timeoutMs: ASK_WITHIN_MS,
    signal,
  })
  const findings = [...whereOneIsEnough(asked.map(inWords)), ...nobodyActive(asked)]
  const active = asked.find(isActive)
  if (active === undefined) return { findings }
  return { findings, value: 'redirect' in active && active.redirect !== undefined ? { redirect: active.redirect } : {} }
}

const WAITING = new Set(['StandbyException', 'RetriableException', 'SafeModeException'])

/** Also one that does not let us look at `/` does so as the active one. */
const isActive = (asked: Asked): boolean =>
  'status' in asked && (asked.status === 200 || (asked.exception !== undefined && !WAITING.has(asked.exception)))

function inWords(asked: Asked): Said {
  const about = new URL(asked.origin).host
  const { ms } = asked
  if ('failed' in asked) {
    const { code, message, hint } = asked.failed
    return { ...failed(new KerbsideError(code, message, hint === undefined ? {} : { hint }), about), ms }
  }
  const { status, exception } = asked
  if (exception === 'StandbyException') return { ...ok('proved itself by Kerberos; standby', about), ms }
  if (isActive(asked)) return { ...ok('proved itself by Kerberos; active', about), ms }
  const message = `proved itself by Kerberos, and answers ${exception ?? `HTTP ${status}, not WebHDFS`}`
  const code = exception === undefined ? 'hdfs-broken-answer' : 'hdfs-no-active'
  return { ...failed(new KerbsideError(code, message), about), ms }
}

/** Each of them is well, and still nothing works. */
function nobodyActive(asked: readonly Asked[]): readonly Said[] {
  if (asked.some(isActive) || !asked.some((one) => 'exception' in one && one.exception === 'StandbyException'))
    return []
  return [failed(new KerbsideError('hdfs-no-active', 'none of them is active'))]
}

export const dataNodeProbe =
  (clock: () => number) =>
  async (
    { settings: place, authority: ca, namenode }: Known<'datanode'>,
    signal: AbortSignal,
  ): Promise<Checked<'datanode'>> => {
    const { redirect } = namenode
    if (place.path === undefined || redirect === undefined) {
      return { findings: [notTried('no --path of a file is given')] }
    }
    if ('problem' in redirect) {
      const advice =
        '`dataNodeHosts` of the HadoopCluster says which hosts may be named; --path must be a file that may be read'
      return { findings: [{ state: 'fail', says: redirect.problem, advice, code: 'datanode-unreachable' }] }
    }
    const said = await lookAt({ origin: redirect.dataNode, ca, signal, now: clock() })
    return { findings: [said] }
  }
