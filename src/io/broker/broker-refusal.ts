/** What a broker says when it does not serve a pod. Only a reason that we know is repeated; anything may stand in the rest. */
import { BROKER_REASONS } from '../../core/reasons.ts'

/** `pod-gone: the pod of the token is not running`, or `HTTP 500`. */
export function refusalText(status: number | undefined, body: string): string {
  const given = reasonIn(body)
  const reason = Object.entries(BROKER_REASONS).find(([code]) => code === given)
  return reason === undefined ? `HTTP ${status}` : `${reason[0]}: ${reason[1]}`
}

function reasonIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { reason?: unknown } | null)?.reason
  } catch {
    return undefined
  }
}
