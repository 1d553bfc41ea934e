/** Who may connect. */
import type { Socket } from 'node:net'

/** Whether a connection may come from a container of this pod. */
export type MayConnect = (socket: Pick<Socket, 'remoteAddress'>) => boolean

/**
 * Loopback belongs to the pod, and to whoever may enter its network namespace: `kubectl port-forward` does, and looks
 * like any process that runs as root in the pod. The uid in /proc/net/tcp is 0 for both, and the process behind a socket
 * cannot be seen from another container. So this is a place for a better rule, not the rule: see SECURITY.md.
 */
export const fromThisHost: MayConnect = ({ remoteAddress }) =>
  remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1'
