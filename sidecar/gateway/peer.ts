/** Who may connect. */
import type { Socket } from 'node:net'

/** Whether a connection may come from a container of this pod. */
export type MayConnect = (socket: Pick<Socket, 'remoteAddress'>) => boolean

/**
 * Loopback belongs to the pod, and to whoever may enter its network namespace. A port that the kubelet forwards looks like any
 * process that runs as root in the pod: the uid in /proc/net/tcp is 0 for both, and the process behind a socket cannot be
 * seen from another container. So that is refused before it gets here, by the policy kerbside-port-forward at the API server.
 */
export const fromThisHost: MayConnect = ({ remoteAddress }) =>
  remoteAddress === '127.0.0.1' || remoteAddress === '::1' || remoteAddress === '::ffff:127.0.0.1'
